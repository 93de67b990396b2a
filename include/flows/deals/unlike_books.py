"""Documents that Intacct shows otherwise than they were planned, or no more: held for as long as that is so.

What was planned is known while a document is written, and kept in its hold: a later run compares it with the books, and
the hold closes once they agree, or the settings explain what is booked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.invoices import get_invoices
from include.connectors.intacct.orders import get_orders
from include.core.decisions import Decision, Hold, Json, Write
from include.core.money import Money
from include.core.sync import Result
from include.flows.deals.order_writeback import OrderedDeal
from include.flows.deals.taxed import planned_taxes, unlike_in_tax
from include.flows.deals.writeback import InvoicedDeal
from include.state.holds import HoldRow

DIFFERS, TAX_DIFFERS = "books_differ", "tax_differs"
_PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A document in the books."""

    kind: str
    name: str
    total: Money
    customer_id: str


def unlike_the_books(
    planned: Iterable[Write], results: Iterable[Result], invoiced: Sequence[InvoicedDeal], rates: Mapping[str, Decimal]
) -> list[Hold]:
    """Of the invoices that were written: holds for those that the books do not show, or show otherwise. ``rates``: the
    percentage of each tax detail."""
    gone = "its invoice was deleted in Intacct. Delete nothing by hand that Tieout made; enter it again there."
    shown = {
        deal.deal_id: _Shown("invoice", deal.number, deal.total, deal.customer_id) if deal.total else None
        for deal in invoiced
    }
    return list(_judged(planned, results, shown, ("invoice_gone", gone), rates))


def orders_unlike_the_books(
    planned: Iterable[Write], results: Iterable[Result], ordered: Sequence[OrderedDeal], rates: Mapping[str, Decimal]
) -> list[Hold]:
    """The same of sales orders."""
    gone = "its sales order was deleted in Intacct. Enter it again there; Tieout does not make it twice."
    shown = {deal.deal_id: _Shown("sales_order", deal.order_number, deal.total, deal.customer_id) for deal in ordered}
    return list(_judged(planned, results, shown, ("order_gone", gone), rates))


def still_unlike(
    intacct: IntacctClient, holds: Iterable[HoldRow], deals: Collection[str], rates: Mapping[str, Decimal]
) -> list[Hold]:
    """Of the deals' open holds those whose document the books still show as it was not planned. A query for every
    1,000, none where there are none."""
    kept = {deal: planned for deal, planned in _kept(holds).items() if deal in deals}
    shown = _read(intacct, kept.values())
    found = (
        _unlike(deal, planned, shown[planned["record"]], rates)
        for deal, planned in kept.items()
        if planned["record"] in shown
    )
    return [hold for hold in found if hold]


def still_known(decisions: Iterable[Decision], holds: Iterable[HoldRow]) -> list[Decision]:
    """The decisions; a hold for another reason keeps what the deal's open hold knows of its document. Pure."""
    kept = _kept(holds)
    return [
        replace(one, details={**one.details, _PLANNED: kept[one.source_id]})
        if isinstance(one, Hold) and one.source_id in kept
        else one
        for one in decisions
    ]


def _kept(holds: Iterable[HoldRow]) -> dict[str, Json]:
    return {one.source_id: one.details[_PLANNED] for one in holds if one.details.get(_PLANNED)}


def _read(intacct: IntacctClient, planned: Iterable[Json]) -> dict[str, _Shown]:
    records: dict[str, list[str]] = {"invoice": [], "sales_order": []}
    for one in planned:
        records[one["kind"]].append(one["record"])
    found = get_invoices(intacct, records["invoice"]) if records["invoice"] else []
    orders = get_orders(intacct, records["sales_order"]) if records["sales_order"] else []
    invoices = [one for one in found if not one.is_reversed]
    return {
        **{one.record_no: _Shown("invoice", one.number, one.total, one.customer_id) for one in invoices},
        **{one.document_id: _Shown("sales_order", one.document_id, one.total, one.customer_id) for one in orders},
    }


def _judged(
    planned: Iterable[Write],
    results: Iterable[Result],
    shown: Mapping[str, _Shown | None],
    gone: tuple[str, str],
    rates: Mapping[str, Decimal],
) -> Iterator[Hold]:
    done = {r.key: r.target_id for r in results if r.state in {"written", "unchanged"}}
    for write in planned:
        deal = write.key.source_id
        if write.key not in done:
            continue
        document = shown.get(deal)
        if deal not in shown:
            yield Hold(deal, gone[0], f"Deal {deal}: {gone[1]}")
        elif write.expect and document and (hold := _unlike(deal, _planned(write, done[write.key]), document, rates)):
            yield hold


def _planned(write: Write, record: str) -> Json:
    """What the hold keeps: the total, the customer and the tax that the document was to have."""
    expect = write.expect
    return {
        "kind": write.key.target_object,
        "record": record,
        "total": expect.get("TRX_TOTALENTERED") or expect["TRX_TOTAL"],
        "currency": expect["CURRENCY"],
        "customer": expect.get("CUSTOMERID") or expect["CUSTVENDID"],
        **planned_taxes(write),
    }


def _unlike(deal: str, planned: Json, document: _Shown, rates: Mapping[str, Decimal]) -> Hold | None:
    details = {_PLANNED: planned}
    own = document.customer_id == planned["customer"]
    if own and (document.total.text, document.total.currency) == (planned["total"], planned["currency"]):
        return None
    taxed = unlike_in_tax(planned, document.total, rates) if own else None
    if taxed == "":
        return None  # the other way of rounding explains it; an order shows the tax that Order Entry will bill
    name = f"{_TITLES[document.kind]} {document.name}"
    if taxed and document.kind == "invoice":
        return Hold(deal, TAX_DIFFERS, f"Deal {deal}: {name} {taxed}", details)
    message = (
        f"{name} in Intacct is {document.total} to customer {document.customer_id}, not what was planned. Correct or "
        f"{'reverse' if document.kind == 'invoice' else 'close'} it there."
    )
    return Hold(deal, DIFFERS, f"Deal {deal}: {message}", details)


_TITLES = {"invoice": "invoice", "sales_order": "sales order"}
