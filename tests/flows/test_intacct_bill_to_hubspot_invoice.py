"""AP bills of mapped partners, from Intacct's books to marked drafts in HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from include.flows.intacct_bill_to_hubspot_invoice import FLOW
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
FERRERS, PELL, LOWMOOR = "20415100287", "20415100117", "20415100304"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=1, at=MONDAY) as opened:
        yield opened


@pytest.fixture
def switched_on(settings: Path) -> Path:
    """A company's settings with the flow switched on."""
    return rewrite(settings, "enabled: false", "enabled: true")


def rewrite(folder: Path, old: str, new: str) -> Path:
    file = folder / f"{FLOW.name}.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return folder


def drafts(demo: Office) -> dict[str, dict[str, Any]]:
    """HubSpot's invoices by the bill number that they show."""
    found = [b for b in demo.sandbox.control.books("hubspot") if b["type"] == "invoices" and not b.get("archived")]
    return {b["properties"]["intacct_bill_number"]: b for b in found}


def line_items(demo: Office) -> list[dict[str, Any]]:
    books = demo.sandbox.control.books("hubspot")
    ours = (b for b in books if b["type"] == "line_items")
    return [b["properties"] for b in ours if b["properties"].get("intacct_source_type")]


def bill(demo: Office, number: str) -> dict[str, Any]:
    books = demo.sandbox.control.books("intacct")
    return next(b["record"] for b in books if b["object"] == "APBILL" and b["record"]["RECORDID"] == number)


def test_it_is_off_until_somebody_switches_it_on(demo: Office) -> None:
    note = demo.run_flow(FLOW)
    assert note == {"off": 1}
    assert demo.sandbox.control.counts()["calls"] == 0
    assert demo.store().cursor(FLOW.name) is None  # so that nothing is forgotten when it is switched on


def test_bills_of_mapped_partners_become_marked_drafts_that_nobody_can_take_for_revenue(
    demo: Office, switched_on: Path
) -> None:
    note = demo.run_flow(FLOW)
    made = drafts(demo)
    print(note, made)
    assert set(made) == {"PH-3310", "FCW-10482", "FCW-10517", "FCW-US-091"}
