"""Reading the fields of a record: each value in its own type, and what must be there named where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from include.connectors.intacct import formats
from include.connectors.intacct.errors import SYSTEM
from include.core.errors import InvariantError
from include.core.money import Money

Wire = Mapping[str, Any]

# The exact set of labels is not published; these stand for what is not, or no longer, in the books.
NOT_POSTED = frozenset({"draft", "submitted", "partially approved", "declined"})
REVERSED = frozenset({"reversed", "reversal", "voided"})


def required(record: Wire, name: str) -> str:
    """The text of a field that must be there. Raises ``InvariantError`` naming the field."""
    text = optional(record, name)
    if not text:
        raise InvariantError(f"A Sage Intacct record lacks its field {name}; it cannot be used.", system=SYSTEM)
    return text


def optional(record: Wire, name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


def flag(record: Wire, name: str) -> bool:
    return formats.read_bool(optional(record, name))


def day(record: Wire, name: str) -> date | None:
    return formats.read_date(optional(record, name))


def required_day(record: Wire, name: str) -> date:
    """A date that must be there. Raises ``InvariantError`` naming the field."""
    found = formats.read_date(required(record, name))
    if found is None:  # pragma: no cover - a required text is never empty
        raise InvariantError(f"A Sage Intacct record lacks its date {name}; it cannot be used.", system=SYSTEM)
    return found


def moment(record: Wire, name: str) -> datetime | None:
    """A timestamp as aware UTC; right for every user's zone where ``changes.iter_changed`` read the record."""
    return formats.read_time(optional(record, name))


def number(record: Wire, name: str) -> Decimal | None:
    return formats.read_decimal(optional(record, name))


def is_active(record: Wire) -> bool:
    """STATUS: a label (``active``) or a code (``T``); only a plain ``inactive`` is inactive."""
    return optional(record, "STATUS").lower() not in {"inactive", "f", "false"}


def currencies(record: Wire, company_currency: str = "") -> tuple[str, str]:
    """The transaction's currency and the base currency.

    ``company_currency`` stands in where the company has one currency only and its records name none. Raises
    ``InvariantError`` where there is no currency at all: an amount without one is no amount.
    """
    base = optional(record, "BASECURR") or company_currency
    return optional(record, "CURRENCY") or base or required(record, "CURRENCY"), base


def amount(record: Wire, name: str, currency: str) -> Money:
    """The transaction amount, zero where it is empty; a company of one currency fills only the base amount, which is
    the same there."""
    return Money.of(optional(record, f"TRX_{name}") or optional(record, name) or "0", currency)


def base_amount(record: Wire, name: str, base_currency: str) -> Money | None:
    """The amount in the base currency; ``None`` where the record names no base currency."""
    return Money.of(optional(record, name) or "0", base_currency) if base_currency else None
