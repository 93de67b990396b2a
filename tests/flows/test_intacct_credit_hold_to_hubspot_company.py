"""Credit holds, limits and overdue balances as flags in HubSpot: what sets and clears them, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from include.connectors.intacct.records import Customer
from include.core.books import Books
from include.core.decisions import Hold, Skip, Update
from include.core.money import Money, zero
from include.core.settings import SHIPPED, load
from include.flows.credit.extract import limit_of
from include.flows.credit.notice import notices
from include.flows.credit.plan import plan
from include.flows.credit.records import CreditCompany, CreditDeal, CustomerCredit, Shown
from include.flows.credit.settings import CreditSettings
from include.flows.credit.status import assess, exposure
from include.flows.figures.customer_standing import Balance, Standing
from include.flows.intacct_credit_hold_to_hubspot_company import FLOW
from include.flows.owners import OwnerDirectory
from include.sandbox.people import BookKeeper, Coding, SalesRep
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office

SETTINGS = load(SHIPPED / f"{FLOW.name}.yaml", CreditSettings)
BOOKS = load(SHIPPED / "books.yaml", Books)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
OWNERS = OwnerDirectory({"1": "ada@brightwater.example", "2": "ben@brightwater.example"}, "2")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def owes(amount: str, currency: str = "USD", *, unapplied: str = "0", overdue: str = "0", days: int = 0) -> Balance:
    open_, rest, late = (Money.of(one, currency) for one in (amount, unapplied, overdue))
    return Balance(open_, late, rest, int(days > 0), days)


def customer(*balances: Balance, limit: Money | None = None, **more: Any) -> CustomerCredit:
    company = CreditCompany(Shown("10"), "Fjord Kiln", "1", "")
    values = {"on_hold": False, "companies": (company,), "today": MONDAY.date()} | more
    return CustomerCredit("C-1", limit=limit, standing=Standing("C-1", balances), **values)


def shows(status: str, reason: str = "", since: str = "2026-11-01", record_id: str = "10") -> CreditCompany:
    return CreditCompany(Shown(record_id, status, reason, since), "Fjord Kiln", "1", "2026-11-01T00:00:00Z")


def flags(one: CustomerCredit) -> set[str]:
    return set(assess(one, SETTINGS).causes)


def decide(*customers: CustomerCredit) -> list[Any]:
    return plan(customers, SETTINGS, MONDAY)[0]


# -- what is flagged


@pytest.mark.parametrize(
    ("open_", "unapplied", "over"), [("1000", "0", False), ("1000.01", "0", True), ("1500", "500", False)]
)
def test_over_limit_is_more_than_the_limit_after_what_is_unapplied(open_: str, unapplied: str, over: bool) -> None:
    assert ("over_limit" in flags(customer(owes(open_, unapplied=unapplied), limit=usd("1000")))) is over


def test_other_currencies_count_at_the_stated_rate_and_their_credit_does_not() -> None:
    standing = Standing("C-1", (owes("100.05", "EUR"), owes("0", "GBP", unapplied="900"), owes("10")))
    assert exposure(standing, "USD", SETTINGS).known == usd("118.05")  # 100.05 x 1.08 = 108.054


def test_open_orders_are_told_beside_what_is_owed() -> None:
    ordered = customer(owes("900"), limit=usd("1000"), orders=(usd("100.01"),))
    told = "Owes 900.00 USD and has open orders of 100.01 USD, together more than its credit limit of 1,000.00 USD."
    assert assess(ordered, SETTINGS).causes == {"over_limit": told}
    assert flags(replace(ordered, orders=(usd("100"),))) == set()


def test_what_is_owed_without_a_rate_is_held_and_the_other_flags_are_set() -> None:
    update, hold = decide(customer(owes("5", "JPY"), owes("10"), limit=usd("1000"), on_hold=True))
    assert isinstance(hold, Hold)
    assert (hold.source_id, hold.code) == ("C-1", "exposure_unknown")
    assert "from JPY to USD" in hold.message
    assert update.values["intacct_credit_status"] == "on_hold"


def test_a_customer_over_its_limit_without_the_unknown_currency_is_simply_over_it() -> None:
    decisions = decide(customer(owes("5", "JPY"), owes("2000"), limit=usd("1000")))
    assert [one.values["intacct_credit_status"] for one in decisions] == ["over_limit"]


def test_an_exposure_nobody_knows_takes_no_flag_away() -> None:
    was_over = customer(owes("5", "JPY"), limit=usd("1000"), companies=(shows("over_limit"),))
    update, _hold = decide(was_over)
    assert update.values["intacct_credit_status"] == "over_limit"


@given(
    amounts=st.lists(st.integers(0, 10**9), min_size=1, max_size=4),
    unapplied=st.lists(st.integers(0, 10**9), min_size=4, max_size=4),
)
def test_the_exposure_is_never_negative_and_in_one_currency_just_what_is_owed(
    amounts: list[int], unapplied: list[int]
) -> None:
    codes = ("USD", "EUR", "GBP", "JPY")
    balances = tuple(
        Balance(Money.from_minor(amount, code), zero(code), Money.from_minor(rest, code))
        for amount, rest, code in zip(amounts, unapplied, codes, strict=False)
    )
    found = exposure(Standing("C-1", balances), "USD", SETTINGS)
    alone = exposure(Standing("C-1", balances[:1]), "USD", SETTINGS)
    assert not found.known.is_negative
    assert alone.known.minor == max(amounts[0] - unapplied[0], 0)
    assert found.known >= alone.known


@pytest.mark.parametrize(
    ("amount", "currency", "days", "late"),
    [
        ("250", "USD", 30, False),
        ("250", "USD", 31, True),
        ("249.99", "USD", 99, False),
        ("10000", "USD", 7, False),
        ("10000", "USD", 8, True),
        ("1", "JPY", 8, True),
    ],
)
def test_overdue_goes_by_days_and_by_amount_in_each_currency(amount: str, currency: str, days: int, late: bool) -> None:
    assert ("overdue" in flags(customer(owes(amount, currency, overdue=amount, days=days)))) is late


def test_reasons_name_no_number_that_grows_by_the_day() -> None:
    reasons = [assess(customer(owes("500", overdue="500", days=days)), SETTINGS).causes for days in (40, 41)]
    assert reasons[0] == reasons[1] == {"overdue": "Overdue: 500.00 USD, the oldest more than 30 days late."}


CUSTOMER = Customer("1", "C-1", "", True, False, credit_limit=Decimal(5000), currency="EUR", entity_id="200")


def test_a_limit_is_in_the_base_currency_of_the_customers_entity() -> None:
    assert limit_of(CUSTOMER, BOOKS, SETTINGS) == (Money.of("5000", "GBP"), False)
    assert limit_of(replace(CUSTOMER, entity_id=""), BOOKS, SETTINGS) == (Money.of("5000", "EUR"), False)
    stated = SETTINGS.model_copy(update={"limit_currency": "USD"})
    assert limit_of(replace(CUSTOMER, entity_id=""), BOOKS, stated) == (usd("5000"), False)


def test_a_limit_in_a_currency_that_nothing_tells_is_held() -> None:
    assert limit_of(replace(CUSTOMER, entity_id="", currency=""), BOOKS, SETTINGS) == (None, True)
    _update, hold = decide(customer(owes("10"), limit_unclear=True))
    assert hold.code == "exposure_unknown"


def test_a_limit_of_zero_is_none_or_means_that_nothing_may_be_owed() -> None:
    nothing = replace(CUSTOMER, credit_limit=Decimal(0))
    assert limit_of(nothing, BOOKS, SETTINGS) == (None, False)
    strict = SETTINGS.model_copy(update={"zero_limit_is_none": False})
    assert limit_of(nothing, BOOKS, strict) == (Money.of("0", "GBP"), False)
    assert flags(customer(owes("0.01"), limit=usd("0"))) == {"over_limit"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": {"EUR": {"USD": "0"}}},
        {"rates": {"EURO": {"USD": "1"}}},
        {"rates": {"USD": {"USD": "1.1"}}},
        {"overdue": [{"days": 1, "amounts": {"JPY": "1.5"}}]},
        {"limit_currency": "dollars"},
        {"tell_finance": "nobody"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CreditSettings.model_validate(SETTINGS.model_dump() | wrong)


# -- what is written


def test_several_causes_stand_together_with_the_day_of_the_first_flag() -> None:
    (update,) = decide(customer(owes("2000"), limit=usd("1000"), on_hold=True, companies=(shows("on_hold"),)))
    assert isinstance(update, Update)
    assert update.values == {
        "intacct_credit_status": "on_hold;over_limit",
        "intacct_credit_reason": "On credit hold in Sage Intacct. "
        "Owes 2,000.00 USD, more than its credit limit of 1,000.00 USD.",
        "intacct_credit_since": "2026-11-01",
        "tieout_credit_changed_at": "2026-11-16T09:00:00Z",
    }


def test_what_is_as_it_should_be_is_left_alone_in_whatever_order_hubspot_tells_it() -> None:
    reason = "On credit hold in Sage Intacct. Owes 2,000.00 USD, more than its credit limit of 1,000.00 USD."
    held = customer(owes("2000"), limit=usd("1000"), on_hold=True, companies=(shows("over_limit;on_hold", reason),))
    assert isinstance(decide(held)[0], Skip)


def test_all_companies_of_a_customer_get_the_flags_and_the_first_day() -> None:
    two = customer(on_hold=True, companies=(shows("on_hold"), replace(shows("", record_id="11"), owner_id="2")))
    first, second = decide(two)
    assert [one.target_id for one in (first, second)] == ["10", "11"]
    assert second.values["intacct_credit_since"] == "2026-11-01"


def test_open_deals_are_flagged_and_closed_ones_only_cleared() -> None:
    open_, closed = CreditDeal(Shown("30"), True), CreditDeal(Shown("31", "on_hold", "r", "2026-11-01"), False)
    held = customer(on_hold=True, deals=(open_, closed))
    assert [(one.object, one.target_id) for one in decide(held)] == [("companies", "10"), ("deals", "30")]
    cleared = customer(deals=(replace(open_, shown=Shown("30", "on_hold", "r", "2026-11-01")), closed))
    deals = [one for one in decide(cleared) if one.object == "deals"]
    assert [
        (one.target_id, one.values["intacct_credit_status"], one.values["intacct_credit_since"]) for one in deals
    ] == [
        ("30", "ok", ""),
        ("31", "ok", ""),
    ]


def test_a_deal_that_never_was_flagged_is_not_touched_while_all_is_well() -> None:
    assert [one.object for one in decide(customer(deals=(CreditDeal(Shown("30"), True),)))] == ["companies"]


def test_a_customer_without_company_is_passed_by() -> None:
    assert isinstance(decide(customer(on_hold=True, companies=()))[0], Skip)


def test_a_customer_travels_between_the_steps_unchanged() -> None:
    whole = customer(owes("5", "EUR"), limit=usd("9"), on_hold=True, deals=(CreditDeal(Shown("30"), True),))
    assert CustomerCredit.from_json(whole.to_json()) == whole


# -- who is told


def told(*customers: CustomerCredit, **settings: Any) -> list[Any]:
    changes = plan(customers, SETTINGS, MONDAY)[1]
    return notices(changes, OWNERS, {"10": "https://app.hubspot.com/10"}, SETTINGS.model_copy(update=settings))


def test_the_owner_is_told_once_however_often_a_change_is_planned_and_again_when_it_comes_back() -> None:
    first, planned_again = told(customer(on_hold=True)), told(customer(on_hold=True))
    assert [one.key for one in first] == [one.key for one in planned_again]
    later = told(customer(on_hold=True, companies=(shows("ok"),)))
    assert later[0].key != first[0].key
    assert told(customer(on_hold=True, companies=(shows("on_hold", "other words"),))) == []


def test_an_owner_gets_one_mail_for_all_their_companies_and_finance_and_slack_get_all() -> None:
    others = customer(on_hold=True, companies=(replace(shows("", record_id="11"), owner_id="gone"),))
    writes = told(customer(on_hold=True), others, tell_finance="credit@brightwater.example", slack=True)
    assert [(one.key.target_system, one.key.source_id) for one in writes] == [
        ("mail", "1"),
        ("mail", "2"),
        ("mail", "credit"),
        ("slack", "credit"),
    ]
    assert [len(one.payload["sections"][0]["rows"]) for one in writes] == [1, 1, 2, 2]


def test_nobody_is_told_that_a_new_company_is_ok() -> None:
    assert told(customer()) == []


# -- the whole flow, against the twins


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=4, at=MONDAY) as opened:
        yield opened


def company(demo: Office, company_id: str) -> dict[str, str]:
    listed = (one for one in demo.sandbox.control.books("hubspot") if one.get("type") == "companies")
    return next(one["properties"] for one in listed if one["id"] == company_id)


def status(demo: Office, company_id: str) -> str:
    return company(demo, company_id).get("intacct_credit_status") or ""


def all_flags(demo: Office) -> dict[str, str]:
    listed = [one for one in demo.sandbox.control.books("hubspot") if one.get("type") in {"companies", "deals"}]
    return {
        one["id"]: "|".join(
            one["properties"].get(f"intacct_credit_{name}") or "" for name in ("status", "reason", "since")
        )
        for one in listed
    }


def changes(demo: Office) -> int:
    return demo.sent("hubspot", "batch/update") + len(demo.sandbox.control.messages())


PELL, RAVENSWORTH, TOLLIVER, WHITLOW = "20415100117", "20415100134", "20415100151", "20415100219"
SKELBY = "20415100185"


def test_the_first_run_flags_everybody_and_a_rerun_writes_nothing(books: Office) -> None:
    note = books.run_flow(FLOW)
    assert note["held"] == 0
    assert status(books, PELL) == "ok"
    assert set(status(books, RAVENSWORTH).split(";")) == {"on_hold", "overdue"}
    assert set(status(books, TOLLIVER).split(";")) == {"over_limit", "overdue"}
    assert status(books, WHITLOW) == "over_limit"
    assert books.deal("99999994311")["intacct_credit_status"] == "overdue"
    assert company(books, WHITLOW)["intacct_credit_since"] == "2026-11-16"
    mails = books.sandbox.control.messages("mail")
    assert len(mails) == len({one["to"][0] for one in mails})
    assert "Whitlow Museums Trust" in " ".join(one["text"] for one in mails)
    before, kept = changes(books), all_flags(books)
    again = books.run_flow(FLOW)
    assert (again["planned"], changes(books), all_flags(books)) == (0, before, kept)


def test_a_hold_comes_and_goes_and_each_change_is_told_once(books: Office) -> None:
    books.run_flow(FLOW)
    keeper, sent = BookKeeper(books.sandbox), len(books.sandbox.control.messages())
    for on_hold, expected in (("true", "on_hold"), ("false", "ok"), ("true", "on_hold")):
        keeper.change_customer("C-9001", ONHOLD=on_hold)
        books.sandbox.control.advance(600)
        books.run_flow(FLOW)
        books.run_flow(FLOW)
        sent += 1
        assert status(books, PELL) == expected
        assert len(books.sandbox.control.messages()) == sent
    subjects = [one["subject"] for one in books.sandbox.control.messages("mail")[-3:]]
    assert subjects == [
        "Pell Hydroponics is on credit hold",
        "Pell Hydroponics is ok again",
        "Pell Hydroponics is on credit hold",
    ]


def test_open_orders_count_to_the_credit_limit_where_the_settings_say_so(books: Office, settings: Path) -> None:
    """Skelby Creamery owes 2,569 pounds and has an open order of 3,440; once invoiced, that is owed, not ordered."""
    keeper = BookKeeper(books.sandbox)
    keeper.change_customer("C-9005", CREDITLIMIT="4000")
    books.run_flow(FLOW)
    assert "over_limit" not in status(books, SKELBY)
    file = settings / f"{FLOW.name}.yaml"
    file.write_text(file.read_text().replace("open_orders: []", "open_orders: [Sales Order]"))
    note = books.run_flow(FLOW, record_ids=["C-9005"])
    assert (note["updated"], note["held"]) == (1, 0)
    assert "over_limit" in status(books, SKELBY)
    told = "Owes 2,569.00 GBP and has open orders of 3,440.00 GBP, together more than its credit limit of 4,000.00 GBP."
    assert told in company(books, SKELBY)["intacct_credit_reason"]
    assert books.run_flow(FLOW, record_ids=["C-9005"])["planned"] == 0

    orders = [one["record"] for one in books.sandbox.control.books("intacct") if one["object"] == "SODOCUMENT"]
    order = next(one for one in orders if one["DOCID"] == "Sales Order-90001")
    books.sandbox.control.advance(600)
    keeper.convert(order, "Sales Invoice", MONDAY.date(), item="SENSOR-1", location="200")
    books.run_flow(FLOW)
    assert "open orders" not in company(books, SKELBY)["intacct_credit_reason"]


def test_a_payment_clears_and_its_reversal_flags_again(books: Office) -> None:
    books.run_flow(FLOW)
    keeper = BookKeeper(books.sandbox)
    owed = next(one for one in books.invoices() if one["RECORDID"] == "BW-90701")
    payment = keeper.pay(owed, Decimal("4752.00"), MONDAY.date(), bank="BW-UK-GBP")
    books.run_flow(FLOW)
    assert status(books, WHITLOW) == "ok"
    assert not {"intacct_credit_reason", "intacct_credit_since"} & company(books, WHITLOW).keys()
    keeper.reverse_payment(payment, MONDAY.date(), "NSF")
    books.run_flow(FLOW)
    assert status(books, WHITLOW) == "over_limit"


def test_what_becomes_too_late_by_the_passing_of_days_is_found_though_nothing_changed_and_runs_were_missed(
    books: Office,
) -> None:
    BookKeeper(books.sandbox, "100").invoice(
        "C-9001",
        Decimal("300.00"),
        date(2026, 10, 1),
        due=date(2026, 10, 17),  # 30 days late on 16 November, 31 on the 17th
        coding=Coding("4100", "100", "HW"),
    )
    books.run_flow(FLOW)
    assert status(books, PELL) == "ok"
    books.sandbox.control.stop_clock(MONDAY + timedelta(days=4))
    books.run_flow(FLOW)
    assert status(books, PELL) == "overdue"
    assert company(books, PELL)["intacct_credit_since"] == "2026-11-20"


def test_a_second_invoice_that_lifts_what_is_overdue_over_the_amount_is_found_though_nothing_changed(
    books: Office,
) -> None:
    keeper = BookKeeper(books.sandbox, "100")
    for amount, due in (("200.00", date(2026, 10, 1)), ("100.00", date(2026, 11, 16))):
        keeper.invoice("C-9001", Decimal(amount), date(2026, 10, 1), due=due, coding=Coding("4100", "100", "HW"))
    books.run_flow(FLOW)
    books.sandbox.control.advance(7200)
    books.run_flow(FLOW)
    assert status(books, PELL) == "ok"  # 200.00 are overdue, which the rule of 30 days does not mind
    books.sandbox.control.stop_clock(MONDAY + timedelta(days=2))
    books.run_flow(FLOW)
    assert status(books, PELL) == "overdue"


def test_a_run_looks_at_nobody_who_is_not_too_late_yet(books: Office) -> None:
    keeper, coding = BookKeeper(books.sandbox, "100"), Coding("4100", "100", "HW")
    keeper.invoice("C-9001", Decimal("100.00"), date(2026, 10, 1), due=date(2026, 11, 1), coding=coding)
    books.run_flow(FLOW)
    books.sandbox.control.stop_clock(MONDAY + timedelta(days=1))
    books.run_flow(FLOW)
    books.sandbox.control.advance(7200)
    run = books.run(flow=FLOW)
    assert "C-9001" not in set(FLOW.find(run, run.window()))


def test_a_company_that_comes_to_name_a_flagged_customer_is_flagged_too_and_so_is_a_new_deal(books: Office) -> None:
    books.run_flow(FLOW)
    rep = SalesRep(books.sandbox)
    rep.change("companies", "20415200117", intacct_customer_id="c-9002")
    pipeline = {"pipeline": "78411290", "dealstage": "186520411"}
    deal = rep.create("deals", {"dealname": "More sensors", **pipeline}, [(RAVENSWORTH, 5)])
    books.sandbox.control.advance(600)
    books.run_flow(FLOW)
    assert set(status(books, "20415200117").split(";")) == {"on_hold", "overdue"}
    assert set(str(books.deal(deal)["intacct_credit_status"]).split(";")) == {"on_hold", "overdue"}


def test_a_backfill_goes_by_the_day_on_which_an_invoice_became_too_late(books: Office) -> None:
    days = {"date_from": "2026-10-07", "date_to": "2026-10-07"}  # BW-90301 was due on 6 September
    assert books.run_flow(FLOW, **days)["read"] == 1
    assert set(status(books, TOLLIVER).split(";")) == {"over_limit", "overdue"}
    before = changes(books)
    books.run_flow(FLOW, **days)
    assert changes(books) == before
    assert books.run_flow(FLOW, record_ids=["C-9002"])["read"] == 1
    assert status(books, RAVENSWORTH) != ""


@pytest.mark.parametrize("place", ["sync.after_intent:1", "sync.after_record:1"])
def test_a_kill_in_the_middle_leaves_the_same_flags(books: Office, tmp_path: Path, place: str) -> None:
    (tmp_path / "other").mkdir()
    with office(tmp_path / "other", deals=4, at=MONDAY) as untroubled:
        untroubled.run_flow(FLOW)
        expected = all_flags(untroubled)
    kill_a_run(books, FLOW, place)
    books.run_flow(FLOW, run_id="killed", attempt=2)
    assert all_flags(books) == expected
    mails = books.sandbox.control.messages("mail")
    assert len(mails) == len({one["to"][0] for one in mails}) == 4
    again = changes(books)
    books.run_flow(FLOW)
    assert changes(books) == again


def test_a_dry_run_writes_and_tells_nothing(books: Office) -> None:
    assert books.run_flow(FLOW, post_mode="dry_run")["planned"] > 5
    assert changes(books) == 0


def test_a_deal_of_two_companies_follows_the_primary_one_and_stays_with_it(books: Office) -> None:
    rep, pipeline = SalesRep(books.sandbox), {"pipeline": "78411290", "dealstage": "186520411"}
    plain, primary = 341, 5
    deal = rep.create("deals", {"dealname": "Two", **pipeline}, [(PELL, primary), (RAVENSWORTH, plain)])
    books.run_flow(FLOW)
    assert not books.deal(deal).get("intacct_credit_status")
    BookKeeper(books.sandbox).change_customer("C-9001", ONHOLD="true")
    books.run_flow(FLOW)
    assert books.deal(deal)["intacct_credit_status"] == "on_hold"
    before = changes(books)
    books.run_flow(FLOW)
    assert changes(books) == before
