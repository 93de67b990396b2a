"""Pieces of a SQL statement with their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a WHERE clause; values are always parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


def where(conditions: Sequence[Condition]) -> str:
    return "WHERE " + " AND ".join(c.sql for c in conditions) if conditions else ""


def parameters(conditions: Sequence[Condition]) -> tuple[Any, ...]:
    return tuple(value for condition in conditions for value in condition.parameters)
