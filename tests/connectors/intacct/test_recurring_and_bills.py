from __future__ import annotations

from datetime import date, timedelta

import pytest

from include.connectors.intacct.bills import get_bills, iter_bills, iter_bills_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.recurring import RecurringInvoice, get_recurring_invoices, iter_recurring_invoices
from include.connectors.intacct.reference import get_entity_of_locations
from include.core.errors import InvariantError
from include.core.money import Money
from tests.connectors.intacct.more_books import WINDOW, day, enter, fill, line
from tests.connectors.intacct.small_books import TODAY, Books, record


@pytest.fixture(autouse=True)
def _filled(books: Books) -> None:
    fill(books)


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def repeat(
    client: IntacctClient, start: str, *lines: str, head: str = "", ending: str = "", unit: str = "Years"
) -> str:
    return enter(
        client,
        f"<create_recurringinvoice><customerid>C-1</customerid>{day('datecreated', '2026-11-16')}"
        f"<recordid>SUB-1</recordid><description>Support</description><contractid>CT-1</contractid>"
        f"<termname>N30</termname>{head}{day('startdate', start)}{ending}<modenew>{unit}</modenew>"
        f"<interval>1</interval><recurinvoiceitems>{''.join(lines)}</recurinvoiceitems></create_recurringinvoice>",
    )


def test_a_recurring_invoice_tells_its_schedule_its_customer_and_its_lines(books: Books) -> None:
    client = books.client()
    item = "<customerid>C-1</customerid><itemid>PLAN</itemid><classid>SAAS</classid>"
    ending = f"<ending>{day('enddate', '2028-12-31')}</ending>"
    number = repeat(client, "2026-12-31", line("25.00", rest=item), line("5.50"), ending=ending)
    (found,) = iter_recurring_invoices(client)
    assert (found.record_no, found.number, found.customer_id, found.contract_id) == (number, "SUB-1", "C-1", "CT-1")
    assert (found.start, found.next_date, found.end, found.last_date) == (
        date(2026, 12, 31),
        date(2026, 12, 31),
        date(2028, 12, 31),
        None,
    )
    assert (found.repeat_by, found.repeat_interval, found.repeat_count, found.times_executed) == ("Years", 1, None, 0)
    assert (found.total, found.active, found.term_name) == (usd("30.50"), True, "N30")
    assert [(one.amount, one.item_id, one.class_id, one.location_id) for one in found.lines] == [
        (usd("25"), "PLAN", "SAAS", "100"),
        (usd("5.50"), "", "", "100"),
    ]


def test_what_is_due_within_a_window_has_both_its_ends(books: Books) -> None:
    client = books.client()
    repeat(client, "2026-12-31", line("1.00"))

    def due(**window: date) -> list[RecurringInvoice]:
        return list(iter_recurring_invoices(client, **window))  # type: ignore[arg-type]

    assert len(due(due_until=date(2026, 12, 31))) == len(due(due_from=date(2026, 12, 31))) == 1
    assert due(due_until=date(2026, 12, 30)) == due(due_from=date(2027, 1, 1)) == []
    assert len(list(iter_recurring_invoices(client, customer_ids=["C-1"]))) == 1
    assert list(iter_recurring_invoices(client, customer_ids=["C-9"])) == []


def test_one_that_has_ended_is_left_out_unless_asked_for(books: Books) -> None:
    client = books.client()
    repeat(client, "2026-12-31", line("1.00"), head="<status>inactive</status>")
    assert list(iter_recurring_invoices(client)) == []
    (found,) = iter_recurring_invoices(client, active_only=False)
    assert not found.active
    assert get_recurring_invoices(client, [found.record_no, "99999"]) == [found]


def test_a_record_without_currency_has_that_of_the_books_that_its_lines_are_in(books: Books) -> None:
    client = books.client()
    books.load(record("LOCATION", LOCATIONID="310", NAME="Hamburg", PARENTID="300"))
    repeat(client, "2026-12-31", line("25.00").replace("<locationid>100", "<locationid>310"))
    (found,) = iter_recurring_invoices(client, company_currency="USD")
    assert found.total == found.lines[0].amount == Money.of("25.00", "EUR")


def test_no_currency_at_all_is_no_amount(books: Books) -> None:
    client = books.client()
    books.load(record("LOCATION", LOCATIONID="900", NAME="Nowhere"))
    repeat(client, "2026-12-31", line("25.00").replace("<locationid>100", "<locationid>900"))
    with pytest.raises(InvariantError, match="CURRENCY"):
        list(iter_recurring_invoices(client))
    assert [one.total for one in iter_recurring_invoices(client, company_currency="USD")] == [usd("25")]


def test_a_location_belongs_to_the_nearest_entity_above_it(books: Books) -> None:
    books.load(
        record("LOCATION", LOCATIONID="310", NAME="Hamburg", PARENTID="300"),
        record("LOCATION", LOCATIONID="311", NAME="Altona", PARENTID="310"),
        record("LOCATION", LOCATIONID="900", NAME="Nowhere"),
    )
    books.forget()
    found = get_entity_of_locations(books.client())
    assert {place: entity.entity_id for place, entity in found.items()} == {
        "100": "100",
        "300": "300",
        "310": "300",
        "311": "300",
    }
    assert len([label for label in books.labels() if "LOCATION" in label]) == 1


def bill(client: IntacctClient, number: str, on: str = "2026-11-02", *lines: str) -> str:
    return enter(
        client,
        f"<create_bill><vendorid>V-1</vendorid>{day('datecreated', on)}<termname>N30</termname>"
        f"<billno>{number}</billno><description>Work</description>"
        f"<billitems>{''.join(lines) or line('80.00', '6000')}</billitems></create_bill>",
    )


def test_a_bill_comes_with_its_lines_however_it_is_asked_for(books: Books) -> None:
    client = books.client()
    number = bill(client, "B-1", "2026-11-02", line("80.00", "6000"), line("20.00", "6000"))
    bill(client, "B-2", "2026-11-10")
    (found,) = get_bills(client, [number])
    assert (found.number, found.vendor_id, found.vendor_name) == ("B-1", "V-1", "Brightline Studio LLC")
    assert (found.total, found.balance, found.bill_date, found.due_date) == (
        usd("100"),
        usd("100"),
        date(2026, 11, 2),
        date(2026, 12, 2),
    )
    assert [(one.amount, one.account) for one in found.lines] == [(usd("80"), "6000"), (usd("20"), "6000")]
    assert found.is_live
    assert [one.number for one in iter_bills(client)] == ["B-1", "B-2"]
    assert next(iter(iter_bills(client))) == found
    assert [one.number for one in iter_bills_changed(client, *WINDOW)] == ["B-1", "B-2"]
    assert list(iter_bills_changed(client, TODAY - timedelta(days=2), TODAY - timedelta(days=1))) == []


def test_bills_by_date_have_both_ends_and_only_the_vendors_asked_for(books: Books) -> None:
    client = books.client()
    for number, on in (("B-1", "2026-11-02"), ("B-2", "2026-11-10")):
        bill(client, number, on)

    def numbers(**asked: object) -> list[str]:
        return [one.number for one in iter_bills(client, **asked)]  # type: ignore[arg-type]

    assert numbers(from_date=date(2026, 11, 2), to_date=date(2026, 11, 10)) == ["B-1", "B-2"]
    assert numbers(from_date=date(2026, 11, 3)) == ["B-2"]
    assert numbers(to_date=date(2026, 11, 9)) == ["B-1"]
    assert numbers(vendor_ids=["V-1"]) == ["B-1", "B-2"]
    assert numbers(vendor_ids=["V-2"]) == numbers(vendor_ids=[]) == []
