"""``POST .../search``."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.search import request
from include.sandbox.hubspot.search.conditions import Condition, column, condition, unknown
from include.sandbox.hubspot.search.request import Search
from include.sandbox.hubspot.store.records import COLUMNS, Record
from include.sandbox.hubspot.store.records import from_row as record_from_row
from include.sandbox.hubspot.world import World


def search(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    wanted = request.read(call.request.body)
    where = _where(call.world, kind, wanted)
    order = _order(call.world, kind, wanted)
    table = call.world.records.searchable(call.now)
    total = call.world.db.one(f"SELECT count(*) FROM {table} o WHERE {where.sql}", where.values)[0]  # noqa: S608
    records = _rows(call.world, table, where, order, wanted) if wanted.limit else []
    shown = View(call.world, kind, wanted.properties).show(records)
    for entry in shown:
        entry.pop("propertiesWithHistory", None)
    value: dict[str, Any] = {"total": total, "results": shown}
    reached = wanted.after + len(records)
    if records and reached < total:
        value["paging"] = {"next": {"after": str(reached)}}
    return Reply(200, value)


def _rows(world: World, table: str, where: Condition, order: str, wanted: Search) -> list[Record]:
    """Ids first, from the indexes alone; then the rows of this page."""
    ids = [
        row[0]
        for row in world.db.run(
            f"SELECT o.rowid FROM {table} o WHERE {where.sql} ORDER BY {order} LIMIT ? OFFSET ?",  # noqa: S608
            (*where.values, wanted.limit, wanted.after),
        )
    ]
    marks = ",".join("?" * len(ids))
    found = {
        row[0]: record_from_row(row[1:])
        for row in world.db.run(f"SELECT rowid, {COLUMNS} FROM {table} WHERE rowid IN ({marks})", ids)  # noqa: S608
    }
    return [found[rowid] for rowid in ids]


def _where(world: World, kind: ObjectType, wanted: Search) -> Condition:
    parts = [f"o.type = '{kind.id}'", "o.archived_at IS NULL"]  # written out: the partial indexes ask for it
    values: list[Any] = []
    groups = []
    for group in wanted.groups:
        conditions = [condition(world, kind, item) for item in group]
        groups.append("(" + " AND ".join(c.sql for c in conditions) + ")")
        values.extend(value for c in conditions for value in c.values)
    if groups:
        parts.append(groups[0] if len(groups) == 1 else "(" + " OR ".join(groups) + ")")
    for word in wanted.query.split()[:20]:
        names = kind.free_text or ("hs_object_id",)
        definitions = world.definitions(kind.id)
        columns = [column(kind, definitions[name]) for name in names if name in definitions]
        parts.append("(" + " OR ".join(f"has_token({sql}, ?)" for sql in columns) + ")")
        values.extend([word + "*"] * len(columns))
    return Condition(" AND ".join(parts), tuple(values))


def _order(world: World, kind: ObjectType, wanted: Search) -> str:
    if wanted.sort is None:
        return "o.created, o.id"
    name, descending = wanted.sort
    definition = world.definitions(kind.id).get(name)
    if definition is None:
        raise unknown(world, name)
    sql = column(kind, definition)
    direction = "DESC" if descending else "ASC"
    if sql == "o.id":
        return f"o.id {direction}"
    if sql.startswith("o."):
        return f"{sql} {direction}, o.id"
    return f"{sql} IS NULL, {sql} {direction}, o.id"
