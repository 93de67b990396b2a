"""``filter`` of a query: operators, nested and/or, as one SQL condition."""

from __future__ import annotations

from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.errors import bad_request
from include.sandbox.intacct.query.columns import Columns
from include.sandbox.intacct.query.conditions import Reading, compare
from include.sandbox.intacct.query.sql import Condition

MOST_IN_VALUES = 1000
_DEEPEST = 60


class UnknownFields(Exception):
    """Fields asked for that the object does not have."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def filter_condition(element: Element | None, columns: Columns, reading: Reading) -> list[Condition]:
    """The parts of the filter that must all hold. Several operators directly under ``filter`` are taken as and.

    Raises UnknownFields, or Refused for values of the wrong kind.
    """
    if element is None:
        return []
    conditions: list[Condition] = []
    for child in element:
        if child.tag == "and":
            conditions.extend(_condition(part, columns, reading, 0) for part in child)
        else:
            conditions.append(_condition(child, columns, reading, 0))
    return conditions


def _condition(element: Element, columns: Columns, reading: Reading, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise bad_request()
    operator = str(element.tag)
    if operator in {"and", "or"}:
        parts = [_condition(child, columns, reading, depth + 1) for child in element]
        joined = f" {operator.upper()} ".join(part.sql for part in parts)
        return Condition(f"({joined})", tuple(value for part in parts for value in part.parameters))
    name = child_text(element, "field").upper()
    column = columns.find(name)
    if column is None:
        raise UnknownFields([name])
    values = [text_of(value) for value in element.findall("value")]
    if operator in {"in", "notin"} and len(values) > MOST_IN_VALUES:
        raise bad_request()
    return compare(column, operator, values, reading)
