"""The settings of ``close_pack.yaml``."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from include.core.books import Books, Strict
from include.reports.close_checks import NOTABLE


class ClosePackSettings(Strict):
    """``evidence_hours``: how old a tie-out and a revenue report may be for a pack to rest on them. ``only_noted``:
    checks that keep no period open; ``not_blocking``: flows whose holds keep none open. ``notify``, ``slack``,
    ``report_url``: who is told, and where the reports' folder is served."""

    evidence_hours: int = Field(default=36, ge=1, le=24 * 31)
    only_noted: tuple[str, ...] = ()
    not_blocking: tuple[str, ...] = ()
    notify: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    slack: bool = False
    report_url: str = Field(default="", pattern=r"^(https?://\S+)?$")

    def problems(self, books: Books) -> Sequence[tuple[str, str, str]]:
        """Checks that there are none of: a misspelt one would go on keeping periods open."""
        allowed = f"one of {', '.join(NOTABLE)}"
        return [("only_noted", name, allowed) for name in self.only_noted if name not in NOTABLE]
