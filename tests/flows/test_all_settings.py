"""``python -m include.settings``, which ``bin/check`` runs: every flow's settings, whatever flows there are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def check() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "include.settings"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_settings_of_every_flow_are_checked() -> None:
    done = check()
    assert done.returncode == 0, done.stderr
    told = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} <= told


def test_a_mistake_in_any_of_them_is_told_and_fails(settings: Path) -> None:
    file = settings / "intacct_renewal_to_hubspot_deal.yaml"
    file.write_text(file.read_text().replace("days_ahead: 60", "days_ahead: soon"))
    done = check()
    assert done.returncode == 1
    assert "intacct_renewal_to_hubspot_deal.yaml" in done.stderr
    assert "days_ahead is 'soon'" in done.stderr
    assert "check_connections: settings in" in done.stdout  # the others are checked all the same
