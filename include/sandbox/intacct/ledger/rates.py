"""Exchange rates: by type and date from the table, or given explicitly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import missing, refused
from include.sandbox.intacct.values import decimal_text

CUSTOM_RATE = "-1"


@dataclass(frozen=True, slots=True)
class Rate:
    """Base currency = transaction currency x ``rate``."""

    base: str
    currency: str
    rate: Decimal
    day: date
    type: str

    def fields(self) -> dict[str, str | int | None]:
        return {
            "BASECURR": self.base,
            "CURRENCY": self.currency,
            "EXCH_RATE_DATE": self.day.isoformat(),
            "EXCH_RATE_TYPE_ID": self.type,
            "EXCHANGE_RATE": decimal_text(self.rate),
        }


def rate_for(
    context: Context,
    base: str,
    currency: str,
    day: date,
    *,
    type_name: str = "",
    explicit: Decimal | None = None,
) -> Rate:
    """The rate of the day or of the last day before that has one. Raises Refused where there is none."""
    if currency == base:
        return Rate(base, currency, Decimal(1), day, "")
    if explicit is not None:
        if explicit <= 0:
            raise missing(f"The exchange rate {decimal_text(explicit)} is not valid.")
        return Rate(base, currency, explicit, day, CUSTOM_RATE)
    name = type_name or context.tenant["retained_rate_type"]
    found = context.db.scalar(
        'SELECT rate FROM "_rate" WHERE source = ? AND target = ? AND type = ? AND day <= ? ORDER BY day DESC LIMIT 1',
        (currency, base, name, day.isoformat()),
    )
    if found is None:
        raise refused(
            "BL01001973",
            f"No exchange rate of type '{name}' from {currency} to {base} on {day.strftime('%m/%d/%Y')}.",
        )
    return Rate(base, currency, Decimal(found), day, name)
