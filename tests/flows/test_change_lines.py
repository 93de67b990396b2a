"""The lines of a document for a difference add up to it, whatever changed and whoever credited a part by hand. Pure."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from include.core.money import Money, sum_money
from include.flows.deals.change_lines import Booked, added_items, booked_by, coding_of_item, credited_items, wanted
from include.flows.deals.change_postings import postings_of_items


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


ACCOUNTS = st.sampled_from(["4000", "4100", "4200", "4300"])
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])


def item(account: str, minor: int, currency: str, tax: int | None = None) -> dict[str, Any]:
    line = {"glaccountno": account, "locationid": "100", "amount": Money.from_minor(minor, currency).text}
    entries = [{"detailid": "STD", "trx_tax": Money.from_minor(tax or 0, currency).text}]
    return line if tax is None else {**line, "taxentries": entries}


@st.composite
def sold(draw: st.DrawFn, currency: str) -> list[dict[str, Any]]:
    """Taxed and untaxed lines."""
    lines = draw(
        st.lists(st.tuples(ACCOUNTS, st.integers(1, 10**9), st.none() | st.integers(0, 10**8)), min_size=1, max_size=6)
    )
    return [item(account, minor, currency, tax) for account, minor, tax in lines]


def total(items: list[dict[str, Any]], currency: str) -> Money:
    """With tax."""
    return sum_money((booked_by(one, currency).gross for one in items), currency)


def is_something(line: dict[str, Any]) -> bool:
    return not booked_by(line, "KWD").is_nothing


@given(st.data(), CURRENCIES)
def test_a_supplementary_invoice_adds_up_to_the_difference(data: st.DataObject, currency: str) -> None:
    before, after = data.draw(sold(currency)), data.draw(sold(currency))
    difference = total(after, currency) - total(before, currency)
    if difference.amount > 0:
        lines = added_items(after, wanted(before, currency), difference)
        assert total(lines, currency) == difference
        assert all(is_something(line) for line in lines)
        by_account = wanted(before, currency)
        for line in lines:
            coding = coding_of_item(line)
            by_account[coding] = by_account.get(coding, Booked.nothing(currency)) + booked_by(line, currency)
        assert {k: v for k, v in by_account.items() if not v.is_nothing} == wanted(after, currency)


@given(st.data(), CURRENCIES)
def test_a_credit_memo_adds_up_to_what_may_be_credited_and_raises_nothing(data: st.DataObject, currency: str) -> None:
    before, after = data.draw(sold(currency)), data.draw(sold(currency))
    decrease = total(before, currency) - total(after, currency)
    if decrease.amount > 0:
        credit = Money.from_minor(data.draw(st.integers(1, decrease.minor)), currency)
        lines = credited_items(wanted(before, currency), wanted(after, currency), credit)
        assert total(lines, currency) == -credit
        assert all(booked_by(line, currency).gross.is_negative for line in lines)


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


def test_a_taxed_line_takes_its_tax_along_and_a_part_of_it_the_same_part_of_the_tax() -> None:
    before = wanted([item("4100", 100_00, "USD", 19_00), item("4200", 50_00, "USD")], "USD")
    (more,) = added_items([item("4100", 200_00, "USD", 38_00), item("4200", 50_00, "USD")], before, usd("119.00"))
    assert (more["amount"], more["taxentries"]) == ("100.00", [{"detailid": "STD", "trx_tax": "19.00"}])
    all_of_it = credited_items(before, {}, usd("169.00"))
    assert [(one["amount"], one.get("taxentries")) for one in all_of_it] == [
        ("-100.00", [{"detailid": "STD", "trx_tax": "-19.00"}]),
        ("-50.00", None),
    ]
    only_open = credited_items(wanted([item("4100", 100_00, "USD", 19_00)], "USD"), {}, usd("50.00"))
    assert [(one["amount"], one["taxentries"][0]["trx_tax"]) for one in only_open] == [("-42.02", "-7.98")]
