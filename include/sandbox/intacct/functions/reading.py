"""read and readByName: records by key, with the lines they own."""

from __future__ import annotations

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import node
from include.sandbox.intacct.errors import invalid, no_permission, refused, unknown_object
from include.sandbox.intacct.functions.paging import fields_of
from include.sandbox.intacct.query.columns import Columns, visible
from include.sandbox.intacct.query.records import as_xml
from include.sandbox.intacct.query.sql import Condition, parameters, where
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.database import quoted

MOST_KEYS = 100


def read(context: Context, element: Element) -> Result:
    """By record numbers. An unknown key gives fewer records or a failure, as the switch says."""
    return _read(context, element, "RECORDNO")


def read_by_name(context: Context, element: Element) -> Result:
    """By natural keys (CUSTOMERID, document id)."""
    return _read(context, element, "")


def _read(context: Context, element: Element, key: str) -> Result:
    name = child_text(element, "object")
    item = context.db.catalogue.find(name)
    if item is None:
        raise unknown_object(name)
    if item.name in context.denied:
        raise no_permission("read", item.name)
    keys = [one.strip() for one in child_text(element, "keys").split(",") if one.strip()]
    if len(keys) > MOST_KEYS:
        raise refused("DL02000001", f"At most {MOST_KEYS} keys can be read at once.")
    wanted = child_text(element, "fields") or "*"
    records = [_record(context, item, key or item.key, value, wanted) for value in keys]
    found = [record for record in records if record]
    if len(found) < len(keys) and context.switches.read_unknown_key == "failure":
        raise invalid(item.title, keys[records.index("")])
    return Result(node("data", *found, listtype=item.name, count=str(len(found))))


def _record(context: Context, item: ObjectType, key: str, value: str, wanted: str) -> str:
    if key == "RECORDNO" and (not value.isdecimal() or len(value) > 18):
        return ""
    names = [one.strip().upper() for one in wanted.split(",")]
    wrappers = {wrapper for _, wrapper, _ in item.lines}
    columns = Columns(item, context)
    own = [name for name in names if name not in wrappers]
    unknown = [name for name in own if name not in {"", "*"} and columns.find(name) is None]
    if unknown:
        raise refused("Query Failed", f"Invalid fields list {','.join(unknown)}")
    selected = fields_of(columns, ",".join(own))
    conditions = [Condition(f"t.{quoted(key)} = ?", (int(value) if key == "RECORDNO" else value,))]
    hidden = visible(item, context, private=True)
    if hidden:
        conditions.append(Condition(hidden))
    expressions = ", ".join(("t.RECORDNO", *(column.sql for column in selected)))
    sql = " ".join(("SELECT", expressions, "FROM", columns.source(), where(conditions), "LIMIT 1"))
    row = context.db.execute(sql, parameters(conditions)).fetchone()
    if row is None:
        return ""
    zone = context.switches.gmt_offset_hours
    xml = as_xml([row[1:]], selected, [column.name for column in selected], item.name, zone)
    lines = "".join(
        _lines(context, line, wrapper, parent, row[0])
        for line, wrapper, parent in item.lines
        if "*" in names or wrapper in names
    )
    end = f"</{item.name}>"
    return xml.removesuffix(end) + lines + end


def _lines(context: Context, name: str, wrapper: str, parent: str, recordno: int) -> str:
    item = context.db.catalogue.objects[name]
    columns = Columns(item, context)
    selected = fields_of(columns, "*")
    expressions = ", ".join(column.sql for column in selected)
    condition = f"WHERE t.{quoted(parent)} = ? ORDER BY t.RECORDNO"
    sql = " ".join(("SELECT", expressions, "FROM", columns.source(), condition))
    rows = context.db.execute(sql, (recordno,)).fetchall()
    names = [column.name for column in selected]
    zone = context.switches.gmt_offset_hours
    return node(wrapper, as_xml(rows, selected, names, name.lower(), zone))


HANDLERS = {"read": read, "readByName": read_by_name}
