"""The HubSpot invoice that mirrors an AP bill: a draft that cannot be taken for revenue. Pure but for ``ensure``.

Line items are made first and the invoice ties them to itself when it is made, so that no invoice ever stands without
its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.source_key import SOURCE_KEY, ensure_source_keys
from include.core.decisions import Json, Key, Ref, Update, Write
from include.flows.bills.records import BillLine, BillRecord
from include.flows.vendors.record import VENDOR_DEFINITIONS, VENDOR_ID

GROUP = ("tieout", "Tieout (Sage Intacct)")
SOURCE_TYPE = "intacct_source_type"
APBILL = "APBILL"
COMMENT = (
    "An AP bill from Sage Intacct: money that we owe, not revenue. Kept by Tieout as a draft that is neither sent nor "
    "collected. Do not open it; it is paid in Sage Intacct."
)


def _text(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "string", "text", description)


def _number(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "number", "number", description)


_MARK = _text(SOURCE_TYPE, "Intacct source type", "APBILL: money that we owe. Leave these out of revenue reports")
INVOICE_DEFINITIONS = (
    _MARK,
    _text("intacct_bill_record", "Intacct bill record", "The bill's record number in Sage Intacct"),
    _text("intacct_bill_number", "Intacct bill number", "The vendor's number of the bill"),
    _text("intacct_vendor_id", "Intacct vendor id", "Who sent the bill"),
    _text("intacct_bill_state", "Intacct bill state", "open, partial, paid or reversed"),
    _number("intacct_bill_total", "Intacct bill total", "In the bill's currency"),
    _number("intacct_bill_paid", "Intacct bill paid", "What we paid of it, in the bill's currency"),
    _number("intacct_bill_balance", "Intacct bill balance", "What we still owe, in the bill's currency"),
)
LINE_DEFINITIONS = (_MARK,)
COMPANY_DEFINITIONS = tuple(one for one in VENDOR_DEFINITIONS if one.name == VENDOR_ID)
READ = ("hs_invoice_status", "hs_number", "hs_currency")
LINE_READ = ("name", "price", "quantity", SOURCE_KEY)


def ensure_bill_properties(hubspot: HubSpotClient) -> list[str]:
    """Create what is missing in HubSpot; the names of what was created."""
    made = ensure_properties(hubspot, "companies", GROUP, COMPANY_DEFINITIONS)
    made += ensure_properties(hubspot, "invoices", GROUP, INVOICE_DEFINITIONS)
    made += ensure_properties(hubspot, "line_items", GROUP, LINE_DEFINITIONS)
    ensure_source_keys(hubspot, ["invoice", "line_item"])
    return made


def bill_key(record_no: str) -> Key:
    return Key("hubspot", "invoice", "intacct", "bill", record_no, "invoice")


def line_key(record_no: str, part: str) -> Key:
    return Key("hubspot", "line_item", "intacct", "bill", record_no, part)


def new_invoice(bill: BillRecord, company_id: str, contact_id: str | None) -> Iterator[Write]:
    """The line items, then the draft that holds them."""
    yield from (_line_write(bill, line, None) for line in bill.lines)
    associations: list[Json] = [
        {"to": "line_items", "id": Ref(line_key(bill.record_no, line.part)).to_json()} for line in bill.lines
    ]
    associations.append({"to": "companies", "id": company_id})
    if contact_id:
        associations.append({"to": "contacts", "id": contact_id})
    properties = {
        "hs_currency": bill.currency,
        "hs_invoice_billable": "false",
        "hs_invoice_payment_collection_method": "none",
        **_shown(bill),
    }
    yield Write(
        bill_key(bill.record_no),
        {"properties": properties, "associations": associations},
        # Amounts and lines may change while the bill stands; they are updated, so they are no part of what it is.
        {"bill": bill.record_no},
        {"intacct_bill_record": bill.record_no},
        f"{bill.title}: {bill.total} {bill.currency} as a draft on company {company_id}",
    )


def refreshed(bill: BillRecord, invoice: CrmRecord, lines: Mapping[str, CrmRecord]) -> Iterator[Update | Write]:
    """Our draft as the bill is now: figures, lines changed or added; lines that the bill lost get the price zero.

    ``lines``: document key -> line item. A reversed bill owes nothing: its draft says so and adds up to zero.
    """
    yield Update("hubspot", "invoices", invoice.id, bill.record_no, _shown(bill), f"{bill.title}: {bill.state}")
    left = dict(lines)
    for line in () if bill.is_reversed else bill.lines:
        there = left.pop(line_key(bill.record_no, line.part).document_key(), None)
        if there is None:
            yield _line_write(bill, line, invoice.id)
        else:
            values = {"name": line.name, "quantity": "1", "price": line.amount}
            yield Update("hubspot", "line_items", there.id, bill.record_no, values, f"{bill.title}, a line")
    for gone in left.values():
        yield Update("hubspot", "line_items", gone.id, bill.record_no, {"price": "0"}, f"{bill.title}, a line less")


def _shown(bill: BillRecord) -> dict[str, str]:
    """What the draft says, recomputed from the bill as it stands."""
    mark = "AP bill, reversed" if bill.is_reversed else "AP bill"
    nothing = bill.is_reversed
    return {
        "hs_title": f"[{mark}] {bill.number or bill.record_no} {bill.vendor_name}".strip(),
        "hs_comments": COMMENT,
        "hs_invoice_date": f"{bill.bill_date}T00:00:00Z",
        "hs_due_date": f"{bill.due_date}T00:00:00Z",
        SOURCE_TYPE: APBILL,
        "intacct_bill_record": bill.record_no,
        "intacct_bill_number": bill.number,
        "intacct_vendor_id": bill.vendor_id,
        "intacct_bill_state": bill.state,
        "intacct_bill_total": "0" if nothing else bill.total,
        "intacct_bill_paid": "0" if nothing else bill.paid,
        "intacct_bill_balance": "0" if nothing else bill.balance,
    }


def _line_write(bill: BillRecord, line: BillLine, invoice_id: str | None) -> Write:
    properties = {
        "name": line.name,
        "quantity": "1",
        "price": line.amount,
        "hs_line_item_currency_code": bill.currency,
        SOURCE_TYPE: APBILL,
    }
    associations = [{"to": "invoices", "id": invoice_id}] if invoice_id else []
    return Write(
        line_key(bill.record_no, line.part),
        {"properties": properties, "associations": associations},
        {"bill": bill.record_no, "line": line.part},
        summary=f"{bill.title}, {line.part}",
    )
