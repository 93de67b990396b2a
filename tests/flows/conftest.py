from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.office import Office, office


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    """A fresh demo company of 60 won deals, nothing invoiced yet."""
    with office(tmp_path) as opened:
        yield opened
