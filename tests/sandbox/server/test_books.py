"""What the pages show of the real twins agrees with their exported books, without reading these whole."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from include.sandbox.pages.books import PAGE, Counted, Survey
from include.sandbox.running import running


@pytest.fixture(scope="module")
def company():
    with running(deals=60) as sandbox:
        token = {"Authorization": f"Bearer {sandbox.hubspot.token}"}
        deals = f"{sandbox.hubspot.url}/crm/v3/objects/deals"
        first = requests.get(deals, headers=token, timeout=10).json()["results"][0]["id"]
        assert requests.delete(f"{deals}/{first}", headers=token, timeout=10).status_code == 204
        yield sandbox.sandbox


def exported(company, system):
    """The books' records that are shown."""
    entries = list(company.twins[system].export())
    return [entry for entry in entries if not entry.get("archived") and not entry.get("type", "").startswith("_")]


def kind(entry):
    return entry.get("object") or entry["type"]


@pytest.mark.parametrize("system", ["intacct", "hubspot"])
def test_a_twin_counts_what_it_exports(company, system):
    twin = company.twins[system]
    assert isinstance(twin, Counted)
    assert twin.count() == Counter(kind(entry) for entry in exported(company, system))
    assert Survey(company).kinds(system) == twin.count()


@pytest.mark.parametrize("system", ["intacct", "hubspot"])
def test_parts_of_a_kind_make_up_what_is_exported_of_it(company, system):
    twin = company.twins[system]
    for name, number in twin.count().items():
        parts = [entry for skip in range(0, number + 7, 7) for entry in twin.part(name, skip, 7)]
        assert parts == [entry for entry in exported(company, system) if kind(entry) == name]
    assert list(twin.part("nothing of that kind", 0, 7)) == []


def test_the_second_page_of_a_kind_goes_on_where_the_first_ended(company):
    survey = Survey(company)
    ids = [row[0] for page in (1, 2) for row in survey.sheet("intacct", "ARINVOICE", page).rows]
    total = survey.sheet("intacct", "ARINVOICE", 1).total
    assert PAGE < total < 2 * PAGE
    assert len(set(ids)) == total
    assert survey.sheet("intacct", "ARINVOICE", 3).rows == ()
