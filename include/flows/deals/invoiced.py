"""The deals of a run as the books show them after it, and which invoice is whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from include.connectors.intacct.invoices import get_invoices
from include.core.books import Books
from include.core.decisions import Key, Write
from include.core.document_links import DocumentLink
from include.core.sync import Result
from include.flows.deals.documents import DELETION, MEMO, REVERSAL, DealDocuments, invoice_key, number
from include.flows.deals.hold_guard import guard_message
from include.flows.deals.writeback import InvoicedDeal
from include.flows.figures.deal_standing import read_deal_figures
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.figures.of_deal import FIGURE_DEFINITIONS, DealFigures

MADE = "Made for the deal"
NOT_WON_REVERSED = "The deal is no longer won, and its invoice was reversed in Intacct."
CREDITED = "Its total is negative: it is a credit memo in Intacct."
NOT_WON_DELETED = "The deal is no longer won, and its draft was deleted in Intacct."


def read_invoiced(
    links: InvoiceLinks, planned: Iterable[Write], results: Iterable[Result], books: Books, now: datetime
) -> list[InvoicedDeal]:
    """The deals whose documents stand in Intacct, or were ended there by Tieout, with the figures of all their invoices
    as the books show them at ``now``, and remember which invoice is which deal's. A few queries per 500 of them."""
    done = {r.key: r for r in results if r.state in {"written", "unchanged"}}
    by_deal: dict[str, list[Write]] = {}
    for write in planned:
        if write.key in done:
            by_deal.setdefault(write.key.source_id, []).append(write)
    invoices = {w.key: done[w.key].target_id for w in planned if w.key in done and w.key.target_object == "invoice"}
    _remember(links, invoices, {key.source_id for key, result in done.items() if result.state == "written"})
    figures = read_deal_figures(links, links.invoices_of(by_deal), books, now)
    main = {deal: _main(deal, writes, invoices, figures) for deal, writes in by_deal.items()}
    there = {i.record_no: i for i in get_invoices(links.intacct, sorted(filter(None, main.values())))}
    shown = []
    for deal, writes in by_deal.items():
        last = writes[-1]
        company_id = str(last.facts.get("company") or "")
        invoice = there.get(main[deal])
        if invoice is not None:
            ended = last.key.target_object == REVERSAL
            shown.append(
                InvoicedDeal(
                    deal_id=deal,
                    company_id=company_id,
                    customer_id=invoice.customer_id,
                    document_key=invoice_key(deal).document_key(),
                    number=invoice.number,
                    state="reversed" if ended else "draft" if invoice.state.lower() == "draft" else "posted",
                    total=invoice.total,
                    figures=figures[deal].values() if deal in figures else {},
                    message=NOT_WON_REVERSED if ended else guard_message(last.facts, invoice),
                )
            )
        elif last.key.target_object == MEMO and not main[deal]:
            customer = last.expect.get("CUSTOMERID", "")
            key = invoice_key(deal).document_key()
            shown.append(InvoicedDeal(deal, "", customer, key, "", "credited", None, {}, CREDITED))
        elif last.key.target_object == DELETION:
            blank = {definition.name: "" for definition in FIGURE_DEFINITIONS}
            shown.append(
                InvoicedDeal(deal, "", "", invoice_key(deal).document_key(), "", "", None, blank, NOT_WON_DELETED)
            )
    return shown


def _remember(links: InvoiceLinks, invoices: Mapping[Key, str], written: Collection[str]) -> None:
    """Which invoice was made for which deal, and, of the deals of which something was ``written``, which one stands in
    the place of one that was taken out of the books, in whatever run (accounting case 30)."""
    made = [DocumentLink(key.source_id, record_no, "made", why=MADE) for key, record_no in invoices.items()]
    links.state.put_links(links.run_id, made)
    ended: dict[tuple[str, str], str] = {}
    for deal, its in DealDocuments.of(links.state.rows_about("hubspot", "deal", written)).items():
        successors = {number(row): record_no for record_no, row in its.made("invoice").items()}
        ends = [row for row in its.written if row.key.target_object in (REVERSAL, DELETION)]
        ended |= {(deal, row.key.part.rpartition("-")[2]): successors.get(number(row), "") for row in ends}
    links.state.end_links(links.run_id, ended)


def _main(deal: str, writes: Sequence[Write], invoices: Mapping[Key, str], figures: Mapping[str, DealFigures]) -> str:
    """The record number of the invoice that stands for the deal: the newest made, else one that counts."""
    made = [invoices[write.key] for write in writes if write.key in invoices]
    if made:
        return made[-1]
    if writes[-1].key.target_object == DELETION or deal not in figures or not figures[deal].invoices:
        return ""
    return figures[deal].counted[-1].record_no
