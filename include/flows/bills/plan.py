"""Which draft in HubSpot an AP bill becomes: ``lookup`` gathers, ``plan`` decides. ``plan`` is pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search
from include.connectors.hubspot.source_key import SOURCE_KEY
from include.core.decisions import Decision, Hold, Key, Skip
from include.core.windows import BusinessDates
from include.flows.bills.invoice import APBILL, LINE_READ, READ, SOURCE_TYPE, bill_key, new_invoice, refreshed
from include.flows.bills.partners import NoOnePartner, Partners, read_partners
from include.flows.bills.records import BillRecord
from include.flows.bills.settings import BillSettings


@dataclass(frozen=True, slots=True)
class Lookups:
    """``invoices``: document key -> our draft in HubSpot; ``lines``: its id -> document key -> line item."""

    partners: Partners = field(default_factory=Partners)
    invoices: Mapping[str, CrmRecord] = field(default_factory=dict)
    lines: Mapping[str, Mapping[str, CrmRecord]] = field(default_factory=dict)
    currencies: Collection[str] = ()


def lookup(hubspot: HubSpotClient, bills: Sequence[BillRecord], settings: BillSettings) -> Lookups:
    """Partners, and the drafts that there are: the calls grow with HubSpot's batches, not with the bills."""
    # A dry run before the first real one finds no property to look for drafts by: then there are none.
    known = get_properties(hubspot, "invoices")
    keys = [bill_key(bill.record_no).document_key() for bill in bills]
    found = batch_read(hubspot, "invoices", keys, READ, id_property=SOURCE_KEY).records if SOURCE_KEY in known else ()
    return Lookups(
        read_partners(hubspot, bills, settings),
        {invoice.properties.get(SOURCE_KEY) or "": invoice for invoice in found},
        _lines(hubspot, [invoice.id for invoice in found]),
        get_account(hubspot).currencies,
    )


def opened_bills(hubspot: HubSpotClient) -> Iterator[str]:
    """RECORDNO of the bills whose draft somebody opened: Intacct does not know of it, so no change there tells."""
    if "intacct_bill_record" not in get_properties(hubspot, "invoices"):
        return
    opened = [Filter.equals(SOURCE_TYPE, APBILL), Filter.is_in("hs_invoice_status", ("open", "paid"))]
    for invoice in iter_search(hubspot, "invoices", [opened], ["intacct_bill_record"]):
        if record := invoice.properties.get("intacct_bill_record"):
            yield record


def plan(
    bills: Iterable[BillRecord],
    lookups: Lookups,
    made_before: Collection[Key],
    settings: BillSettings,
    *,
    window: BusinessDates | None = None,
) -> list[Decision]:
    """For every bill writes, updates of its draft, a ``Skip`` or a ``Hold``. ``made_before``: the keys that the write
    log knows to be in HubSpot."""
    return [decision for bill in bills for decision in _decide(bill, lookups, made_before, settings, window)]


def _decide(
    bill: BillRecord,
    lookups: Lookups,
    made_before: Collection[Key],
    settings: BillSettings,
    window: BusinessDates | None,
) -> list[Decision]:
    if window is not None and not window.holds(bill.day):
        return [Skip(bill.record_no, f"dated {bill.bill_date}, outside the window", settles=False)]
    key = bill_key(bill.record_no)
    invoice = lookups.invoices.get(key.document_key())
    if invoice is not None:
        return _refresh(bill, invoice, lookups)
    if key in made_before:
        return [Skip(bill.record_no, "its draft was deleted in HubSpot, and is not made again")]
    if not bill.in_books:
        return [Skip(bill.record_no, f"{bill.state} in Intacct")]
    if bill.day < settings.go_live:
        return [Skip(bill.record_no, f"dated {bill.bill_date}, before go-live on {settings.go_live}")]
    try:
        company = lookups.partners.of(bill, settings)
    except NoOnePartner as error:
        return [_hold(bill, error.code, error.message)]
    if company is None:
        return [Skip(bill.record_no, f"vendor {bill.vendor_id} is no mapped partner")]
    if bill.currency not in lookups.currencies:
        why = f"HubSpot does not know its currency {bill.currency}. Add it in HubSpot's settings."
        return [_hold(bill, "unknown_currency", why)]
    return _below_zero(bill) or [*new_invoice(bill, company.id, lookups.partners.contact(bill, company))]


def _refresh(bill: BillRecord, invoice: CrmRecord, lookups: Lookups) -> list[Decision]:
    status = invoice.properties.get("hs_invoice_status") or ""
    if status == "voided":
        return [Skip(bill.record_no, "its draft was voided in HubSpot, and stays so")]
    if status != "draft":
        number = invoice.properties.get("hs_number") or invoice.id
        why = f"its HubSpot invoice {number} is {status}: what we owe counts as money owed to us. Void it in HubSpot."
        return [_hold(bill, "bill_invoice_opened", why)]
    if not bill.in_books and not bill.is_reversed:
        why = f"it is {bill.state} in Intacct after it was in the books. Post it there, or delete the draft in HubSpot."
        return [_hold(bill, "bill_taken_back", why)]
    if bill.currency != (invoice.properties.get("hs_currency") or bill.currency):
        why = f"its currency is {bill.currency} now, and HubSpot's draft is in another one. Delete the draft."
        return [_hold(bill, "unknown_currency", why)]
    held = [] if bill.is_reversed else _below_zero(bill)
    return held or [*refreshed(bill, invoice, lookups.lines.get(invoice.id, {}))]


def _below_zero(bill: BillRecord) -> list[Decision]:
    if not bill.total.startswith("-"):
        return []
    why = f"its total is {bill.total} {bill.currency}. HubSpot takes no invoice below zero; leave it in Intacct."
    return [_hold(bill, "negative_total", why)]


def _hold(bill: BillRecord, code: str, why: str) -> Hold:
    return Hold(bill.record_no, code, f"{bill.title}: {why}")


def _lines(hubspot: HubSpotClient, invoice_ids: Sequence[str]) -> dict[str, dict[str, CrmRecord]]:
    """Only line items of ours: what a person added to a draft is theirs."""
    if not invoice_ids:
        return {}
    tied = read_associations(hubspot, "invoices", "line_items", invoice_ids)
    ids = [one.to_id for found in tied.values() for one in found]
    items = batch_read(hubspot, "line_items", ids, LINE_READ).by_id() if ids else {}
    lines = defaultdict[str, dict[str, CrmRecord]](dict)
    for invoice, found in tied.items():
        for one in found:
            key = items[one.to_id].properties.get(SOURCE_KEY) if one.to_id in items else None
            if key:
                lines[invoice][key] = items[one.to_id]
    return dict(lines)
