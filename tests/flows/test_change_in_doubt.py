"""A change that was killed, and another run that comes while the dead one's claim still holds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from include.core.errors import Unavailable
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.kill import kill_a_run
from tests.flows.office import office
from tests.flows.test_changed_deals import Desk, opened


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with office(tmp_path, deals=1) as demo:
        at = opened(demo)
        at.sells()
        yield at


@pytest.mark.parametrize("place", ["after_intent:1", "after_send:1", "after_intent:2", "after_send:2"])
def test_a_run_within_a_dead_ones_claim_leaves_one_live_invoice(desk: Desk, place: str) -> None:
    desk.quantity(12)
    desk.run()
    approve = {"record_ids": [desk.deal], "approve": [f"{desk.deal}:{desk.hold.details['hash']}"]}
    kill_a_run(desk.demo, FLOW, f"sync.{place}", **approve)
    with pytest.raises(Unavailable, match="another worker"):
        desk.demo.invoice_won_deals(**approve)
    # Whether the old invoice is out of the books is not known yet: the new one waits.
    assert sum(total for _, total in desk.live) <= Decimal(1200)
    desk.demo.sandbox.control.advance(3600)
    desk.run()
    assert desk.live == [("Posted", Decimal("1200.00"))]
    desk.settled()
