"""The twin's books, record by record, in a stable order."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from include.sandbox.hubspot.catalogue import BY_ID
from include.sandbox.hubspot.objects.derived import instants
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import COLUMNS, Record, from_row
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.world import World

_PAGE = 500
_SETTINGS = ("account", "property", "group", "pipeline", "label", "exchange_rate", "list", "enrollment")


def export(world: World, lock: threading.RLock) -> Iterator[Mapping[str, Any]]:
    """Every record by type id and id, archived ones too, then the settings that calls can change."""
    position: tuple[str, int] | None = ("", 0)
    while position is not None:
        with lock:
            page, position = _page(world, position)
        yield from page
    with lock:
        settings = [
            {"type": f"_{kind}", "key": key, "body": _without_secrets(body)}
            for kind in _SETTINGS
            for key, body in world.db.documents(kind).items()
        ]
    yield from settings


def count(world: World, lock: threading.RLock) -> dict[str, int]:
    """Number of records by kind; archived ones are left out."""
    sql = "SELECT type, count(*) FROM objects WHERE archived_at IS NULL GROUP BY type"
    with lock:
        return {BY_ID[type_id].plural: number for type_id, number in world.db.run(sql)}


def part(world: World, lock: threading.RLock, kind: str, skip: int, number: int) -> list[Mapping[str, Any]]:
    """So many records of one kind, as in ``export``, after those to skip; no archived ones, none of an unknown kind."""
    type_id = next((of for of, one in BY_ID.items() if one.plural == kind), None)
    sql = f"SELECT {COLUMNS} FROM objects WHERE type = ? AND archived_at IS NULL ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608
    with lock:
        return [_one(world, from_row(row)) for row in world.db.rows(sql, (type_id, number, skip))]


def _without_secrets(body: Any) -> Any:
    return {name: value for name, value in body.items() if name != "client_secret"}


def _page(world: World, position: tuple[str, int]) -> tuple[list[dict[str, Any]], tuple[str, int] | None]:
    sql = f"SELECT {COLUMNS} FROM objects WHERE (type, id) > (?, ?) ORDER BY type, id LIMIT ?"  # noqa: S608
    records = [from_row(row) for row in world.db.run(sql, (*position, _PAGE))]
    shown = [_one(world, record) for record in records]
    return shown, (records[-1].type_id, records[-1].id) if len(records) == _PAGE else None


def _one(world: World, record: Record) -> dict[str, Any]:
    associations: dict[str, list[str]] = {}
    for to_type, to_id, _, _ in links.all_of(world.db, End(record.type_id, record.id)):
        ids = associations.setdefault(BY_ID[to_type].plural, [])
        if not ids or ids[-1] != str(to_id):
            ids.append(str(to_id))
    times = {"created": wire(record.created), "updated": wire(record.updated)}
    of_row = {name: times[column] for name, column in instants(record.type_id).items()}
    return {
        "type": BY_ID[record.type_id].plural,
        "id": str(record.id),
        "properties": dict(sorted({**record.props, **of_row, "hs_object_id": str(record.id)}.items())),
        "associations": associations,
        "archived": record.archived_at is not None,
    }
