"""A bulk edit: more deals of one instant than one of HubSpot's searches can page through (10,000)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office, office
from tieout import steps

MANY = 10_001
FIRST = 70_000_000_000
EDITED = datetime(2026, 11, 16, 9, 0, 0, 500_000, tzinfo=UTC)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=1, hubspot={"limits": False}) as opened:
        opened.sandbox.control.stop_clock(EDITED)
        opened.sandbox.sandbox.twins["hubspot"].load(_deal(FIRST + n) for n in range(MANY))
        yield opened


def _deal(number: int) -> dict[str, Any]:
    return {
        "type": "deals",
        "id": str(number),
        "created_at": EDITED.isoformat(),
        "updated_at": EDITED.isoformat(),
        "properties": {
            "dealname": f"Edited {number}",
            "pipeline": "default",
            "dealstage": "closedwon",
            "closedate": "2026-11-16T08:00:00Z",
        },
    }


def looked_at(demo: Office) -> Counter[str]:
    """How often each of the many is looked at by the next run, which moves the cursor."""
    run = demo.run()
    slices = steps.slices(run)
    steps.finish(run, [{} for _ in slices], len(slices))
    assert max(map(len, slices), default=0) <= steps.SLICE_SIZE
    return Counter(deal for one in slices for deal in one if 0 <= int(deal) - FIRST < MANY)


def test_deals_edited_at_one_instant_are_all_looked_at_once_whatever_their_number(crowded: Office) -> None:
    every = Counter({str(FIRST + n): 1 for n in range(MANY)})
    assert looked_at(crowded) == every
    crowded.sandbox.control.advance(3600.0)
    looked_at(crowded)
    assert looked_at(crowded) == Counter()  # behind the cursor and its overlap


def test_a_cursor_on_that_very_instant_leaves_none_of_them_out(crowded: Office) -> None:
    crowded.store().raise_cursor(FLOW.name, EDITED + timedelta(hours=1))  # the window begins with that instant
    assert sum(looked_at(crowded).values()) == MANY
