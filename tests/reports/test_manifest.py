"""A folder's manifest finds every change that anybody makes to its files, and to the manifests before it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from include.reports.manifest import MANIFEST, code_version, differences, read_manifest, write_manifest
from include.reports.tables import Column, Table, write_parquet
from include.reports.verify import main


@pytest.fixture
def packs(tmp_path: Path) -> list[Path]:
    """Three folders of files, each after the one before."""
    made: list[Path] = []
    previous = None
    for number in range(1, 4):
        folder = tmp_path / f"100-FY2026-P10-{number:03}"
        folder.mkdir()
        (folder / "figures.csv").write_text('figure,amount\nbilled,"1\n200"\n', encoding="utf-8-sig")
        (folder / "page.html").write_text(f"<p>{number}</p>")
        write_parquet(folder / "records.parquet", Table("records", (Column("number"),), [("INV-1",), ("INV-2",)]))
        hashed = write_manifest(folder, {"previous": previous})
        previous = {"pack": folder.name, "sha256": hashed}
        made.append(folder)
    return made


def test_untouched_folders_are_as_they_were_made(packs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert [differences(one) for one in packs] == [[], [], []]
    files = {one["name"]: one for one in json.loads((packs[0] / MANIFEST).read_text())["files"]}
    assert {name: one.get("rows") for name, one in files.items()} == {
        "figures.csv": 1, "page.html": None, "records.parquet": 2,
    }  # fmt: skip
    assert main([str(one) for one in packs]) == 0
    assert capsys.readouterr().out.count(": ok, 3 files") == 3


def edited(folder: Path) -> None:
    file = folder / "figures.csv"
    file.write_bytes(file.read_bytes().replace(b"200", b"900"))


def without_a_file(folder: Path) -> None:
    (folder / "page.html").unlink()


def with_another_file(folder: Path) -> None:
    (folder / "more.csv").write_text("a\n")


def cut_off(folder: Path) -> None:
    file = folder / "records.parquet"
    file.write_bytes(file.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (edited, "figures.csv differs (sha256)"),
        (without_a_file, "page.html is missing"),
        (with_another_file, "more.csv is not in the manifest"),
        (cut_off, "records.parquet cannot be read"),
    ],
)
def test_each_change_of_a_file_is_found_and_named(
    packs: list[Path], change: Callable[[Path], None], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(packs[2])
    assert differences(packs[2]) == [f"{packs[2].name}/{told}"]
    assert main([str(packs[2])]) == 1
    assert told in capsys.readouterr().out


def test_a_manifest_made_anew_over_other_files_is_found_by_its_successors(packs: list[Path]) -> None:
    edited(packs[0])
    write_manifest(packs[0], {"previous": None})
    told = [f"{packs[0].name}/{MANIFEST} is not the one that its successor was made after"]
    assert differences(packs[0]) == differences(packs[1]) == differences(packs[2]) == told


def test_the_newest_pack_made_anew_shows_only_against_what_stands_elsewhere(packs: list[Path]) -> None:
    edited(packs[2])
    told, _ = read_manifest(packs[2])
    write_manifest(packs[2], {"previous": told["previous"]})
    assert differences(packs[2]) == []


def test_a_pack_that_the_newest_one_does_not_lead_to_is_told(packs: list[Path]) -> None:
    """All after it were made anew, past it."""
    told, _ = read_manifest(packs[1])
    write_manifest(packs[2], {"previous": told["previous"]})
    assert differences(packs[1]) == [f"{packs[1].name} is not in the chain that ends with {packs[2].name}"]


def test_other_periods_and_entities_are_not_of_the_chain(packs: list[Path]) -> None:
    for name in ("100-FY2026-P1-009", "1100-FY2026-P10-009", "100-FY2026-P10-009-009", "100-FY2026-P10-x"):
        (packs[0].parent / name).mkdir()
    assert differences(packs[0]) == []


@pytest.mark.parametrize("content", ["", "[]", '{"files": 7}', '{"files": [{}]}'])
def test_a_manifest_that_is_none_is_told(packs: list[Path], content: str) -> None:
    (packs[2] / MANIFEST).write_text(content)
    assert differences(packs[2]) == [f"{packs[2].name}/{MANIFEST} is missing or cannot be read"]


def test_a_chain_whose_newest_manifest_is_gone_proves_no_older_pack(packs: list[Path]) -> None:
    (packs[2] / MANIFEST).unlink()
    assert differences(packs[0]) == [f"{packs[2].name}/{MANIFEST}, the newest one, is missing or cannot be read"]


def test_a_predecessor_outside_the_folder_of_packs_is_not_followed(packs: list[Path]) -> None:
    write_manifest(packs[2], {"previous": {"pack": "../elsewhere", "sha256": ""}})
    assert differences(packs[2]) == [f"{packs[2].name}: its predecessor '../elsewhere' is none"]


def test_the_codes_version_is_that_of_its_files() -> None:
    assert len(code_version()["sha256"]) == 64
    assert code_version()["version"]
