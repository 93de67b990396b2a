"""The write log: what was planned, claimed, sent and settled. Implements ``include.core.sync.WriteStore``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from include.core.decisions import Key, Write
from include.core.sync.claims import taken
from include.core.sync.rows import Claimed, Owner, WriteRow, WriteState, planned_row
from include.state.engine import Database
from include.state.schema import writes
from include.state.upsert import insert

_AT_ONCE = 500  # keys in one IN list
_BY_KEY = select(writes).where(writes.c.key.in_(bindparam("keys", expanding=True))).order_by(writes.c.key)
_CLAIMS = (
    select(writes.c.key, writes.c.claim)
    .where(writes.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(writes.c.key)
    .with_for_update()
)
_CHANGING = [
    *("state", "payload", "facts", "expect", "summary", "content_hash", "epoch", "running_until", "claim", "owner"),
    *("lease_until", "target_id", "natural_id", "code", "message", "updated_at"),
]
_CHANGE = (
    update(writes)
    .where(writes.c.key == bindparam("its_key"), writes.c.claim == bindparam("its_claim"))
    .values({name: bindparam(name) for name in _CHANGING})
)


class WriteLog(Database):
    def rows(self, keys: Collection[Key]) -> dict[Key, WriteRow]:
        """The rows of those keys that the log knows."""
        with self.read() as connection:
            return _rows(connection, _BY_KEY, keys)

    def written(self, keys: Collection[Key]) -> dict[Key, WriteRow]:
        """The rows of those keys whose record is in the target."""
        return {key: row for key, row in self.rows(keys).items() if row.state is WriteState.WRITTEN}

    def records_made(
        self, target: tuple[str, str], source: tuple[str, str], source_ids: Collection[str] | None = None
    ) -> dict[Key, str]:
        """The target ids of what was ever written for these source records (all where ``None``), by key. ``target`` and
        ``source`` are system and object."""
        query = select(writes).where(
            writes.c.source_system == source[0],
            writes.c.source_object == source[1],
            writes.c.target_system == target[0],
            writes.c.target_object == target[1],
            writes.c.state == WriteState.WRITTEN.value,
        )
        parts = [None] if source_ids is None else list(_parts(sorted(set(source_ids))))
        with self.read() as connection:
            return {
                _key(row): row.target_id
                for part in parts
                for row in connection.execute(query if part is None else query.where(writes.c.source_id.in_(part)))
            }

    def pages_of_written(
        self, target: tuple[str, str], source: tuple[str, str], size: int = 5000
    ) -> Iterator[list[WriteRow]]:
        """The rows of all that was written from these source records to these target records (system and object), in
        pages by key, so that memory does not grow with them."""
        query = (
            select(writes)
            .where(
                writes.c.source_system == source[0],
                writes.c.source_object == source[1],
                writes.c.target_system == target[0],
                writes.c.target_object == target[1],
                writes.c.state == WriteState.WRITTEN.value,
            )
            .order_by(writes.c.key)
            .limit(size)
        )
        last = ""
        while True:
            with self.read() as connection:
                found = connection.execute(query.where(writes.c.key > last)).all()
            if not found:
                return
            last = found[-1].key
            yield [_row(row) for row in found]

    def rows_about(self, system: str, kind: str, source_ids: Collection[str]) -> list[WriteRow]:
        """Every row of what was ever to be written for these source records, in any state."""
        query = select(writes).where(writes.c.source_system == system, writes.c.source_object == kind)
        with self.read() as connection:
            return [
                _row(row)
                for part in _parts(sorted(set(source_ids)))
                for row in connection.execute(query.where(writes.c.source_id.in_(part)).order_by(writes.c.key))
            ]

    def dead_letters(self, limit: int = 1000) -> list[WriteRow]:
        """The rejected writes with their payloads, oldest first. They are sent again when they are planned again."""
        return self._in_state(WriteState.REJECTED, limit)

    def in_doubt(self, limit: int = 1000) -> list[WriteRow]:
        """The writes that may have happened, oldest first. They are looked up when they are planned again."""
        return self._in_state(WriteState.UNKNOWN, limit)

    def _in_state(self, state: WriteState, limit: int) -> list[WriteRow]:
        query = (
            select(writes).where(writes.c.state == state.value).order_by(writes.c.updated_at, writes.c.key).limit(limit)
        )
        with self.read() as connection:
            return [_row(row) for row in connection.execute(query)]

    def claim(self, planned: Sequence[Write], owner: Owner, now: datetime, lease_until: datetime) -> list[Claimed]:
        """See ``WriteStore.claim``."""
        by_key = {write.key: write for write in planned}
        with self.begin() as connection:
            # Always in the order of the keys: two claims over the same records wait, but never for each
            # other.
            new = [_values(planned_row(by_key[key]), self._now()) for key in sorted(by_key, key=Key.text)]
            connection.execute(insert(connection, writes).on_conflict_do_nothing(), new)
            rows = _rows(connection, _BY_KEY.with_for_update(), by_key)
            claimed = {key: taken(rows[key], by_key[key], owner, now, lease_until) for key in by_key}
            self._change(connection, [(answer.row, rows[key].claim) for key, answer in claimed.items() if answer.mine])
        return [claimed[write.key] for write in planned]

    def save(self, changed: Sequence[WriteRow]) -> set[Key]:
        """See ``WriteStore.save``."""
        with self.begin() as connection:
            keys = sorted(row.key.text() for row in changed)
            claims = {key: claim for part in _parts(keys) for key, claim in connection.execute(_CLAIMS, {"keys": part})}
            # A row may be missing altogether: the database was put back to an older state meanwhile.
            fenced = {row.key for row in changed if claims.get(row.key.text()) != row.claim}
            self._change(connection, [(row, row.claim) for row in changed if row.key not in fenced])
        return fenced

    def _change(self, connection: Connection, rows: Iterable[tuple[WriteRow, int]]) -> None:
        now = self._now()
        changes = [{**_values(row, now), "its_key": row.key.text(), "its_claim": claim} for row, claim in rows]
        if changes:
            connection.execute(_CHANGE, changes)


def _rows(connection: Connection, query: Select[Any], keys: Collection[Key]) -> dict[Key, WriteRow]:
    texts = sorted(key.text() for key in keys)
    rows = (row for part in _parts(texts) for row in connection.execute(query, {"keys": part}))
    return {_key(row): _row(row) for row in rows}


def _parts(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), _AT_ONCE):
        yield texts[start : start + _AT_ONCE]


def _key(row: Row[Any]) -> Key:
    return Key(row.target_system, row.target_object, row.source_system, row.source_object, row.source_id, row.part)


def _row(row: Row[Any]) -> WriteRow:
    return WriteRow(
        key=_key(row),
        state=WriteState(row.state),
        payload=row.payload,
        facts=row.facts,
        expect=row.expect,
        summary=row.summary,
        content_hash=row.content_hash,
        epoch=row.epoch,
        running_until=row.running_until,
        claim=row.claim,
        owner=Owner(*row.owner) if row.owner is not None else None,
        lease_until=row.lease_until,
        target_id=row.target_id,
        natural_id=row.natural_id,
        code=row.code,
        message=row.message,
    )


def _values(row: WriteRow, now: datetime) -> dict[str, Any]:
    key, owner = row.key, row.owner
    return {
        "key": key.text(),
        "target_system": key.target_system,
        "target_object": key.target_object,
        "source_system": key.source_system,
        "source_object": key.source_object,
        "source_id": key.source_id,
        "part": key.part,
        "state": row.state.value,
        "payload": row.payload,
        "facts": row.facts,
        "expect": dict(row.expect),
        "summary": _storable(row.summary),
        "content_hash": row.content_hash,
        "epoch": row.epoch,
        "running_until": row.running_until,
        "claim": row.claim,
        "owner": [owner.run, owner.task, owner.map_index, owner.attempt] if owner else None,
        "lease_until": row.lease_until,
        "target_id": row.target_id,
        "natural_id": row.natural_id,
        "code": row.code,
        "message": _storable(row.message),
        "created_at": now,
        "updated_at": now,
    }


def _storable(text: str) -> str:
    return text.replace("\x00", "")  # PostgreSQL's text cannot hold it
