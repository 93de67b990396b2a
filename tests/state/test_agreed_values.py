"""What two records last agreed on is known to the next run, on each engine."""

from __future__ import annotations

from include.state.engine import connect
from include.state.migrate import migrate
from include.state.store import StateStore, open_store


def test_what_was_agreed_is_known_by_pair_and_field(store: StateStore) -> None:
    store.put_agreed("sync", {"customer:C-1": {"phone": "a1", "city": "b1"}, "customer:C-2": {"phone": "c1"}})

    assert store.agreed("sync", ["customer:C-1", "customer:C-3"]) == {"customer:C-1": {"phone": "a1", "city": "b1"}}


def test_a_field_agreed_anew_replaces_its_digest_and_leaves_the_others(store: StateStore) -> None:
    store.put_agreed("sync", {"customer:C-1": {"phone": "a1", "city": "b1"}})
    store.put_agreed("sync", {"customer:C-1": {"phone": "a2"}})

    assert store.agreed("sync", ["customer:C-1"]) == {"customer:C-1": {"phone": "a2", "city": "b1"}}


def test_flows_do_not_see_each_others_values(store: StateStore) -> None:
    store.put_agreed("sync", {"customer:C-1": {"phone": "a1"}})

    assert store.agreed("other", ["customer:C-1"]) == {}


def test_any_number_of_pairs_is_kept_and_asked_for_at_once(store: StateStore) -> None:
    pairs = {f"customer:{number}": {"phone": str(number)} for number in range(1201)}
    store.put_agreed("sync", pairs)
    store.put_agreed("sync", {})

    assert store.agreed("sync", pairs) == pairs
    assert store.agreed("sync", []) == {}


def test_a_database_of_the_first_version_is_upgraded_and_keeps_what_it_knows(database_url: str) -> None:
    migrate(database_url, "0001")
    StateStore(connect(database_url)).put_note("flow", "run", {"posted": 1})
    migrate(database_url)

    store = open_store(database_url)
    store.put_agreed("sync", {"customer:C-1": {"phone": "a1"}})
    assert store.notes("flow")[0].note == {"posted": 1}
    assert store.agreed("sync", ["customer:C-1"]) == {"customer:C-1": {"phone": "a1"}}
