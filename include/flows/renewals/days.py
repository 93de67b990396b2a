"""Which renewal dates a run is after. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from include.core.windows import BusinessDates, Window


@dataclass(frozen=True, slots=True)
class DueDays:
    """A dated run is after the renewals of its dates, each in its entity's calendar. Any other run after those from
    today, or from the day of the last run where that is earlier (what fell due while no run came is found), to
    ``days_ahead`` days from today; first and last day included (accounting case 55)."""

    now: datetime
    since: datetime | None
    days_ahead: int
    dates: BusinessDates | None

    @classmethod
    def of(cls, window: Window, now: datetime, days_ahead: int, beginning: datetime) -> DueDays:
        """``beginning``: where the window of a first run starts; such a run has missed nothing."""
        since = window.start if window.kind == "modified" else None
        return cls(now, since if since and since > beginning else None, days_ahead, BusinessDates.of(window))

    def bounds(self, zone: tzinfo, held_since: datetime | None = None) -> tuple[date, date]:
        """First and last day in ``zone``. ``held_since``: since when a renewal waits for a person; it counts still."""
        if self.dates is not None:
            return self.dates.start.date(), (self.dates.end - timedelta(microseconds=1)).date()
        today = self.now.astimezone(zone).date()
        earlier = [moment.astimezone(zone).date() for moment in (self.since, held_since) if moment is not None]
        return min([today, *earlier]), today + timedelta(days=self.days_ahead)

    def hold(self, day: date) -> bool:
        """Whether a day within the bounds belongs to the run."""
        return self.dates is None or self.dates.holds(day)
