"""What proves that a folder of files is as it was made: size, rows and SHA-256 of each, in ``manifest.json``."""

from __future__ import annotations

import csv
import glob
import json
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

MANIFEST = "manifest.json"
_CODE = Path(__file__).resolve().parents[1]


def write_manifest(folder: Path, about: Mapping[str, Any]) -> str:
    """Describe every file of ``folder``; gives the SHA-256 of the manifest itself."""
    files = [_described(file) for file in _files(folder)]
    content = (json.dumps({**about, "files": files}, indent=1) + "\n").encode()
    (folder / MANIFEST).write_bytes(content)
    return sha256(content).hexdigest()


def read_manifest(folder: Path) -> tuple[Mapping[str, Any], str]:
    """The manifest and its SHA-256. Raises ``OSError`` or ``ValueError`` where there is none that can be read."""
    content = (folder / MANIFEST).read_bytes()
    told = json.loads(content)
    if not isinstance(told, dict) or not isinstance(told.get("previous"), dict | None):
        raise ValueError(f"{folder.name}/{MANIFEST} is none")
    return told, sha256(content).hexdigest()


def differences(folder: Path) -> list[str]:
    """A sentence for each thing that is not as the manifest says, the manifests before and after it included; none is
    good.

    The others are looked for beside ``folder``; one that is not there cannot be checked and is named. The chain begins
    at the newest, so that a manifest that was made anew shows in the one after it.
    """
    wrong = changed_files(folder)
    last = beside(folder)[-1]
    passed = {last.name}
    try:
        wrong += _chain(last, read_manifest(last)[0], passed)
        if folder.name not in passed:
            wrong += _chain(folder, read_manifest(folder)[0], {folder.name})
            wrong.append(f"{folder.name} is not in the chain that ends with {last.name}")
    except (OSError, ValueError):
        if last != folder:
            wrong.append(f"{last.name}/{MANIFEST}, the newest one, is missing or cannot be read")
    return wrong


def beside(folder: Path) -> list[Path]:
    """The folders of the same name with other numbers, and itself, by number."""
    name, _, number = folder.name.rpartition("-")
    if not number.isdecimal():
        return [folder]
    found = {int(one.name.rpartition("-")[2]): one for one in folder.parent.glob(f"{glob.escape(name)}-*")
             if one.name.rpartition("-")[0] == name and one.name.rpartition("-")[2].isdecimal()}  # fmt: skip
    return [found[one] for one in sorted(found)] or [folder]


def changed_files(folder: Path) -> list[str]:
    """The same of the folder alone, without its predecessors."""
    try:
        told, _ = read_manifest(folder)
        listed = {str(one["name"]): one for one in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return [f"{folder.name}/{MANIFEST} is missing or cannot be read"]
    found = {file.name: file for file in _files(folder)}
    wrong = [f"{folder.name}/{name} is missing" for name in sorted(listed.keys() - found.keys())]
    wrong += [f"{folder.name}/{name} is not in the manifest" for name in sorted(found.keys() - listed.keys())]
    for name in sorted(listed.keys() & found.keys()):
        try:
            now = _described(found[name])
        except (OSError, ValueError, csv.Error, duckdb.Error):
            wrong.append(f"{folder.name}/{name} cannot be read")
            continue
        parts = [part for part in ("sha256", "bytes", "rows") if now.get(part) != listed[name].get(part)]
        if parts:
            wrong.append(f"{folder.name}/{name} differs ({', '.join(parts)})")
    return wrong


@cache
def code_version() -> Mapping[str, str]:
    """The package's version, and a hash of its source, which tells builds of one version apart."""
    whole = sha256()
    for file in sorted(_CODE.rglob("*")):
        if file.suffix in {".py", ".js", ".css", ".sql"}:
            whole.update(f"{file.relative_to(_CODE)}\0".encode())
            whole.update(file.read_bytes())
    return {"version": version("tieout"), "sha256": whole.hexdigest()}


def file_hash(file: Path) -> str:
    """The SHA-256 of a file, read in parts."""
    whole = sha256()
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            whole.update(part)
    return whole.hexdigest()


def _chain(folder: Path, told: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    """From manifest to manifest back to the first; their names are added to ``seen``."""
    while previous := told.get("previous"):
        name = str(previous.get("pack"))
        if name in seen or Path(name).name != name:
            yield f"{folder.name}: its predecessor {name!r} is none"
            return
        seen.add(name)
        try:
            told, hashed = read_manifest(folder.parent / name)
        except (OSError, ValueError):
            yield f"{name}/{MANIFEST}, the predecessor's, is missing or cannot be read"
            return
        if hashed != previous.get("sha256"):
            yield f"{name}/{MANIFEST} is not the one that its successor was made after"


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name != MANIFEST)


def _described(file: Path) -> dict[str, Any]:
    rows = _rows(file)
    return {
        "name": file.name,
        "sha256": file_hash(file),
        "bytes": file.stat().st_size,
        **({} if rows is None else {"rows": rows}),
    }


def _rows(file: Path) -> int | None:
    """Rows of a table; ``None`` for what is none."""
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8-sig") as content:
            return sum(1 for _ in csv.reader(content)) - 1
    if file.suffix == ".parquet":
        with duckdb.connect() as store:
            found = store.execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchone()
        return int(found[0]) if found else 0
    return None
