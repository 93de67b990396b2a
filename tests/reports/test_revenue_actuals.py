"""How records of the books become facts: shares, reversals, credits, tax; and how a deal's history becomes bookings."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from include.connectors.hubspot.account import Account
from include.connectors.hubspot.pipelines import Stage
from include.connectors.hubspot.records import Change, CrmRecord
from include.connectors.intacct.fields import Wire
from include.core.money import Money, sum_money
from include.reports.revenue_actuals import Actuals
from include.reports.revenue_books import BooksRead
from include.reports.revenue_facts import Fact
from include.reports.revenue_floor import Floor
from include.reports.revenue_ground import Accounting, Shares
from include.reports.revenue_pipeline import Calendars, Sales

NEW_YORK = ZoneInfo("America/New_York")
ACCOUNTING = Accounting(("6900",), ("2200",), {"100": "USD"})
BOTH: dict[str, Shares] = {"1": {"7": Decimal(2), "8": Decimal(1)}}


def head(no: str, total: str, **more: str) -> Wire:
    return {
        "RECORDNO": no, "RECORDID": f"INV-{no}", "STATE": "Posted", "CUSTOMERID": "C-1", "WHENPOSTED": "10/05/2026",
        "CURRENCY": "USD", "BASECURR": "USD", "TRX_TOTALENTERED": total, "TOTALENTERED": total,
        "AUWHENCREATED": "2026-10-05T09:00:00+00:00", **more,
    }  # fmt: skip


def line(no: str, of: str, amount: str, account: str = "4000") -> Wire:
    return {
        "RECORDNO": no, "RECORDKEY": of, "TRX_AMOUNT": amount, "AMOUNT": amount, "CURRENCY": "USD", "BASECURR": "USD",
        "ACCOUNTNO": account, "LOCATIONID": "100", "ITEMID": f"ITEM-{no}",
    }  # fmt: skip


def detail(no: str, invoice: str, day: str, state: str = "Complete", **amounts: str) -> Wire:
    return {"RECORDNO": no, "RECORDKEY": invoice, "PAYMENTDATE": day, "STATE": state, **{"CURRENCY": "USD", **amounts}}


def facts(deals_of: dict[str, Shares], **records: list[Wire]) -> list[Fact]:
    names = ("invoices", "invoice_lines", "credits", "credit_lines", "payments", "details", "postings", "batches",
             "schedules", "scheduled")  # fmt: skip
    books = BooksRead(**{name: records.get(name, []) for name in names}, entity_of={"100": "100"})  # type: ignore[arg-type]
    return list(Actuals(books, ACCOUNTING, deals_of).facts())


def told(found: list[Fact]) -> list[tuple[str, str, str, str]]:
    return [(one.measure, one.deal_id, one.amount.text, one.day.isoformat()) for one in found]


@given(st.integers(1, 10**9), st.integers(1, 10**6), st.integers(1, 10**6))
def test_case_22_an_invoice_of_two_deals_is_shared_to_the_cent(total: int, one: int, two: int) -> None:
    amount = Money.from_minor(total, "USD")
    shares: dict[str, Shares] = {"1": {"7": Decimal(one), "8": Decimal(two)}}
    found = facts(shares, invoices=[head("1", amount.text)], invoice_lines=[line("11", "1", amount.text)])
    assert sum_money((fact.amount for fact in found if fact.measure == "billed"), "USD") == amount


def test_lines_that_do_not_add_up_to_their_head_lose_nothing() -> None:
    found = facts({}, invoices=[head("1", "100.00")], invoice_lines=[line("11", "1", "99.00")])
    assert told(found) == [("billed", "", "99.00", "2026-10-05"), ("billed", "", "1.00", "2026-10-05")]


def test_the_tax_entry_of_a_line_is_billed_and_never_earned_whatever_its_account() -> None:
    tax = {**line("12", "1", "19.00", "2999"), "LINEITEM": "F", "PARENTENTRY": "11"}
    found = facts({}, invoices=[head("1", "119.00")], invoice_lines=[line("11", "1", "100.00"), tax])
    assert [(one.measure, one.amount.text, one.product) for one in found] == [
        ("billed", "100.00", "ITEM-11"),
        ("billed", "19.00", ""),
        ("tax", "19.00", ""),
    ]


def test_a_reversal_counts_on_its_own_day_and_for_the_deals_of_what_it_reverses() -> None:
    mirror = head("2", "-90.00", RECORDID="INV-1 - Reversed", STATE="Reversal", WHENPOSTED="11/02/2026")
    found = facts(
        BOTH,
        invoices=[head("1", "90.00", STATE="Reversed"), mirror],
        invoice_lines=[line("11", "1", "90.00"), line("12", "2", "-90.00")],
    )
    assert told(found) == [
        ("billed", "7", "60.00", "2026-10-05"),
        ("billed", "8", "30.00", "2026-10-05"),
        ("billed", "7", "-60.00", "2026-11-02"),
        ("billed", "8", "-30.00", "2026-11-02"),
    ]


def test_case_29_a_returned_payment_counts_on_the_day_of_its_return() -> None:
    paid = detail("5", "1", "10/20/2026", "Reversed", PAYMENTKEY="50", TRX_PAYMENTAMOUNT="90", PAYMENTAMOUNT="90")
    back = detail(
        "6", "1", "11/03/2026", "Reversal", PAYMENTKEY="51", PARENTPAYMENTKEY="50", TRX_PAYMENTAMOUNT="-90",
        PAYMENTAMOUNT="-90",
    )  # fmt: skip
    invoice = {"invoices": [head("1", "90.00")], "invoice_lines": [line("11", "1", "90.00")]}
    shares: dict[str, Shares] = {"1": {"7": Decimal(1)}}
    collected = [one for one in told(facts(shares, **invoice, details=[paid, back])) if one[0] == "collected"]
    assert collected == [("collected", "7", "90.00", "2026-10-20"), ("collected", "7", "-90.00", "2026-11-03")]
    # Where the gateway shows no mirror, the application that was taken back does not count.
    assert not [one for one in told(facts(shares, **invoice, details=[paid])) if one[0] == "collected"]


def test_what_is_collected_has_the_base_currency_of_the_invoice_that_it_settles() -> None:
    euro = {"CURRENCY": "EUR", "BASECURR": "USD", "TRX_TOTALENTERED": "100", "TOTALENTERED": "110"}
    paid = detail(
        "5", "1", "10/20/2026", PAYMENTKEY="50", CURRENCY="EUR", TRX_PAYMENTAMOUNT="40", PAYMENTAMOUNT="43.20"
    )
    (found,) = [
        one for one in facts({}, invoices=[head("1", "0", **euro)], details=[paid]) if one.measure == "collected"
    ]
    assert (found.amount, found.base) == (Money.of(40, "EUR"), Money.of("43.20", "USD"))


def test_credits_belong_where_they_were_applied_and_write_offs_are_no_credits() -> None:
    applied = detail("5", "1", "10/20/2026", ADJUSTMENTKEY="3", TRX_ADJUSTMENTAMOUNT="30", ADJUSTMENTAMOUNT="30")
    found = facts(
        {"1": {"7": Decimal(1)}},
        invoices=[head("1", "90.00")],
        invoice_lines=[line("11", "1", "90.00")],
        credits=[head("3", "-50.00"), head("4", "-10.00", DOCNUMBER="INV-1"), head("9", "50.00", STATE="Reversal")],
        credit_lines=[line("31", "3", "-50.00"), line("41", "4", "-10.00", "6900"), line("91", "9", "50.00")],
        details=[applied],
    )
    assert [one[:3] for one in told(found)[1:]] == [
        ("credited", "7", "30.00"),
        ("credited", "", "20.00"),
        ("written_off", "7", "10.00"),
        ("credited", "", "-50.00"),
    ]


def test_sales_tax_is_billed_and_told_apart() -> None:
    lines = [line("11", "1", "100.00"), line("12", "1", "8.88", "2200")]
    found = facts({}, invoices=[head("1", "108.88")], invoice_lines=lines)
    assert [one[:3] for one in told(found)] == [("billed", "", "100.00"), ("billed", "", "8.88"), ("tax", "", "8.88")]


def test_a_posting_is_signed_by_its_type_whether_its_amount_is_signed_or_not() -> None:
    def posting(no: str, amount: str, kind: str) -> Wire:
        return {**line(no, "", amount), "TR_TYPE": kind, "ENTRY_DATE": "10/31/2026", "SYMBOL": "GJ", "BATCHKEY": no}

    found = facts({}, postings=[posting("1", "-40.00", "-1"), posting("2", "40.00", "-1"), posting("3", "15.00", "1")])
    assert [one.amount.text for one in found] == ["40.00", "40.00", "-15.00"]


def booked(stages: list[tuple[str, str]], amounts: list[tuple[str, str]], closes: str, now: str = "won") -> list[Fact]:
    def changes(rows: list[tuple[str, str]]) -> tuple[Change, ...]:
        return tuple(Change(value, datetime.fromisoformat(at), "CRM_UI", "") for at, value in reversed(rows))

    made = datetime(2026, 1, 1, tzinfo=UTC)
    properties = {
        "dealname": "Refit", "amount": amounts[-1][1], "pipeline": "p", "dealstage": now, "closedate": closes,
        "deal_currency_code": "USD",
    }  # fmt: skip
    history = {"dealstage": changes(stages), "amount": changes(amounts)}
    record = CrmRecord("7", properties, made, made, False, history)
    kinds = {"open": (False, "0.4"), "won": (True, "1"), "lost": (True, "0")}
    floor = Floor(
        [record], {}, {}, {},
        {("p", one): ("Sales", Stage(one, one, closed, Decimal(chance))) for one, (closed, chance) in kinds.items()},
        Account("1", "STANDARD", "UTC", "USD", ("USD",), "app.hubspot.com"),
    )  # fmt: skip
    calendars = Calendars({"100": NEW_YORK}, {"100": "USD"}, NEW_YORK)
    sales = Sales(floor, calendars, lambda deal, company: "100", {}, {}, date(2026, 11, 16))
    return [one for one in sales.facts() if one.measure == "booked"]


def test_case_63_booked_by_the_first_win_and_later_changes_as_adjustments() -> None:
    stages = [("2026-03-01T12:00:00+00:00", "open"), ("2026-04-01T03:30:00+00:00", "won")]
    amounts = [("2026-03-01T12:00:00+00:00", "1000"), ("2026-04-09T12:00:00+00:00", "1200")]
    # 23:30 in New York on the last of March is April in UTC (accounting case 52).
    assert told(booked(stages, amounts, "2026-04-01T03:30:00+00:00")) == [
        ("booked", "7", "1000.00", "2026-03-31"),
        ("booked", "7", "200.00", "2026-04-09"),
    ]


def test_a_deal_that_is_won_no_more_takes_its_booking_back_on_that_day() -> None:
    stages = [
        ("2026-03-01T12:00:00+00:00", "open"), ("2026-03-20T12:00:00+00:00", "won"),
        ("2026-05-02T12:00:00+00:00", "lost"),
    ]  # fmt: skip
    found = booked(stages, [("2026-03-01T12:00:00+00:00", "1000")], "2026-03-20T12:00:00+00:00", now="lost")
    assert told(found) == [("booked", "7", "1000.00", "2026-03-20"), ("booked", "7", "-1000.00", "2026-05-02")]


def test_a_won_deal_whose_history_was_cut_is_booked_on_its_close_date() -> None:
    found = booked([], [("2026-03-01T12:00:00+00:00", "1000")], "2026-03-20T12:00:00+00:00")
    assert told(found) == [("booked", "7", "1000.00", "2026-03-20")]
