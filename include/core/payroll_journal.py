"""A payroll run as a journal: sums by entity, account and department, nobody's name (accounting case 70). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from include.core.journal import JournalLine, check_balance, line
from include.core.money import Money

Detail = Literal["summary", "employee"]
"""``summary``: nothing that points to a person. ``employee``: one line for each person, with the employee number."""


@dataclass(frozen=True, slots=True)
class PayItem:
    """What one person's pay comes to on one account: a debit is positive. ``employee`` is in no repr."""

    entity_id: str
    account: str
    amount: Money
    department_id: str = ""
    employee: str = field(default="", repr=False)


def payroll_journal(items: Iterable[PayItem], detail: Detail = "summary") -> tuple[JournalLine, ...]:
    """The lines, each entity balanced, in a stable order; those that come to zero are left out.

    Raises ``Unbalanced``. A correction run is a run of its own, of the differences.
    """
    sums: dict[tuple[str, str, str, str], Money] = {}
    for item in items:
        key = (item.entity_id, item.account, item.department_id, item.employee if detail == "employee" else "")
        sums[key] = sums[key] + item.amount if key in sums else item.amount
    lines = tuple(
        line(entity_id, account, amount, department_id=department, memo=employee)
        for (entity_id, account, department, employee), amount in sorted(sums.items())
        if not amount.is_zero
    )
    check_balance(lines)
    return lines


def reversal(lines: Sequence[JournalLine]) -> tuple[JournalLine, ...]:
    """The run taken back: every line the other way round."""
    return tuple(one.reversed() for one in lines)
