"""``POST .../search``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from include.sandbox.hubspot.body import record_id
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.search import request
from include.sandbox.hubspot.search.conditions import column, condition, unknown
from include.sandbox.hubspot.search.pages import Condition
from include.sandbox.hubspot.search.request import Filter, Search
from include.sandbox.hubspot.store.records import COLUMNS, Record, from_row
from include.sandbox.hubspot.world import World


def search(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    wanted = request.read(call.request.body, properties_count=call.world.switches.search_cap_counts_properties)
    table = call.world.records.searchable(call.now)
    total, ids = _found(call.world, kind, table, wanted)
    shown = View(call.world, kind, wanted.properties).show(_records(call.world, kind, table, ids))
    value: dict[str, Any] = {"total": total, "results": shown}
    reached = wanted.after + len(ids)
    if ids and reached < total:
        value["paging"] = {"next": {"after": str(reached)}}
    return Reply(200, value)


def _found(world: World, kind: ObjectType, table: str, wanted: Search) -> tuple[int, list[int]]:
    walk = _walk(wanted)
    if walk is not None:
        rest, after_id = walk
        return world.pages.by_id(table, _where(world, kind, rest), after_id, wanted.limit)
    order = _order(world, kind, wanted)
    return world.pages.ordered(table, _where(world, kind, wanted), order, wanted.limit, wanted.after)


def _walk(wanted: Search) -> tuple[Search, int] | None:
    """A walk by id: sorted by ``hs_object_id`` upwards, one group with ``hs_object_id GT`` in it. The search without
    that filter, and the id it starts after."""
    if wanted.sort != ("hs_object_id", False) or len(wanted.groups) != 1 or wanted.after or not wanted.limit:
        return None
    cuts = [item for item in wanted.groups[0] if item.name == "hs_object_id" and item.operator == "GT"]
    after_id = record_id(cuts[0].value) if len(cuts) == 1 else None
    if after_id is None:
        return None
    others = tuple(item for item in wanted.groups[0] if item is not cuts[0])
    return replace(wanted, groups=(others,) if others else ()), after_id


def _records(world: World, kind: ObjectType, table: str, ids: list[int]) -> list[Record]:
    marks = ",".join("?" * len(ids))
    sql = f"SELECT {COLUMNS} FROM {table} WHERE type = ? AND id IN ({marks})"  # noqa: S608
    found = {row[1]: from_row(row) for row in world.db.run(sql, (kind.id, *ids))}
    return [found[number] for number in ids]


def _where(world: World, kind: ObjectType, wanted: Search) -> Condition:
    parts = [f"o.type = '{kind.id}'", "o.archived_at IS NULL"]  # written out: the partial indexes ask for it
    values: list[Any] = []
    groups = [_group(world, kind, group) for group in wanted.groups]
    if groups:
        parts.append("(" + " OR ".join(f"({group.sql})" for group in groups) + ")")
        values.extend(value for group in groups for value in group.values)
    for word in wanted.query.split()[:20]:
        names = kind.free_text or ("hs_object_id",)
        definitions = world.definitions(kind.id)
        columns = [column(kind, definitions[name]) for name in names if name in definitions]
        parts.append("(" + " OR ".join(f"has_token({sql}, ?)" for sql in columns) + ")")
        values.extend([word + "*"] * len(columns))
    return Condition(" AND ".join(parts), tuple(values))


def _group(world: World, kind: ObjectType, filters: tuple[Filter, ...]) -> Condition:
    conditions = [condition(world, kind, item) for item in filters]
    return Condition(" AND ".join(one.sql for one in conditions), tuple(v for one in conditions for v in one.values))


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
