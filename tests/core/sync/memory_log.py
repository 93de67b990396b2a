"""A write log in a dict. It keeps the promises of ``WriteStore`` and forgets them with the process; some hundred times
faster than a database, so that thousands of schedules fit into a test run. The real log must pass the same ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from include.core.decisions import Key, Write
from include.core.sync import Claimed, Owner, WriteRow
from include.core.sync.claims import taken
from include.core.sync.rows import planned_row


class MemoryLog:
    def __init__(self) -> None:
        self.kept: dict[Key, WriteRow] = {}

    def rows(self, keys: Collection[Key]) -> Mapping[Key, WriteRow]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def claim(self, writes: Sequence[Write], owner: Owner, now: datetime, lease_until: datetime) -> Sequence[Claimed]:
        answers = []
        for write in writes:
            row = self.kept.get(write.key) or planned_row(write)
            answer = taken(row, write, owner, now, lease_until)
            self.kept[write.key] = answer.row
            answers.append(answer)
        return answers

    def save(self, rows: Sequence[WriteRow]) -> Collection[Key]:
        fenced = {row.key for row in rows if row.key not in self.kept or self.kept[row.key].claim != row.claim}
        self.kept |= {row.key: row for row in rows if row.key not in fenced}
        return fenced

    def backup(self) -> dict[Key, WriteRow]:
        return dict(self.kept)

    def restore(self, backup: dict[Key, WriteRow]) -> None:
        self.kept = dict(backup)

    def empty(self) -> None:
        self.kept.clear()
