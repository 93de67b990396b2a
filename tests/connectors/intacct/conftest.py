from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.intacct.scripted_gateway import ScriptedGateway, scripted_gateway


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    """A gateway that answers what the test tells it to."""
    with scripted_gateway() as running:
        yield running
