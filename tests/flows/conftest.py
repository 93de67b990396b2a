from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.core.settings import SHIPPED
from tests.flows.office import Office, office


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    """A fresh demo company of 60 won deals, nothing invoiced yet."""
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company's own copy of the settings, to be edited."""
    folder = tmp_path / "settings"
    folder.mkdir()
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, folder)
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(folder))
    return folder
