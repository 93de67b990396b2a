"""Revenue recognition schedules and their entries."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model

FUNCTIONS = {
    "hold_revrecschedule": Model("recordno category? memo?"),
    "resume_revrecschedule": Model("recordno adjustpostingday memo?"),
    "terminate_revrecschedule": Model("recordno category? memo?"),
    "post_revrecscheduleentry": Model("recordno postcurrencygainandloss? exchratetype?"),
    "unpost_revrecscheduleentry": Model("recordno"),
}
