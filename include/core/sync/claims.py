"""Who may work on a write, decided inside the store's transaction. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from include.core.decisions import Write
from include.core.sync.rows import Claimed, Owner, WriteRow, WriteState


def taken(row: WriteRow, write: Write, owner: Owner, now: datetime, lease_until: datetime) -> Claimed:
    """The row after ``owner`` asked for it.

    A written row is never taken. A row under another worker's running lease is not taken, unless the owner is a later
    try of the same task: then the earlier one is over. A lease that ends later than any could was taken by a clock that
    was hours ahead and has been set right: it is none. A taken row carries the newly planned content, except where a
    send may have happened, even if a later one was refused: then it keeps the content that was sent.
    """
    if row.state is WriteState.WRITTEN or _is_held(row, owner, now, latest=lease_until + (lease_until - now)):
        return Claimed(row, mine=False)
    sent = row.state is WriteState.UNKNOWN or row.running_until is not None
    content = row if sent else row.with_content(write)
    return Claimed(
        replace(content, claim=claim_number(owner, now), owner=owner, lease_until=lease_until),
        mine=True,
    )


def _is_held(row: WriteRow, owner: Owner, now: datetime, latest: datetime) -> bool:
    if row.owner is None or row.lease_until is None or not now < row.lease_until <= latest:
        return False
    return not owner.succeeds(row.owner)


def claim_number(owner: Owner, now: datetime) -> int:
    """What tells this claim from every other one, also from those that a restored backup has forgotten."""
    text = f"{owner.run}|{owner.task}|{owner.map_index}|{owner.attempt}|{now.isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")
