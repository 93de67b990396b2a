"""Records of any size for the revenue report, made as they are asked for: a deal each with an invoice, half of them
paid, and its posting to revenue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from include.connectors.hubspot.account import Account
from include.connectors.hubspot.pipelines import Stage
from include.connectors.hubspot.records import Change, CrmRecord
from include.connectors.intacct.fields import Wire
from include.reports.revenue_floor import AT_ONCE, Floor

FIRST_DEAL = 10_000_000_000
CUSTOMERS = 50
"""Deals of one customer."""
ENTITIES = {"100": "USD", "200": "GBP", "300": "EUR"}
_DAY = date(2025, 1, 1)
_STAGES = {
    ("p", "won"): ("Sales", Stage("won", "Won", True, Decimal(1))),
    ("p", "open"): ("Sales", Stage("open", "Offer", False, Decimal("0.4"))),
}
_ACCOUNT = Account("1", "STANDARD", "UTC", "USD", ("USD",), "app.hubspot.com")


def entity_of(n: int) -> str:
    return tuple(ENTITIES)[n // CUSTOMERS % 3]


def records(number: int) -> Iterator[tuple[str, Iterator[Wire]]]:
    """Object after object, as ``read_books`` gives them."""
    every = range(1, number + 1)
    paid = range(2, number + 1, 2)
    yield "ARINVOICE", (_invoice(n) for n in every)
    yield "ARINVOICEITEM", (_line(n) for n in every)
    yield "ARADJUSTMENT", iter(())
    yield "ARADJUSTMENTITEM", iter(())
    yield "ARPYMT", (_payment(n) for n in paid)
    yield "ARADVANCE", iter(())
    yield "ARPYMTDETAIL", (_detail(n) for n in paid)
    yield "GLDETAIL", (_posting(n) for n in every)
    yield "GLBATCH", ({"RECORDNO": str(n), "WHENCREATED": _entered(n), "MODULE": "4.AR"} for n in range(600))
    yield "REVRECSCHEDULE", iter(())
    yield "REVRECSCHEDULEENTRY", iter(())


def floors(number: int) -> Iterator[Floor]:
    """The deals, as ``read_floors`` gives them."""
    for start in range(1, number + 1, AT_ONCE):
        several = range(start, min(start + AT_ONCE, number + 1))
        deals = [_deal(n) for n in several]
        companies = {deal.id: {"name": f"Company {n // CUSTOMERS}"} for n, deal in zip(several, deals, strict=True)}
        lines = {deal.id: [(f"SKU-{n % 6}", Decimal(1))] for n, deal in zip(several, deals, strict=True)}
        yield Floor(deals, companies, lines, {str(one): f"Owner {one}" for one in range(20)}, _STAGES, _ACCOUNT)


def _amount(n: int) -> str:
    return f"{100 + n * 7919 % 9000}.{n % 100:02}"


def _on(n: int) -> str:
    return f"{_DAY + timedelta(days=n % 600):%m/%d/%Y}"


def _entered(n: int) -> str:
    """On the day itself, so that no closed period was changed after its close."""
    return f"{_DAY + timedelta(days=n % 600)}T10:00:00+00:00"


def _money(n: int, name: str) -> dict[str, str]:
    currency = ENTITIES[entity_of(n)]
    return {"CURRENCY": currency, "BASECURR": currency, name: _amount(n), f"TRX_{name}": _amount(n)}


def _invoice(n: int) -> Wire:
    return {
        "RECORDNO": str(n), "RECORDID": f"INV-{n}", "STATE": "Posted", "CUSTOMERID": f"C-{n // CUSTOMERS}",
        "CUSTOMERNAME": f"Company {n // CUSTOMERS}", "WHENCREATED": _on(n), "WHENPOSTED": _on(n),
        "WHENDUE": _on(n + 30), "MEGAENTITYID": entity_of(n), "AUWHENCREATED": _entered(n), "WHENMODIFIED": _entered(n),
        "RECORD_URL": f"https://books.example/arinvoice/{n}", **_money(n, "TOTALENTERED"),
    }  # fmt: skip


def _line(n: int) -> Wire:
    return {
        "RECORDNO": str(n), "RECORDKEY": str(n), "LINE_NO": "1", "ACCOUNTNO": "4000", "ITEMID": f"SKU-{n % 6}",
        "LOCATIONID": entity_of(n), "WHENCREATED": _entered(n), **_money(n, "AMOUNT"),
    }  # fmt: skip


def _payment(n: int) -> Wire:
    return {
        "RECORDNO": str(n), "STATE": "Complete", "RECEIPTDATE": _on(n + 20), "CUSTOMERID": f"C-{n // CUSTOMERS}",
        "DOCNUMBER": f"EFT-{n}", "AUWHENCREATED": _entered(n + 20),
        "TRX_TOTALDUE": "0", "TOTALDUE": "0", **_money(n, "TOTALENTERED"),
    }  # fmt: skip


def _detail(n: int) -> Wire:
    return {
        "RECORDNO": str(n), "PAYMENTKEY": str(n), "RECORDKEY": str(n), "ENTRYKEY": str(n), "STATE": "Complete",
        "PAYMENTDATE": _on(n + 20), "WHENCREATED": _entered(n + 20), **_money(n, "PAYMENTAMOUNT"),
    }  # fmt: skip


def _posting(n: int) -> Wire:
    return {
        "RECORDNO": str(n), "BATCHKEY": str(n % 600), "ENTRY_DATE": _on(n), "TR_TYPE": "-1", "ACCOUNTNO": "4000",
        "LOCATIONID": entity_of(n), "RECORDKEY": str(n), "CUSTOMERID": f"C-{n // CUSTOMERS}", "ITEMID": f"SKU-{n % 6}",
        "SYMBOL": "SJ", **_money(n, "AMOUNT"),
    }  # fmt: skip


def _deal(n: int) -> CrmRecord:
    made = datetime(2024, 12, 1, tzinfo=UTC) + timedelta(days=n % 600)
    closes = (_DAY + timedelta(days=n % 600)).isoformat() + "T12:00:00Z"
    stage = "open" if n % 5 == 0 else "won"
    properties = {
        "dealname": f"Deal {n}", "amount": _amount(n), "pipeline": "p", "dealstage": stage, "closedate": closes,
        "deal_currency_code": ENTITIES[entity_of(n)], "hubspot_owner_id": str(n % 20),
    }  # fmt: skip
    history = {
        "dealstage": (Change(stage, made, "CRM_UI", ""),),
        "amount": (Change(_amount(n), made, "CRM_UI", ""),),
        "closedate": (Change(closes, made, "CRM_UI", ""),),
    }
    return CrmRecord(str(FIRST_DEAL + n), properties, made, made, False, history)
