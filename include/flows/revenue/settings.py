"""The settings of ``revenue_report.yaml``."""

from __future__ import annotations

from pydantic import Field

from include.core.books import Strict
from include.reports.folder import Keep


class RevenueSettings(Strict):
    """``revenue_accounts``: the GL accounts whose postings are recognised revenue; ``tax_accounts`` those of sales tax,
    which is billed and never earned. ``fiscal_years``: how many a report shows, the current one included.
    ``closes_after_days``: by when the books of a period were closed, for periods closed before the first report.
    ``notify``: who gets the summary by mail, empty for nobody; ``report_url``: where the reports' folder is served, for
    the link in it. ``keep``: which reports stay; kept closed periods always do.
    """

    revenue_accounts: tuple[str, ...] = Field(min_length=1)
    tax_accounts: tuple[str, ...] = ()
    fiscal_years: int = Field(default=2, ge=1, le=10)
    closes_after_days: int = Field(default=10, ge=0, le=120)
    notify: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    slack: bool = False
    report_url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    keep: Keep = Keep()
