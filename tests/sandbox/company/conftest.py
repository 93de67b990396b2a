"""The demo company at the size that `bin/demo` uses."""

from __future__ import annotations

from typing import Any

import pytest

from include.sandbox.company import generate


@pytest.fixture(scope="session")
def company():
    return generate(deals=60, seed=1)


@pytest.fixture(scope="session")
def manifest(company) -> dict[str, Any]:
    return company.manifest()


@pytest.fixture(scope="session")
def deals(company):
    return [deal for unit in company.units() for deal in unit.deals]


@pytest.fixture(scope="session")
def crm(company) -> list[dict[str, Any]]:
    """The seed records of HubSpot."""
    return list(company.records("hubspot"))


@pytest.fixture(scope="session")
def books(company) -> list[dict[str, Any]]:
    """The seed records of Intacct."""
    return list(company.records("intacct"))
