"""What the twins' books show, read record by record: only what a comparison with the manifest needs is
kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

_NO_DECIMALS = {"JPY"}
_NOT_LIVE = {"draft", "submitted", "reversed", "reversal"}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice in Intacct's books. Amounts are in minor units of ``currency``, as fractions: a fraction
    of a cent in the books must show. ``lines`` are (item, net, location), the zero ones left out: a free
    line may be kept or dropped."""

    recordno: str
    number: str
    description: str
    customer_id: str
    customer_name: str
    currency: str
    total: Fraction
    dated: date | None
    posted: date | None
    due: date | None
    reference: str
    state: str
    lines: Counter[tuple[str, Fraction, str]]

    @property
    def live(self) -> bool:
        """Posted, and neither a draft nor reversed."""
        return self.state.lower() not in _NOT_LIVE


@dataclass(slots=True)
class Intacct:
    """``documents`` are the totals of all invoices and adjustments by number; ``customers`` counts the
    customers by name and ``customer_ids`` gives the name to each id."""

    invoices: list[Invoice] = field(default_factory=list)
    documents: dict[str, Fraction] = field(default_factory=dict)
    customers: Counter[str] = field(default_factory=Counter)
    customer_ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DealMark:
    """What was written back to a deal in HubSpot."""

    state: str
    message: str
    invoice_number: str
    invoice_total: str


def read_intacct(books: Iterable[Record], history: frozenset[str]) -> Intacct:
    """``history`` are the numbers of the documents that were there before; they are not among ``invoices``, nor is
    what the books made themselves from recurring invoices."""
    seen = Intacct()
    for entry in books:
        record = entry.get("record", {})
        match entry["object"]:
            case "CUSTOMER":
                seen.customers[record["NAME"]] += 1
                seen.customer_ids[record["CUSTOMERID"]] = record["NAME"]
            case "ARINVOICE" | "ARADJUSTMENT" as kind:
                total = _minor(record.get("TRX_TOTALENTERED"), record.get("CURRENCY") or "USD")
                number = record.get("RECORDID") or ""
                seen.documents[number] = total
                if kind == "ARINVOICE" and number not in history and not _by_schedule(record):
                    seen.invoices.append(_invoice(record, entry.get("items", ()), total))
            case _:
                pass
    # The books may come without the name on each invoice.
    seen.invoices = [
        invoice if invoice.customer_name else _named(invoice, seen.customer_ids) for invoice in seen.invoices
    ]
    return seen


def _named(invoice: Invoice, names: Mapping[str, str]) -> Invoice:
    return replace(invoice, customer_name=names.get(invoice.customer_id, ""))


def read_hubspot(books: Iterable[Record]) -> dict[str, DealMark]:
    """What is marked on each deal, by deal id; archived deals are left out."""
    marks: dict[str, DealMark] = {}
    for entry in books:
        if entry["type"] != "deals" or entry.get("archived"):
            continue
        shown = entry["properties"]
        marks[str(entry["id"])] = DealMark(
            shown.get("tieout_state") or "",
            shown.get("tieout_message") or "",
            shown.get("intacct_invoice_number") or "",
            shown.get("intacct_invoice_total") or "",
        )
    return marks


def _by_schedule(record: Record) -> bool:
    """Whether the books made the invoice themselves, from a recurring one. No client can claim that of its own."""
    return record.get("SYSTEMGENERATED") in {"T", "true"} and record.get("MODULEKEY") == "4.AR"


def _invoice(record: Record, items: Iterable[Record], total: Fraction) -> Invoice:
    currency = record.get("CURRENCY") or "USD"
    lines: Counter[tuple[str, Fraction, str]] = Counter()
    for item in items:
        net = _minor(item.get("TRX_AMOUNT"), currency)
        if net:
            lines[item.get("ITEMID") or "", net, item.get("LOCATIONID") or ""] += 1
    return Invoice(
        recordno=str(record.get("RECORDNO") or ""),
        number=record.get("RECORDID") or "",
        description=record.get("DESCRIPTION") or "",
        customer_id=record.get("CUSTOMERID") or "",
        customer_name=record.get("CUSTOMERNAME") or "",
        currency=currency,
        total=total,
        dated=_day(record.get("WHENCREATED")),
        posted=_day(record.get("WHENPOSTED")),
        due=_day(record.get("WHENDUE")),
        reference=record.get("DOCNUMBER") or "",
        state=record.get("STATE") or "",
        lines=lines,
    )


def _minor(text: str | None, currency: str) -> Fraction:
    return Fraction(text or 0) * (1 if currency in _NO_DECIMALS else 100)


def _day(text: str | None) -> date | None:
    """A date in the gateway's own form (``10/31/2026``) or in ISO form; ``None`` if there is none."""
    if not text:
        return None
    return datetime.strptime(text, "%m/%d/%Y").date() if "/" in text else date.fromisoformat(text[:10])  # noqa: DTZ007


def in_words(minor: Fraction, currency: str) -> str:
    """Minor units as text for a sentence; what lies below them is shown as a fraction."""
    whole, rest = divmod(abs(minor), 1)
    digits = 0 if currency == "JPY" else 2
    major, cents = divmod(int(whole), 10**digits)
    sign = "-" if minor < 0 else ""
    tail = f" and {rest} of a minor unit" if rest else ""
    return f"{sign}{major}{f'.{cents:02d}' if digits else ''} {currency}{tail}"
