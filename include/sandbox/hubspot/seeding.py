"""Bulk loading of seed records, streaming, in one transaction (shapes: ``COVERAGE.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from include.sandbox.hubspot import catalogue, settings_records
from include.sandbox.hubspot.associations.types import types_between
from include.sandbox.hubspot.body import scalar
from include.sandbox.hubspot.catalogue import BY_ID, ObjectType
from include.sandbox.hubspot.definitions.property import Property
from include.sandbox.hubspot.errors import Refusal
from include.sandbox.hubspot.objects import checking, writing
from include.sandbox.hubspot.objects.derived import derived, instants
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.store import history, links
from include.sandbox.hubspot.store.records import COLUMNS, INSERT, Record, Source, insert_row
from include.sandbox.hubspot.times import parse_instant, to_ms, wire
from include.sandbox.hubspot.values import InvalidValue, normalise
from include.sandbox.hubspot.world import World

_CHUNK = 2_000
_TOTALLED = ("0-53", "0-14")
_LinkRow = tuple[str, int, str, int, int, int]


def load(world: World, records: Iterable[Mapping[str, Any]], moment: datetime) -> None:
    """Settings (``_account``, ``_token``, ...) and records, in any order as long as definitions come before use.

    Raises ``ValueError`` naming what cannot be loaded; then nothing of it is kept."""
    with world.db.transaction():
        loader = _Loader(world, to_ms(moment))
        for record in records:
            kind = str(record.get("type", ""))
            if kind.startswith("_"):
                loader.flush()
                settings_records.put(world, kind, record)
            else:
                loader.add(kind, record)
        loader.finish()


class _Loader:
    def __init__(self, world: World, now: int) -> None:
        self.world = world
        self.now = now
        self._rows: list[tuple[Any, ...]] = []
        self._links: list[_LinkRow] = []
        self._uniques: list[tuple[str, str, str, int, str]] = []
        self._totalled: list[tuple[str, int]] = []
        self._highest = 0
        self._link_types: dict[tuple[str, str], dict[int, list[tuple[int, int, int]]]] = {}
        self._checked: dict[str, tuple[dict[str, Property], list[str]]] = {}

    def add(self, type_name: str, record: Mapping[str, Any]) -> None:
        kind = catalogue.find(type_name)
        number = str(record.get("id", ""))
        if kind is None or not number.isdigit():
            raise ValueError(f"cannot load a record of type {type_name!r} with id {number!r}")
        definitions, unique = self._definitions(kind)
        created = self._instant(record, "created_at", self.now)
        updated = self._instant(record, "updated_at", created)
        props = self._values(kind, definitions, record)
        source = self._source(record)
        draft = Draft(kind, int(number), {}, props, updated, source, created, frozenset(props), loading=True)
        if kind.id == "0-3":
            self._stage_dates(draft, record)
        try:
            writing.run_rules(self.world, draft)
        except Refusal as refusal:
            raise ValueError(f"{type_name} {number}: {refusal.message}") from None
        archived_at = self._instant(record, "archived_at", updated) if record.get("archived") else None
        loaded = Record(kind.id, int(number), draft.after, created, updated, archived_at, source)
        self._rows.append(insert_row(loaded))
        self._highest = max(self._highest, loaded.id)
        if archived_at is None:
            for name in unique:
                if name in props:
                    key = checking.key_of(self.world, kind, name, props[name])
                    self._uniques.append((kind.id, name, key, loaded.id, key.casefold()))
        self._associate(kind, loaded.id, record.get("associations") or ())
        self._merged(kind, loaded.id, record)
        self._history(kind, loaded.id, record.get("history") or {})
        if kind.id in _TOTALLED:
            self._totalled.append((kind.id, loaded.id))
        if len(self._rows) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        db = self.world.db
        db.many(INSERT, self._rows)
        links.add_many(db, self._links)
        for row in self._uniques:
            holder = self.world.records.holder(*row[:3])
            if holder is not None and holder != row[3]:
                raise ValueError(f"{row[0]} {row[3]}: {row[1]} is held by {holder} already")
            db.run("INSERT OR REPLACE INTO uniques VALUES (?, ?, ?, ?, ?)", row)
        for buffer in (self._rows, self._links, self._uniques):
            buffer.clear()
        self._checked.clear()

    def finish(self) -> None:
        self.flush()
        if self._highest:
            self.world.db.keep_clear_of(self._highest)
        for type_id, record_id in self._totalled:
            record = self.world.records.get(type_id, record_id)
            if record is not None:
                draft = Draft(
                    BY_ID[type_id], record_id, record.props, dict(record.props), record.updated, record.source,
                    record.created, loading=True,
                )  # fmt: skip
                writing.run_rules(self.world, draft)
                self.world.db.many(INSERT, [insert_row(Record(**{**_fields(record), "props": draft.after}))])
        if self.world.records.lag_ms:
            self.world.db.run("DELETE FROM indexed")
            self.world.db.run(f"INSERT INTO indexed SELECT {COLUMNS} FROM objects")  # noqa: S608

    def _definitions(self, kind: ObjectType) -> tuple[dict[str, Property], list[str]]:
        if kind.id not in self._checked:
            definitions = self.world.definitions(kind.id)
            unique = [name for name, found in definitions.items() if checking.is_unique(kind, name, found.unique)]
            self._checked[kind.id] = (definitions, unique)
        return self._checked[kind.id]

    def _values(
        self, kind: ObjectType, definitions: Mapping[str, Property], record: Mapping[str, Any]
    ) -> dict[str, str]:
        """Read-only values may be seeded; those that follow from the row or from associations are left out."""
        values: dict[str, str] = {}
        left_out = {*derived(kind.id), *instants(kind.id)}
        for name, raw in (record.get("properties") or {}).items():
            definition = definitions.get(name)
            if definition is None:
                raise ValueError(f"{kind.plural} {record['id']}: property {name!r} is not defined")
            if name in left_out:
                continue
            try:
                value = normalise(definition, raw, type_id=kind.id)
            except InvalidValue as problem:
                raise ValueError(f"{kind.plural} {record['id']}: {problem}") from None
            except Refusal:
                value = scalar(name, str(raw))
            if value:
                values[name] = value
        if record.get("merged_ids"):
            values["hs_merged_object_ids"] = ";".join(map(str, record["merged_ids"]))
        return values

    def _stage_dates(self, draft: Draft, record: Mapping[str, Any]) -> None:
        """The dates of every stage that a given history passed through."""
        before = ""
        for at, stage, _ in self._entries((record.get("history") or {}).get("dealstage") or ()):
            draft.set(f"hs_v2_date_entered_{stage}", wire(at))
            draft.set(f"hs_v2_date_exited_{stage}", "")
            if before and before != stage:
                draft.set(f"hs_v2_date_exited_{before}", wire(at))
            before = stage

    def _entries(self, rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, str, Source]]:
        """History rows oldest first."""
        found = [
            (
                self._instant(row, "timestamp", self.now),
                str(row.get("value") or ""),
                Source(str(row.get("sourceType", "CRM_UI")), str(row.get("sourceId", "")), row.get("updatedByUserId")),
            )
            for row in rows
        ]
        return sorted(found, key=lambda entry: entry[0])

    def _history(self, kind: ObjectType, record_id: int, given: Mapping[str, Any]) -> None:
        for name, rows in given.items():
            key = (kind.id, record_id, name)
            self.world.db.run("DELETE FROM history WHERE type = ? AND id = ? AND name = ?", key)
            history.add(self.world.db, *key, self._entries(rows))

    def _associate(self, kind: ObjectType, record_id: int, given: Iterable[Mapping[str, Any]]) -> None:
        for item in given:
            other = catalogue.find(str(item.get("to_type")))
            if other is None:
                raise ValueError(f"{kind.plural} {record_id}: cannot associate with {item.get('to_type')!r}")
            known = self._known(kind, other)
            wanted = item.get("type_id")
            rows = known.get(int(wanted) if wanted is not None else 0)
            if rows is None:
                raise ValueError(f"no association type {wanted} from {kind.plural} to {other.plural}")
            to_id = int(item["to_id"])
            for category, there, back in rows:
                self._links.append((kind.id, record_id, other.id, to_id, category, there))
                self._links.append((other.id, to_id, kind.id, record_id, category, back))

    def _merged(self, kind: ObjectType, record_id: int, record: Mapping[str, Any]) -> None:
        """Ids that were merged away lead to this record from now on."""
        for gone in record.get("merged_ids") or ():
            if int(gone) == record_id:
                raise ValueError(f"{kind.plural} {record_id}: cannot be merged into itself")
            row = (kind.id, int(gone), record_id)
            self.world.db.run("INSERT OR REPLACE INTO merged VALUES (?, ?, ?)", row)

    def _known(self, kind: ObjectType, other: ObjectType) -> dict[int, list[tuple[int, int, int]]]:
        """By type id (0: the plain one) the rows to write: the type itself and the plain one with it."""
        key = (kind.id, other.id)
        if key not in self._link_types:
            found = types_between(self.world.db.documents("label"), *key)
            plain = next((link for link in found if link.label is None), None)
            rows: dict[int, list[tuple[int, int, int]]] = {}
            for link in found:
                both = [link] if plain is None or link is plain else [link, plain]
                rows[link.type_id] = [(one.category, one.type_id, one.back) for one in both]
            if plain is not None:
                rows[0] = [(plain.category, plain.type_id, plain.back)]
            self._link_types[key] = rows
        return self._link_types[key]

    def _source(self, record: Mapping[str, Any]) -> Source:
        given = record.get("source") or {}
        return Source(str(given.get("type", "IMPORT")), str(given.get("id", "")), given.get("user_id"))

    def _instant(self, record: Mapping[str, Any], name: str, default: int) -> int:
        value = record.get(name)
        if value is None:
            return default
        found = parse_instant(str(value))
        if found is None:
            raise ValueError(f"{name} {value!r} is not a time")
        return found


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__slots__}
