"""Invariant 5 of a month: what HubSpot shows is recomputed here from the books, by the definitions of
docs/reference/accounting-rules.md and without the product's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from tests.flows.twin_books import NOT_POSTED, REVERSED, Row, TwinBooks, amount, day

NAMES = ("total", "paid", "credited", "written_off", "balance")


def deals_show_the_books(books: TwinBooks) -> Iterator[str]:
    """Every deal that has invoices with its key shows their status and sums; reversed ones are nothing."""
    of_deal: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows("ARINVOICE"):
        parts = str(row.get("TIEOUT_KEY") or "").split("-")
        if parts[:2] == ["hs", "deal"] and row["STATE"] != "Reversal":
            of_deal[parts[2]].append(row)
    for deal, invoices in of_deal.items():
        shown = books.hubspot["deals"].get(deal)
        if shown is None:
            continue
        live = [row for row in invoices if row["STATE"] not in (*NOT_POSTED, *REVERSED)]
        # Amounts of several currencies have no sum: the deal shows none then.
        one_currency = len({row["CURRENCY"] for row in live}) == 1
        figures = [_figures(books, row) for row in live if one_currency]
        wanted = {name: sum((one[name] for one in figures), Decimal(0)) for name in NAMES}
        found = {name: Decimal(shown.get(f"intacct_invoice_{name}") or 0) for name in NAMES}
        if wanted != found:
            yield f"5: deal {deal} shows {_told(found)}, the books say {_told(wanted)}"
        numbers = {row["RECORDID"] for row in invoices}
        if set((shown.get("intacct_invoice_number") or "").split(";")) != numbers:
            yield f"5: deal {deal} names {shown.get('intacct_invoice_number')}, its invoices are {sorted(numbers)}"
        status = _status(books, live, wanted)
        if len(live) < 2 and shown.get("intacct_invoice_status") != status:
            yield f"5: deal {deal} shows {shown.get('intacct_invoice_status')}, it is {status}"


def companies_show_the_books(books: TwinBooks, today: date) -> Iterator[str]:
    """What is open, overdue and unapplied in every currency of a customer."""
    open_: dict[tuple[str, str], list[Row]] = defaultdict(list)
    rest: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in books.receivables:
        due, where = amount(row, "TRX_TOTALDUE"), (row["CUSTOMERID"], row["CURRENCY"])
        if due > 0 and row["STATE"] not in REVERSED:
            open_[where].append(row)
        elif due < 0:
            rest[where] -= due
    for row in books.rows("ARPYMT"):
        if amount(row, "TRX_TOTALDUE") > 0:
            rest[row["CUSTOMERID"], row["CURRENCY"]] += amount(row, "TRX_TOTALDUE")
    for number, shown in books.hubspot["companies"].items():
        customer = shown.get("intacct_customer_id")
        if not customer:
            continue
        told = [_in_words(code, open_[customer, code], rest[customer, code], today) for code in _currencies()]
        wanted = "; ".join(one for one in told if one)
        if (shown.get("intacct_balances") or "") != wanted:
            yield f"5: company {number} shows {shown.get('intacct_balances')!r}, {customer} has {wanted!r}"


def _figures(books: TwinBooks, row: Row) -> dict[str, Decimal]:
    given_up = books.write_offs
    mine = books.applications_of.get(row["RECORDNO"], [])
    cash = sum((one.amount for one in mine if one.kind == "cash"), Decimal(0))
    written_off = sum((one.amount for one in mine if one.memo in given_up), Decimal(0))
    credited = sum((one.amount for one in mine if one.kind != "cash" and one.memo not in given_up), Decimal(0))
    total, balance = amount(row, "TRX_TOTALENTERED"), amount(row, "TRX_TOTALDUE")
    return {"total": total, "paid": cash, "credited": credited, "written_off": written_off, "balance": balance}


def _status(books: TwinBooks, live: Sequence[Row], figures: dict[str, Decimal]) -> str:
    if not live:
        return "reversed"
    if figures["balance"]:
        return "open" if figures["balance"] == figures["total"] else "partial"
    if live[0]["RECORDNO"] in books.settled_alone:
        return "overpaid"
    if figures["written_off"]:
        return "written_off"
    return "credited" if figures["credited"] and not figures["paid"] else "paid"


def _in_words(currency: str, invoices: Sequence[Row], unapplied: Decimal, today: date) -> str:
    if not invoices and not unapplied:
        return ""
    late = [row for row in invoices if row.get("WHENDUE") and day(row["WHENDUE"]) < today and row["RECORDTYPE"] == "ri"]
    due = sum((amount(row, "TRX_TOTALDUE") for row in invoices), Decimal(0))
    overdue = sum((amount(row, "TRX_TOTALDUE") for row in late), Decimal(0))
    places = Decimal(1) if currency == "JPY" else Decimal("0.01")
    told = [f"{currency} {due.quantize(places):,} open"]
    told += [f"{overdue.quantize(places):,} overdue"] if overdue else []
    told += [f"{unapplied.quantize(places):,} unapplied"] if unapplied else []
    return ", ".join(told)


def _currencies() -> tuple[str, ...]:
    return ("EUR", "GBP", "JPY", "USD")


def _told(figures: dict[str, Decimal]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())
