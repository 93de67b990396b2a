"""Money received that was applied to nothing, as of any day: the column of the AR ageing beside what is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from include.connectors.intacct.fields import REVERSED, Wire, day, optional, required
from include.connectors.intacct.receipts import ADVANCE_TYPE
from include.core.money import Money
from include.reports.revenue_ageing import UNAPPLIED
from include.reports.revenue_ground import Accounting
from include.reports.revenue_staging import Staging

_APPLIED: Mapping[str, str] = {
    "PAYMENTAMOUNT": "PAYMENTKEY",
    "POSTEDADVANCEAMOUNT": "POSTEDADVANCEKEY",
    "POSTEDOVERPAYMENTAMOUNT": "POSTEDOVERPAYMENTKEY",
}
"""Field of what was applied -> the field that names the receipt it came from."""
_NAMES = """SELECT customer, any_value(json_extract_string(body, '$.CUSTOMERNAME'))
    FROM staged_ARINVOICE GROUP BY customer"""


def unapplied(staging: Staging, accounting: Accounting, as_of: date) -> Iterator[tuple[Any, ...]]:
    """Rows of the ageing, one for each payment or advance that had come by ``as_of``: what of it is unapplied now, and
    what was applied after that day.

    Receipts that were reversed since are left out. An advance that ARPYMT lists too counts once.
    """
    later = _applied_after(staging, as_of)
    names: dict[str, str | None] = dict(staging.store.execute(_NAMES).fetchall())
    seen: set[str] = set()
    for name in ("ARPYMT", "ARADVANCE"):
        for record in staging.records(name):
            number, received = required(record, "RECORDNO"), day(record, "RECEIPTDATE") or date.min
            if number in seen or received > as_of or optional(record, "STATE").lower() in REVERSED:
                continue
            if optional(record, "RECORDTYPE") == ADVANCE_TYPE:
                seen.add(number)
            entity, base_currency = _place(record, accounting, staging.company_currency)
            currency = optional(record, "CURRENCY") or base_currency or required(record, "CURRENCY")
            applied = [(record, "TOTALDUE"), *later.get(number, ())]
            still = sum(Money.of(_text(one, f"TRX_{field}", field), currency).minor for one, field in applied)
            base_currency = base_currency or currency
            base = sum(Money.of(_text(one, field), base_currency).minor for one, field in applied)
            if not still and not base:
                continue
            customer = optional(record, "CUSTOMERID")
            shown = optional(record, "DOCNUMBER") or optional(record, "RECORDID") or number
            yield (
                entity, customer, names.get(customer) or "", shown, received, received, 0, UNAPPLIED, currency, 0,
                still, base_currency, 0, base, "", name, number, optional(record, "RECORD_URL"),
            )  # fmt: skip


def _applied_after(staging: Staging, as_of: date) -> Mapping[str, list[tuple[Wire, str]]]:
    """Receipt -> the details that applied it after ``as_of``, with the field of the amount. Today there are none."""
    found: dict[str, list[tuple[Wire, str]]] = defaultdict(list)
    later = f"strptime(json_extract_string(body, '$.PAYMENTDATE'), '%m/%d/%Y')::DATE > DATE '{as_of.isoformat()}'"
    for detail in staging.records("ARPYMTDETAIL", later):
        for field, key in _APPLIED.items():
            source = optional(detail, key)
            if source and _text(detail, f"TRX_{field}", field) != "0":
                found[source].append((detail, field))
    return found


def _place(record: Wire, accounting: Accounting, company_currency: str) -> tuple[str, str]:
    """Entity and base currency. A receipt at the top level belongs to the only entity of its base currency, if any."""
    entity = optional(record, "MEGAENTITYID")
    base = optional(record, "BASECURR") or accounting.base_currencies.get(entity, "") or company_currency
    if not entity:
        mine = [one for one, currency in accounting.base_currencies.items() if currency == base]
        entity = mine[0] if len(mine) == 1 else ""
    return entity, base


def _text(record: Wire, *fields: str) -> str:
    return next((optional(record, field) for field in fields if optional(record, field)), "0")
