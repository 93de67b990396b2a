"""Tries of one task beside each other: whichever answers last, nothing is missed."""

from __future__ import annotations

from include.flows.flow import Flow
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office
from tests.flows.test_wrong_clocks import looked_at, touch
from tieout import steps


def test_a_try_that_hung_while_a_later_one_stored_the_window_looks_at_all_of_that(demo: Office) -> None:
    flow: Flow = FLOW
    deal = demo.first()["deal_id"]
    looked_at(demo)
    demo.sandbox.control.advance(3 * 3600)
    hung = demo.run(run_id="scheduled", flow=flow)
    assert hung.window().moves_cursor  # chosen; then its worker hangs
    touch(demo, deal)
    again = demo.run(run_id="scheduled", flow=flow, attempt=2)
    assert [deal] in steps.slices(again)
    late = steps.slices(hung)
    assert [deal] in late
    steps.finish(hung, [{} for _ in late], len(late))
    assert demo.store().cursor(flow.name) == again.window().cursor
