"""Reading a search body: its caps and its grammar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.errors import invalid

MAX_BODY = 3_000
MAX_GROUPS, MAX_PER_GROUP, MAX_FILTERS = 5, 6, 18
MAX_PAGE, MAX_TOTAL = 200, 10_000
OPERATORS = frozenset({
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    operator: str
    value: str = ""
    high: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """``groups`` are OR, the filters within one AND."""

    groups: tuple[tuple[Filter, ...], ...]
    sort: tuple[str, bool] | None
    query: str
    properties: tuple[str, ...]
    limit: int
    after: int


def read(raw: bytes, *, properties_count: bool) -> Search:
    """``properties_count``: the names of wanted properties count towards the body's length.

    Raises ``Refusal`` (400) for anything over a cap or outside the grammar."""
    sent = body.parse(raw)
    length = len(raw.decode("utf-8", "replace"))
    if not properties_count:
        length -= sum(len(json.dumps(name, ensure_ascii=False)) + 1 for name in body.texts(sent, "properties"))
    if length > MAX_BODY:
        raise invalid(f"The request body is longer than the maximum of {MAX_BODY} characters")
    limit = body.whole(sent, "limit", 10)
    after = body.whole(sent, "after", 0)
    if not 0 <= limit <= MAX_PAGE:
        raise invalid(f"limit must be between 0 and {MAX_PAGE}, but was {limit}")
    if after < 0 or after + limit > MAX_TOTAL:
        raise invalid(f"Paging is limited to the first {MAX_TOTAL} results: after + limit must not exceed it")
    return Search(
        groups=_groups(sent),
        sort=_sort(sent),
        query=body.text(sent, "query") or "",
        properties=tuple(body.texts(sent, "properties")),
        limit=limit,
        after=after,
    )


def _groups(sent: Mapping[str, Any]) -> tuple[tuple[Filter, ...], ...]:
    rows = body.items(sent, "filterGroups") if sent.get("filterGroups") is not None else []
    groups = [tuple(_filter(item) for item in body.items(row, "filters")) for row in rows]
    if sent.get("filters"):
        groups.append(tuple(_filter(item) for item in body.items(sent, "filters")))
    groups = [group for group in groups if group]
    if len(groups) > MAX_GROUPS:
        raise invalid(f"The maximum number of filter groups is {MAX_GROUPS}, but {len(groups)} were given")
    if any(len(group) > MAX_PER_GROUP for group in groups):
        raise invalid(f"The maximum number of filters in a group is {MAX_PER_GROUP}")
    if sum(map(len, groups)) > MAX_FILTERS:
        raise invalid(f"The maximum number of filters is {MAX_FILTERS}")
    return tuple(groups)


def _filter(item: Mapping[str, Any]) -> Filter:
    name, operator = body.required_text(item, "propertyName"), body.required_text(item, "operator")
    if operator not in OPERATORS:
        raise invalid(f"{operator[:60]} was not one of the allowed options: [{', '.join(sorted(OPERATORS))}]")
    found = Filter(
        name,
        operator,
        value=body.text(item, "value") or "",
        high=body.text(item, "highValue") or "",
        values=tuple(body.texts(item, "values")),
    )
    if operator in {"IN", "NOT_IN"} and not found.values:
        raise invalid(f"operator {operator} requires values")
    if operator == "BETWEEN" and not (found.value and found.high):
        raise invalid("operator BETWEEN requires value and highValue")
    needs_value = operator not in {"IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"}
    if needs_value and item.get("value") is None:
        raise invalid(f"operator {operator} requires a value")
    return found


def _sort(sent: Mapping[str, Any]) -> tuple[str, bool] | None:
    """Property and whether descending."""
    sorts = sent.get("sorts")
    if not sorts:
        return None
    if not isinstance(sorts, list):
        raise body.wrong_kind("sorts", "a list")
    if len(sorts) > 1:
        raise invalid("Only one sort is allowed")
    item = sorts[0]
    if isinstance(item, str):
        return item.lstrip("-"), item.startswith("-")
    if not isinstance(item, dict):
        raise body.wrong_kind("sorts", "a list of objects or texts")
    direction = (body.text(item, "direction") or "ASCENDING").upper()
    if direction not in {"ASCENDING", "DESCENDING"}:
        raise invalid(f"{direction[:60]} was not one of the allowed options: [ASCENDING, DESCENDING]")
    return body.required_text(item, "propertyName"), direction == "DESCENDING"
