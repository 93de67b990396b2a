"""On which day a document may hit the general ledger: decided when it is planned, checked again when it is sent. Pure.

A document has its own date, which decides terms, rates and revenue, and a posting date, which decides the period. Only
the second one moves when a period is closed (accounting cases 39, 40).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from include.core.books import Entity, Module
from include.core.calendar import PeriodClosed, posting_date
from include.core.errors import RecordError


class AskBeforePosting(PeriodClosed):
    """The period is closed and a person must agree to ``proposal``, the first open day."""

    def __init__(self, message: str, proposal: date) -> None:
        super().__init__(message)
        self.proposal = proposal


class PlanIsStale(RecordError):
    """The period was closed after the document was planned; it is planned again."""


@dataclass(frozen=True, slots=True)
class Dates:
    """``document``: as written on the document. ``posting``: when it hits the general ledger."""

    document: date
    posting: date

    @property
    def moved(self) -> bool:
        """Whether a closed period keeps the two apart."""
        return self.posting != self.document


def closed_through(entity: Entity, module: Module) -> date | None:
    """The last day on which this module takes no posting: what is posted in AR or AP needs an open GL as well."""
    closed = (entity.period(module).closed_through, entity.period("GL").closed_through)
    return max((day for day in closed if day is not None), default=None)


def dates_for(entity: Entity, module: Module, document: date) -> Dates:
    """The dates of a document of this module, by the entity's policy.

    Pure in the books: where the period is opened again, the same document gets its own date, and goes by itself.
    Raises ``AskBeforePosting`` (policy ``ask``) or ``PeriodClosed`` (policy ``hold``).
    """
    closed, policy = closed_through(entity, module), entity.period(module).when_closed
    if policy == "ask" and closed is not None and document <= closed:
        proposal = posting_date(document, closed, "first_open_day")
        raise AskBeforePosting(
            f"{entity.name} has closed {module} through {closed}; the document of {document} would be posted on "
            f"{proposal}. Agree to that day, or open the period again.",
            proposal,
        )
    return Dates(document, posting_date(document, closed, policy))


def still_open(entity: Entity, module: Module, planned: Dates) -> None:
    """Just before sending: whether the planned posting date is open still. Raises ``PlanIsStale``."""
    closed = closed_through(entity, module)
    if closed is not None and planned.posting <= closed:
        raise PlanIsStale(
            f"{entity.name} has closed {module} through {closed} since the document was planned for {planned.posting}; "
            "nothing was sent. The next run plans it again."
        )
