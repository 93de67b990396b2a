"""Cases 68 to 74: who may be billed, what may be posted, and by whose word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.vendors import Vendor, build_create_vendor
from include.core.approval import Approval, Request, verdict
from include.core.credit_exposure import exposure
from include.core.decisions import Skip, Write, canonical_hash
from include.core.errors import SettingsError
from include.core.fingerprint import Fingerprint, NoneFound, Proposed, Review, look_alikes, may_create, proposed_links
from include.core.journal import JournalLine, Unbalanced, balances, check_balance, line
from include.core.money import Money
from include.core.payroll_journal import PayItem, payroll_journal, reversal
from include.flows.deals.plan import plan
from tests.accounting.amounts import currencies, eur, minors, positive, usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import (
    ACME,
    BOOKS,
    KNOWN,
    NOW,
    SETTINGS,
    deal,
    decide,
    hold,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(("guard", "action"), [("draft", "Draft"), ("warn", "Submit")])
def test_case_68_a_customer_on_credit_hold_is_blocked_drafted_or_warned_about(guard: str, action: str) -> None:
    on_hold = replace(KNOWN, customers=[replace(ACME, on_hold=True)])
    assert hold(deal(), on_hold).code == "customer_on_hold"
    customer = SETTINGS.customer.model_copy(update={"on_hold": guard})
    (planned,) = plan([deal()], on_hold, SETTINGS.model_copy(update={"customer": customer}), BOOKS, now=NOW)
    assert isinstance(planned, Write)
    assert planned.payload["action"] == action
    assert "credit hold" in planned.summary


def rates(of: str, into: str) -> Decimal | None:
    return {("EUR", "USD"): Decimal("1.10"), ("USD", "USD"): Decimal(1)}.get((of, into))


def test_case_69_exposure_is_what_is_owed_everywhere_at_stated_rates_with_orders_where_they_count() -> None:
    owed = [usd(1000), eur(500), usd(-200)]
    assert exposure(owed, "USD", rates).known == usd(1550)
    assert exposure(owed, "USD", rates, orders=[eur(100)]).known == usd(1660)
    unknown = exposure([*owed, Money.of(9000, "JPY")], "USD", rates)
    assert (unknown.known, unknown.unknown) == (usd(1550), ("JPY",))


@given(st.lists(minors, max_size=6), st.lists(minors, max_size=6))
def test_case_69_credit_with_one_entity_never_lowers_what_is_owed_to_another(
    owed: list[int], orders: list[int]
) -> None:
    amounts, ordered = ([Money.from_minor(one, "USD") for one in some] for some in (owed, orders))
    found = exposure(amounts, "USD", rates, ordered)
    assert found.known.minor == sum(one for one in [*owed, *orders] if one > 0)


PAY = [
    PayItem("100", "6000", usd(5000), "D10", "E-1"),
    PayItem("100", "6000", usd(4000), "D10", "E-2"),
    PayItem("100", "2300", usd(-9000), "", "E-1"),
    PayItem("200", "6000", usd(1000), "D20", "E-3"),
    PayItem("200", "2300", usd(-1000), "D20", "E-3"),
]


@pytest.mark.rule_only
def test_case_70_a_payroll_journal_has_sums_and_nobodys_number() -> None:
    lines = payroll_journal(PAY)
    assert [(one.entity_id, one.account, one.department_id, one.amount.text) for one in lines] == [
        ("100", "2300", "", "-9000.00"),
        ("100", "6000", "D10", "9000.00"),
        ("200", "2300", "D20", "-1000.00"),
        ("200", "6000", "D20", "1000.00"),
    ]
    assert "E-" not in repr(lines) + repr(PAY)
    assert "E-1" in {one.memo for one in payroll_journal(PAY, "employee")}
    with pytest.raises(Unbalanced):
        payroll_journal(PAY[:2])


pay = st.lists(
    st.builds(
        PayItem,
        st.sampled_from(["100", "200"]),
        st.sampled_from(["6000", "6100", "2300"]),
        st.builds(Money.from_minor, minors, st.just("USD")),
        st.sampled_from(["", "D10"]),
        st.sampled_from(["E-1", "E-2"]),
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.rule_only
@given(pay)
def test_case_70_a_run_and_its_reversal_come_to_nothing_in_each_entity(items: list[PayItem]) -> None:
    contra = [
        PayItem(entity, "2399", -rest)
        for (entity, _), rest in balances(line(i.entity_id, i.account, i.amount) for i in items).items()
        if not rest.is_zero
    ]
    sums: dict[tuple[str, str, str], int] = {}
    for one in [*items, *contra]:
        key = (one.entity_id, one.account, one.department_id)
        sums[key] = sums.get(key, 0) + one.amount.minor
    if not any(sums.values()):
        with pytest.raises(Unbalanced):
            payroll_journal([*items, *contra])
        return
    lines = payroll_journal([*items, *contra])
    assert {(one.entity_id, one.account, one.department_id): one.amount.minor for one in lines} == {
        key: minor for key, minor in sums.items() if minor
    }
    assert all(rest.is_zero for rest in balances(lines).values())
    assert all(rest.is_zero for rest in balances([*lines, *reversal(lines)]).values())
    shuffled = payroll_journal(list(reversed([*items, *contra])))
    assert shuffled == lines


@pytest.mark.rule_only
def test_case_71_the_sign_says_debit_or_credit_and_each_entity_balances() -> None:
    debit, credit = line("100", "1100", usd(100)), line("100", "4000", usd(-100))
    assert (debit.side, credit.side) == ("debit", "credit")
    check_balance([debit, credit])
    across = [debit, line("200", "4000", usd(-100))]
    for wrong in ([debit], [debit, line("100", "4000", usd(-99))], across, [debit, credit, line("100", "1", usd(0))]):
        with pytest.raises(Unbalanced):
            check_balance(wrong)


@pytest.mark.rule_only
def test_case_71_two_currencies_balance_in_the_base() -> None:
    bank, receivable = JournalLine("100", "1000", eur(100), usd(108)), JournalLine("100", "1100", eur(-100), usd(-110))
    with pytest.raises(Unbalanced):
        check_balance([bank, receivable])
    check_balance([bank, receivable, line("100", "7900", usd(2))])
    with pytest.raises(Unbalanced):
        check_balance([replace(bank, base=usd(-108)), receivable, line("100", "7900", usd(218))])


@pytest.mark.rule_only
@given(st.lists(positive, min_size=1, max_size=6), currencies)
def test_case_71_a_journal_whose_last_line_is_the_rest_balances(parts: list[int], currency: str) -> None:
    lines = [line("100", "4000", Money.from_minor(-one, currency)) for one in parts]
    check_balance([*lines, line("100", "1100", Money.from_minor(sum(parts), currency))])
    with pytest.raises(Unbalanced):
        check_balance([*lines, line("100", "1100", Money.from_minor(sum(parts) + 1, currency))])


BILL = {"vendor": "V-1", "total": "500.00", "lines": [["6000", "500.00"]], "paid": "0.00"}
ASKED = Request(canonical_hash(BILL), "ada", NOON, ("bea",))
PATIENCE = timedelta(days=3)


@pytest.mark.rule_only
@pytest.mark.parametrize(
    ("bill", "approver", "waited", "found"),
    [
        (BILL, "carl", 1, "approved"),
        (BILL, "carl", 30, "approved"),
        ({**BILL, "total": "501.00"}, "carl", 1, "stale"),
        ({**BILL, "paid": "100.00"}, "carl", 1, "stale"),
        (BILL, "ada", 1, "self_approved"),
        (BILL, "BEA", 1, "self_approved"),
        (BILL, None, 3, "waiting"),
        (BILL, None, 4, "on_hold"),
    ],
)
def test_case_72_an_approval_is_of_one_bill_as_it_was_by_somebody_else_in_time(
    bill: dict[str, object], approver: str | None, waited: int, found: str
) -> None:
    approval = Approval(canonical_hash(BILL), approver) if approver else None
    now = replace(ASKED, content_hash=canonical_hash(bill))
    assert verdict(now, approval, NOON + timedelta(days=waited), PATIENCE) == found


@pytest.mark.parametrize(
    "field", ["ACHBANKROUTINGNUMBER", "BANKACCOUNTNUMBER", "WIREBANKNAME", "PAYMENT_IBAN", "CHECKINGACCOUNT"]
)
def test_case_73_no_bank_field_of_a_vendor_is_ever_written_or_read(field: str) -> None:
    with pytest.raises(SettingsError, match="never writes"):
        build_create_vendor({"NAME": "Supplier", field: "1"})
    assert field not in Vendor.FIELDS
    assert not [name for name in Vendor.FIELDS if any(word in name for word in ("BANK", "ACH", "IBAN", "WIRE"))]


GO_LIVE = date(2026, 8, 1)


def print_of(
    id_: str, day: date = date(2026, 7, 20), po: str = "PO-9", amount: str = "100", who: str = "C-1"
) -> Fingerprint:
    return Fingerprint(id_, who, usd(amount), day, po)


def test_case_74_an_invoice_entered_by_hand_is_proposed_by_customer_amount_date_and_po() -> None:
    decoys = [print_of("INV-2", po="PO-8"), print_of("INV-3", who="C-2"), print_of("INV-4", amount="100.01")]
    (found,) = proposed_links([print_of("501")], [*decoys, print_of("INV-1", date(2026, 7, 25), po="po 9")])
    assert found == Proposed("501", "INV-1")
    assert proposed_links([print_of("501")], decoys[1:]) == [NoneFound("501")]


@pytest.mark.parametrize(
    "invoices",
    [
        [print_of("INV-1"), print_of("INV-2")],
        [print_of("INV-1", po="PO-8")],
        [print_of("INV-1", po="")],
        [print_of("INV-1", date(2026, 7, 26))],
    ],
)
def test_case_74_a_decoy_of_equal_amount_goes_to_review(invoices: list[Fingerprint]) -> None:
    (found,) = proposed_links([print_of("501")], invoices)
    assert isinstance(found, Review)
    assert found.invoice_ids == tuple(one.id for one in invoices)


def test_case_74_an_invoice_that_fits_two_deals_is_proposed_for_neither() -> None:
    found = proposed_links([print_of("501"), print_of("502")], [print_of("INV-1")])
    assert [type(one) for one in found] == [Review, Review]


@given(
    st.lists(st.tuples(st.sampled_from(["100", "200"]), st.integers(0, 9), st.sampled_from(["", "P1"])), max_size=6),
    st.lists(st.tuples(st.sampled_from(["100", "200"]), st.integers(0, 9), st.sampled_from(["", "P1"])), max_size=6),
)
def test_case_74_no_invoice_is_proposed_twice_whatever_the_order(
    deals: list[tuple[str, int, str]], invoices: list[tuple[str, int, str]]
) -> None:
    first, second = (
        [print_of(f"{word}-{n}", date(2026, 7, 1 + day), po, amount) for n, (amount, day, po) in enumerate(some)]
        for word, some in (("D", deals), ("I", invoices))
    )
    found = proposed_links(first, second)
    assert [one.deal_id for one in found] == [one.id for one in first]
    linked = [one.invoice_id for one in found if isinstance(one, Proposed)]
    assert len(linked) == len(set(linked))
    again = proposed_links(first[::-1], second[::-1])
    assert {one.deal_id: type(one) for one in again} == {one.deal_id: type(one) for one in found}


@pytest.mark.parametrize(
    ("invoice", "alike"),
    [
        (print_of("INV-1"), True),
        (print_of("INV-1", po=""), True),
        (print_of("INV-1", date(2026, 7, 25)), True),
        (print_of("INV-1", date(2026, 7, 26)), False),
        (print_of("INV-1", po="PO-8"), False),
        (print_of("INV-1", amount="100.01"), False),
        (print_of("INV-1", who="C-2"), False),
    ],
)
def test_case_74_a_deal_is_asked_about_before_it_is_billed_where_an_invoice_may_be_its_own(
    invoice: Fingerprint, alike: bool
) -> None:
    """One without a purchase order may be the same sale; one of another month or another order is not."""
    assert look_alikes(print_of("501"), [invoice]) == (["INV-1"] if alike else [])


def test_case_74_a_taxed_invoice_is_its_deals_by_the_amount_that_deals_state_and_by_the_other_for_a_person() -> None:
    taxed = replace(print_of("INV-1"), amount=usd("100"), otherwise=usd("108.88"))
    by_total = replace(taxed, id="INV-2", amount=usd("91.85"), otherwise=usd("100"))
    deal = replace(print_of("501"), amount=usd("100"))
    assert proposed_links([deal], [taxed]) == [Proposed("501", "INV-1")]
    assert proposed_links([replace(deal, amount=usd("108"))], [taxed]) == [NoneFound("501")]
    (asked,) = proposed_links([deal], [by_total])
    assert isinstance(asked, Review)
    assert "only one of its amounts with and without it is the deal's" in asked.why
    (both,) = proposed_links([deal], [taxed, by_total])
    assert isinstance(both, Review)
    assert both.invoice_ids == ("INV-1", "INV-2")
    # Before a deal is billed, anything alike holds it.
    document = replace(deal, amount=usd("108.88"), otherwise=usd("100"))
    assert look_alikes(document, [taxed, by_total, replace(deal, id="INV-3")]) == ["INV-1", "INV-2", "INV-3"]


def test_case_74_nothing_won_before_the_cut_over_is_ever_created() -> None:
    assert [may_create(day, GO_LIVE) for day in (date(2026, 7, 31), GO_LIVE)] == [False, True]
    (decision,) = decide(deal(closedate="2026-07-31T15:00:00Z"))
    assert isinstance(decision, Skip)
