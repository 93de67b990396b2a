"""Whether a person's consent still stands for the document it was given to (accounting case 72). Pure.

The hash is of everything the approver saw (``decisions.canonical_hash``): any edit, and any payment, changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["approved", "waiting", "on_hold", "stale", "self_approved"]
"""``waiting``: asked, and still in time. ``on_hold``: nobody answered in time; silence is never consent.
``stale``: approved was something else. ``self_approved``: by the person who entered it; that counts for nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """What consent is asked for. ``entered_by`` and ``edited_by`` are user ids of whoever made the document."""

    content_hash: str
    entered_by: str
    asked_at: datetime
    edited_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    content_hash: str
    approver: str


def verdict(request: Request, approval: Approval | None, now: datetime, patience: timedelta) -> Verdict:
    """Whether the document may go on. Only ``approved`` lets it."""
    if approval is None:
        return "on_hold" if now - request.asked_at > patience else "waiting"
    if approval.approver.casefold() in {one.casefold() for one in (request.entered_by, *request.edited_by)}:
        return "self_approved"
    return "approved" if approval.content_hash == request.content_hash else "stale"
