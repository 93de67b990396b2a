"""Records in the form of v1 and v2: each property an object with time and source, instants as milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import invalid
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import Record
from include.sandbox.hubspot.times import parse_instant

_INSTANTS = frozenset({"date", "datetime"})
_CHUNK = 500
Entry = dict[str, Any]


def properties(
    call: Call, kind: ObjectType, records: Sequence[Record], names: Sequence[str] | None, *, all_versions: bool = True
) -> dict[int, dict[str, Entry]]:
    """By record id, what has a value. ``names`` None: everything; ``all_versions``: older values too."""
    definitions = call.world.definitions(kind.id)
    wanted = list(definitions) if names is None else [name for name in names if name in definitions]
    if not wanted:
        return {record.id: {} for record in records}
    past = _past(call, kind, [record.id for record in records])
    shown = View(call.world, kind, wanted).show(records)
    found: dict[int, dict[str, Entry]] = {}
    for record, row in zip(records, shown, strict=True):
        values = {name: row["properties"].get(name) for name in wanted}
        found[record.id] = {
            name: _property(
                record, kind, name, past.get((record.id, name), []), _old(definitions[name].type, value), all_versions
            )
            for name, value in values.items()
            if value not in (None, "")
        }
    return found


def instant(text: str) -> int:
    """Milliseconds of an instant in wire form; 0 when there is none."""
    return parse_instant(text) or 0


def given(call: Call, key: str) -> dict[str, Any]:
    """``{"properties": [{key: name, "value": ...}]}`` as a mapping. Raises ``Refusal`` (400)."""
    rows = body.items(call.json(), "properties")
    for row in rows:
        if not isinstance(row.get(key), str):
            raise invalid(f"Property is missing its {key}")
    return {row[key]: row.get("value") for row in rows}


def linked(call: Call, kind: ObjectType, record_id: int, other: str) -> list[int]:
    return links.linked_ids(call.world.db, End(kind.id, record_id), other)


def _old(type_: str, value: str | None) -> str:
    if value is None or type_ not in _INSTANTS:
        return value or ""
    return str(instant(value))


def _property(
    record: Record, kind: ObjectType, name: str, rows: Sequence[tuple[Any, ...]], value: str, every: bool
) -> Entry:
    origin = record.source
    at = record.updated if name == kind.modified else record.created
    newest = rows[0] if rows else (value, at, origin.type, origin.id)
    versions = [newest, *rows[1:]] if every else [newest]
    return {
        "value": value,
        "timestamp": newest[1],
        "source": newest[2],
        "sourceId": newest[3] or None,
        "versions": [
            {
                "name": name,
                "value": value if row is newest else row[0],
                "timestamp": row[1],
                "sourceId": row[3] or None,
                "source": row[2],
                "sourceVid": [],
            }
            for row in versions
        ],
    }


def _past(call: Call, kind: ObjectType, ids: Sequence[int]) -> Mapping[tuple[int, str], list[tuple[Any, ...]]]:
    """Changes of these records, newest first, by record id and property."""
    found: dict[tuple[int, str], list[tuple[Any, ...]]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        sql = (
            "SELECT id, name, value, at, source_type, source_id FROM history"  # noqa: S608
            f" WHERE type = ? AND id IN ({marks}) ORDER BY at DESC, seq DESC"
        )
        for record_id, name, *row in call.world.db.run(sql, (kind.id, *chunk)):
            found.setdefault((record_id, name), []).append(tuple(row))
    return found


def named(call: Call, *parameters: str) -> list[str]:
    """Property names given by any of these query parameters."""
    return list(dict.fromkeys(name for parameter in parameters for name in call.names(parameter)))


def capped(call: Call, name: str, default: int, most: int) -> int:
    return min(call.number(name, default), most)


def ids(values: Iterable[Any]) -> list[str]:
    return [str(body.scalar("id", value)) for value in values]
