"""The lines of a document for a difference add up to it, whatever changed and whoever credited a part by hand. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from include.core.money import Money, sum_money
from include.flows.deals.change_lines import added_items, coding_of_item, credited_items, wanted
from include.flows.deals.change_postings import postings_of_items

ACCOUNTS = st.sampled_from(["4000", "4100", "4200", "4300"])
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


def item(account: str, minor: int, currency: str) -> dict[str, Any]:
    return {"glaccountno": account, "locationid": "100", "amount": Money.from_minor(minor, currency).text}


@st.composite
def sold(draw: st.DrawFn, currency: str) -> list[dict[str, Any]]:
    lines = draw(st.lists(st.tuples(ACCOUNTS, st.integers(1, 10**9)), min_size=1, max_size=6))
    return [item(account, minor, currency) for account, minor in lines]


def total(items: list[dict[str, Any]], currency: str) -> Money:
    return sum_money((Money.of(one["amount"], currency) for one in items), currency)


@given(st.data(), CURRENCIES)
def test_a_supplementary_invoice_adds_up_to_the_difference(data: st.DataObject, currency: str) -> None:
    before, after = data.draw(sold(currency)), data.draw(sold(currency))
    difference = total(after, currency) - total(before, currency)
    if difference.amount > 0:
        lines = added_items(after, wanted(before, currency), difference)
        assert total(lines, currency) == difference
        assert all(Decimal(line["amount"]) for line in lines)
        by_account = wanted(before, currency)
        for line in lines:
            coding = coding_of_item(line)
            by_account[coding] = by_account.get(coding, Money.from_minor(0, currency)) + Money.of(
                line["amount"], currency
            )
        assert {k: v for k, v in by_account.items() if not v.is_zero} == wanted(after, currency)


@given(st.data(), CURRENCIES)
def test_a_credit_memo_adds_up_to_what_may_be_credited_and_raises_nothing(data: st.DataObject, currency: str) -> None:
    before, after = data.draw(sold(currency)), data.draw(sold(currency))
    decrease = total(before, currency) - total(after, currency)
    if decrease.amount > 0:
        credit = Money.from_minor(data.draw(st.integers(1, decrease.minor)), currency)
        lines = credited_items(wanted(before, currency), wanted(after, currency), credit)
        assert total(lines, currency) == -credit
        assert all(Decimal(line["amount"]) < 0 for line in lines)


@given(st.data(), CURRENCIES)
def test_what_a_document_books_is_zero_together(data: st.DataObject, currency: str) -> None:
    booked = postings_of_items(data.draw(sold(currency)), "Brightwater Inc", currency)
    assert sum_money((one.amount for one in booked), currency).is_zero


def test_a_removed_line_is_taken_off_as_intacct_booked_it() -> None:
    before = wanted([item("4100", 100_00, "USD"), item("4200", 50_00, "USD")], "USD")
    after = [item("4100", 300_00, "USD")]
    lines = added_items(after, before, Money.of("150.00", "USD"))
    assert [(line["glaccountno"], line["amount"]) for line in lines] == [("4100", "200.00"), ("4200", "-50.00")]


def test_where_somebody_credited_by_hand_the_difference_is_spread_over_the_deal() -> None:
    before = wanted([item("4100", 100_00, "USD")], "USD")
    lines = added_items([item("4100", 120_00, "USD")], before, Money.of("50.00", "USD"))
    assert [(line["glaccountno"], line["amount"]) for line in lines] == [("4100", "50.00")]
