"""Deals won in the last days before the cut-over, and the invoices that people entered for them by hand.

One invoice is a deal's without doubt; the others are decoys: one that two deals fit, and two that fit one deal. All are
paid, so that nobody's balance is about them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from include.sandbox.company.backoffice.customers import COMPANIES, CUSTOMERS
from include.sandbox.company.backoffice.receivables import invoice, money_on, received
from include.sandbox.company.backoffice.records import Record, record
from include.sandbox.company.catalogue import SALES_PIPELINE
from include.sandbox.company.model import Deal, Line, StageChange

CUSTOMER, COMPANY = CUSTOMERS[0], COMPANIES[0]
ENTITY = "100"
REFUNDS = "2150"
"""The account that money given back to customers is booked on."""

# Below the ids that the story and the sales floor hand out.
_FIRST_DEAL, _FIRST_LINE, _STRIDE = 40_118_000_203, 50_118_000_307, 19


def _deal(number: int, what: str, won: date, line: Line, amount: str, po_number: str = "") -> Deal:
    closed = datetime(won.year, won.month, won.day, 15, 30, tzinfo=UTC)
    made = closed - timedelta(days=40)
    return Deal(
        id=str(_FIRST_DEAL + number * _STRIDE),
        name=f"{COMPANY.name}: {what}",
        case="won before the first day that counts, and invoiced by hand",
        expect="ignored",
        reason=None,
        currency=CUSTOMER.currency,
        amount=amount,
        lines=(line,),
        line_ids=(str(_FIRST_LINE + number * _STRIDE),),
        company=COMPANY,
        other_companies=(),
        customer=CUSTOMER,
        entity=ENTITY,
        billing_entity="",
        pipeline=SALES_PIPELINE,
        stage="closedwon",
        closed_at=closed,
        created_at=made,
        updated_at=closed + timedelta(hours=2),
        history=(StageChange("appointmentscheduled", made, "8801411"), StageChange("closedwon", closed, "8801411")),
        owner_id=COMPANY.owner_id,
        invoice_date=won,
        posting_date=won,
        term=CUSTOMER.term,
        po_number=po_number,
    )


DEALS = (
    _deal(0, "propagation house", date(2026, 7, 20), Line("SENSOR-1", "10", "189.5"), "1895", "PO-48811"),
    _deal(1, "cold frame, east", date(2026, 7, 22), Line("GATEWAY-2", "1", "745"), "745"),
    _deal(2, "cold frame, west", date(2026, 7, 23), Line("GATEWAY-2", "1", "745"), "745"),
    _deal(3, "training of the night shift", date(2026, 7, 27), Line("TRAIN-DAY", "1", "1350"), "1350"),
)

_Invoice = tuple[str, date, tuple[str, str], str]
_INVOICES: tuple[_Invoice, ...] = (
    ("BW-90111", date(2026, 7, 21), ("SENSOR-1", "1895.00"), "PO-48811"),
    ("BW-90112", date(2026, 7, 23), ("GATEWAY-2", "745.00"), ""),
    ("BW-90113", date(2026, 7, 27), ("TRAIN-DAY", "1350.00"), ""),
    ("BW-90114", date(2026, 7, 29), ("TRAIN-DAY", "1350.00"), ""),
)


def _paid(reference: str, on: date, amount: str, *invoices: _Invoice) -> Record:
    items = [money_on(number, line[1]) for number, _, line, _ in invoices]
    return received(reference, CUSTOMER.id, ENTITY, on, amount, items)


BY_HAND: tuple[Record, ...] = (
    *(
        invoice(number, CUSTOMER.id, ENTITY, dated, line, **({"DOCNUMBER": po} if po else {}))
        for number, dated, line, po in _INVOICES
    ),
    _paid("ACH-77655", date(2026, 8, 20), "2640.00", *_INVOICES[:2]),
    _paid("ACH-77671", date(2026, 8, 27), "2700.00", *_INVOICES[2:]),
    record(
        "GLACCOUNT",
        ACCOUNTNO=REFUNDS,
        TITLE="Customer Refunds",
        NORMALBALANCE="debit",
        ACCOUNTTYPE="balancesheet",
        CLOSINGTYPE="non-closing account",
        STATUS="active",
    ),
)
"""Last of all, so that no other record's number moves."""
