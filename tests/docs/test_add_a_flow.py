"""The how-to's flow, taken from its page, put in place and run: what the page says is true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "add-a-flow.md"
FILES = dict(re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL))
STEM = "intacct_term_to_hubspot_company"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the page's four files in it."""
    folders = ("dags", "include", "plugins", "tests")
    for folder in folders:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "airflow_settings.yaml"):
        shutil.copy(ROOT / file, tmp_path)
    for path, text in FILES.items():
        assert not (tmp_path / path).exists()
        (tmp_path / path).write_text(text)
    return tmp_path


def test_the_page_shows_the_four_files_of_a_flow_in_few_lines() -> None:
    assert sorted(FILES) == [
        f"dags/{STEM}.py",
        f"include/flows/{STEM}.py",
        f"include/settings/{STEM}.yaml",
        f"tests/flows/test_{STEM}.py",
    ]
    assert sum(len(text.splitlines()) for text in FILES.values()) < 160


def test_the_pages_own_test_passes_and_its_dag_is_one_that_airflow_can_run(project: Path) -> None:
    """In a process of its own, on that copy: nothing of it is left in this one."""
    wanted = [
        f"tests/flows/test_{STEM}.py",
        f"tests/dags/test_dags.py::test_a_flow_is_four_files_with_one_stem_which_is_its_dag_id[{STEM}]",
        f"tests/dags/test_dags.py::test_a_dag_says_what_moves_when_what_it_needs_and_how_to_undo[{STEM}]",
        f"tests/dags/test_dags.py::test_a_dag_can_be_backfilled_and_never_runs_twice_at_once[{STEM}]",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *wanted],
        cwd=project,
        env={**os.environ, "PYTHONPATH": f"{project}{os.pathsep}{project / 'plugins'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    assert "4 passed" in run.stdout
