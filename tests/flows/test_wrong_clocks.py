"""A machine whose clock is wrong: nothing is missed, and the log says what is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from include.core.windows import SETTLE
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.flow import Flow
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office
from tieout import steps

DAY = timedelta(days=1)


def looked_at(demo: Office, ahead: timedelta = timedelta(), flow: Flow = FLOW) -> set[str]:
    """What a run looks at on a machine whose clock is so far ahead; its cursor is moved."""
    run = demo.run(flow=flow)
    run.now = lambda: demo.now() + ahead
    slices = steps.slices(run)
    steps.finish(run, [{} for _ in slices], len(slices))
    return {one for ids in slices for one in ids}


def touch(demo: Office, deal_id: str) -> None:
    """Some hours later a rep edits the deal, and some more pass."""
    demo.sandbox.control.advance(3 * 3600)
    client = demo.hubspot()
    body = {"properties": {"hs_next_step": "call"}}
    client.request("PATCH", client.paths.objects("deals", deal_id), body=body)
    demo.sandbox.control.advance(3 * 3600)


@pytest.mark.parametrize("ahead", [DAY, -DAY, timedelta(hours=5), timedelta()])
@pytest.mark.parametrize("still", [True, False])
def test_a_deal_that_is_edited_while_our_clock_is_wrong_is_looked_at(
    demo: Office, ahead: timedelta, still: bool
) -> None:
    deal = demo.first()["deal_id"]
    looked_at(demo, ahead)
    touch(demo, deal)
    if still:
        demo.sandbox.control.advance(max(0.0, -ahead.total_seconds()))  # until our clock says so
    assert deal in looked_at(demo, ahead if still else timedelta())


@pytest.mark.parametrize("flow", [FLOW, payments.FLOW])
def test_the_cursor_never_passes_the_clock_of_the_system_that_is_read(demo: Office, flow: Flow) -> None:
    looked_at(demo, DAY, flow)
    cursor = demo.store().cursor(flow.name)
    assert isinstance(cursor, datetime)
    assert cursor <= demo.sandbox.control.now() - SETTLE


def test_a_clock_that_is_wrong_by_a_day_is_told_loudly(demo: Office, caplog: pytest.LogCaptureFixture) -> None:
    looked_at(demo, DAY)
    (told,) = (one for one in caplog.records if "clock" in one.message)
    assert told.levelname == "ERROR"
    assert "1 d ahead of HubSpot's" in told.message


def test_a_clock_that_is_right_is_not_spoken_of(demo: Office, caplog: pytest.LogCaptureFixture) -> None:
    looked_at(demo)
    assert not [one for one in caplog.records if "clock" in one.message]


def test_each_client_knows_what_the_clock_of_its_system_said_first(demo: Office) -> None:
    past = demo.sandbox.control.now().replace(microsecond=0) - 30 * DAY
    demo.sandbox.control.stop_clock(past)
    hubspot, intacct = demo.hubspot(), demo.intacct()
    assert (hubspot.first_told, intacct.first_told) == (None, None)
    hubspot.request("GET", hubspot.paths.objects("deals", demo.first()["deal_id"]))
    intacct.login()
    demo.sandbox.control.advance(3600)
    hubspot.request("GET", hubspot.paths.objects("deals", demo.first()["deal_id"]))
    intacct.login()
    assert (hubspot.first_told, intacct.first_told) == (past, past)
