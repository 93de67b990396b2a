"""Who writes, when, and through which version of the API."""

from __future__ import annotations

from dataclasses import dataclass

from include.sandbox.hubspot.store.records import Source


@dataclass(frozen=True, slots=True)
class Author:
    """``now`` in milliseconds; ``date`` the version of the path when it is a date, else empty."""

    source: Source
    now: int
    date: str = ""
    app_name: str = ""
