"""Contracts that come up for renewal, from Intacct's books to HubSpot's deals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from include.core.errors import OutcomeUnknown, SettingsError, Unavailable
from include.flows.intacct_renewal_to_hubspot_deal import FLOW
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tests.flows.renewal_floor import (
    NINE,
    RENEWALS,
    SIGNED,
    SKELBY,
    TALKING,
    TOLLIVER,
    add_deal,
    change,
    deal,
    deals,
    in_intacct,
    lines,
    picture,
    recurring,
    run,
    setting,
)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=2, at=NINE) as opened:
        yield opened


def test_what_comes_up_within_sixty_days_gets_a_deal_and_nothing_else_does(demo: Office) -> None:
    note = run(demo)
    assert (note["read"], note["deals_created"], note["line_items_created"], note["held"]) == (2, 2, 2, 0)
    assert sorted(one["properties"]["intacct_contract"] for one in deals(demo)) == ["RECUR-1003", "RECUR-1005"]


def test_the_deal_shows_term_amount_owner_company_and_lines(demo: Office) -> None:
    run(demo)
    found = deal(demo, "RECUR-1005")
    shown = found["properties"]
    assert (shown["pipeline"], shown["dealstage"], shown["dealtype"]) == (RENEWALS, TALKING, "existingbusiness")
    assert (shown["amount"], shown["deal_currency_code"]) == ("3840.00", "GBP")
    assert (shown["intacct_renewal_start"], shown["intacct_renewal_end"]) == ("2027-01-15", "2028-01-14")
    assert shown["closedate"] == "2027-01-15T12:00:00.000Z"
    assert shown["hubspot_owner_id"] == "71530411"
    assert found["associations"]["companies"] == [SKELBY]
    (line,) = lines(demo, "RECUR-1005")
    assert (line["hs_sku"], line["price"], line["quantity"]) == ("SUPPORT-GOLD", "960.00", "1")
    assert (line["recurringbillingfrequency"], line["hs_recurring_billing_period"]) == ("quarterly", "P12M")
    assert (line["hs_recurring_billing_start_date"], line["hs_tcv"]) == ("2027-01-15", "3840")


def test_a_rerun_writes_nothing_to_either_system_and_to_nobody(demo: Office) -> None:
    run(demo)
    before, mails = picture(demo), len(demo.sandbox.control.messages("mail"))
    demo.sandbox.control.forget_calls()
    note = run(demo)
    assert (note["deals_created"], note["updated"], note["owners_told"]) == (0, 0, 0)
    assert [demo.sent("hubspot", label) for label in ("create", "update", "upsert")] == [0, 0, 0]
    assert demo.sent("intacct", "create") == demo.sent("intacct", "update") == 0
    assert (picture(demo), len(demo.sandbox.control.messages("mail"))) == (before, mails)


def test_the_sixty_first_day_waits_for_tomorrow(demo: Office) -> None:
    demo.sandbox.control.set_clock(NINE - timedelta(days=1))
    assert run(demo)["deals_created"] == 1
    demo.sandbox.control.set_clock(NINE)
    assert run(demo)["deals_created"] == 1


def test_what_fell_due_and_was_invoiced_while_no_run_came_is_caught_up(demo: Office) -> None:
    demo.sandbox.control.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert run(demo) == {}
    demo.sandbox.control.set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["intacct_renewal_start"] == "2026-12-10"
    assert deal(demo, "RECUR-1005")
    assert deal(demo, "RECUR-1006")["properties"]["intacct_renewal_start"] == "2027-01-25"


def test_a_backfill_goes_by_the_renewal_date_and_leaves_the_same(demo: Office) -> None:
    day = datetime(2026, 12, 1, tzinfo=UTC)
    parts = [day + timedelta(days=n) for n in (0, 9, 45, 70)]
    for _ in range(2):
        for interval in pairwise(parts):
            run(demo, run_type="backfill", interval=interval)
    by_backfill = sorted(one["properties"]["intacct_contract"] for one in deals(demo))
    assert by_backfill == ["RECUR-1003", "RECUR-1005", "RECUR-1006"]
    before = picture(demo)
    assert run(demo)["deals_created"] == 0
    assert picture(demo) == before
    assert run(demo, date_from="2026-12-10")["read"] == 1


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_record:1", "sync.after_send:2"])
def test_a_kill_in_the_middle_leaves_one_deal_with_its_lines_and_one_mail(demo: Office, place: str) -> None:
    kill_a_run(demo, FLOW, place)
    run(demo, run_id="killed", attempt=2)
    assert len(deals(demo)) == 2
    assert [len(lines(demo, number)) for number in ("RECUR-1003", "RECUR-1005")] == [1, 1]
    assert len(demo.sandbox.control.messages("mail")) == 2


@pytest.mark.parametrize("kind", ["lost_after", "lost_before", "garbage"])
def test_a_lost_answer_makes_neither_a_second_deal_nor_a_lost_one(demo: Office, kind: str) -> None:
    for nth in (1, 2):
        demo.sandbox.control.fault(kind, system="hubspot", label="batch/create", nth=nth)
    for attempt in range(1, 6):
        try:
            run(demo, run_id="one-run", attempt=attempt)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert len(deals(demo)) == 2
    assert [len(lines(demo, number)) for number in ("RECUR-1003", "RECUR-1005")] == [1, 1]


def test_a_lost_state_database_makes_nothing_a_second_time(demo: Office, tmp_path: Path) -> None:
    run(demo)
    anew = Office(demo.sandbox, f"sqlite:///{tmp_path / 'anew.db'}")
    migrate(anew.state_url)
    before = picture(demo)
    assert run(anew)["deals_created"] == 0
    assert picture(demo) == before


def test_the_current_price_counts_where_it_is_higher(demo: Office, settings: Path) -> None:
    setting(settings, "price: contract", "price: current")
    add_deal(
        demo,
        TOLLIVER,
        {"hs_sku": "PLAN-ENT", "quantity": "8", "price": "1188"},
        pipeline="default",
        dealstage="closedwon",
        closedate="2025-12-01T10:00:00Z",
    )
    change(demo, "products", "15203300284", price="1100")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "9504.00"
    change(demo, "products", "15203300284", price="1250")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "10000.00"
    assert [(line["quantity"], line["price"]) for line in lines(demo, "RECUR-1003")] == [("8", "1250.00")]


def test_one_time_lines_are_left_out_and_the_uplift_is_exact(demo: Office, settings: Path) -> None:
    setting(settings, "term_months: 12", "term_months: 6")
    setting(settings, "uplift_percent: 0", "uplift_percent: 3.5")
    run(demo)
    shown = deal(demo, "RECUR-1009")["properties"]
    assert (shown["amount"], shown["intacct_renewal_end"]) == ("2459.16", "2027-06-30")
    assert [(line["hs_sku"], line["price"]) for line in lines(demo, "RECUR-1009")] == [("PLAN-ENT", "2459.16")]


def test_a_cancelled_recurring_invoice_renews_nothing(demo: Office) -> None:
    in_intacct(demo, "RECUR-1003", STATUS="inactive")
    assert run(demo)["read"] == 1
    assert run(demo, record_ids=["3"])["skipped"] == 1
    assert not deals(demo, "RECUR-1003")


def test_a_customer_without_company_is_held_until_somebody_names_it_however_late(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, intacct_customer_id="")
    assert run(demo)["held"] == 1
    assert demo.hold_codes(FLOW) == {"3": "no_company_for_customer"}
    demo.sandbox.control.set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
    run(demo)
    assert demo.hold_codes(FLOW) == {"3": "no_company_for_customer"}
    change(demo, "companies", TOLLIVER, intacct_customer_id="C-9003")
    run(demo)
    assert demo.hold_codes(FLOW) == {}
    assert deal(demo, "RECUR-1003")["properties"]["intacct_renewal_start"] == "2026-12-10"


def test_of_several_companies_the_one_that_bought_renews_else_a_person_decides(demo: Office) -> None:
    change(demo, "companies", SKELBY, intacct_customer_id="C-9003")
    run(demo)
    assert demo.hold_codes(FLOW)["3"] == "several_companies_for_customer"
    sold = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2025-12-01T10:00:00Z"}
    add_deal(demo, SKELBY, {"hs_sku": "PLAN-ENT"}, **sold)
    run(demo)
    assert "3" not in demo.hold_codes(FLOW)
    assert deal(demo, "RECUR-1003")["associations"]["companies"] == [SKELBY]


def test_each_owner_gets_one_mail_that_lists_the_new_deals(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, hubspot_owner_id="71530411")
    note = run(demo)
    (mail,) = demo.sandbox.control.messages("mail")
    assert note["owners_told"] == 1
    assert "2 contracts come up for renewal" in mail["subject"]
    assert all(text in mail["text"] for text in ("RECUR-1003", "RECUR-1005", "9504.00 USD", "3840.00 GBP"))


def test_a_refused_mail_fails_nothing_and_is_tried_again(demo: Office) -> None:
    fault = demo.sandbox.control.fault("status", system="mail", label="RCPT", status=550)
    assert run(demo)["owners_told"] == 0
    assert len(deals(demo)) == 2
    demo.sandbox.control.lift(fault)
    assert run(demo)["owners_told"] == 2
    assert run(demo)["owners_told"] == 0


def test_a_company_may_have_no_mails_or_no_mail_server(
    demo: Office, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "mail", lambda: None)
    note = run(demo)
    assert (note["deals_created"], note["owners_told"]) == (2, 0)
    monkeypatch.undo()
    setting(settings, "tell_owner: true", "tell_owner: false")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(settings))
    assert run(demo)["owners_told"] == 0
    assert demo.sandbox.control.messages("mail") == []


def test_a_stage_that_is_closed_or_of_another_pipeline_stops_the_run_before_anything_is_sent(
    demo: Office, settings: Path
) -> None:
    setting(settings, f'stage: "{TALKING}"', f'stage: "{SIGNED}"')
    with pytest.raises(SettingsError, match="no open stage of pipeline Renewals and Partners: 186520411"):
        run(demo)
    setting(settings, f'pipeline: "{RENEWALS}"', 'pipeline: "nowhere"')
    with pytest.raises(SettingsError, match="pipeline nowhere is none of HubSpot's"):
        run(demo)


def test_a_dry_run_plans_and_changes_nothing(demo: Office) -> None:
    before = [*demo.sandbox.control.books("hubspot")]
    assert run(demo, post_mode="dry_run")["planned"] == 4
    assert [*demo.sandbox.control.books("hubspot")] == before
    assert demo.store().cursor(FLOW.name) is None


def test_the_number_of_calls_does_not_grow_with_the_contracts(demo: Office) -> None:
    def calls(work: Callable[[], object]) -> int:
        demo.sandbox.control.forget_calls()
        work()
        return demo.sent("hubspot", "") + demo.sent("intacct", "")

    run(demo)
    few = calls(lambda: run(demo))
    for n in range(20):
        recurring(demo, f"MORE-{n}", "C-9003", start="2025-12-20")
    run(demo)
    assert len(deals(demo)) == 22
    assert calls(lambda: run(demo)) <= few + 2
