"""The page of promises: nothing is left out, and what it names is there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "coverage.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" |")] for line in re.findall(r"^\| [ABC]\d.*", PAGE, re.MULTILINE)
]
FLOWS = {path.stem for path in (ROOT / "dags").glob("*.py")}


@cache
def names_of_tests(file: str) -> set[str]:
    return {one.name for one in ast.parse((ROOT / file).read_text()).body if isinstance(one, ast.FunctionDef)}


def test_every_promise_stands_there_once_and_in_order() -> None:
    wanted = [f"{group}{n:02}" for group, last in (("A", 43), ("B", 15), ("C", 29)) for n in range(1, last + 1)]
    assert [row[0] for row in ROWS] == wanted
    assert {len(row) for row in ROWS} == {6}


def test_the_page_counts_right() -> None:
    kept = Counter(row[3] for row in ROWS)
    told = f"{kept['yes']} are kept, {kept['in part']} in part, {kept['no']} not."
    assert kept.keys() == {"yes", "in part", "no"}
    assert told in PAGE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_promise_is_shown_by_tests_that_are_there_or_told_not_to_be_kept(row: list[str]) -> None:
    _, promised, where, kept, how, shown = row
    assert promised
    if kept == "no":
        assert shown.startswith(("no, because ", "not yet: "))
        return
    (name,) = re.findall(r"`([^`]+)`", where)
    assert name in FLOWS or (ROOT / name).is_file()
    assert how
    named = re.findall(r"`(tests/[^`]+\.py)::(test_\w+)`", shown)
    assert named
    assert len(named) == shown.count("::")
    for file, test in named:
        assert test in names_of_tests(file)


def test_it_is_free_to_use_under_the_apache_licence() -> None:
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/coverage.md)" in (ROOT / "README.md").read_text()
