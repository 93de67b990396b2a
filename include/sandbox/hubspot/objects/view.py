"""Records in wire form: which properties are shown, their history, their associations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.objects.derived import derived, instants
from include.sandbox.hubspot.store import history
from include.sandbox.hubspot.store.records import Record
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.world import World


class View:
    """How the records of one answer are shown. Asked and empty: null; asked and undefined: absent."""

    def __init__(
        self, world: World, kind: ObjectType, asked: Sequence[str] = (), with_history: Sequence[str] = ()
    ) -> None:
        self.world = world
        self.kind = kind
        definitions = world.definitions(kind.id)
        names = dict.fromkeys((*asked, *kind.always) if asked else (*kind.default_properties, *with_history))
        self.names = [name for name in names if name in definitions]
        self.history = [name for name in dict.fromkeys(with_history) if name in definitions]
        columns = instants(kind.id)
        expressions = derived(kind.id)
        cheap = {"hs_object_id", *columns}
        self._stored = [name for name in self.names if name not in expressions and name not in columns]
        self._derived = [name for name in (*self.names, *self.history) if name in expressions and name not in cheap]

    def show(self, records: Iterable[Record]) -> list[dict[str, Any]]:
        rows = list(records)
        derived_values = self._derive([record.id for record in rows])
        return [self._one(record, derived_values.get(record.id, {})) for record in rows]

    def one(self, record: Record) -> dict[str, Any]:
        return self.show([record])[0]

    def _one(self, record: Record, extra: dict[str, str | None]) -> dict[str, Any]:
        props = record.props
        values: dict[str, str | None] = {name: props.get(name) for name in self._stored}
        values.update((name, extra.get(name)) for name in self._derived if name in self.names)
        created, updated = wire(record.created), wire(record.updated)
        values[self.kind.created] = created
        values[self.kind.modified] = updated
        values["hs_object_id"] = str(record.id)
        shown: dict[str, Any] = {
            "id": str(record.id),
            "properties": values,
            "createdAt": created,
            "updatedAt": updated,
            "archived": record.archived_at is not None,
        }
        if record.archived_at is not None:
            shown["archivedAt"] = wire(record.archived_at)
        if self.history:
            shown["propertiesWithHistory"] = {
                name: history.of(self.world.db, record, name, self._current(record, name, extra))
                for name in self.history
            }
        account = self.world.account
        shown["url"] = f"https://{account.ui_domain}/contacts/{account.portal_id}/record/{self.kind.id}/{record.id}"
        return shown

    def _current(self, record: Record, name: str, extra: dict[str, str | None]) -> str | None:
        if name == "hs_object_id":
            return str(record.id)
        column = instants(self.kind.id).get(name)
        if column is not None:
            return wire(record.created if column == "created" else record.updated)
        return extra.get(name) or record.props.get(name)

    def _derive(self, ids: list[int]) -> dict[int, dict[str, str | None]]:
        if not self._derived or not ids:
            return {}
        names = list(dict.fromkeys(self._derived))
        expressions = derived(self.kind.id)
        columns = ", ".join(expressions[name] for name in names)
        found: dict[int, dict[str, str | None]] = {}
        for start in range(0, len(ids), 500):
            chunk = ids[start : start + 500]
            marks = ",".join("?" * len(chunk))
            sql = f"SELECT o.id, {columns} FROM objects o WHERE o.type = ? AND o.id IN ({marks})"  # noqa: S608
            for row in self.world.db.run(sql, (self.kind.id, *chunk)):
                found[row[0]] = dict(zip(names, row[1:], strict=True))
        return found
