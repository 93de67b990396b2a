"""Cases 20 to 33: what becomes of an invoice, and of the money."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.applications import Application
from include.connectors.intacct.refunds import Refund
from include.core.as_of import Entry, balance_as_of
from include.core.changed_deal_table import CHANGES, TABLE, actions
from include.core.decisions import Hold
from include.core.document_links import DocumentLink, shared_out, weights
from include.core.journal import balances, check_balance
from include.core.money import Money, sum_money
from include.core.payment_match import Charge, OpenInvoice, match_charge
from include.core.processor_payouts import Payout, PayoutAccounts, PayoutDiffers, clearing_balance, payout_journal
from include.core.refunds import Received, RefundTooLarge
from include.core.rounding import allocate
from include.flows.figures.customer_standing import Credit, OpenItem, standings
from include.flows.figures.invoice_standing import standing_of
from include.flows.figures.of_deal import DealFigures
from include.flows.figures.refunded import Refunds
from include.flows.figures.shares import share_of
from include.flows.overdue.stages import task_key
from include.flows.payments.plan import plan as show_plan
from include.state.migrate import migrate
from include.state.store import open_store
from tests.accounting.amounts import currencies, minors, positive, usd
from tests.flows.test_standings import BAD_DEBT, TODAY, Event, cash, histories, memo, settled, stands

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@given(histories())
def test_case_20_the_amounts_are_recomputed_and_the_status_follows_from_them(
    history: tuple[Decimal, tuple[Event, ...]],
) -> None:
    one = stands(str(history[0]), *history[1])
    assert one.paid + one.credited + one.written_off + one.balance == one.invoiced
    untouched = one.paid.is_zero and one.credited.is_zero and one.written_off.is_zero
    if not one.balance.is_zero:
        assert one.status == ("open" if untouched else "partial")
    elif not one.written_off.is_zero:
        assert one.status == "written_off"
    else:
        assert one.status == ("paid" if not one.paid.is_zero else "credited")


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((), "open"),
        ((cash("40"),), "partial"),
        ((cash("100"),), "paid"),
        ((memo("100"),), "credited"),
        ((cash("100", rest=Decimal(5)),), "overpaid"),
        ((cash("60"), memo("40", "6900")), "written_off"),
    ],
)
def test_case_20_each_status_has_its_example(events: tuple[Event, ...], status: str) -> None:
    assert stands("100", *events).status == status
    assert stands("100", state="Reversed").status == "reversed"


@given(st.lists(positive, min_size=2, max_size=5))
def test_case_21_each_invoice_shows_what_of_the_payment_was_applied_to_it(parts: list[int]) -> None:
    amounts = [Decimal(minor).scaleb(-2) for minor in parts]
    shown = [stands(str(amount), cash(str(amount)), number=str(n)) for n, amount in enumerate(amounts, 7)]
    assert [one.paid.amount for one in shown] == amounts
    assert sum_money((one.paid for one in shown), "USD").minor == sum(parts)


def test_case_21_one_payment_of_100_over_60_and_40_is_not_100_on_each() -> None:
    assert [stands(total, cash(total)).paid.text for total in ("60", "40")] == ["60.00", "40.00"]


def test_case_22_a_deal_of_two_invoices_shows_their_sum_and_an_invoice_of_two_deals_is_shared() -> None:
    both = DealFigures("501", (stands("100", cash("100")), stands("50", number="8")))
    assert both.values()["intacct_invoice_total"] == "150.00"
    amounts = {"501": Decimal(200), "502": Decimal(100)}
    by = weights(amounts, [], amounts)
    first, second = (share_of(stands("100", cash("50")), by, deal) for deal in by)
    assert [first.invoiced.text, second.invoiced.text] == ["66.67", "33.33"]
    assert [(one.paid.text, one.balance.text) for one in (first, second)] == [("33.34", "33.33"), ("16.66", "16.67")]
    stated = DocumentLink("502", "7", "named", Decimal(300))
    assert weights(amounts, [stated, replace(stated, deal_id="501", until=NOON)], amounts) == {"501": 200, "502": 300}
    assert weights(["501", "502"], [], {}) == {"501": 1, "502": 1}


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_case_22_the_shares_of_an_invoice_add_up_to_it(parts: list[int], by: list[int]) -> None:
    """Over the deals to each amount of the invoice, on each deal to its own total, and none is less than nothing."""
    whole = [Money.from_minor(minor, "USD") for minor in parts]
    weighed = list(
        weights([str(n) for n in range(len(by))], [], {str(n): Decimal(w) for n, w in enumerate(by)}).values()
    )
    for sign in (1, -1):
        rows = shared_out([Money.from_minor(sign * one.minor, "USD") for one in whole], weighed)
        for n, part in enumerate(whole):
            assert sum(row[n].minor for row in rows) == sign * part.minor
        total = Money.from_minor(sign * sum(parts), "USD")
        assert [sum_money(row, "USD") for row in rows] == allocate(total, weighed)
        assert all(sign * share.minor >= 0 for row in rows for share in row)


def test_case_23_an_overpayment_is_the_customers_credit_and_not_the_deals() -> None:
    invoice = stands("100", cash("100", rest=Decimal(5)))
    assert (invoice.status, invoice.paid, invoice.balance) == ("overpaid", usd(100), usd(0))
    customer = standings(["C-1"], [], [Credit("C-1", usd(5))])["C-1"].in_currency("USD")
    assert (customer.open, customer.unapplied) == (usd(0), usd(5))


def test_case_24_unapplied_money_stands_apart_and_lowers_the_exposure() -> None:
    items = [OpenItem("C-1", usd(100), date(2026, 11, 1), TODAY)]
    customer = standings(["C-1"], items, [Credit("C-1", usd(30))])["C-1"].in_currency("USD")
    assert (customer.open, customer.unapplied, customer.net) == (usd(100), usd(30), usd(70))


@pytest.mark.parametrize(
    ("fields", "source", "source_id"),
    [
        ({"TRX_PAYMENTAMOUNT": "5"}, "cash", "90"),
        ({"TRX_POSTEDADVANCEAMOUNT": "5", "POSTEDADVANCEKEY": "31"}, "advance", "31"),
        ({"TRX_ADJUSTMENTAMOUNT": "5", "ADJUSTMENTKEY": "32"}, "adjustment", "32"),
        ({"TRX_NEGATIVEINVOICEAMOUNT": "5", "NEGATIVEINVOICEKEY": "33"}, "negative_invoice", "33"),
    ],
)
def test_case_25_an_application_names_its_source_by_the_sources_type(
    fields: dict[str, str], source: str, source_id: str
) -> None:
    wire = {"RECORDNO": "1", "PAYMENTKEY": "90", "RECORDKEY": "7", "STATE": "C", "CURRENCY": "USD", **fields}
    (one,) = Application.from_wire(wire)
    assert (one.source, one.source_id, one.amount, one.invoice_id) == (source, source_id, usd(5), "7")


def test_case_26_a_credit_memo_is_no_cash_and_no_payment_date() -> None:
    one = stands("100", memo("100"))
    assert (one.status, one.paid, one.credited, one.last_payment_date) == ("credited", usd(0), usd(100), None)
    part = stands("100", memo("40"))
    assert (part.status, part.paid, part.credited, part.balance) == ("partial", usd(0), usd(40), usd(60))


def test_case_27_a_write_off_is_an_amount_of_its_own() -> None:
    one = stands("100", cash("50"), memo("20"), memo("30", BAD_DEBT[0]))
    assert (one.status, one.paid, one.credited, one.written_off) == ("written_off", usd(50), usd(20), usd(30))


def test_case_28_a_bounced_payment_opens_the_invoice_and_its_task_again() -> None:
    one = stands("100", cash("100", reversed=True, day=2))
    assert (one.status, one.balance) == ("open", usd(100))
    assert one.last_reversal == "2026-11-05 payment ACH-100 of 100.00 USD was reversed: insufficient funds"
    assert task_key("7", 1, 1) != task_key("7", 1)


def test_case_29_a_payment_of_march_reversed_in_april_counts_on_31_march_and_not_on_30_april() -> None:
    books = [
        Entry(date(2026, 3, 1), NOON, usd(100)),
        Entry(date(2026, 3, 20), NOON, usd(-100)),
        Entry(date(2026, 4, 10), NOON, usd(100)),
    ]
    by_day = {day: balance_as_of(books, day, "USD") for day in (date(2026, 3, 31), date(2026, 4, 30))}
    assert by_day == {date(2026, 3, 31): usd(0), date(2026, 4, 30): usd(100)}


@given(st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), minors), max_size=8))
def test_case_29_the_balance_of_a_day_is_what_was_posted_up_to_it(posted: list[tuple[date, int]]) -> None:
    books = [Entry(day, NOON, Money.from_minor(minor, "USD")) for day, minor in posted]
    for day in [day for day, _ in posted]:
        assert balance_as_of(books, day, "USD").minor == sum(minor for on, minor in posted if on <= day)


@pytest.mark.parametrize("change", CHANGES)
def test_case_30_what_was_posted_is_never_edited_only_reversed_and_made_anew(change: str) -> None:
    cells = [row[change] for (state, _), row in TABLE.items() if state not in ("none", "draft")]  # type: ignore[index]
    assert not [cell for cell in cells if "edit_draft" in cell or "delete_draft" in cell]


def test_case_30_the_successor_has_its_own_number_and_the_old_link_is_kept(tmp_path: Path) -> None:
    assert actions("posted_unpaid", True, "amount_up") == ("reverse_and_recreate",)
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    store = open_store(url)
    store.put_links("run 1", [DocumentLink("501", "7", "made"), DocumentLink("502", "9", "made")])
    store.put_links("run 2", [DocumentLink("501", "8", "made")])
    store.end_links("run 2", {("501", "7"): "8"})
    old, other, new = store.all_links()
    assert (old.document, old.counts, old.successor, old.ended_by) == ("7", False, "8", "run 2")
    assert (other.counts, new.document, new.counts, new.run) == (True, "8", True, "run 2")


def test_case_31_a_refund_leaves_the_invoice_paid_and_is_an_amount_of_its_own() -> None:
    after = Received.of(usd(100)).refund(usd(30)).refund(usd(20))
    assert (after.paid, after.refunded, after.kept) == (usd(100), usd(50), usd(50))
    with pytest.raises(RefundTooLarge):
        after.refund(usd("50.01"))
    paid = stands("100", cash("100"))
    given = [Refund(paid.customer_id, paid.number, usd(one)) for one in ("30", "25", "-5")]
    found = Refunds.of([*given, Refund(paid.customer_id, "", usd(7)), Refund("C-2", paid.number, usd(9))])
    shown = DealFigures("501", (replace(paid, refunded=found.on(paid)),)).values()
    told = {name: shown[f"intacct_invoice_{name}"] for name in ("status", "total", "paid", "balance", "refunded")}
    assert told == {"status": "paid", "total": "100.00", "paid": "100.00", "balance": "0.00", "refunded": "50.00"}
    assert found.to(paid.customer_id, "USD") == usd(57)  # and what went back for no invoice


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_case_31_what_went_back_of_a_shared_invoice_is_shared_to_the_cent(refunded: int, parts: list[int]) -> None:
    one = replace(stands("100", cash("100")), refunded=Money.from_minor(refunded, "USD"))
    weights = {str(n): Decimal(part) for n, part in enumerate(parts)} | {"99": Decimal(1)}
    assert sum(share_of(one, weights, deal).refunded.minor for deal in weights) == refunded


@pytest.mark.parametrize(("refunded", "held"), [("100", False), ("100.01", True)])
def test_case_31_more_back_than_came_in_is_asked_about(refunded: str, held: bool) -> None:
    figures = DealFigures("501", (replace(stands("100", cash("100")), refunded=usd(refunded)),))
    decisions = show_plan([{"id": "deal:501", "deal": figures.to_json()}])
    assert [one.code for one in decisions if isinstance(one, Hold)] == (["refund_exceeds_paid"] if held else [])


ACCOUNTS = PayoutAccounts("100", bank="1000", clearing="1050", fees="6500")


def payout(gross: str, fees: str, refunds: str, disputes: str, net: str) -> Payout:
    return Payout(usd(gross), usd(fees), usd(refunds), usd(disputes), usd(net))


@pytest.mark.rule_only
def test_case_32_a_payout_of_1000_less_29_30_fees_50_refunds_and_a_dispute_of_100_is_820_70() -> None:
    one = payout("1000", "29.30", "50", "-100", "820.70")
    assert [(line.account, line.amount.text, line.side) for line in payout_journal(one, ACCOUNTS)] == [
        ("1000", "820.70", "debit"),
        ("6500", "29.30", "debit"),
        ("1050", "-850.00", "credit"),
    ]
    assert clearing_balance(one, ACCOUNTS) == usd(0)
    with pytest.raises(PayoutDiffers):
        payout_journal(payout("1000", "29.30", "50", "-100", "820.69"), ACCOUNTS)


@pytest.mark.rule_only
@given(positive, positive, positive, minors, currencies)
def test_case_32_every_payout_balances_and_clears(
    gross: int, fees: int, refunds: int, disputes: int, currency: str
) -> None:
    parts = [Money.from_minor(minor, currency) for minor in (gross, fees, refunds, disputes)]
    net = parts[0] - parts[1] - parts[2] + parts[3]
    one = Payout(*parts, net)
    lines = payout_journal(one, ACCOUNTS)
    check_balance(lines)
    assert all(rest.is_zero for rest in balances(lines).values())
    assert clearing_balance(one, ACCOUNTS).is_zero


INVOICES = [OpenInvoice("INV-7", "C-1", usd(100)), OpenInvoice("INV-8", "C-1", usd(100))]


@pytest.mark.rule_only
def test_case_33_a_charge_settles_the_invoice_that_it_names_and_not_its_twin() -> None:
    found = match_charge(Charge("C-1", usd(100), "INV-8"), INVOICES)
    assert (found.invoice_id, found.applied, found.unapplied, found.review) == ("INV-8", usd(100), usd(0), "")
    more = match_charge(Charge("C-1", usd(120), "INV-8"), INVOICES)
    assert (more.applied, more.unapplied) == (usd(100), usd(20))


@pytest.mark.rule_only
@pytest.mark.parametrize(
    ("charge", "candidates"),
    [
        (Charge("C-1", usd(100)), ("INV-7", "INV-8")),
        (Charge("C-1", usd(100), "INV-99"), ("INV-7", "INV-8")),
        (Charge("C-2", usd(100), "INV-7"), ()),
        (Charge("C-1", usd(70)), ()),
    ],
)
def test_case_33_an_equal_amount_is_no_proof(charge: Charge, candidates: tuple[str, ...]) -> None:
    found = match_charge(charge, INVOICES)
    assert (found.invoice_id, found.applied, found.unapplied) == ("", usd(0), charge.amount)
    assert (found.candidates, bool(found.review)) == (candidates, True)
    assert match_charge(charge, INVOICES[:1]).invoice_id == ""


def test_case_20_the_order_in_which_things_happened_does_not_matter() -> None:
    books = settled("100", cash("40"), memo("20"), cash("10", reversed=True))
    turned = replace(books, applications=tuple(reversed(books.applications)))
    assert standing_of(turned, TODAY, BAD_DEBT) == standing_of(books, TODAY, BAD_DEBT)
