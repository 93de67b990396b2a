"""One invoice per won deal, whatever happens: judged by the twins' own books, never by our key or our state."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.core.errors import OutcomeUnknown, Unavailable
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office
from tieout import steps


def assert_all_is_well(demo: Office) -> None:
    verdict = demo.verdict()
    assert verdict.problems == ()
    assert (verdict.duplicates, verdict.missing, verdict.cents_off) == (0, 0, 0)


def test_the_demo_companys_books_are_what_its_manifest_says(demo: Office) -> None:
    note = demo.invoice_won_deals()
    assert_all_is_well(demo)
    assert note["invoices_created"] == demo.verdict().invoices_posted


def test_a_second_run_sends_nothing_to_either_system(demo: Office) -> None:
    demo.invoice_won_deals()
    demo.sandbox.control.forget_calls()
    note = demo.invoice_won_deals()
    assert (note["invoices_created"], note["written_back"]) == (0, 0)
    assert demo.sent("intacct", "create") == demo.sent("hubspot", "update") == 0
    assert_all_is_well(demo)


def test_a_cleared_load_task_posts_nothing_twice(demo: Office) -> None:
    run = demo.run()
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    first = steps.load(run, decisions)
    again = steps.load(demo.run(run_id=run.run_id, attempt=2), decisions)
    assert again["counts"]["invoices_created"] == 0
    assert again["counts"]["unchanged"] == first["counts"]["invoices_created"]
    steps.write_back(run, again)
    assert_all_is_well(demo)


def test_what_a_task_marked_as_a_success_left_undone_is_done_by_the_next_run(demo: Office) -> None:
    """Marked by hand, a task gives no result, and the run's last task runs all the same."""
    run = demo.run()
    slices = steps.slices(run)
    steps.finish(run, None, len(slices))
    assert demo.store().cursor(FLOW.name) is None
    demo.invoice_won_deals()
    assert_all_is_well(demo)


def test_a_backfill_over_the_same_days_posts_nothing_twice(demo: Office) -> None:
    demo.invoice_won_deals()
    day = datetime(2026, 8, 1, tzinfo=UTC)
    seen = 0
    while day < datetime(2026, 11, 20, tzinfo=UTC):
        note = demo.invoice_won_deals(run_type="backfill", interval=(day, day + timedelta(days=10)))
        assert note.get("invoices_created", 0) == 0
        seen += note.get("unchanged", 0)
        day += timedelta(days=10)
    assert seen == demo.verdict().invoices_posted
    assert_all_is_well(demo)


def test_a_backfill_alone_invoices_every_deal_exactly_once(demo: Office) -> None:
    day = datetime(2026, 8, 1, tzinfo=UTC)
    while day < datetime(2026, 11, 20, tzinfo=UTC):
        demo.invoice_won_deals(run_type="backfill", interval=(day, day + timedelta(days=9)))
        day += timedelta(days=9)
    verdict = demo.verdict()
    assert (verdict.duplicates, verdict.cents_off, verdict.customers_duplicated) == (0, 0, 0)
    assert verdict.missing == 0


def test_two_runs_at_once_make_one_invoice_per_deal(demo: Office) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            demo.invoice_won_deals()
        except Unavailable:
            pass  # the other run is at it: Airflow tries this one again later
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    demo.invoice_won_deals()
    assert_all_is_well(demo)


def test_a_thrown_away_state_database_posts_nothing_twice(demo: Office, tmp_path: Path) -> None:
    demo.invoice_won_deals()
    anew = replace(demo, state_url=f"sqlite:///{tmp_path / 'new.db'}")
    migrate(anew.state_url)
    note = anew.invoice_won_deals()
    assert note["invoices_created"] == 0
    assert_all_is_well(anew)


@pytest.mark.parametrize("kind", ["lost_after", "cut_at", "garbage", "lost_before", "html_200"])
def test_a_lost_answer_makes_neither_a_second_invoice_nor_a_lost_one(demo: Office, kind: str) -> None:
    demo.sandbox.control.fault(kind, system="intacct", label="create", nth=1)
    demo.sandbox.control.fault(kind, system="intacct", label="create", nth=3)
    for attempt in range(1, 6):
        try:
            demo.invoice_won_deals(run_id="one-run", attempt=attempt)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert_all_is_well(demo)


@pytest.mark.parametrize(
    "place",
    ["sync.after_claim:1", "sync.after_intent:1", "sync.after_send:1", "sync.after_send:2", "sync.after_record:1"],
)
def test_a_kill_in_the_middle_of_load_is_healed_by_the_next_try(demo: Office, place: str) -> None:
    kill_a_run(demo, FLOW, place)
    demo.invoice_won_deals(run_id="killed", attempt=2)
    assert_all_is_well(demo)


def test_a_deal_won_long_ago_and_edited_lately_is_found_by_the_backfill_of_its_day(demo: Office) -> None:
    row = demo.first()
    won = datetime.fromisoformat(f"{row['invoice_date']}T00:00:00+00:00")
    demo.store().raise_cursor(FLOW.name, datetime(2026, 11, 19, tzinfo=UTC))
    note = demo.invoice_won_deals(run_type="backfill", interval=(won, won + timedelta(days=1)))
    assert note["invoices_created"] >= 1
    assert demo.deal(row["deal_id"])["intacct_invoice_number"]
