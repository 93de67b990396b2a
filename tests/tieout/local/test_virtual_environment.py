from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tieout.local.environment import ROOT
from tieout.local.virtual_environment import STAMP, UNFINISHED, SetupFailed, VirtualEnvironment

SETUP = ROOT / "bin" / ".setup"


@pytest.fixture
def made(tmp_path: Path) -> VirtualEnvironment:
    """A project whose ``.venv`` looks as a finished set-up leaves it, for ``run``."""
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (tmp_path / name).write_text(f"# {name}\n")
    environment = VirtualEnvironment(tmp_path)
    (environment.folder / "bin").mkdir(parents=True)
    environment.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    environment.python.chmod(0o755)
    (environment.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    _stamp(environment, "run")
    return environment


def _stamp(environment: VirtualEnvironment, kind: str) -> None:
    (environment.folder / STAMP).write_text(json.dumps(environment.stamp(kind)))


def test_a_finished_environment_is_current_until_something_changes(made: VirtualEnvironment) -> None:
    assert made.is_current("run")
    (made.root / "requirements.lock").write_text("other==1\n")
    assert not made.is_current("run")


def test_a_changed_project_file_registers_the_project_again(made: VirtualEnvironment) -> None:
    (made.root / "pyproject.toml").write_text("[project]\n")
    assert not made.is_current("run")


def test_the_environment_for_tests_serves_for_running_but_not_the_other_way(made: VirtualEnvironment) -> None:
    assert not made.is_current("dev")
    _stamp(made, "dev")
    assert made.is_current("dev")
    assert made.is_current("run")


def test_an_environment_that_was_cut_off_is_not_current_and_is_made_anew(made: VirtualEnvironment) -> None:
    (made.folder / UNFINISHED).touch()
    assert not made.is_current("run")
    assert made.must_start_over()


def test_an_environment_from_another_folder_is_made_anew(made: VirtualEnvironment, tmp_path: Path) -> None:
    stamp = json.loads((made.folder / STAMP).read_text())
    (made.folder / STAMP).write_text(json.dumps({**stamp, "root": "/elsewhere"}))
    assert not made.is_current("run")
    assert made.must_start_over()


def test_an_environment_whose_python_is_gone_or_unfit_is_made_anew(made: VirtualEnvironment) -> None:
    assert not made.must_start_over()
    (made.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    assert made.must_start_over()
    (made.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    made.python.unlink()
    assert made.must_start_over()
    assert not made.is_current("run")


def test_an_environment_made_by_hand_is_completed_and_not_deleted(made: VirtualEnvironment) -> None:
    (made.folder / STAMP).unlink()
    assert not made.is_current("run")
    assert not made.must_start_over()


def test_a_python_that_cannot_make_environments_fails_with_its_own_words(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'no space left on device' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(SetupFailed, match="Making a virtual environment failed:\n  no space left on device"):
        VirtualEnvironment(tmp_path, str(broken)).make("run")


def _setup(tmp_path: Path, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``bin/.setup`` in an empty project with only these programs on the path."""
    path = tmp_path / "path"
    path.mkdir()
    for name, text in programs.items():
        (path / name).write_text(f"#!/bin/sh\n{text}\n")
        (path / name).chmod(0o755)
    script = f'set -eu\nroot={tmp_path}\nkind=run\n. "{SETUP}"\n'
    return subprocess.run(
        ["/bin/sh", "-c", script, "bin/demo"], env={"PATH": str(path)}, capture_output=True, text=True, cwd=tmp_path
    )


def test_a_machine_without_python_is_told_what_is_needed(tmp_path: Path) -> None:
    done = _setup(tmp_path, {})
    assert done.returncode == 3
    assert done.stdout == ""
    assert "needs Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip" in done.stderr
    assert "TIEOUT_PYTHON=" in done.stderr


def test_shims_that_do_not_run_are_passed_over(tmp_path: Path) -> None:
    broken = "echo 'version 3.13 is not installed' >&2; exit 127"
    done = _setup(tmp_path, {"python3": broken, "python3.13": broken, "python3.12": f'exec "{sys.executable}" "$@"'})
    # The project is empty, so the set-up itself fails, but by the Python that was found.
    assert "needs Python" not in done.stderr
    assert "virtual_environment.py" in done.stderr


def test_the_commands_are_plain_shell_and_executable() -> None:
    commands = [path for path in (ROOT / "bin").iterdir() if not path.name.startswith(".")]
    assert {"airflow", "check", "demo", "sandbox", "test"} <= {path.name for path in commands}
    for command in [*commands, SETUP]:
        assert subprocess.run(["/bin/sh", "-n", command], capture_output=True).returncode == 0, command
    for command in commands:
        assert os.access(command, os.X_OK)
        assert command.read_text().startswith("#!/bin/sh\n")
