from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.intacct.scripted_gateway import ScriptedGateway, scripted_gateway
from tests.connectors.intacct.small_books import Books, small_books


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    """A gateway that answers what the test tells it to."""
    with scripted_gateway() as running:
        yield running


@pytest.fixture(scope="session")
def _twin() -> Iterator[Books]:
    with small_books() as company:
        yield company


@pytest.fixture
def books(_twin: Books) -> Books:
    """A small company in the Intacct twin, fresh for every test."""
    _twin.refill()
    return _twin
