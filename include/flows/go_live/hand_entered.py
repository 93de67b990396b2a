"""The invoices of Intacct that people entered by hand and that no deal has yet, as fingerprints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from include.connectors.intacct.invoices import get_invoice_lines, iter_invoices_dated
from include.connectors.intacct.records import Invoice
from include.core.decisions import Update
from include.core.document_links import DocumentLink
from include.core.fingerprint import Fingerprint
from include.core.money import Money, sum_money
from include.core.tax import Prices
from include.flows.figures.invoice_deals import InvoiceLinks, NamedInvoice
from include.flows.figures.of_deal import NUMBERS

_OURS = "hs-deal-"
"""How the key of every document begins that Tieout made of a deal."""


def read_hand_entered(
    links: InvoiceLinks, customer_ids: Collection[str], first: date, last: date, company_currency: str
) -> list[Invoice]:
    """These customers' standing invoices of those days (both included) that Tieout did not make."""
    if not customer_ids:
        return []
    read = iter_invoices_dated(
        links.intacct,
        sorted(customer_ids),
        first,
        last,
        company_currency=company_currency,
        document_key=links.document_key,
    )
    return [one for one in read if is_by_hand(one) and one.total.amount > 0]


def is_by_hand(invoice: Invoice) -> bool:
    """Whether it stands in the books, and Tieout did not make it."""
    return invoice.is_live and not invoice.document_key.startswith(_OURS)


def was_by_hand(invoice: Invoice) -> bool:
    """Whether it stood in the books and was reversed, and Tieout did not make it."""
    return invoice.state.lower() == "reversed" and not invoice.document_key.startswith(_OURS)


def read_nets(links: InvoiceLinks, invoices: Iterable[Invoice], company_currency: str) -> dict[str, Money]:
    """What each of them bills without its tax, by record number. A query for every 2,000 of their lines."""
    listed = {one.record_no: one for one in invoices}
    lines = get_invoice_lines(links.intacct, listed, company_currency=company_currency) if listed else {}
    amounts = {number: [line.amount for line in lines.get(number, ())] or [one.total] for number, one in listed.items()}
    return {number: sum_money(its, listed[number].total.currency) for number, its in amounts.items()}


def fingerprint_of(invoice: Invoice, net: Money, prices: Prices = "exclusive") -> Fingerprint:
    """``net``: what it bills without its tax. Its amount is what a deal would state whose prices are such."""
    stated, otherwise = (net, invoice.total) if prices == "exclusive" else (invoice.total, net)
    return Fingerprint(
        invoice.record_no,
        invoice.customer_id,
        stated,
        invoice.invoice_date,
        invoice.reference,
        otherwise if otherwise != stated else None,
    )


def named(invoices: Iterable[Invoice]) -> Iterator[NamedInvoice]:
    return (NamedInvoice(one.record_no, one.number, one.customer_id, one.document_key, one.module) for one in invoices)


def without_deal(links: InvoiceLinks, invoices: Iterable[Invoice]) -> list[Invoice]:
    """Those that belong to no deal, by anything that tells."""
    listed = list(invoices)
    taken = {number for its in links.deals_of(named(listed)).values() for number in its.record_nos} if listed else set()
    return [one for one in listed if one.record_no not in taken]


def approved_links(
    links: InvoiceLinks, updates: Iterable[Update], approved: Mapping[str, Sequence[str]], why: str
) -> list[DocumentLink]:
    """What is to be remembered of the approved links that were carried out. ``approved``: deal -> record numbers."""
    done = [update.source_id for update in updates if NUMBERS in update.values and update.source_id in approved]
    wanted = [(deal, number) for deal in done for number in approved[deal]]
    numbers = {one.record_no: one.number for one in links.named({number for _, number in wanted})} if wanted else {}
    return [DocumentLink(deal, one, "approved", why=why, number=numbers.get(one, "")) for deal, one in wanted]


def in_words(invoice: Invoice, net: Money | None = None) -> str:
    po = f", PO {invoice.reference}" if invoice.reference else ""
    taxed = f" (without tax {net})" if net is not None and net != invoice.total else ""
    return f"{invoice.number or invoice.record_no} of {invoice.invoice_date} over {invoice.total}{taxed}{po}"
