"""When an invoice is overdue, how far its dunning has come, and what its task is known by. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from include.core.decisions import Key
from include.core.money import Money
from include.flows.overdue.settings import OverdueSettings, Priority

SOURCE = ("intacct", "invoice")
TASK = ("hubspot", "task")
_STEPS: tuple[Priority, ...] = ("LOW", "MEDIUM", "HIGH")


def days_overdue(due: date, today: date, grace_days: int) -> int:
    """Calendar days past the due date and the grace; 0 on the last day of grace and before."""
    return max((today - due).days - grace_days, 0)


def stage_on(due: date | None, today: date, settings: OverdueSettings, grace_ends: date | None = None) -> int:
    """The highest stage that is reached, counted from 1; 0 where the invoice is not overdue. ``grace_ends``: the last
    day of the grace, where the entity counts business days."""
    if due is None:
        return 0
    late = days_overdue(grace_ends, today, 0) if grace_ends else days_overdue(due, today, settings.grace_days)
    return sum(late >= stage.after_days for stage in settings.stages)


def stage_days(due: date, settings: OverdueSettings, grace_ends: date | None = None) -> list[date]:
    """The day on which each stage begins."""
    end = grace_ends or due + timedelta(days=settings.grace_days)
    return [end + timedelta(days=stage.after_days) for stage in settings.stages]


def due_before(today: date, settings: OverdueSettings) -> date:
    """What is due on this day or later has not reached the first stage; what is due before it has, if its entity counts
    every day."""
    return today - timedelta(days=settings.grace_days + settings.stages[0].after_days - 1)


def priority_of(stage: int, balance: Money, settings: OverdueSettings) -> Priority:
    """The stage's own priority, a step higher for a large balance."""
    step = _STEPS.index(settings.stages[stage - 1].priority)
    large = settings.large(balance.currency)
    return _STEPS[min(step + 1, len(_STEPS) - 1)] if large is not None and balance >= large else _STEPS[step]


def task_key(record_no: str, stage: int, round_: int = 0) -> Key:
    """``dunning-2``; ``dunning-2-again-1`` after the invoice was settled once and came back (a returned payment)."""
    part = f"dunning-{stage}" + (f"-again-{round_}" if round_ else "")
    return Key(*TASK, *SOURCE, record_no, part)


def stage_and_round(part: str) -> tuple[int, int] | None:
    """What ``task_key`` made the part of; ``None`` for the part of another document."""
    word, _, rest = part.partition("-")
    stage, _, again = rest.partition("-again-")
    if word != "dunning" or not stage.isdecimal() or (again and not again.isdecimal()):
        return None
    return int(stage), int(again or 0)
