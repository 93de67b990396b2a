"""Values as the wire writes them, as the store keeps them, and back.

Kinds: I integer, T text, E enumeration, D date, S timestamp, C money (two decimals, kept as integer hundredths),
N decimal (kept as text), P percent (as N), B boolean (kept as ``true``/``false``), Q sequence (as T).
Dates are kept as ``YYYY-MM-DD``, timestamps as ``YYYY-MM-DD HH:MM:SS`` in UTC, so that text order is time order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

Native = int | str | None

DATATYPES = {
    "I": "INTEGER",
    "T": "TEXT",
    "E": "ENUM",
    "D": "DATE",
    "S": "TIMESTAMP",
    "C": "CURRENCY",
    "N": "DECIMAL",
    "P": "PERCENT",
    "B": "BOOLEAN",
    "Q": "SEQUENCE",
}
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z")
_US_STAMP = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2}):(\d{2})\Z")
_TRUE = {"true", "t", "1", "yes"}
_FALSE = {"false", "f", "0", "no"}
_MAX_MONEY = Decimal(10) ** 13


def cents(text: str) -> int:
    """Money text to hundredths, half away from zero. ValueError where it is not a plain decimal."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not value.is_finite() or abs(value) >= _MAX_MONEY:
        raise ValueError(text)
    return int(value.scaleb(2).quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(maxsize=65536)
def money_text(hundredths: int) -> str:
    """Hundredths without trailing zeros: 3797, 0.5, -12.34."""
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), 100)
    if rest == 0:
        return f"{sign}{whole}"
    if rest % 10 == 0:
        return f"{sign}{whole}.{rest // 10}"
    return f"{sign}{whole}.{rest:02d}"


def decimal_text(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text in {"-0", "0"} else text


def convert(hundredths: int, rate: Decimal) -> int:
    """Base currency hundredths: trx x rate, half away from zero."""
    return int((Decimal(hundredths) * rate).quantize(Decimal(1), ROUND_HALF_UP))


def us_date(text: str) -> date:
    """MM/DD/YYYY; ValueError otherwise (ISO dates are refused by the service too)."""
    match = _US_DATE.match(text.strip())
    if match is None:
        raise ValueError(text)
    month, day, year = (int(part) for part in match.groups())
    return date(year, month, day)


def us_stamp(text: str, gmt_offset_hours: int = 0) -> str:
    """MM/DD/YYYY [HH:MM:SS] in the user's zone to the kept UTC form."""
    stripped = text.strip()
    match = _US_STAMP.match(stripped)
    if match is None:
        day = us_date(stripped)
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - zone-less wire text
    else:
        month, dom, year, hour, minute, second = (int(part) for part in match.groups())
        moment = datetime(year, month, dom, hour, minute, second)  # noqa: DTZ001
    return (moment - timedelta(hours=gmt_offset_hours)).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=4096)
def show_date(kept: str) -> str:
    return f"{kept[5:7]}/{kept[8:10]}/{kept[0:4]}"


@lru_cache(maxsize=4096)
def show_stamp(kept: str) -> str:
    return f"{kept[5:7]}/{kept[8:10]}/{kept[0:4]} {kept[11:19]}"


def _shifted_stamp(hours: int) -> Callable[[str], str]:
    def show(kept: str) -> str:
        moment = datetime.strptime(kept, "%Y-%m-%d %H:%M:%S") + timedelta(hours=hours)  # noqa: DTZ007
        return moment.strftime("%m/%d/%Y %H:%M:%S")

    return show


def shower(kind: str, gmt_offset_hours: int = 0) -> Callable[[Native], str]:
    """The function that writes a kept, non-empty value of this kind for the wire."""
    if kind == "C":
        return lambda value: money_text(int(value or 0))
    if kind == "D":
        return lambda value: show_date(str(value))
    if kind == "S":
        stamp = _shifted_stamp(gmt_offset_hours) if gmt_offset_hours else show_stamp
        return lambda value: stamp(str(value))
    return str


def parse(kind: str, text: str, gmt_offset_hours: int = 0) -> Native:
    """Wire text to the kept form; the empty text is ``None``. ValueError where the text is not of the kind."""
    if text.strip() == "":
        return None
    if kind == "I":
        return _integer(text)
    if kind == "C":
        return cents(text)
    if kind in {"N", "P"}:
        return decimal_text(_decimal(text))
    if kind == "D":
        return us_date(text).isoformat()
    if kind == "S":
        return us_stamp(text, gmt_offset_hours)
    if kind == "B":
        return boolean(text)
    return text


def parse_seed(kind: str, text: str) -> Native:
    """As ``parse``, and ISO dates and timestamps too: seed records are written by us."""
    stripped = text.strip()
    if kind == "D" and re.match(r"\d{4}-\d\d-\d\d", stripped):
        return date.fromisoformat(stripped[:10]).isoformat()
    if kind == "S" and re.match(r"\d{4}-\d\d-\d\d", stripped):
        return kept_stamp(datetime.fromisoformat(stripped))
    return parse(kind, text)


def kept_stamp(moment: datetime) -> str:
    """An aware (or UTC) time as the store keeps it."""
    if moment.tzinfo is not None:
        moment = moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta(0))
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def boolean(text: str) -> str:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return "true"
    if lowered in _FALSE:
        return "false"
    raise ValueError(text)


def _integer(text: str) -> int:
    stripped = text.strip()
    if not re.fullmatch(r"-?[0-9]{1,18}", stripped):
        raise ValueError(text)
    return int(stripped)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not value.is_finite() or abs(value) >= Decimal(10) ** 20:
        raise ValueError(text)
    return value
