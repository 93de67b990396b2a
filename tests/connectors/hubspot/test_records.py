from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from include.connectors.hubspot.account import Account
from include.connectors.hubspot.companies import COMPANY_PROPERTIES, Company
from include.connectors.hubspot.contacts import Contact
from include.connectors.hubspot.deals import DEAL_PROPERTIES, Deal
from include.connectors.hubspot.instants import milliseconds, parse_date, parse_decimal, parse_instant
from include.connectors.hubspot.line_items import LINE_ITEM_PROPERTIES, LineItem
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.wire import BadShape
from include.core.errors import RecordError
from tests.connectors.hubspot.scripted import record


def wire(names: tuple[str, ...], **values: str | None) -> dict[str, Any]:
    """A record in which every one of ``names`` was asked for; those without a value are empty."""
    return record(5156001, **{**dict.fromkeys(names), **values})


def deal(**values: str | None) -> dict[str, Any]:
    return wire(DEAL_PROPERTIES, **{"dealname": "Roof", "pipeline": "default", "dealstage": "closedwon", **values})


def test_a_deal_keeps_its_amount_exactly_and_its_times_in_utc() -> None:
    found = Deal.from_wire(
        deal(amount="1250.10", closedate="2026-10-31T20:00:00-04:00", deal_currency_code="EUR", po_number="PO 7")
    )

    assert (found.id, found.name, found.stage, found.currency) == ("5156001", "Roof", "closedwon", "EUR")
    assert str(found.amount) == "1250.10"
    assert found.close_date == datetime(2026, 11, 1, tzinfo=UTC)
    assert found.close_date is not None
    assert found.close_date.tzinfo is UTC
    assert found.extra == {"po_number": "PO 7"}


def test_an_empty_property_is_none_and_unknown_fields_are_ignored() -> None:
    found = Deal.from_wire({**deal(amount="", closedate=None), "somethingNew": {"a": 1}})

    assert (found.amount, found.close_date, found.owner_id, found.extra) == (None, None, None, {})


@pytest.mark.parametrize("missing", ["dealname", "pipeline", "dealstage"])
def test_a_property_that_was_not_asked_for_is_not_taken_for_an_empty_one(missing: str) -> None:
    data = deal()
    del data["properties"][missing]

    with pytest.raises(RecordError, match=missing) as caught:
        Deal.from_wire(data)
    assert caught.value.record_id == "5156001"


@pytest.mark.parametrize("amount", ["1,250.00", "12.5.0", "NaN", "Infinity", "0x10", "twelve", "1_000", "١٢", "1e999"])
def test_an_amount_that_is_no_number_holds_the_record_and_is_not_shown(amount: str) -> None:
    with pytest.raises(RecordError) as caught:
        Deal.from_wire(deal(amount=amount))
    assert caught.value.message == "The property amount of HubSpot deal 5156001 is not a number."


def test_a_line_item_has_its_price_discount_and_billing() -> None:
    found = LineItem.from_wire(
        wire(
            LINE_ITEM_PROPERTIES,
            name="Plan",
            hs_sku="PLAN-TEAM",
            quantity="3",
            price="99.50",
            hs_discount_percentage="12.5",
            recurringbillingfrequency="monthly",
            hs_recurring_billing_period="P12M",
            hs_recurring_billing_start_date="2026-12-01",
            hs_recurring_billing_number_of_payments="12",
            hs_position_on_quote="0",
            department="SALES",
        )
    )

    assert (found.quantity, found.price, found.discount, found.discount_percent) == (
        Decimal(3),
        Decimal("99.50"),
        None,
        Decimal("12.5"),
    )
    assert (found.frequency, found.period, found.billing_start) == ("monthly", "P12M", date(2026, 12, 1))
    assert (found.payments, found.position, found.extra) == (12, 0, {"department": "SALES"})


def test_a_line_item_without_its_price_asked_for_is_an_error_and_with_an_empty_one_is_not() -> None:
    data = wire(LINE_ITEM_PROPERTIES, name="Tiered", hs_pricing_model="volume")
    assert LineItem.from_wire(data).price is None

    del data["properties"]["price"]
    with pytest.raises(RecordError, match="price"):
        LineItem.from_wire(data)


def test_people_are_not_in_reprs() -> None:
    contact = Contact.from_wire(
        record(1, email="ada@customer.example", firstname="Ada", lastname="Lovelace", phone="555", jobtitle="Countess")
    )
    company = Company.from_wire(wire(COMPANY_PROPERTIES, name="Acme", phone="555-1", address="1 Secret Street"))
    crm = CrmRecord.from_wire(record(1, email="ada@customer.example"))

    assert contact.email == "ada@customer.example"
    shown = repr(contact) + repr(company) + repr(crm)
    for private in ("ada@", "Ada", "Lovelace", "555", "Countess", "Secret"):
        assert private not in shown


def test_a_record_travels_as_json_between_tasks() -> None:
    first = CrmRecord.from_wire(deal(amount="1250.10"))

    second = CrmRecord.from_wire(json.loads(json.dumps(first.to_wire())))

    assert second == first
    assert Deal.from_wire(second) == Deal.from_wire(first) == Deal.from_wire(first.to_wire())


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": "12/34"},
        {"id": -1},
        {"id": True},
        {"id": 1.5},
        {"properties": None},
        {"properties": []},
        {"properties": {"dealname": 5}},
        {"properties": {"dealname": {"a": "b"}}},
        {"createdAt": None},
        {"createdAt": "yesterday"},
        {"updatedAt": 17},
        {"propertiesWithHistory": []},
        {"propertiesWithHistory": {"dealstage": {}}},
        {"propertiesWithHistory": {"dealstage": [{"value": "x"}]}},
    ],
)
def test_what_is_no_record_is_not_read_as_one(change: dict[str, Any]) -> None:
    with pytest.raises(BadShape):
        CrmRecord.from_wire({**deal(), **change})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-02T09:30:00.000Z", datetime(2026, 10, 2, 9, 30, tzinfo=UTC)),
        ("2026-10-02T09:30:00Z", datetime(2026, 10, 2, 9, 30, tzinfo=UTC)),
        ("2026-10-02T09:30:00.123456Z", datetime(2026, 10, 2, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-10-02T11:30:00+02:00", datetime(2026, 10, 2, 9, 30, tzinfo=UTC)),
        ("2026-10-02", datetime(2026, 10, 2, tzinfo=UTC)),
        ("1759397400000", datetime(2025, 10, 2, 9, 30, tzinfo=UTC)),
        ("-86400000", datetime(1969, 12, 31, tzinfo=UTC)),
    ],
)
def test_times_come_in_several_forms_and_are_all_aware_utc(text: str, moment: datetime) -> None:
    assert parse_instant(text) == moment
    assert parse_instant(text).utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "2026-02-30", "0001-01-01T00:00:00+14:00", "9" * 16, "12:30"])
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


def test_a_date_is_the_same_day_in_all_its_forms() -> None:
    for text in ("2026-10-31", "1793404800000", "2026-10-31T00:00:00.000Z"):
        assert parse_date(text) == date(2026, 10, 31)


def test_milliseconds_are_exact_and_need_an_aware_time() -> None:
    assert milliseconds(datetime(2025, 10, 2, 9, 30, 0, 999, tzinfo=UTC)) == "1759397400000"
    with pytest.raises(ValueError, match="aware"):
        milliseconds(datetime(2025, 10, 2))  # noqa: DTZ001 (the point of the test)


def test_numbers_keep_every_digit() -> None:
    assert str(parse_decimal("0.10")) == "0.10"
    assert parse_decimal("1.5E7") == Decimal(15_000_000)
    assert str(parse_decimal("123456789012345678901234567890.12")) == "123456789012345678901234567890.12"


def test_a_records_address_is_the_one_that_people_open() -> None:
    account = Account("48151623", "STANDARD", "America/New_York", "USD", ("USD",), "app.hubspot.com")

    assert account.record_url("deals", "77") == "https://app.hubspot.com/contacts/48151623/record/0-3/77"
    assert account.record_url("2-1234", "77") == "https://app.hubspot.com/contacts/48151623/record/2-1234/77"
