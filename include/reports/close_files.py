"""The folder of one close pack: page, workbook, CSVs, summary, and the manifest that proves them.

A pack is never written over: each is a folder of its own with the next number, and names the hash of the one before.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path

from include.core.decisions import Json, canonical_hash
from include.reports.close_checks import Check, is_green
from include.reports.close_page import close_page
from include.reports.close_tables import COLUMNS, Question, plain_rows
from include.reports.folder import as_file_name
from include.reports.manifest import changed_files, code_version, read_manifest, write_manifest
from include.reports.spreadsheets import write_csv, write_excel
from include.reports.tables import Column, Table, write_parquet

PAGE = "close_pack.html"
WORKBOOK = "close_pack.xlsx"
SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class Pack:
    """``sha256`` is the manifest's: who has it can prove every file. ``is_new``: it was not there before."""

    folder: Path
    sha256: str
    is_new: bool
    content: str
    summary: Json

    def to_json(self) -> Json:
        return {**asdict(self), "folder": str(self.folder)}

    @classmethod
    def from_json(cls, data: Json) -> Pack:
        return cls(**{**data, "folder": Path(data["folder"])})


def write_pack(
    place: Path,
    working: Path,
    asked: Question,
    found: Sequence[Check],
    tables: Mapping[str, Table],
    rests_on: Mapping[str, Json],
    settings: Mapping[str, str],
    deals: Mapping[str, str],
) -> Pack:
    """The pack of these contents in ``place``: the newest one where its contents are the same, else the next.

    ``rests_on``: report -> its folder, when it was read, and the hash of its summary; ``settings``: settings file ->
    its hash; ``deals``: deal id -> its address.
    """
    summary = _summed_up(asked, found, tables)
    content = canonical_hash([summary, {name: plain_rows(tables[name]) for name in COLUMNS}])
    name = f"{as_file_name(asked.entity_id)}-{asked.period.name.replace(' ', '-')}"
    newest, number = _newest(place, name)
    previous: Json | None = None
    if newest is not None:
        try:
            told, hashed = read_manifest(newest)
        except (OSError, ValueError):
            told, hashed = {}, ""
        # One whose files are not as they were made is no answer any more: it stays, and the next one is made.
        if told.get("content_sha256") == content and not changed_files(newest):
            return Pack(newest, hashed, False, content, summary)
        previous = {"pack": newest.name, "sha256": hashed}
    shutil.rmtree(working)
    working.mkdir(mode=0o700)
    listed = [tables[one] for one in COLUMNS]
    for one in listed:
        write_csv(working / f"{one.name}.csv", one)
    write_parquet(working / "records.parquet", tables["records"])
    write_excel(working / WORKBOOK, [_as_table(found), *listed])
    (working / PAGE).write_text(close_page(asked, found, tables, rests_on, deals), encoding="utf-8")
    (working / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    about = {
        "entity": asked.entity_id,
        "period": asked.period.name,
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "made_at": asked.now.astimezone(UTC).isoformat(),
        "content_sha256": content,
        "previous": previous,
        "code": code_version(),
        "settings": dict(sorted(settings.items())),
        "rests_on": rests_on,
    }
    hashed = write_manifest(working, about)
    for file in working.iterdir():
        file.chmod(0o400)
    return Pack(_publish(working, place, name, number + 1), hashed, True, content, summary)


def _summed_up(asked: Question, found: Sequence[Check], tables: Mapping[str, Table]) -> Json:
    figures = tables["figures"]
    return {
        "entity": asked.entity_id,
        "name": asked.entity_name,
        "period": asked.period.name,
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "closed": asked.is_closed,
        "green": is_green(found),
        "checks": [asdict(one) for one in found],
        "figures": [dict(zip((one.name for one in figures.columns), row, strict=True)) for row in figures.rows],
    }


def _newest(place: Path, name: str) -> tuple[Path | None, int]:
    """The newest pack of this entity and period, and its number."""
    pattern = re.compile(re.escape(name) + r"-(\d{3,})")
    numbered = {int(found[1]): one for one in place.glob(f"{name}-*") if (found := pattern.fullmatch(one.name))}
    if not numbered:
        return None, 0
    return numbered[max(numbered)], max(numbered)


def _publish(working: Path, place: Path, name: str, number: int) -> Path:
    """Renames onto a name that is free: a rename onto a folder with files fails, and the next number is tried."""
    while True:
        target = place / f"{name}-{number:03}"
        try:
            os.rename(working, target)
        except OSError:
            if not target.exists():
                raise
            number += 1
            continue
        return target


def _as_table(found: Sequence[Check]) -> Table:
    names = ("state", "check", "found", "next step")
    columns = tuple(Column(one.replace(" ", "_")) for one in names)
    return Table("checks", columns, [(one.state, one.title, one.why, one.next_step) for one in found], "Every check")
