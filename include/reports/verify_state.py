"""A close pack beside what the state database keeps of it: its manifest's hash in the notes of the runs that made it or
found it unchanged, and the approvals that it lists."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from include.reports.manifest import beside, read_manifest
from include.state.approvals import Approval
from include.state.store import StateStore

FLOW = "close_pack"
_ALL = 1_000_000
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def disagreements(folder: Path, store: StateStore) -> list[str]:
    """A sentence for each thing of the pack, and of those after it, that the state database knows otherwise."""
    try:
        return [*_hashes(folder, store), *_approvals(folder, store)]
    except (OSError, ValueError, KeyError):
        return [f"{folder.name}: its manifest or its approvals.csv, or those of a later pack, cannot be read"]


def _hashes(folder: Path, store: StateStore) -> Iterator[str]:
    noted: dict[str, set[str]] = {}
    for one in store.notes(FLOW, limit=_ALL):
        for name, hashed in one.note.get("folders", {}).items():
            noted.setdefault(str(name), set()).add(str(hashed))
    there = beside(folder)
    for pack in there[there.index(folder) :]:
        _, hashed = read_manifest(pack)
        if pack.name not in noted:
            yield f"{pack.name}: no run in the state database made it"
        elif noted[pack.name] != {hashed}:
            known = ", ".join(sorted(noted[pack.name]))
            yield f"{pack.name}: its manifest is {hashed}, and the state database has {known}"
    stem = folder.name.rpartition("-")[0]
    lost = {name for name in noted if name.rpartition("-")[0] == stem} - {one.name for one in there}
    yield from (f"{name}: a run made it, and it is gone" for name in sorted(lost))


def _approvals(folder: Path, store: StateStore) -> Iterator[str]:
    """Approvals that the pack lists and nobody gave, and acceptances of its period that it leaves out."""
    told, _ = read_manifest(folder)
    given = store.approvals(_EVER)
    with (folder / "approvals.csv").open(newline="", encoding="utf-8-sig") as file:
        listed = {_plain(row["approved"], row["content_hash"], row["approved_by"]) for row in csv.DictReader(file)}
    known = {_of(one) for one in given}
    for token, _, who in sorted(listed - known):
        yield f"{folder.name}: the approval {token} by {who or 'nobody'} is not in the state database"
    made_at = datetime.fromisoformat(told["made_at"])
    subject = f"{told['entity']}:{str(told['period']).replace(' ', '-')}"
    for one in given:
        early = one.at is not None and one.at <= made_at
        if one.flow == FLOW and one.subject == subject and early and _of(one) not in listed:
            yield f"{folder.name}: it leaves out that {one.approved_by or 'a person'} accepted {one.token}"


def _of(one: Approval) -> tuple[str, str, str]:
    return _plain(one.token, one.content_hash, one.approved_by)


def _plain(*texts: str) -> tuple[str, str, str]:
    """Without what keeps a spreadsheet from taking the text for a formula."""
    token, content, who = (text.lstrip("'") for text in texts)
    return token, content, who
