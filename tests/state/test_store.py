"""What the state store remembers, on each engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from include.core.decisions import Hold
from include.core.errors import Unavailable
from include.core.sync import Owner, WriteState, apply
from include.state.engine import connect
from include.state.store import StateStore
from tests.core.sync.gateway import DEADLINE, SETTLE, START, Gateway, Line, VirtualClock, posted_late
from tests.core.sync.plans import customer, invoice, invoice_key
from tests.state.conftest import Clock

FLOW = "hubspot_closed_won_to_intacct_invoice"
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


# -- cursors, windows, notes


def test_a_flow_has_no_cursor_before_its_first_run(store: StateStore) -> None:
    assert store.cursor(FLOW) is None


def test_a_cursor_is_only_ever_raised(store: StateStore) -> None:
    assert store.raise_cursor(FLOW, NOON) == NOON
    assert store.raise_cursor(FLOW, NOON - timedelta(days=1)) == NOON
    assert store.raise_cursor(FLOW, NOON + timedelta(microseconds=1)) == NOON + timedelta(microseconds=1)
    assert store.cursor(FLOW) == NOON + timedelta(microseconds=1)
    assert store.cursor("another") is None


def test_a_cursor_is_an_instant_whatever_zone_it_was_given_in(store: StateStore) -> None:
    store.raise_cursor(FLOW, NOON.astimezone(timezone(timedelta(hours=-5))))

    cursor = store.cursor(FLOW)
    assert cursor == NOON
    assert cursor is not None
    assert cursor.tzinfo == UTC
    with pytest.raises(StatementError, match="time zone"):
        store.raise_cursor(FLOW, NOON.replace(tzinfo=None))


def test_the_window_of_a_run_is_the_one_stored_first(store: StateStore) -> None:
    assert store.window(FLOW, "run-1") is None
    assert store.fix_window(FLOW, "run-1", {"from": "a"}) == {"from": "a"}
    assert store.window(FLOW, "run-1") == {"from": "a"}
    assert store.fix_window(FLOW, "run-1", {"from": "b"}) == {"from": "a"}
    assert store.fix_window(FLOW, "run-2", {"from": "b"}) == {"from": "b"}
    assert store.fix_window("another", "run-1", {"from": "c"}) == {"from": "c"}


def test_a_run_leaves_one_note_and_the_newest_come_first(store: StateStore, clock: Clock) -> None:
    for run, posted in (("run-1", 1), ("run-2", 2), ("run-1", 3)):
        store.put_note(FLOW, run, {"posted": posted})
        clock.advance(60)

    notes = store.notes(FLOW, limit=5)
    assert [(note.run_id, note.note["posted"]) for note in notes] == [("run-1", 3), ("run-2", 2)]
    assert notes[0].at == clock.at - timedelta(seconds=60)
    assert [note.run_id for note in store.notes(FLOW, limit=1)] == ["run-1"]


# -- cross-references


def test_cross_references_are_found_by_both_systems_and_objects(store: StateStore) -> None:
    store.put_xrefs("hubspot", "company", "intacct", "CUSTOMER", {"501": "HS-501", "502": "C-9"})
    store.put_xrefs("hubspot", "company", "stripe", "customer", {"501": "cus_1"})
    store.put_xrefs("hubspot", "company", "intacct", "CUSTOMER", {"502": "C-10"})

    assert store.xrefs("hubspot", "company", ["501", "502", "503"], "intacct", "CUSTOMER") == {
        "501": "HS-501",
        "502": "C-10",
    }
    assert store.xrefs("hubspot", "company", [], "intacct", "CUSTOMER") == {}


def test_thousands_of_ids_are_looked_up_at_once(store: StateStore) -> None:
    pairs = {str(n): f"C-{n}" for n in range(2500)}
    store.put_xrefs("hubspot", "company", "intacct", "CUSTOMER", pairs)

    assert store.xrefs("hubspot", "company", list(pairs), "intacct", "CUSTOMER") == pairs


# -- holds


def _hold(source_id: str, code: str = "no_company", message: str = "Deal 7 has no company.") -> Hold:
    return Hold(source_id, code, message, {"deal": source_id})


def test_a_hold_stays_open_until_its_record_plans_clean(store: StateStore, clock: Clock) -> None:
    store.put_holds(FLOW, "run-1", [_hold("7"), _hold("8")])
    clock.advance(3600)
    store.put_holds(FLOW, "run-2", [_hold("7", "no_entity", "Deal 7 has no entity.")])
    closed = store.close_holds(FLOW, ["8", "9"], "run-2")

    (row,) = store.open_holds(FLOW)
    assert closed == 1
    assert (row.source_id, row.code, row.message, row.details) == (
        "7",
        "no_entity",
        "Deal 7 has no entity.",
        {"deal": "7"},
    )
    assert (row.opened_run, row.seen_run) == ("run-1", "run-2")
    assert row.seen_at - row.opened_at == timedelta(hours=1)
    assert store.open_holds("another") == []


def test_a_closed_hold_that_comes_back_is_opened_anew(store: StateStore, clock: Clock) -> None:
    store.put_holds(FLOW, "run-1", [_hold("7")])
    store.close_holds(FLOW, ["7"], "run-2")
    clock.advance(60)
    store.put_holds(FLOW, "run-3", [_hold("7")])

    (row,) = store.open_holds(FLOW)
    assert (row.opened_run, row.opened_at) == ("run-3", clock.at)
    assert store.close_holds(FLOW, ["7"], "run-4") == 1
    assert store.close_holds(FLOW, ["7"], "run-5") == 0


def test_a_record_has_one_hold_and_texts_are_stored_as_they_are(store: StateStore) -> None:
    message = "Größe 日本 'quoted'; DROP TABLE holds; -- \x00 end"
    store.put_holds(FLOW, "run-1", [_hold("7"), _hold("7", "no_entity", message)])
    store.put_holds(FLOW, "run-1", [])

    (row,) = store.open_holds(FLOW)
    assert row.message == message.replace("\x00", "")


# -- sessions


def test_a_session_is_shared_until_it_expires(store: StateStore, clock: Clock) -> None:
    store.put_session("intacct", "task-1", b"\x00encrypted", clock.at + timedelta(seconds=100))

    assert store.session("intacct") == b"\x00encrypted"
    assert store.session("intacct-200") is None
    clock.advance(100)
    assert store.session("intacct") is None


def test_only_one_task_logs_in_at_a_time(store: StateStore, clock: Clock) -> None:
    assert store.lease_session("intacct", "task-1", 30)
    assert not store.lease_session("intacct", "task-2", 30)
    assert store.lease_session("intacct", "task-1", 30)
    assert store.lease_session("intacct-200", "task-2", 30)
    store.put_session("intacct", "task-1", b"x", clock.at + timedelta(hours=1))
    assert store.lease_session("intacct", "task-2", 30)


def test_a_killed_task_holds_up_the_login_no_longer_than_its_lease(store: StateStore, clock: Clock) -> None:
    store.lease_session("intacct", "task-1", 30)
    clock.advance(30)

    assert store.lease_session("intacct", "task-2", 30)
    store.release_session("intacct", "task-1")
    assert not store.lease_session("intacct", "task-3", 30)
    store.release_session("intacct", "task-2")
    assert store.lease_session("intacct", "task-3", 30)


def test_a_refused_session_is_dropped_but_not_a_newer_one(store: StateStore, clock: Clock) -> None:
    store.put_session("intacct", "task-1", b"old", clock.at + timedelta(hours=1))
    store.put_session("intacct", "task-2", b"new", clock.at + timedelta(hours=1))
    store.drop_session("intacct", b"old")
    assert store.session("intacct") == b"new"
    store.drop_session("intacct", b"new")
    assert store.session("intacct") is None


# -- the write log


def test_the_write_log_keeps_what_the_write_path_needs(store: StateStore) -> None:
    clock = VirtualClock()
    gateway = Gateway(clock)
    writes = [customer("501"), invoice("7", "501"), invoice("8", bad=True)]
    results = apply(writes, Line(gateway), store, owner=Owner("run", "load", 3, 1), now=clock.now, wait=clock.advance)

    assert [result.state for result in results] == ["written", "written", "rejected"]
    rows = store.rows([write.key for write in writes])
    assert {key: row.state for key, row in rows.items()} == {
        writes[0].key: WriteState.WRITTEN,
        writes[1].key: WriteState.WRITTEN,
        writes[2].key: WriteState.REJECTED,
    }
    assert rows[writes[1].key].facts == writes[1].facts
    assert rows[writes[1].key].payload is None
    assert set(store.written([write.key for write in writes])) == {writes[0].key, writes[1].key}
    (letter,) = store.dead_letters()
    assert (letter.key, letter.payload, letter.code) == (invoice_key("8"), writes[2].payload, "BL01001973")
    assert letter.write == writes[2]


def test_a_write_whose_reply_was_lost_is_listed_as_in_doubt(store: StateStore) -> None:
    clock = VirtualClock()
    line = Line(Gateway(clock), [posted_late(200.0)])
    with pytest.raises(Unavailable):
        apply([invoice("7")], line, store, owner=Owner("run", "load"), now=clock.now, wait=clock.advance)

    (row,) = store.in_doubt()
    assert row.key == invoice_key("7")
    assert row.running_until == START + timedelta(seconds=2 * DEADLINE + SETTLE + 1 + 30)
    assert store.dead_letters() == []


def test_a_login_lease_of_a_clock_that_was_hours_ahead_stops_nobody_once_it_is_set_right(
    store: StateStore, clock: Clock
) -> None:
    clock.advance(17 * 3600)
    store.lease_session("intacct", "task-1", 30)
    clock.advance(-17 * 3600)
    assert store.lease_session("intacct", "task-2", 30)


def test_a_claim_is_stored_with_its_owner_and_lease(store: StateStore) -> None:
    owner = Owner("run", "load", 3, 2)
    (claimed,) = store.claim([invoice("7")], owner, NOON, NOON + timedelta(seconds=90))

    assert claimed.mine
    row = store.rows([invoice_key("7")])[invoice_key("7")]
    assert row == claimed.row
    assert (row.owner, row.lease_until) == (owner, NOON + timedelta(seconds=90))


def test_a_claim_under_another_workers_lease_is_not_given(store: StateStore) -> None:
    store.claim([invoice("7")], Owner("run-1", "load"), NOON, NOON + timedelta(seconds=90))
    seven, eight = store.claim([invoice("7"), invoice("8")], Owner("run-2", "load"), NOON, NOON + timedelta(seconds=90))

    assert (seven.mine, eight.mine) == (False, True)
    later = NOON + timedelta(seconds=90)
    (seven,) = store.claim([invoice("7")], Owner("run-2", "load"), later, later + timedelta(seconds=90))
    assert seven.mine


def test_a_claim_of_a_clock_that_was_hours_ahead_holds_nobody_off_once_it_is_set_right(store: StateStore) -> None:
    ahead = NOON + timedelta(hours=17)
    store.claim([invoice("7")], Owner("run-1", "load"), ahead, ahead + timedelta(seconds=90))
    (seven,) = store.claim([invoice("7")], Owner("run-2", "load"), NOON, NOON + timedelta(seconds=90))
    assert seven.mine


def test_a_row_is_not_saved_by_a_worker_whose_claim_was_taken_over(store: StateStore) -> None:
    (old,) = store.claim([invoice("7")], Owner("run", "load", 0, 1), NOON, NOON + timedelta(seconds=90))
    (new,) = store.claim([invoice("7")], Owner("run", "load", 0, 2), NOON, NOON + timedelta(seconds=90))

    assert store.save([old.row]) == {invoice_key("7")}
    assert store.save([new.row]) == set()
    assert store.rows([invoice_key("7")])[invoice_key("7")].owner == Owner("run", "load", 0, 2)


def test_a_thousand_writes_are_claimed_and_saved(store: StateStore) -> None:
    writes = [invoice(str(n)) for n in range(1200)]
    claimed = store.claim(writes, Owner("run", "load"), NOON, NOON)

    assert [answer.row.key for answer in claimed] == [write.key for write in writes]
    assert store.save([answer.row for answer in claimed]) == set()


# -- when the database is in trouble


def test_a_locked_database_is_unavailable_not_broken(store: StateStore, database_url: str) -> None:
    store.raise_cursor(FLOW, NOON)
    impatient = StateStore(connect(database_url, busy_seconds=0.1))
    with connect(database_url).begin() as connection:
        connection.execute(text("update cursors set updated_at = updated_at"))
        with pytest.raises(Unavailable, match="lock"):
            impatient.raise_cursor(FLOW, NOON + timedelta(days=1))

    assert impatient.raise_cursor(FLOW, NOON + timedelta(days=1)) == NOON + timedelta(days=1)


def test_reading_goes_on_while_another_process_writes(store: StateStore, database_url: str) -> None:
    store.raise_cursor(FLOW, NOON)
    with connect(database_url).begin() as connection:
        connection.execute(text("update cursors set flow = 'another'"))
        assert store.cursor(FLOW) == NOON


def test_no_values_stand_in_the_message_of_a_database_error(store: StateStore) -> None:
    with pytest.raises(StatementError) as error:
        store.put_note(FLOW, "run", {"name": object(), "secret": "hunter2"})  # type: ignore[dict-item]

    assert "hunter2" not in str(error.value)


def test_what_was_made_for_source_records_is_listed_by_key(store: StateStore) -> None:
    apply_some = [invoice("1"), invoice("2")]
    rows = {claimed.row.key: claimed.row for claimed in store.claim(apply_some, Owner("run", "load"), NOON, NOON)}
    store.save([replace(rows[invoice_key("1")], state=WriteState.WRITTEN, target_id="4711")])
    target = (invoice_key("1").target_system, invoice_key("1").target_object)
    source = (invoice_key("1").source_system, invoice_key("1").source_object)

    assert store.records_made(target, source) == {invoice_key("1"): "4711"}
    assert store.records_made(target, source, [invoice_key("1").source_id]) == {invoice_key("1"): "4711"}
    assert store.records_made(target, source, [invoice_key("2").source_id]) == {}
    assert store.records_made(("hubspot", "task"), source) == {}
