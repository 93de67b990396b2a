"""``query``: select with filter, order, pages and aggregates."""

from __future__ import annotations

from dataclasses import dataclass

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import node
from include.sandbox.intacct.errors import bad_request, invalid_fields, no_permission, refused, unknown_object
from include.sandbox.intacct.query.columns import Column, Columns, visible
from include.sandbox.intacct.query.conditions import Reading
from include.sandbox.intacct.query.filters import UnknownFields, filter_condition
from include.sandbox.intacct.query.records import as_csv, as_json, as_xml
from include.sandbox.intacct.query.sql import Condition, parameters, where
from include.sandbox.intacct.results import Result

LARGEST_PAGE = 2000
DEFAULT_PAGE = 100
_AGGREGATES = {"count": "COUNT", "avg": "AVG", "min": "MIN", "max": "MAX", "sum": "SUM"}
_OPTION_VALUES = {"true": True, "false": False, "1": True, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class _Selected:
    columns: list[Column]
    names: list[str]
    expressions: list[str]
    grouped: list[str]
    aggregated: bool


def query(context: Context, element: Element) -> Result:
    """Raises Refused: "Query Failed" for an unknown object, XL03000010 for unknown fields, DL02000001 for values."""
    name = child_text(element, "object")
    item = context.db.catalogue.find(name)
    if item is None:
        raise unknown_object(name)
    if item.name in context.denied:
        raise no_permission("query", item.name)
    pagesize = _bounded(child_text(element, "pagesize"), DEFAULT_PAGE, 1, LARGEST_PAGE)
    offset = _bounded(child_text(element, "offset"), 0, 0, 10**12)
    options = element.find("options")
    reading = Reading(
        gmt_offset_hours=context.switches.gmt_offset_hours, ignore_case=_option(options, "caseinsensitive")
    )
    columns = Columns(item, context)
    try:
        conditions = filter_condition(element.find("filter"), columns, reading)
        filtered = columns.source()
        selected = _select(element.find("select"), columns, context.switches.aggregate_names)
        order = _order(element.find("orderby"), columns, selected)
    except UnknownFields as error:
        raise invalid_fields(item.name, error.names) from None
    hidden = visible(item, context, private=_option(options, "showprivate"))
    if hidden:
        conditions.append(Condition(hidden))
    expressions = ", ".join(selected.expressions)
    source = ("FROM", columns.source(), where(conditions), _group(selected), order)
    sql = " ".join(("SELECT", expressions, *source, f"LIMIT {pagesize} OFFSET {offset}"))
    rows = context.db.execute(sql, parameters(conditions)).fetchall()
    if len(rows) < pagesize and (rows or not offset):
        total = offset + len(rows)
    else:
        total = _total(context, columns.source() if selected.aggregated else filtered, conditions, selected)
    return _answer(context, name, selected, rows, total, offset, child_text_of(options, "returnformat"))


def child_text_of(element: Element | None, name: str) -> str:
    return "" if element is None else child_text(element, name)


def _answer(
    context: Context,
    name: str,
    selected: _Selected,
    rows: list[tuple[object, ...]],
    total: int,
    offset: int,
    returnformat: str,
) -> Result:
    zone = context.switches.gmt_offset_hours
    if returnformat == "json":
        text = as_json(rows, selected.columns, selected.names, zone)
        return Result(bare=(text, "application/json"))
    if returnformat == "csv":
        return Result(bare=(as_csv(rows, selected.columns, selected.names, zone), "text/csv"))
    if returnformat not in {"", "xml"}:
        raise bad_request()
    body = as_xml(rows, selected.columns, selected.names, name, zone)
    data = node(
        "data",
        body,
        listtype=name,
        totalcount=str(total),
        offset=str(offset),
        count=str(len(rows)),
        numremaining=str(max(0, total - offset - len(rows))),
    )
    return Result(data)


def _select(element: Element | None, columns: Columns, aggregate_names: str) -> _Selected:
    if element is None or not len(element):
        raise refused("Query Failed", "The select element is missing or empty.")
    selected = _Selected([], [], [], [], any(child.tag != "field" for child in element))
    unknown: list[str] = []
    for child in element:
        name = text_of(child).upper()
        column = columns.find(name)
        if column is None:
            unknown.append(name or "*")
            continue
        _add(selected, str(child.tag), column, name, aggregate_names)
    if unknown:
        raise UnknownFields(unknown)
    return selected


def _add(selected: _Selected, tag: str, column: Column, name: str, aggregate_names: str) -> None:
    if tag == "field":
        selected.columns.append(column)
        selected.names.append(name)
        selected.expressions.append(column.sql)
        selected.grouped.append(column.sql)
        return
    function = _AGGREGATES[tag]
    prefixed = tag == "count" or aggregate_names == "prefixed"
    kind = _aggregate_kind(tag, column.kind)
    sql = f"{function}({column.sql})"
    if column.kind in {"N", "P"} and tag != "count":
        sql = f"{function}(CAST({column.sql} AS REAL))"
    if tag == "avg" and column.kind == "C":
        sql = f"CAST(ROUND({sql}) AS INTEGER)"
    selected.columns.append(Column(name, sql, kind))
    selected.names.append(f"{function}.{name}" if prefixed else name)
    selected.expressions.append(sql)


def _aggregate_kind(tag: str, kind: str) -> str:
    if tag == "count":
        return "I"
    return kind if (kind in {"C", "D", "S"} and tag in {"min", "max"}) or kind == "C" else "T"


def _group(selected: _Selected) -> str:
    if selected.aggregated and selected.grouped:
        return "GROUP BY " + ", ".join(selected.grouped)
    return ""


def _total(context: Context, source: str, conditions: list[Condition], selected: _Selected) -> int:
    if not selected.aggregated:
        return context.counts.total(context.db, source, conditions)
    if not selected.grouped:
        return 1
    inner = " ".join(("SELECT 1 FROM", source, where(conditions), _group(selected)))
    return int(context.db.scalar(" ".join(("SELECT COUNT(*) FROM (", inner, ")")), parameters(conditions)))


def _order(element: Element | None, columns: Columns, selected: _Selected) -> str:
    parts: list[str] = []
    unknown: list[str] = []
    for order in [] if element is None else element.findall("order"):
        name = child_text(order, "field").upper()
        column = columns.find(name)
        if column is None:
            unknown.append(name)
            continue
        sql = f"CAST({column.sql} AS REAL)" if column.kind in {"N", "P"} else column.sql
        parts.append(f"{sql} {'DESC' if order.find('descending') is not None else 'ASC'}")
    if unknown:
        raise UnknownFields(unknown)
    if not parts:
        return "" if selected.aggregated else "ORDER BY t.RECORDNO"
    return "ORDER BY " + ", ".join(parts)


def _bounded(text: str, default: int, low: int, high: int) -> int:
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise bad_request() from None
    if not low <= value <= high:
        raise refused("Query Failed", f"The value {value} must be between {low} and {high}.")
    return value


def _option(options: Element | None, name: str) -> bool:
    text = child_text_of(options, name).lower()
    if text not in _OPTION_VALUES:
        raise bad_request()
    return _OPTION_VALUES[text]
