"""The comparisons of both query languages as SQL over a column. Values arrive as wire text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from include.sandbox.intacct.errors import bad_request
from include.sandbox.intacct.query.columns import Column
from include.sandbox.intacct.query.sql import Condition
from include.sandbox.intacct.values import parse

_COMPARE = {
    "equalto": "=",
    "notequalto": "<>",
    "lessthan": "<",
    "lessthanorequalto": "<=",
    "greaterthan": ">",
    "greaterthanorequalto": ">=",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are read: ``codes`` takes enumeration codes and T/F as readByQuery does, else labels."""

    gmt_offset_hours: int = 0
    ignore_case: bool = False
    codes: bool = False


def compare(column: Column, operator: str, values: Sequence[str], reading: Reading) -> Condition:
    """One operator of ``query`` on one column. Raises Refused (DL02000001) for a value not of the column's kind."""
    if operator in {"isnull", "isnotnull"}:
        return Condition(f"{column.sql} IS {'NOT ' if operator == 'isnotnull' else ''}NULL")
    if operator in {"like", "notlike"}:
        return _like(column, operator == "notlike", values[0], reading)
    native = tuple(_value(column, value, reading) for value in values)
    target, mark = _sides(column, reading)
    if operator == "between":
        return Condition(f"{target} BETWEEN {mark} AND {mark}", native)
    if operator in {"in", "notin"}:
        marks = ", ".join(mark for _ in native)
        return Condition(f"{target} {'NOT ' if operator == 'notin' else ''}IN ({marks})", native)
    if native[0] is None:
        return Condition(f"{column.sql} IS {'NOT ' if operator == 'notequalto' else ''}NULL")
    return Condition(f"{target} {_COMPARE[operator]} {mark}", native)


def _sides(column: Column, reading: Reading) -> tuple[str, str]:
    """The column and the parameter as they are compared."""
    if column.kind in {"N", "P"}:
        return f"CAST({column.sql} AS REAL)", "CAST(? AS REAL)"
    if reading.ignore_case and column.kind in {"T", "E", "Q"}:
        return f"LOWER({column.sql})", "LOWER(?)"
    return column.sql, "?"


def _like(column: Column, negated: bool, pattern: str, reading: Reading) -> Condition:
    target, mark = (f"LOWER({column.sql})", "LOWER(?)") if reading.ignore_case else (column.sql, "?")
    return Condition(f"{target} {'NOT ' if negated else ''}LIKE {mark}", (pattern,))


def _value(column: Column, text: str, reading: Reading) -> Any:
    if column.choices:
        return _choice(column, text, reading)
    try:
        return parse(column.kind, text, reading.gmt_offset_hours)
    except (ValueError, OverflowError):
        raise bad_request() from None


def _choice(column: Column, text: str, reading: Reading) -> str:
    if reading.codes:
        for label, code in column.choices:
            if code == text:
                return label
        return f"\x00{text}"  # a label is no code: matches nothing
    return text
