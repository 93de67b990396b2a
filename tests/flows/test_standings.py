"""How invoices, deals and customers stand, computed from the books: one guarantee a test. Pure: no system is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application, Source
from include.connectors.intacct.lines import Line
from include.connectors.intacct.receipts import Payment
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.settlements import Settlement
from include.core.money import Money, sum_money, zero
from include.flows.figures.customer_standing import Credit, OpenItem, Standing, standings
from include.flows.figures.entity_days import day_in
from include.flows.figures.invoice_standing import InvoiceStanding, standing_of
from include.flows.figures.of_company import company_values, main_currency
from include.flows.figures.of_deal import DealFigures, numbers_in

DUE = date(2026, 10, 31)
TODAY = date(2026, 11, 16)
BAD_DEBT = ("6900",)


@dataclass(frozen=True)
class Event:
    """Something that settles a part of an invoice. ``rest``: what its payment has left."""

    source: Source
    amount: Decimal
    reversed: bool = False
    account: str = "4000"
    rest: Decimal = Decimal(0)
    day: int = 1


def settled(
    total: str, *events: Event, state: str = "Posted", currency: str = "USD", due: date = DUE, number: str = "7"
) -> Settlement:
    """The books after these events: the header tells total and balance, as Intacct's does."""
    money = Money.of(total, currency)
    paid = sum_money((Money(one.amount, currency) for one in events if not one.reversed), currency)
    balance = zero(currency) if state in {"Reversed", "Reversal"} else money - paid
    head = Invoice(
        record_no=number,
        number=f"INV-{number}",
        state=state,
        posting_date=date(2026, 10, 1),
        due_date=due,
        total=money,
        paid=paid,
        balance=balance,
        customer_id="C-1",
        invoice_date=date(2026, 10, 1),
    )
    payments, memos = dict[str, Payment](), dict[str, Adjustment]()
    applications = list[Application]()
    for place, event in enumerate(events):
        key = str(100 + place)
        given, rest = Money(event.amount, currency), Money(event.rest, currency)
        on = date(2026, 11, event.day)
        payments[key] = _payment(key, given, rest, on, "Reversed" if event.reversed else "Complete")
        applications.append(_application(key, event.source, given, on, "Reversed" if event.reversed else "Complete"))
        if event.source == "adjustment":
            line = Line("1", key, 0, -given, zero(currency), account=event.account)
            memos[key] = _memo(key, given, on, line)
        if event.reversed:
            mirror = str(900 + place)
            payments[mirror] = replace(
                _payment(mirror, -given, zero(currency), on + timedelta(days=3), "Reversal"),
                parent_id=key,
                description="insufficient funds",
            )
            applications.append(_application(mirror, event.source, -given, on, "Reversal"))
    return Settlement(head, tuple(applications), payments, memos)


def _payment(key: str, applied: Money, rest: Money, on: date, state: str) -> Payment:
    return Payment(
        record_no=key,
        record_type="rp",
        reference=f"ACH-{key}",
        customer_id="C-1",
        state=state,
        method="EFT",
        received=on,
        paid_date=on,
        total=applied + rest,
        applied=applied,
        unapplied=rest,
    )


def _application(key: str, source: Source, amount: Money, on: date, state: str) -> Application:
    return Application(
        record_no=key,
        payment_id=key,
        invoice_id="7",
        debit_memo_id="",
        source=source,
        source_id=key,
        amount=amount,
        applied_on=on,
        state=state,
    )


def _memo(key: str, amount: Money, on: date, line: Line) -> Adjustment:
    return Adjustment(
        record_no=key,
        number=f"CM-{key}",
        customer_id="C-1",
        state="Posted",
        adjustment_date=on,
        posting_date=on,
        total=-amount,
        applied=-amount,
        balance=zero(amount.currency),
        lines=(line,),
    )


def cash(amount: str, **more: object) -> Event:
    return replace(Event("cash", Decimal(amount)), **more)  # type: ignore[arg-type]


def memo(amount: str, account: str = "4000") -> Event:
    return Event("adjustment", Decimal(amount), account=account)


def stands(total: str, *events: Event, **head: object) -> InvoiceStanding:
    return standing_of(settled(total, *events, **head), TODAY, BAD_DEBT)  # type: ignore[arg-type]


cents = st.integers(1, 10**9)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Decimal, tuple[Event, ...]]:
    """An invoice's total and what settled parts of it, some of which was taken back."""
    parts = draw(st.lists(cents, max_size=6))
    total = sum(parts) + draw(st.integers(0, 10**9)) or 1
    sources = st.sampled_from(
        ["cash", "advance", "overpayment", "adjustment", "negative_invoice", "inline", "discount"]
    )
    events = tuple(
        Event(
            draw(sources),
            Decimal(part).scaleb(-2),
            draw(st.booleans()),
            draw(st.sampled_from(["4000", "6900"])),
            day=draw(st.integers(1, 20)),
        )
        for part in parts
    )
    return Decimal(total).scaleb(-2), events


@given(histories())
def test_what_was_invoiced_is_paid_credited_written_off_or_open(history: tuple[Decimal, tuple[Event, ...]]) -> None:
    total, events = history
    one = stands(str(total), *events)
    assert one.paid + one.credited + one.written_off + one.balance == one.invoiced == Money.of(total, "USD")
    standing = [event for event in events if not event.reversed]
    received = sum(event.amount for event in standing if event.source in {"cash", "advance", "overpayment"})
    given_up = sum(event.amount for event in standing if event.source == "adjustment" and event.account == "6900")
    assert (one.paid.amount, one.written_off.amount) == (received, given_up)
    assert (one.status == "open") == (not standing)
    assert (one.status in {"open", "partial"}) == (not one.balance.is_zero)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(history: tuple[Decimal, tuple[Event, ...]], random: object) -> None:
    books = settled(str(history[0]), *history[1])
    shuffled = list(books.applications)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    turned = replace(
        books,
        applications=tuple(shuffled),
        payments=dict(reversed(list(books.payments.items()))),
        adjustments=dict(reversed(list(books.adjustments.items()))),
    )
    assert standing_of(turned, TODAY, BAD_DEBT) == standing_of(books, TODAY, BAD_DEBT)


@given(histories())
def test_a_standing_survives_its_travel_between_tasks(history: tuple[Decimal, tuple[Event, ...]]) -> None:
    one = stands(str(history[0]), *history[1])
    assert InvoiceStanding.from_json(one.to_json()) == one


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((), "open"),
        ((cash("40"),), "partial"),
        ((memo("40"),), "partial"),
        ((cash("100"),), "paid"),
        ((cash("60"), memo("40")), "paid"),
        ((Event("advance", Decimal(100)),), "paid"),
        ((memo("100"),), "credited"),
        ((memo("100", "6900"),), "written_off"),
        ((cash("60"), memo("40", "6900")), "written_off"),
        ((cash("100", rest=Decimal(5)),), "overpaid"),
        ((cash("40", rest=Decimal(5)),), "partial"),
        ((cash("100", reversed=True),), "open"),
        ((cash("60", reversed=True), cash("40")), "partial"),
    ],
)
def test_the_status_tells_what_became_of_the_invoice(events: tuple[Event, ...], status: str) -> None:
    assert stands("100", *events).status == status


def test_a_payment_that_settled_other_invoices_too_overpays_none_of_them() -> None:
    books = settled("100", cash("100", rest=Decimal(5)))
    shared = replace(books.payments["100"], applied=Money.of("300", "USD"))
    assert standing_of(replace(books, payments={"100": shared}), TODAY, BAD_DEBT).status == "paid"


def test_a_credit_memo_is_no_payment() -> None:
    one = stands("100", memo("100"))
    assert (one.paid.text, one.credited.text, one.last_payment_date) == ("0.00", "100.00", None)


def test_a_write_off_stands_apart_from_credits() -> None:
    one = stands("100", cash("50"), memo("20"), memo("30", "6900"))
    assert (one.paid.text, one.credited.text, one.written_off.text) == ("50.00", "20.00", "30.00")


def test_a_reversed_payment_opens_the_invoice_again_and_tells_why() -> None:
    one = stands("100", cash("100", reversed=True, day=2))
    assert (one.status, one.balance.text, one.last_payment_date) == ("open", "100.00", None)
    assert one.last_reversal == "2026-11-05 payment ACH-100 of 100.00 USD was reversed: insufficient funds"


def test_a_reversed_invoice_is_nothing() -> None:
    one = stands("100", state="Reversed")
    assert (one.status, one.invoiced.text, one.balance.text, one.days_overdue) == ("reversed", "0.00", "0.00", 0)


def test_a_draft_is_not_overdue() -> None:
    one = stands("100", state="Draft")
    assert (one.status, one.balance.text, one.days_overdue) == ("draft", "100.00", 0)


def test_the_last_payment_is_the_last_that_still_stands() -> None:
    one = stands("100", cash("20", day=3), cash("20", day=9), cash("20", day=15, reversed=True))
    assert (one.last_payment_date, one.last_payment_method) == (date(2026, 11, 9), "EFT")


@pytest.mark.parametrize(("due", "days"), [(TODAY, 0), (TODAY - timedelta(days=1), 1), (TODAY + timedelta(days=1), 0)])
def test_an_invoice_is_overdue_from_the_day_after_it_was_due(due: date, days: int) -> None:
    assert stands("100", due=due).days_overdue == days
    assert stands("100", cash("100"), due=due).days_overdue == 0


def test_an_unknown_entity_has_the_earliest_day() -> None:
    today = {"100": date(2026, 11, 15), "200": date(2026, 11, 16)}
    assert (day_in("200", today), day_in("", today)) == (date(2026, 11, 16), date(2026, 11, 15))


def deal(*invoices: InvoiceStanding) -> DealFigures:
    return DealFigures("501", invoices)


def test_a_deal_of_several_invoices_shows_their_sums_and_the_first_that_is_due() -> None:
    first = stands("100", cash("100"), number="7", due=date(2026, 9, 1))
    second = stands("50", cash("20"), number="8", due=date(2026, 10, 1))
    shown = deal(first, second).values()
    assert shown["intacct_invoice_number"] == "INV-7;INV-8"
    assert (shown["intacct_invoice_total"], shown["intacct_invoice_balance"]) == ("150.00", "30.00")
    assert (shown["intacct_invoice_status"], shown["intacct_invoice_due_date"]) == ("partial", "2026-10-01")


def test_a_reversed_invoice_beside_its_successor_does_not_count() -> None:
    shown = deal(stands("100", state="Reversed"), stands("90", number="8")).values()
    assert (shown["intacct_invoice_status"], shown["intacct_invoice_total"]) == ("open", "90.00")


def test_amounts_in_several_currencies_are_not_added_up() -> None:
    shown = deal(stands("100"), stands("90", number="8", currency="EUR")).values()
    assert (shown["intacct_invoice_total"], shown["intacct_invoice_currency"]) == ("", "")


@given(st.lists(histories(), min_size=1, max_size=4))
def test_the_figures_of_a_deal_add_up(many: list[tuple[Decimal, tuple[Event, ...]]]) -> None:
    figures = deal(*(stands(str(total), *events, number=str(n)) for n, (total, events) in enumerate(many, 7)))
    shown = figures.values()
    amounts = {
        name: Decimal(shown[f"intacct_invoice_{name}"]) for name in ("paid", "credited", "written_off", "balance")
    }
    assert sum(amounts.values()) == Decimal(shown["intacct_invoice_total"])
    assert DealFigures.from_json(figures.to_json()) == figures
    assert (shown["intacct_invoice_status"] in {"open", "partial"}) == bool(amounts["balance"])


def test_numbers_on_a_deal_may_stand_apart_or_twice() -> None:
    assert numbers_in(" INV-7; INV-8;;INV-7 ") == ("INV-7", "INV-8")
    assert numbers_in(None) == ()


items = st.lists(
    st.builds(
        OpenItem,
        st.sampled_from(["C-1", "C-2"]),
        st.builds(Money.from_minor, cents, st.sampled_from(["USD", "EUR", "JPY"])),
        st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
        st.just(TODAY),
    ),
    max_size=12,
)


@given(items, st.integers(0, 30), st.randoms(use_true_random=False))
def test_a_customer_stands_as_its_open_items_add_up(listed: list[OpenItem], grace: int, random: object) -> None:
    credit = Credit("C-1", Money.of("12.50", "USD"))
    found = standings(["C-1", "C-2"], listed, [credit], grace_days=grace)
    for customer_id, one in found.items():
        for balance in one.balances:
            own = [i for i in listed if (i.customer_id, i.balance.currency) == (customer_id, balance.currency)]
            late = [i for i in own if i.days_overdue > grace]
            assert balance.open == sum_money((i.balance for i in own), balance.currency)
            assert balance.overdue == sum_money((i.balance for i in late), balance.currency)
            assert (balance.overdue_count, balance.oldest_overdue_days) == (
                len(late),
                max((i.days_overdue for i in late), default=0),
            )
        assert Standing.from_json(one.to_json()) == one
    random.shuffle(listed)  # type: ignore[attr-defined]
    assert standings(["C-1", "C-2"], listed, [credit], grace_days=grace) == found
    assert found["C-1"].in_currency("USD").unapplied == credit.amount


def test_days_of_grace_keep_an_invoice_from_being_overdue() -> None:
    late = OpenItem("C-1", Money.of("10", "USD"), TODAY - timedelta(days=3), TODAY)
    assert standings(["C-1"], [late], [], grace_days=3)["C-1"].overdue_count == 0
    assert standings(["C-1"], [late], [], grace_days=2)["C-1"].overdue_count == 1


def test_a_company_shows_its_own_currency_as_numbers_and_all_as_text() -> None:
    late = OpenItem("C-1", Money.of("1200", "USD"), DUE, TODAY)
    other = OpenItem("C-1", Money.of("50", "EUR"), TODAY, TODAY)
    one = standings(["C-1"], [late, other], [Credit("C-1", Money.of("5", "EUR"))])["C-1"]
    assert company_values(one, main_currency(one, "USD", None), "12.50") == {
        "intacct_open_balance": "1200.00",
        "intacct_overdue_balance": "1200.00",
        "intacct_unapplied_credit": "0.00",
        "intacct_refunded": "12.50",
        "intacct_balance_currency": "USD",
        "intacct_balances": "EUR 50.00 open, 5.00 unapplied; USD 1,200.00 open, 1,200.00 overdue",
        "intacct_oldest_overdue_days": "16",
    }


def test_a_customer_who_owes_nothing_shows_zeros() -> None:
    nothing = Standing("C-1")
    assert company_values(nothing, main_currency(nothing, "", None))["intacct_open_balance"] == "0"
