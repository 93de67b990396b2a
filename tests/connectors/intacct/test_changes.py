"""What changed in a window, read to the end whatever the number, the page and the user's zone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct.changes import deleted_since, iter_changed
from include.connectors.intacct.customers import iter_customers_changed
from include.connectors.intacct.fields import moment
from include.connectors.intacct.filters import equal
from include.connectors.intacct.formats import read_time
from include.connectors.intacct.zone import read_moment, utc_offset, wire_moment
from include.core.errors import AuthError
from tests.connectors.intacct.more_books import WINDOW, at, enter
from tests.connectors.intacct.scripted_gateway import ScriptedGateway, failed, results
from tests.connectors.intacct.small_books import TODAY, Books, customer, record, small_books

SECOND = timedelta(seconds=1)
SEEDED = datetime(2024, 1, 1, 12, tzinfo=UTC)
"""When everything that is loaded into the twin was changed last."""


@pytest.fixture(autouse=True)
def _still(books: Books) -> Iterator[None]:
    """The twin's clock stands, so that a slow machine moves no change into the next second."""
    books.running.sandbox.clock.stop()
    yield
    books.running.sandbox.clock.start()


def changed(books: Books, since: datetime, until: datetime) -> list[str]:
    return [one["CUSTOMERID"] for one in iter_changed(books.client(), "CUSTOMER", ["CUSTOMERID"], since, until)]


def touch(books: Books, customer_id: str, moment: datetime) -> None:
    at(books, moment)
    enter(
        books.client(),
        f"<update><CUSTOMER><CUSTOMERID>{customer_id}</CUSTOMERID><COMMENTS>x</COMMENTS></CUSTOMER></update>",
    )


def test_more_than_ten_thousand_records_of_one_second_are_all_found_once(books: Books) -> None:
    books.load(*(customer(f"N-{n}", f"Customer {n}") for n in range(10_001)))
    books.forget()
    assert changed(books, SEEDED, SEEDED + SECOND) == ["C-1", "C-9", *(f"N-{n}" for n in range(10_001))]
    assert books.labels().count("query CUSTOMER") == 6
    assert changed(books, SEEDED + SECOND, TODAY) == []


def test_the_window_has_its_first_second_and_not_its_last(books: Books) -> None:
    touch(books, "C-1", TODAY)
    assert changed(books, TODAY, TODAY + SECOND) == ["C-1"]
    assert changed(books, TODAY - SECOND, TODAY) == []
    assert changed(books, TODAY + SECOND, TODAY + 2 * SECOND) == []
    assert changed(books, TODAY, TODAY) == []


def test_windows_that_meet_in_the_middle_of_a_second_share_nothing_and_miss_nothing(books: Books) -> None:
    touch(books, "C-1", TODAY)
    middle = TODAY + timedelta(milliseconds=500)
    later = TODAY + timedelta(minutes=1)
    first, second = changed(books, TODAY - SECOND, middle), changed(books, middle, later)
    assert sorted(first + second) == ["C-1"]


def test_2500_changes_come_once_each_page_by_page(books: Books) -> None:
    at(books, TODAY)
    books.load(*(record("CONTACT", CONTACTNAME=f"P-{n:04}", PRINTAS="P") for n in range(2500)))
    window = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
    books.forget()
    found = [one["CONTACTNAME"] for one in iter_changed(books.client(), "CONTACT", ["CONTACTNAME"], *window)]
    assert [name for name in found if name.startswith("P-")] == [f"P-{n:04}" for n in range(2500)]
    assert books.labels().count("query CONTACT") == 2


def test_a_further_condition_must_hold_as_well(books: Books) -> None:
    for customer_id in ("C-1", "C-9"):
        touch(books, customer_id, TODAY)
    found = iter_changed(books.client(), "CUSTOMER", ["STATUS"], *WINDOW, more=equal("CUSTOMERID", "C-9"))
    assert [one["STATUS"] for one in found] == ["inactive"]


def test_a_record_that_changes_again_while_it_is_read_is_in_the_next_window(books: Books) -> None:
    at(books, TODAY)
    for customer_id in ("C-1", "C-9"):
        touch(books, customer_id, TODAY)
    client = books.client()
    later = TODAY + timedelta(minutes=5)
    reading = iter_changed(client, "CUSTOMER", ["CUSTOMERID"], TODAY, later, page_size=1)
    seen = [next(reading)["CUSTOMERID"]]
    touch(books, "C-9", later)
    seen += [one["CUSTOMERID"] for one in reading]
    assert seen == ["C-1"]
    assert changed(books, later, later + SECOND) == ["C-9"]


@pytest.fixture(params=[-8, 0, 5])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Books]:
    """The books of a user whose clock is not UTC: the gateway writes and compares timestamps in that zone."""
    with small_books(gmt_offset_hours=request.param) as books:
        books.running.sandbox.clock.stop()
        yield books


def test_the_users_zone_moves_neither_the_window_nor_the_timestamps(elsewhere: Books) -> None:
    touch(elsewhere, "C-1", TODAY)
    assert changed(elsewhere, TODAY, TODAY + SECOND) == ["C-1"]
    (found,) = iter_customers_changed(
        elsewhere.client(), TODAY.astimezone(timezone(timedelta(hours=3))), TODAY + SECOND
    )
    assert found.modified_at == TODAY


def test_the_zone_is_asked_once_for_each_client(books: Books) -> None:
    client = books.client()
    for _ in range(2):
        list(iter_changed(client, "CUSTOMER", ["NAME"], *WINDOW))
    assert books.labels().count("readUserFormatting") == 1


def test_a_gateway_that_does_not_tell_its_zone_is_taken_as_utc_and_says_so(
    gateway: ScriptedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.script.append(results(failed("readUserFormatting", "BL01001973", "User is not valid.")))
    with caplog.at_level(logging.WARNING):
        assert utc_offset(gateway.client()) == timedelta(0)
    assert "taken as UTC" in caplog.text


def test_a_time_without_zone_is_no_moment(books: Books) -> None:
    with pytest.raises(ValueError, match="zone"):
        list(iter_changed(books.client(), "CUSTOMER", ["NAME"], datetime(2026, 11, 1), TODAY))  # noqa: DTZ001


@given(
    st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2090, 1, 2), timezones=st.timezones()),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_goes_to_the_wire_and_back_in_any_zone(when: datetime, minutes: int) -> None:
    offset = timedelta(minutes=minutes)
    assert read_moment(wire_moment(when, offset), offset) == when.astimezone(UTC).replace(microsecond=0)
    assert read_time(wire_moment(when, timedelta(0))) == when.astimezone(UTC).replace(microsecond=0)


def test_timestamps_of_changes_are_iso_texts_in_utc(books: Books) -> None:
    touch(books, "C-1", TODAY)
    (one,) = iter_changed(books.client(), "CUSTOMER", ["CUSTOMERID"], *WINDOW)
    assert one["WHENMODIFIED"] == "2026-11-16T09:00:00+00:00"
    assert moment(one, "WHENMODIFIED") == TODAY


# -- deletions


def test_what_was_deleted_is_told_by_the_audit_trail(elsewhere: Books) -> None:
    elsewhere.load(customer("C-2", "Leaving Ltd"), customer("C-3", "Leaving too Ltd"))
    numbers = {one["record"]["CUSTOMERID"]: one["record"]["RECORDNO"] for one in elsewhere.export("CUSTOMER")}
    for minutes, customer_id in enumerate(("C-2", "C-3")):
        at(elsewhere, TODAY + timedelta(minutes=minutes))
        enter(elsewhere.client(), f"<delete><object>CUSTOMER</object><keys>{numbers[customer_id]}</keys></delete>")
    gone = deleted_since(elsewhere.client(), "CUSTOMER", TODAY, TODAY + timedelta(minutes=1))
    assert [(one.record_no, one.deleted_at) for one in gone] == [(str(numbers["C-2"]), TODAY)]
    assert deleted_since(elsewhere.client(), "VENDOR", *WINDOW) == []


def test_who_may_not_see_the_audit_history_is_told_so(gateway: ScriptedGateway) -> None:
    client = gateway.client()
    refused = failed("query", "PL04000005", "You do not have permission for API operation READ on AUDITHISTORY.")
    gateway.script.extend([results(failed("readUserFormatting", "X", "no")), results(refused)])
    with pytest.raises(AuthError, match="AUDITHISTORY"):
        deleted_since(client, "CUSTOMER", *WINDOW)
