"""Payments, what they settle, what is unapplied, and which invoices are open, as the books show them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.connectors.intacct.applications import Application
from include.connectors.intacct.invoices import (
    get_invoice_entities,
    get_invoice_lines,
    get_invoices,
    iter_invoices_changed,
)
from include.connectors.intacct.receivables import (
    get_adjustments,
    get_applications,
    get_payments,
    get_unapplied,
    iter_open_debit_memos,
    iter_open_invoices,
)
from include.connectors.intacct.settlements import Settlement, read_settlements, touched_invoices
from include.core.errors import InvariantError
from include.core.money import Money, sum_money
from tests.connectors.intacct.more_books import (
    WINDOW,
    apply,
    apply_credit,
    at,
    credit,
    fill,
    invoice,
    pay,
    reverse,
)
from tests.connectors.intacct.small_books import KEY_FIELD, TODAY, Books, customer, small_books


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def one(books: Books, number: str) -> Settlement:
    (found,) = read_settlements(books.client(), [number])
    return found


def test_an_invoice_tells_what_a_recompute_needs(books: Books) -> None:
    number = invoice(books.client(), "100.00", customfields={"TIEOUT_KEY": "hs-deal-1-invoice"})
    pay(books.client(), "100.00", (number, "100.00"))
    (found,) = get_invoices(books.client(), [number], document_key=KEY_FIELD)
    assert (found.total, found.paid, found.balance) == (usd("100"), usd("100"), usd("0"))
    assert (found.base_total, found.base_paid, found.base_balance) == (usd("100"), usd("100"), usd("0"))
    assert (found.document_key, found.customer_id, found.term_name) == ("hs-deal-1-invoice", "C-1", "N30")
    assert (found.state, found.record_type, found.module, found.is_live) == ("Paid", "ri", "4.AR", True)
    assert (found.paid_date, found.posting_date, found.due_date) == (
        date(2026, 11, 10),
        date(2026, 11, 2),
        date(2026, 12, 2),
    )
    assert [found for found in iter_invoices_changed(books.client(), *WINDOW) if found.record_no == number]


def test_lines_are_read_for_many_invoices_and_say_whose_books_they_are_in(books: Books) -> None:
    client = books.client()
    numbers = [invoice(client, "10.00"), invoice(client, "20.00")]
    lines = get_invoice_lines(client, numbers)
    assert [(line.amount, line.account, line.location_id) for line in lines[numbers[1]]] == [(usd("20"), "4100", "100")]
    invoices = get_invoices(client, numbers)
    assert get_invoice_entities(client, invoices) == dict.fromkeys(numbers, "100")


def test_a_payment_over_two_invoices_applies_its_own_share_to_each(books: Books) -> None:
    client = books.client()
    first, second = invoice(client, "100.00"), invoice(client, "50.00")
    number = pay(client, "130.00", (first, "100.00"), (second, "20.00"))
    applications = get_applications(client, [first, second])
    assert {found.invoice_id: (found.source, found.amount, found.applied_on) for found in applications} == {
        first: ("cash", usd("100"), date(2026, 11, 10)),
        second: ("cash", usd("20"), date(2026, 11, 10)),
    }
    (payment,) = get_payments(client, [number])
    assert (payment.total, payment.applied, payment.unapplied) == (usd("130"), usd("120"), usd("10"))
    assert (payment.method, payment.reference, payment.received) == ("EFT", "REF-1", date(2026, 11, 10))
    assert (payment.customer_id, payment.counts, payment.is_advance) == ("C-1", True, False)
    assert get_applications(client, payment_ids=[number]) == applications
    assert get_applications(client, [first], payment_ids=[number]) == applications


def test_a_credit_memo_and_a_write_off_are_told_apart_by_the_account_of_their_lines(books: Books) -> None:
    client = books.client()
    number = invoice(client, "100.00")
    memo, bad_debt = credit(client, "30.00"), credit(client, "70.00", "6900", "WO-1")
    for adjustment, amount in ((memo, "30.00"), (bad_debt, "70.00")):
        apply_credit(client, adjustment, number, amount)
    settlement = one(books, number)
    written_off = {
        found.source_id: settlement.adjustments[found.source_id].is_write_off({"6900"})
        for found in settlement.applications
    }
    assert written_off == {memo: False, bad_debt: True}
    assert {(found.source, found.amount) for found in settlement.applications} == {
        ("adjustment", usd("30")),
        ("adjustment", usd("70")),
    }
    assert settlement.applied == settlement.invoice.paid == usd("100")
    (read,) = get_adjustments(client, [bad_debt])
    assert (read.number, read.total, read.balance, read.is_credit) == ("WO-1", usd("-70"), usd("0"), True)
    assert [line.account for line in read.lines] == ["6900"]
    assert {found.record_no for found in get_applications(client, adjustment_ids=[memo])} == {
        found.record_no for found in settlement.applications if found.source_id == memo
    }


def test_an_advance_and_an_overpayment_are_sources_of_their_own(books: Books) -> None:
    client = books.client()
    number, other = invoice(client, "100.00"), invoice(client, "10.00")
    advance, payment = pay(client, "40.00"), pay(client, "25.00", (other, "10.00"))
    apply(client, advance, (number, "40.00"))
    apply(client, payment, (number, "15.00"))
    settlement = one(books, number)
    assert {(found.source, found.source_id, found.amount) for found in settlement.applications} == {
        ("advance", advance, usd("40")),
        ("overpayment", payment, usd("15")),
    }
    assert set(settlement.payments) == {advance, payment}
    assert settlement.payments[advance].is_advance
    assert settlement.applied == settlement.invoice.paid == usd("55")


def test_a_reversed_payment_no_longer_counts_and_its_mirror_neither(books: Books) -> None:
    client = books.client()
    number = invoice(client, "100.00")
    kept, bounced = pay(client, "30.00", (number, "30.00")), pay(client, "70.00", (number, "70.00"))
    reverse(client, bounced)
    settlement = one(books, number)
    assert sum_money((found.amount for found in settlement.applications), "USD") == usd("30")
    assert [(found.payment_id, found.amount) for found in settlement.standing] == [(kept, usd("30"))]
    assert settlement.applied == settlement.invoice.paid == usd("30")
    assert settlement.invoice.balance == usd("70")
    assert settlement.invoice.paid_date is None
    assert settlement.payments[bounced].is_reversed
    mirrors = [found for found in settlement.applications if found.parent_payment_id]
    assert [(found.amount, found.counts, found.applied_on) for found in mirrors] == [
        (usd("-70"), False, date(2026, 11, 14))
    ]
    (mirror,) = get_payments(client, [mirrors[0].payment_id])
    assert (mirror.parent_id, mirror.counts) == (bounced, False)


def test_whatever_is_paid_credited_and_reversed_what_stands_is_what_the_invoice_says(books: Books) -> None:
    """A random history: the sum of what counts is the invoice's own paid amount, for every invoice."""
    rng, client = random.Random(11), books.client()  # noqa: S311
    numbers = [invoice(client, f"{rng.randint(5000, 20000) / 100:.2f}") for _ in range(8)]
    payments: list[str] = []
    for step in range(40):
        number = rng.choice(numbers)
        (state,) = get_invoices(client, [number])
        due = min(state.balance.amount, Decimal(rng.randint(1, 6000)).scaleb(-2))
        if rng.random() < 0.3 and payments:
            reverse(client, payments.pop(rng.randrange(len(payments))))
        elif due > 0 and rng.random() < 0.3:
            apply_credit(client, credit(client, f"{due}", number=f"CM-{step}"), number, f"{due}")
        elif due > 0:
            payments.append(pay(client, f"{due}", (number, f"{due}")))
    books.forget()
    settlements = read_settlements(client, numbers)
    assert [found.applied for found in settlements] == [found.invoice.paid for found in settlements]
    assert [found.invoice.total - found.applied for found in settlements] == [f.invoice.balance for f in settlements]
    assert any(found.applied.amount for found in settlements)
    assert len(books.labels()) == 2


def test_invoices_without_payments_cost_one_request(books: Books) -> None:
    client = books.client()
    numbers = [invoice(client) for _ in range(3)]
    books.forget()
    assert [found.applications for found in read_settlements(client, [*numbers, "99999"])] == [()] * 3
    assert len(books.labels()) == 1


def test_unapplied_money_is_told_by_kind_and_once(books: Books) -> None:
    client = books.client()
    paid = invoice(client, "100.00")
    payment, advance, memo = pay(client, "130.00", (paid, "100.00")), pay(client, "50.00"), credit(client, "20.00")
    negative = invoice(client, "-5.00")
    gone = pay(client, "60.00")
    reverse(client, gone)
    books.forget()
    found = get_unapplied(client, ["C-1", "C-9"])
    assert {(one.kind, one.record_no, one.amount, one.customer_id) for one in found} == {
        ("payment", payment, usd("30"), "C-1"),
        ("advance", advance, usd("50"), "C-1"),
        ("adjustment", memo, usd("20"), "C-1"),
        ("negative_invoice", negative, usd("5"), "C-1"),
    }
    assert len(books.labels()) == 1
    assert get_unapplied(client, ["C-9"]) == []
    assert get_unapplied(client, []) == []


def test_open_invoices_are_those_with_something_to_pay(books: Books) -> None:
    client = books.client()
    books.load(customer("C-2", "Other Ltd"))
    opened, partly, paid = invoice(client), invoice(client), invoice(client)
    other, draft, negative = (
        invoice(client, customerid="C-2"),
        invoice(client, action="Draft"),
        invoice(client, "-5.00"),
    )
    pay(client, "150.00", (partly, "50.00"), (paid, "100.00"))

    def numbers(*args: object) -> set[str]:
        return {found.record_no for found in iter_open_invoices(client, *args)}  # type: ignore[arg-type]

    assert numbers() == {opened, partly, other}
    assert numbers(["C-1"]) == {opened, partly}
    assert numbers([]) == set()
    assert numbers(None, date(2026, 12, 2)) == set()
    assert numbers(None, date(2026, 12, 3)) == {opened, partly, other}
    assert draft not in numbers()
    assert negative not in numbers()


def test_a_debit_memo_with_something_to_pay_is_open_and_a_credit_memo_is_not(books: Books) -> None:
    client = books.client()
    memo = credit(client, "-30.00", number="DM-1")
    credit(client, "20.00")
    (found,) = iter_open_debit_memos(client, ["C-1", "C-9"])
    assert (found.record_no, found.balance, found.is_credit) == (memo, usd("30"), False)
    assert list(iter_open_debit_memos(client, ["C-9"])) == []


def test_an_invoice_that_only_a_payment_touched_is_found_by_each_of_the_records_alone(books: Books) -> None:
    """The header may not tell: then the payment or its details do, and the credit memo for its own."""
    with small_books(payment_bumps_invoice=False) as quiet:
        fill(quiet)
        client = quiet.client()
        at(quiet, TODAY - timedelta(days=3))
        numbers = [invoice(client) for _ in range(4)]
        memo, advance = credit(client, "10.00"), pay(client, "10.00")
        bounced = pay(client, "10.00", (numbers[2], "10.00"))
        at(quiet, TODAY)
        pay(client, "40.00", (numbers[0], "40.00"))
        apply_credit(client, memo, numbers[1], "10.00")
        reverse(client, bounced, "2026-11-16")
        apply(client, advance, (numbers[3], "10.00"), on="2026-11-16")
        assert list(iter_invoices_changed(client, *WINDOW)) == []
        touched = touched_invoices(client, *WINDOW)
        assert touched.invoice_ids == set(numbers)
        assert touched.customer_ids == {"C-1"}
        assert touched_invoices(client, TODAY + timedelta(hours=2), TODAY + timedelta(hours=3)).invoice_ids == set()


def test_an_amount_without_any_currency_is_refused() -> None:
    with pytest.raises(InvariantError, match="CURRENCY"):
        Application.from_wire({"RECORDNO": "1", "PAYMENTKEY": "2", "RECORDKEY": "3", "PAYMENTAMOUNT": "5"})
    (piece,) = Application.from_wire(
        {"RECORDNO": "1", "PAYMENTKEY": "2", "RECORDKEY": "3", "PAYMENTAMOUNT": "5"}, company_currency="USD"
    )
    assert piece.amount == usd("5")


def test_one_detail_that_settles_from_two_sources_is_two_pieces() -> None:
    wire = {"RECORDNO": "1", "PAYMENTKEY": "2", "RECORDKEY": "3", "CURRENCY": "USD", "STATE": "Complete"}
    wire |= {"TRX_PAYMENTAMOUNT": "5", "ADJUSTMENTKEY": "8", "TRX_ADJUSTMENTAMOUNT": "7.5"}
    assert [(p.source, p.source_id, p.amount) for p in Application.from_wire(wire)] == [
        ("cash", "2", usd("5")),
        ("adjustment", "8", usd("7.5")),
    ]


def test_a_foreign_invoice_has_its_amounts_in_both_currencies(books: Books) -> None:
    """Amounts are in the transaction's currency, the base ones beside them."""
    client = books.client()
    number = invoice(client, "100.00", currency="EUR", exchratetype="Intacct Daily Rate")
    (found,) = get_invoices(client, [number])
    assert (found.total, found.base_total, found.base_currency) == (Money.of("100", "EUR"), usd("110"), "USD")
