"""Holding, resuming and ending revenue schedules; posting their entries and taking that back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import invalid, missing
from include.sandbox.intacct.ledger.recognition import move_schedule, post_entry, unpost_entry
from include.sandbox.intacct.results import Result

_CATEGORIES = ("", "Collectability", "Delivery Commitment", "Dispute", "Legal", "Cancelled Service")


def _move(wanted: str, context: Context, element: Element) -> Result:
    category = child_text(element, "category")
    if category not in _CATEGORIES:
        raise missing(f"The value '{category}' is not valid for category.")
    recordno = _key("Revenue schedule", element)
    move_schedule(context, recordno, wanted, category, child_text(element, "memo"))
    return Result(leaf("key", str(recordno)))


def _entry(act: Callable[[Context, int], None], context: Context, element: Element) -> Result:
    recordno = _key("Revenue schedule entry", element)
    act(context, recordno)
    return Result(leaf("key", str(recordno)))


def _key(what: str, element: Element) -> int:
    text = child_text(element, "recordno")
    if not text.isdecimal() or len(text) > 18:
        raise invalid(what, text)
    return int(text)


HANDLERS: dict[str, Callable[[Context, Element], Result]] = {
    "hold_revrecschedule": partial(_move, "On hold"),
    "resume_revrecschedule": partial(_move, "In progress"),
    "terminate_revrecschedule": partial(_move, "Terminated"),
    "post_revrecscheduleentry": partial(_entry, post_entry),
    "unpost_revrecscheduleentry": partial(_entry, unpost_entry),
}
