from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from include.connectors.intacct.filters import all_of, at_least, equal, is_in, like
from include.connectors.intacct.query import count, iter_query
from include.core.errors import AuthError, InvariantError, SettingsError
from include.sandbox.running import running
from tests.connectors.intacct.scripted_gateway import ScriptedGateway, failed, results, succeeded
from tests.connectors.intacct.small_books import Books, company, customer, record


def load_customers(books: Books, number: int) -> None:
    books.load(*(customer(f"N-{n}", f"Customer {n}") for n in range(number)))


@pytest.mark.parametrize("page_size", [1, 3, 7, 2000])
def test_every_record_comes_once_in_order_whatever_the_page_size(books: Books, page_size: int) -> None:
    load_customers(books, 12)
    found = list(iter_query(books.client(), "CUSTOMER", ["CUSTOMERID"], page_size=page_size))
    assert [one["CUSTOMERID"] for one in found] == ["C-1", "C-9", *(f"N-{n}" for n in range(12))]
    numbers = [int(one["RECORDNO"]) for one in found]
    assert numbers == sorted(set(numbers))


def test_pages_are_asked_for_only_as_they_are_needed(books: Books) -> None:
    load_customers(books, 8)
    reading = iter_query(books.client(), "CUSTOMER", ["NAME"], page_size=3)
    next(reading)
    assert books.labels().count("query CUSTOMER") == 1
    list(reading)
    assert books.labels().count("query CUSTOMER") == 4


def test_a_record_added_or_removed_between_two_pages_shifts_nothing(books: Books) -> None:
    load_customers(books, 6)
    reading = iter_query(books.client(), "CUSTOMER", ["CUSTOMERID"], page_size=4)
    found = [next(reading)["CUSTOMERID"] for _ in range(4)]
    books.load(customer("LATE", "Late Ltd"))
    found += [one["CUSTOMERID"] for one in reading]
    assert found == ["C-1", "C-9", *(f"N-{n}" for n in range(6)), "LATE"]


def test_no_record_is_no_error(books: Books) -> None:
    assert list(iter_query(books.client(), "CUSTOMER", ["NAME"], equal("CUSTOMERID", "NOBODY"))) == []


def test_filters_are_understood_by_the_gateway(books: Books) -> None:
    client = books.client()

    def ids(condition: object, **options: bool) -> list[str]:
        return [one["CUSTOMERID"] for one in iter_query(client, "CUSTOMER", ["CUSTOMERID"], condition, **options)]  # type: ignore[arg-type]

    assert ids(is_in("CUSTOMERID", ["C-1", "X"])) == ["C-1"]
    assert ids(like("NAME", "%Wind%")) == ["C-1"]
    assert ids(like("NAME", "%wind%")) == []
    assert ids(like("NAME", "%wind%"), ignore_case=True) == ["C-1"]
    assert ids(all_of(equal("STATUS", "inactive"), at_least("RECORDNO", 1))) == ["C-9"]


def test_counting_needs_one_call_and_no_records(books: Books) -> None:
    client = books.client()
    client.login()
    books.forget()
    assert count(client, "CUSTOMER") == 2
    assert count(client, "CUSTOMER", equal("STATUS", "active")) == 1
    assert books.labels() == ["query CUSTOMER"] * 2


def test_an_object_or_field_that_does_not_exist_is_a_matter_of_settings(books: Books) -> None:
    with pytest.raises(SettingsError, match="NOPE"):
        list(iter_query(books.client(), "NOPE", ["NAME"]))
    with pytest.raises(SettingsError, match="WHATEVER"):
        list(iter_query(books.client(), "CUSTOMER", ["WHATEVER"]))


def test_an_object_that_may_not_be_read_is_a_matter_of_permissions(books: Books) -> None:
    a = books.running.intacct
    books.load(
        {"object": "_USER", "fields": {"user_id": a.user_id, "user_password": a.user_password, "denied": ["CUSTOMER"]}}
    )
    with pytest.raises(AuthError, match="may not read CUSTOMER"):
        list(iter_query(books.client(), "CUSTOMER", ["NAME"]))


@pytest.mark.parametrize("page_size", [0, -1, 2001])
def test_a_page_size_that_the_gateway_does_not_take_is_refused(books: Books, page_size: int) -> None:
    with pytest.raises(SettingsError, match="1 to 2000"):
        list(iter_query(books.client(), "CUSTOMER", ["NAME"], page_size=page_size))


@pytest.mark.parametrize("name", ["CUSTOMER><x", "", "a b"])
def test_a_name_that_is_none_never_reaches_the_gateway(books: Books, name: str) -> None:
    with pytest.raises(SettingsError, match="no name"):
        list(iter_query(books.client(), name, ["NAME"]))
    assert books.labels() == []


def page(*numbers: str, more: int) -> str:
    inner = "".join(f"<CUSTOMER><RECORDNO>{n}</RECORDNO></CUSTOMER>" for n in numbers)
    return succeeded("query", f'<data count="{len(numbers)}" numremaining="{more}">{inner}</data>')


@pytest.mark.parametrize("second", [("3", "4"), ("4", "4"), ("6", "5"), ("",), ("x",)])
def test_an_answer_out_of_order_stops_the_reading_before_it_loops_or_misses_records(
    gateway: ScriptedGateway, second: tuple[str, ...]
) -> None:
    gateway.script.extend([results(page("3", "4", more=5)), results(page(*second, more=3))])
    with pytest.raises(InvariantError, match="out of order"):
        list(iter_query(gateway.client(), "CUSTOMER", ["NAME"]))


def test_a_gateway_that_gives_smaller_pages_than_asked_for_is_read_to_the_end(gateway: ScriptedGateway) -> None:
    gateway.script.extend([results(page("1", "2", more=1)), results(page("5", more=0))])
    assert len(list(iter_query(gateway.client(), "CUSTOMER", ["NAME"]))) == 3
    assert len(gateway.calls) == 2


def test_a_page_that_is_lost_in_the_middle_is_asked_for_again_and_nothing_is_doubled(books: Books) -> None:
    load_customers(books, 12)
    control = books.running.control
    for fault in (
        {"kind": "cut_at", "at": 300, "nth": 2},
        {"kind": "html_200", "nth": 4},
        {"kind": "status", "nth": 6},
    ):
        control.fault(**fault, label="query CUSTOMER")
    found = [one["CUSTOMERID"] for one in iter_query(books.client(), "CUSTOMER", ["CUSTOMERID"], page_size=4)]
    assert found == ["C-1", "C-9", *(f"N-{n}" for n in range(12))]


def test_a_query_that_fails_for_a_passing_reason_is_asked_again(gateway: ScriptedGateway) -> None:
    gateway.script.extend([results(failed("query", "", "The Service is Temporarily Off-line")), results(page(more=0))])
    assert list(iter_query(gateway.client(), "CUSTOMER", ["NAME"])) == []


def test_memory_stays_bounded_by_the_page_however_many_records_there_are() -> None:
    """Ten pages of 500 take no more memory than three."""

    def peak(records: int) -> int:
        def several() -> Iterator[object]:
            for n in range(records):
                yield record("CLASS", CLASSID=f"K{n}", NAME=f"Class {n}", STATUS="active")

        with running() as sandbox:
            books = Books(sandbox)
            books.load(*company(sandbox.intacct))
            books.load(*several())  # type: ignore[arg-type]
            client = books.client()
            client.login()
            tracemalloc.start()
            fields = ["CLASSID", "NAME", "STATUS", "DESCRIPTION"]
            assert sum(1 for _ in iter_query(client, "CLASS", fields, page_size=500)) == records + 1
            return_value = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return return_value

    assert peak(5_000) < 1.5 * peak(1_500)
