"""Our clock and the clocks of the systems: what an answer says of the time, and what is said where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERANCE = timedelta(minutes=10)
"""A first answer may take some minutes, with waits for a free slot; a clock that differs by more is wrong."""


def told_time(date: str | None) -> datetime | None:
    """The instant in an answer's ``Date`` header; ``None`` where there is none that can be read."""
    try:
        told = parsedate_to_datetime(date or "")
        return told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def differences(ours: datetime, told: Mapping[str, datetime]) -> Iterator[str]:
    """A sentence for each system whose clock differs from ours by more than ``TOLERANCE``, with what follows and the
    remedy. ``ours``: our time just before the systems were asked; ``told``: name -> its time in its first answer."""
    for name, theirs in sorted(told.items()):
        apart = abs(ours - theirs)
        if apart <= TOLERANCE:
            continue
        ahead = ours > theirs
        follows = (
            f"the cursor goes only as far as {name}'s time, so that nothing is missed"
            if ahead
            else f"what was changed in the last {_long(apart)} is read by later runs"
        )
        yield (
            f"This machine's clock is {_long(apart)} {'ahead of' if ahead else 'behind'} {name}'s: it says "
            f"{_moment(ours)}, {name} says {_moment(theirs)}. Set it right (time synchronisation by NTP). Until then "
            f"{follows}; what goes by today's date (due, overdue, posted today) goes by this machine's."
        )


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _long(apart: timedelta) -> str:
    minutes = round(apart.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    return " ".join(f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number)
