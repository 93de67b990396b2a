"""Invoices of the back office's customers and what became of them. Days overdue are as of 16 November 2026."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from include.sandbox.company.arithmetic import due_date
from include.sandbox.company.backoffice.customers import CUSTOMERS
from include.sandbox.company.backoffice.records import RATE_TYPE, Record, record, sold

_CUSTOMERS = {customer.id: customer for customer in CUSTOMERS}
_BANK = {"100": "BW-US-USD", "200": "BW-UK-GBP", "300": "BW-DE-EUR"}


def invoice(
    number: str, customer: str, entity: str, dated: date, *lines: tuple[str, str], text: str = "", **more: str
) -> Record:
    held = _CUSTOMERS[customer]
    return record(
        "ARINVOICE",
        *(sold(sku, amount, entity) for sku, amount in lines),
        CUSTOMERID=customer,
        RECORDID=number,
        WHENCREATED=dated.isoformat(),
        WHENPOSTED=dated.isoformat(),
        WHENDUE=due_date(dated, held.term).isoformat(),
        TERMNAME=held.term,
        DESCRIPTION=text or f"Order of {dated:%d %B %Y}",
        CURRENCY=held.currency,
        EXCH_RATE_TYPE_ID=RATE_TYPE,
        **more,
    )


def _memo(number: str, customer: str, dated: date, text: str, line: Record) -> Record:
    return record(
        "ARADJUSTMENT",
        line,
        CUSTOMERID=customer,
        RECORDID=number,
        WHENCREATED=dated.isoformat(),
        WHENPOSTED=dated.isoformat(),
        DESCRIPTION=text,
        CURRENCY=_CUSTOMERS[customer].currency,
        EXCH_RATE_TYPE_ID=RATE_TYPE,
    )


def received(
    reference: str,
    customer: str,
    entity: str,
    on: date,
    amount: str,
    items: Sequence[Record] = (),
    **more: str,
) -> Record:
    day = on.isoformat()
    return record(
        "ARPYMT" if items else "ARADVANCE",
        *items,
        CUSTOMERID=customer,
        PAYMENTMETHOD="EFT",
        FINANCIALENTITY=_BANK[entity],
        RECEIPTDATE=day,
        PAYMENTDATE=day,
        DOCNUMBER=reference,
        CURRENCY=_CUSTOMERS[customer].currency,
        EXCH_RATE_TYPE_ID=RATE_TYPE,
        TRX_AMOUNTTOPAY=amount,
        **more,
    )


def money_on(number: str, amount: str) -> Record:
    return {"RECORDID": number, "TRX_PAYMENTAMOUNT": amount}


def _credit(number: str, memo: str, amount: str) -> Record:
    return {"RECORDID": number, "ADJUSTMENTID": memo, "TRX_ADJUSTMENTAMOUNT": amount}


_INVOICES = (
    # Pays well; one payment over three invoices, an advance that waits.
    invoice("BW-90101", "C-9001", "100", date(2026, 6, 8), ("SENSOR-1", "3790.00"), ("ONBOARD", "2400.00")),
    invoice("BW-90102", "C-9001", "100", date(2026, 7, 6), ("GATEWAY-2", "1490.00")),
    invoice("BW-90103", "C-9001", "100", date(2026, 8, 4), ("PLAN-TEAM", "980.00")),
    # On hold: 157, 96 and 18 days overdue.
    invoice("BW-90201", "C-9002", "100", date(2026, 5, 28), ("GATEWAY-2", "2980.00")),
    invoice("BW-90202", "C-9002", "100", date(2026, 7, 28), ("SENSOR-1", "1895.00")),
    invoice("BW-90203", "C-9002", "100", date(2026, 10, 14), ("SUPPORT-GOLD", "320.00")),
    # Over the credit limit of 10,000: 14,180 open; 71 days overdue and not due yet.
    invoice("BW-90301", "C-9003", "100", date(2026, 8, 7), ("PLAN-ENT", "9504.00")),
    invoice("BW-90302", "C-9003", "100", date(2026, 11, 2), ("GATEWAY-2", "4470.00"), ("SENSOR-1", "206.00")),
    # Below the credit limit of 25,000: 6,000 open; 43 days overdue.
    invoice("BW-90401", "C-9004", "100", date(2026, 9, 4), ("TRAIN-DAY", "5400.00"), ("ONBOARD", "2400.00")),
    # Pounds: 38 days overdue and partly paid; credited; paid by a transfer that the bank returned: 62 days overdue.
    invoice("BW-90501", "C-9005", "200", date(2026, 9, 9), ("SENSOR-1", "2274.00")),
    invoice("BW-90502", "C-9005", "200", date(2026, 7, 14), ("GATEWAY-2", "1490.00")),
    invoice("BW-90503", "C-9005", "200", date(2026, 8, 16), ("TRAIN-DAY", "1350.00")),
    # On hold: 112 days overdue.
    invoice("BW-90601", "C-9006", "200", date(2026, 7, 12), ("PLAN-ENT", "3564.00")),
    # Over the credit limit of 4,000: 4,752 open, 12 days overdue.
    invoice("BW-90701", "C-9007", "200", date(2026, 10, 5), ("PLAN-ENT", "4752.00")),
    # Euro: written off; paid; 15 days overdue.
    invoice("BW-90801", "C-9008", "300", date(2025, 11, 20), ("GATEWAY-2", "2235.00")),
    invoice("BW-90802", "C-9008", "300", date(2026, 8, 24), ("SENSOR-1", "1137.00")),
    invoice("BW-90803", "C-9008", "300", date(2026, 10, 2), ("SUPPORT-GOLD", "960.00")),
    # On hold: 187 and 77 days overdue.
    invoice("BW-90901", "C-9009", "300", date(2026, 4, 28), ("TRAIN-DAY", "2700.00")),
    invoice("BW-90902", "C-9009", "300", date(2026, 8, 16), ("PLAN-TEAM", "588.00")),
    # Below the credit limit of 15,000: 2,376 open, not due yet.
    invoice("BW-91001", "C-9010", "300", date(2026, 11, 6), ("PLAN-ENT", "2376.00")),
)
_BAD_DEBT = {
    "ACCOUNTNO": "6900",
    "TRX_AMOUNT": "-2235.00",
    "ENTRYDESCRIPTION": "Bad debt, BW-90801",
    "LOCATIONID": "300",
    "DEPARTMENTID": "D10",
}
_MEMOS = (
    _memo("BW-90591", "C-9005", date(2026, 7, 30), "Returned goods, BW-90502", sold("GATEWAY-2", "-745.00", "200")),
    _memo("BW-90191", "C-9001", date(2026, 10, 20), "Goodwill, not applied yet", sold("PLAN-TEAM", "-150.00", "100")),
    _memo("BW-90891", "C-9008", date(2026, 7, 31), "Written off, BW-90801", _BAD_DEBT),
)
_MONEY = (
    # One payment over three invoices.
    received(
        "ACH-77310",
        "C-9001",
        "100",
        date(2026, 9, 3),
        "8660.00",
        (money_on("BW-90101", "6190.00"), money_on("BW-90102", "1490.00"), money_on("BW-90103", "980.00")),
    ),
    # An advance, and a payment of which a part is unapplied.
    received("ACH-78115", "C-9001", "100", date(2026, 11, 9), "1200.00", LOCATIONID="100"),
    received("ACH-77902", "C-9004", "100", date(2026, 10, 12), "1800.00", (money_on("BW-90401", "1800.00"),)),
    received("FPS-20441", "C-9005", "200", date(2026, 10, 16), "1000.00", (money_on("BW-90501", "1000.00"),)),
    received("FPS-20398", "C-9005", "200", date(2026, 8, 20), "800.00", (money_on("BW-90502", "745.00"),)),
    received("CM-BW-90591", "C-9005", "200", date(2026, 7, 30), "0", (_credit("BW-90502", "BW-90591", "745.00"),)),
    # Returned by the bank a week later; the invoice is open again.
    received(
        "FPS-20410",
        "C-9005",
        "200",
        date(2026, 9, 14),
        "1350.00",
        (money_on("BW-90503", "1350.00"),),
        REVERSED="2026-09-21",
        REVERSALDESCRIPTION="Returned by the bank: insufficient funds",
    ),
    received("CM-BW-90891", "C-9008", "300", date(2026, 7, 31), "0", (_credit("BW-90801", "BW-90891", "2235.00"),)),
    received("SEPA-5512", "C-9008", "300", date(2026, 9, 22), "1137.00", (money_on("BW-90802", "1137.00"),)),
    received("SEPA-5590", "C-9010", "300", date(2026, 10, 28), "500.00", LOCATIONID="300"),
)
RECEIVABLES: tuple[Record, ...] = (*_INVOICES, *_MEMOS, *_MONEY)
