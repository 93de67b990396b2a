"""``bin/check``: settings, DAGs, connection types, lint, format, types. Every check runs, whatever the others say."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tieout.local.environment import ROOT, Home
from tieout.local.settings_file import BadSettingsFile, read

_TOOLS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """``run`` returns what is wrong, as text; nothing where all is well."""

    name: str
    run: Callable[[], str]


def _tool(*command: str) -> Callable[[], str]:
    def run() -> str:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
        return "" if done.returncode == 0 else done.stdout.strip() or f"exit code {done.returncode}"

    return run


def _environment() -> dict[str, str]:
    """Airflow in a home of its own, so that checking touches nobody's database."""
    shell = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return Home(folder=_HOME).environment(shell)


def _settings_file() -> str:
    try:
        read(ROOT / "airflow_settings.yaml")
    except BadSettingsFile as bad:
        return str(bad)
    return ""


def _registered() -> str:
    """Whether Airflow finds our connection types through the installed package."""
    points = importlib.metadata.entry_points(group="apache_airflow_provider")
    found = next((point for point in points if point.module == "tieout.provider"), None)
    if found is None:
        return "the package is not installed; run any bin/ command again after deleting .venv/tieout-stamp.json"
    types = {row["connection-type"] for row in found.load()()["connection-types"]}
    missing = {"sage_intacct", "hubspot", "tieout_state"} - types
    return f"connection types are missing: {', '.join(sorted(missing))}" if missing else ""


_HOME = Path(tempfile.gettempdir()) / f"tieout_check_{os.getpid()}"
_PYTHON = sys.executable
CHECKS = (
    Check("airflow_settings.yaml", _settings_file),
    Check("settings", _tool(_PYTHON, "-m", "include.settings")),
    Check("connection types are registered", _registered),
    Check("hooks can be imported, DAGs can be read", _tool(_PYTHON, "-m", "tieout.local.dag_check")),
    Check("ruff check", _tool(str(_TOOLS / "ruff"), "check", "--output-format", "concise")),
    Check("ruff format", _tool(str(_TOOLS / "ruff"), "format", "--check", "--output-format", "concise")),
    Check("mypy --strict", _tool(str(_TOOLS / "mypy"))),
)


def main(arguments: Sequence[str]) -> int:
    """Run the checks whose names contain one of the arguments, all of them without arguments. The exit status: 1 if
    a check failed, 2 if an argument names none."""
    words = _words(arguments)
    chosen = [check for check in CHECKS if not words or any(word in check.name for word in words)]
    failed = 0
    try:
        Home(folder=_HOME).prepare()
        for check in chosen:
            started = time.monotonic()
            problem = check.run()
            failed += bool(problem)
            seconds = time.monotonic() - started
            sys.stdout.write(f"{'FAILED' if problem else 'ok    '} {seconds:6.1f} s  {check.name}\n")
            if problem:
                sys.stdout.write("    " + problem.replace("\n", "\n    ") + "\n")
            sys.stdout.flush()
    finally:
        shutil.rmtree(_HOME, ignore_errors=True)
    sys.stdout.write(f"{len(chosen) - failed} of {len(chosen)} checks passed\n")
    return 1 if failed else 0


def _words(arguments: Sequence[str]) -> list[str]:
    """Parts of checks' names. Ends the program with status 2 where one is in no name."""
    names = "".join(f"\n  {check.name}" for check in CHECKS)
    parser = argparse.ArgumentParser(
        prog="bin/check",
        description="Checks everything that can be checked without running it.",
        epilog=f"The checks are:{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="*", help="run only the checks with this in their names (without: all)")
    words: list[str] = parser.parse_args(arguments).name
    unknown = [word for word in words if not any(word in check.name for check in CHECKS)]
    if unknown:
        parser.error(f"no check has {unknown[0]!r} in its name; the checks are:{names}")
    return words


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
