"""What the headers of invoices and bills have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from include.connectors.intacct.fields import (
    NOT_POSTED,
    REVERSED,
    Wire,
    amount,
    base_amount,
    currencies,
    day,
    moment,
    optional,
    required,
)
from include.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``number`` is the header's RECORDID; ``total``, ``paid`` and ``balance`` are in the transaction's currency, the
    ``base_`` ones in the books' own (``None`` where the record names no base currency). ``entity_id`` is the owning
    entity, ``""`` where it was entered at the top level. Whether it is paid is for ``balance`` to say, not for
    ``state``; ``paid_date`` is when the balance became zero."""

    record_no: str
    number: str
    state: str
    posting_date: date | None
    due_date: date | None
    total: Money
    paid: Money
    balance: Money
    record_type: str = ""
    base_currency: str = ""
    base_total: Money | None = None
    base_paid: Money | None = None
    base_balance: Money | None = None
    paid_date: date | None = None
    description: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)
    term_name: str = ""
    module: str = ""
    entity_id: str = ""
    url: str = field(default="", repr=False)
    modified_at: datetime | None = None

    @property
    def is_reversed(self) -> bool:
        """Reversed, or the document that reverses another: together they are zero."""
        return self.state.lower() in REVERSED

    @property
    def is_live(self) -> bool:
        """In the books and standing: neither a draft, nor waiting for approval, nor reversed."""
        return not self.is_reversed and self.state.lower() not in NOT_POSTED


HEADER_FIELDS = (
    "RECORDNO",
    "RECORDTYPE",
    "RECORDID",
    "STATE",
    "WHENCREATED",
    "WHENPOSTED",
    "WHENDUE",
    "WHENPAID",
    "CURRENCY",
    "BASECURR",
    "TOTALENTERED",
    "TOTALPAID",
    "TOTALDUE",
    "TRX_TOTALENTERED",
    "TRX_TOTALPAID",
    "TRX_TOTALDUE",
    "DESCRIPTION",
    "DOCNUMBER",
    "TERMNAME",
    "MODULEKEY",
    "MEGAENTITYID",
    "RECORD_URL",
    "WHENMODIFIED",
)


def header(record: Wire, company_currency: str) -> dict[str, Any]:
    """The fields of a ``Document`` as keyword arguments. Raises ``InvariantError`` for what a header cannot lack."""
    currency, base = currencies(record, company_currency)
    return {
        "record_no": required(record, "RECORDNO"),
        "number": optional(record, "RECORDID"),
        "state": required(record, "STATE"),
        "posting_date": day(record, "WHENPOSTED"),
        "due_date": day(record, "WHENDUE"),
        "total": amount(record, "TOTALENTERED", currency),
        "paid": amount(record, "TOTALPAID", currency),
        "balance": amount(record, "TOTALDUE", currency),
        "record_type": optional(record, "RECORDTYPE"),
        "base_currency": base,
        "base_total": base_amount(record, "TOTALENTERED", base),
        "base_paid": base_amount(record, "TOTALPAID", base),
        "base_balance": base_amount(record, "TOTALDUE", base),
        "paid_date": day(record, "WHENPAID"),
        "description": optional(record, "DESCRIPTION"),
        "reference": optional(record, "DOCNUMBER"),
        "term_name": optional(record, "TERMNAME"),
        "module": optional(record, "MODULEKEY"),
        "entity_id": optional(record, "MEGAENTITYID"),
        "url": optional(record, "RECORD_URL"),
        "modified_at": moment(record, "WHENMODIFIED"),
    }
