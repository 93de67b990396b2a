from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.connectors.intacct import formats


@given(st.dates())
def test_a_date_comes_back_as_it_was_sent(day: date) -> None:
    assert formats.read_date(formats.wire_date(day)) == day


@given(st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)))
def test_a_time_comes_back_as_it_was_sent(moment: datetime) -> None:
    assert formats.read_time(formats.wire_time(moment)) == moment


def test_a_time_is_sent_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert formats.wire_time(datetime(2026, 11, 16, 0, 30, tzinfo=berlin)) == "11/15/2026 23:30:00"


def test_a_time_without_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.wire_time(datetime(2026, 11, 16))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["11/16/2026", "2026-11-16", " 11/16/2026 ", "11/16/2026 00:00:00", "2026-11-16T00:00:00"]
)
def test_every_way_in_which_intacct_writes_a_date_is_read(text: str) -> None:
    assert formats.read_date(text) == date(2026, 11, 16)


@pytest.mark.parametrize("text", ["16/11/2026", "Tuesday", "2026-02-30", "T", "11-16-2026", "20261116"])
def test_what_is_no_date_is_never_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        formats.read_date(text)


@pytest.mark.parametrize(
    "text", ["11/16/2026 09:30:00", "2026-11-16 09:30:00", "2026-11-16T09:30:00", "2026-11-16T10:30:00+01:00"]
)
def test_every_way_in_which_intacct_writes_a_time_is_read_as_utc(text: str) -> None:
    assert formats.read_time(text) == datetime(2026, 11, 16, 9, 30, tzinfo=UTC)


def test_empty_fields_are_none() -> None:
    assert formats.read_date("") is None
    assert formats.read_time(" ") is None
    assert formats.read_decimal("") is None
    assert formats.read_int("") is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_an_amount_travels_in_plain_digits_and_unchanged(amount: Decimal) -> None:
    text = formats.wire_decimal(amount)
    assert "E" not in text.upper()
    assert formats.read_decimal(text) == amount


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1,000.00", "ten", "1.2.3"])
def test_what_is_no_amount_is_never_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        formats.read_decimal(text)


def test_a_float_is_never_sent() -> None:
    with pytest.raises(TypeError, match="float"):
        formats.wire_value(12.5)


def test_values_are_written_as_the_gateway_reads_them() -> None:
    values = [True, False, 7, Decimal("1E+3"), date(2026, 3, 2), "T"]
    assert [formats.wire_value(value) for value in values] == ["true", "false", "7", "1000", "03/02/2026", "T"]


def test_equal_amounts_have_one_shortest_form() -> None:
    assert {formats.plain_decimal(Decimal(text)) for text in ("250", "250.0", "250.00", "2.5E+2")} == {"250"}
    assert formats.plain_decimal(Decimal("0.00")) == "0"
