"""readByQuery and readMore: a predicate, pages, and a result id bound to the session."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import node
from include.sandbox.intacct.errors import bad_request, function_error, no_permission, refused, unknown_object
from include.sandbox.intacct.query.columns import Column, Columns, visible
from include.sandbox.intacct.query.predicate import parse_predicate
from include.sandbox.intacct.query.records import Rows, as_csv, as_json, as_xml
from include.sandbox.intacct.query.sql import Condition, parameters, where
from include.sandbox.intacct.results import Result

LARGEST_PAGE = 1000
DEFAULT_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a read stands: records after ``after`` are still to come; ``total`` was counted at the start."""

    object: str
    fields: str
    predicate: str
    pagesize: int
    total: int
    served: int = 0
    after: int = -1


def read_by_query(context: Context, element: Element) -> Result:
    """Raises Refused: "Query Failed" for an unknown object, DL02000001 for a bad predicate or field."""
    name = child_text(element, "object")
    item = context.db.catalogue.find(name)
    if item is None:
        raise unknown_object(name)
    if item.name in context.denied:
        raise no_permission("readByQuery", item.name)
    cursor = _Cursor(
        item.name,
        child_text(element, "fields") or "*",
        child_text(element, "query"),
        _page_size(child_text(element, "pagesize")),
        -1,
    )
    return _page(context, cursor, "", child_text(element, "returnFormat"))


def read_more(context: Context, element: Element) -> Result:
    """The next page of an earlier read. Raises Refused for a result id of another session or one used up."""
    token = child_text(element, "resultId")
    if not token:
        raise function_error("readMore is imitated for resultId only.")
    row = context.db.execute(
        'SELECT state FROM "_cursor" WHERE id = ? AND session = ?', (token, _owner(context))
    ).fetchone()
    if row is None:
        raise refused("DL02000001", f"The result ID '{token}' is not valid or has expired.")
    return _page(context, _Cursor(**json.loads(row[0])), token, "")


def _owner(context: Context) -> str:
    return context.session or f"login:{context.userid}"


def _page(context: Context, cursor: _Cursor, token: str, returnformat: str) -> Result:
    item = context.db.catalogue.objects[cursor.object]
    columns = Columns(item, context)
    selected = fields_of(columns, cursor.fields)
    predicate = parse_predicate(cursor.predicate, columns, context.switches.gmt_offset_hours)
    conditions = list(predicate.conditions)
    hidden = visible(item, context, private=False)
    if hidden:
        conditions.append(Condition(hidden))
    total = cursor.total
    if total < 0:
        total = context.counts.total(context.db, columns.source(), conditions)
        total = total if predicate.limit is None else min(total, predicate.limit)
    conditions.append(Condition('t."RECORDNO" > ?', (cursor.after,)))
    most = min(cursor.pagesize, max(0, total - cursor.served))
    rows = context.db.execute(
        " ".join(
            (
                "SELECT t.RECORDNO,",
                ", ".join(column.sql for column in selected),
                "FROM",
                columns.source(),
                where(conditions),
                "ORDER BY t.RECORDNO",
                f"LIMIT {most}",
            )
        ),
        parameters(conditions),
    ).fetchall()
    served = cursor.served + len(rows)
    remaining = max(0, total - served) if rows else 0
    token = _keep(context, cursor, token, total, served, rows[-1][0] if rows else 0, remaining)
    return _answer(context, item.name, selected, [row[1:] for row in rows], total, remaining, token, returnformat)


def _keep(context: Context, cursor: _Cursor, token: str, total: int, served: int, after: int, remaining: int) -> str:
    if not remaining:
        context.db.execute('DELETE FROM "_cursor" WHERE id = ?', (token,))
        return ""
    token = token or secrets.token_hex(20)
    state = {**asdict(cursor), "total": total, "served": served, "after": after}
    context.db.execute(
        'INSERT OR REPLACE INTO "_cursor" (id, session, state) VALUES (?, ?, ?)',
        (token, _owner(context), json.dumps(state)),
    )
    return token


def _answer(
    context: Context,
    name: str,
    selected: list[Column],
    rows: Rows,
    total: int,
    remaining: int,
    token: str,
    returnformat: str,
) -> Result:
    zone = context.switches.gmt_offset_hours
    names = [column.name for column in selected]
    if returnformat == "json":
        return Result(bare=(as_json(rows, selected, names, zone), "application/json"))
    if returnformat == "csv":
        return Result(bare=(as_csv(rows, selected, names, zone), "text/csv"))
    if returnformat not in {"", "xml"}:
        raise bad_request()
    lowered = name.lower()
    return Result(
        node(
            "data",
            as_xml(rows, selected, names, lowered, zone),
            listtype=lowered,
            count=str(len(rows)),
            totalcount=str(total),
            numremaining=str(remaining),
            resultId=token,
        )
    )


def fields_of(columns: Columns, text: str) -> list[Column]:
    """The columns a comma list names; ``*`` and the empty list are all fields. Raises Refused (DL02000001)."""
    wanted = [name.strip().upper() for name in text.split(",") if name.strip()]
    if not wanted or "*" in wanted:
        wanted = list(columns.item.fields)
    found = [columns.find(name) for name in wanted]
    known = [column for column in found if column is not None]
    if len(known) != len(found):
        raise bad_request()
    return known


def _page_size(text: str) -> int:
    if not text:
        return DEFAULT_PAGE
    if not text.isdecimal() or not 1 <= int(text[:9]) <= LARGEST_PAGE:
        raise refused("DL02000001", f"The page size must be between 1 and {LARGEST_PAGE}.")
    return int(text)


HANDLERS = {"readByQuery": read_by_query, "readMore": read_more}
