"""A record is looked at again from its day on, on each engine."""

from __future__ import annotations

from datetime import date

from include.state.store import StateStore

DECEMBER, JANUARY = date(2026, 12, 3), date(2027, 1, 3)


def test_a_record_is_due_from_its_day_on_the_longest_due_first(store: StateStore) -> None:
    store.put_due("billing", {"12": JANUARY, "7": DECEMBER, "9": DECEMBER})

    assert list(store.due("billing", date(2026, 12, 2))) == []
    assert list(store.due("billing", DECEMBER)) == ["7", "9"]
    assert list(store.due("billing", date(2027, 2, 1))) == ["7", "9", "12"]
    assert list(store.due("other", JANUARY)) == []


def test_a_later_day_replaces_the_one_before_and_none_ends_it(store: StateStore) -> None:
    store.put_due("billing", {"7": DECEMBER, "9": DECEMBER})
    store.put_due("billing", {"7": JANUARY, "9": None, "unknown": None})

    assert list(store.due("billing", DECEMBER)) == []
    assert list(store.due("billing", JANUARY)) == ["7"]


def test_any_number_of_records_is_due_page_by_page(store: StateStore) -> None:
    store.put_due("billing", {str(number): DECEMBER if number % 2 else JANUARY for number in range(1203)})

    found = list(store.due("billing", JANUARY, size=100))
    assert sorted(found, key=int) == [str(number) for number in range(1203)]
