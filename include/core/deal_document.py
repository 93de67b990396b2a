"""Which document a deal's total becomes, and which of its lines stand on it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from include.core.errors import RecordError
from include.core.money import Money

Document = Literal["invoice", "credit_memo", "by_hand"]


class NothingToBill(RecordError):
    """A deal without lines, and without leave to bill its amount as one."""


def document_for(total: Money) -> Document:
    """Below zero it is a credit memo, never a negative invoice; zero is never posted by itself (cases 9, 10)."""
    if total.is_zero:
        return "by_hand"
    return "credit_memo" if total.is_negative else "invoice"


def lines_kept(nets: Sequence[Money], *, keep_zero: bool) -> list[int]:
    """The places of the lines that stand on the document: free ones only where the settings keep them (case 9)."""
    return [n for n, net in enumerate(nets) if keep_zero or not net.is_zero]


def single_line(amount: str | None, *, allowed: bool) -> str:
    """The price of the one configured line of a deal without line items: its amount, as it is stated (case 8). Raises
    ``NothingToBill``."""
    if not allowed or amount is None:
        why = "allow one line for its amount (single_line in the settings)" if amount else "enter its amount"
        raise NothingToBill(f"it has no line items. Add the products sold, or {why}.")
    return amount
