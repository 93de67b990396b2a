"""What is in a twin, as tables: its kinds of records with their numbers, and one kind page by page."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from include.sandbox.state import Sandbox

PAGE = 50

_COLUMNS: Mapping[str, Sequence[str]] = {
    "CUSTOMER": ("CUSTOMERID", "NAME", "STATUS", "ONHOLD", "TERMNAME", "CURRENCY", "TAXID", "TOTALDUE"),
    "ARINVOICE": (
        "RECORDID",
        "CUSTOMERID",
        "DESCRIPTION",
        "WHENCREATED",
        "WHENPOSTED",
        "WHENDUE",
        "CURRENCY",
        "TRX_TOTALENTERED",
        "TRX_TOTALDUE",
        "STATE",
        "TIEOUT_KEY",
    ),
    "deals": (
        "dealname",
        "amount",
        "deal_currency_code",
        "dealstage",
        "closedate",
        "tieout_state",
        "intacct_invoice_number",
        "tieout_message",
    ),
    "companies": ("name", "domain", "city", "country", "tax_id", "intacct_customer_id", "payment_terms"),
    "contacts": ("firstname", "lastname", "email", "jobtitle"),
    "line_items": ("name", "hs_sku", "quantity", "price", "discount", "hs_discount_percentage", "amount"),
}
NUMBERS = {"TRX_TOTALENTERED", "TRX_TOTALDUE", "TOTALDUE", "amount", "price", "quantity", "discount"}
TITLES = {"intacct": "Sage Intacct", "hubspot": "HubSpot"}
# What a person asks for first.
FIRST = (
    *("CUSTOMER", "ARINVOICE", "ARPYMT", "ARADJUSTMENT", "GLBATCH", "VENDOR", "APBILL"),
    *("deals", "companies", "contacts", "line_items", "products", "tasks", "invoices"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of one kind of record."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class _Count:
    """``stamp`` is the state of the sandbox that was counted, ``until`` when counting again is affordable."""

    stamp: object
    until: float
    kinds: Counter[str]


@runtime_checkable
class Counted(Protocol):
    """A twin that need not read its whole books for a page."""

    def count(self) -> Mapping[str, int]:
        """Number of records by kind; kinds without records and what was archived are left out."""

    def part(self, kind: str, skip: int, number: int) -> Sequence[Mapping[str, Any]]:
        """Records of one kind, as ``export`` has them and in its order; none of an unknown kind."""


class Survey:
    """Counts the records of each kind. Counting may read the whole books, so it is done again only after
    calls, and never for more than a twentieth of the time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._known: dict[str, _Count] = {}

    def kinds(self, system: str) -> Counter[str]:
        """Number of records by kind. Raises ``KeyError`` for an unknown system."""
        stamp = (self._sandbox.calls.last_seq, self._sandbox.seeded, self._sandbox.seedings)
        twin = self._sandbox.twins[system]
        with self._lock:
            known, started = self._known.get(system), time.monotonic()
            if known is None or (known.stamp != stamp and started >= known.until):
                kinds = Counter(twin.count() if isinstance(twin, Counted) else _counted(twin.export()))
                seconds = time.monotonic() - started
                known = self._known[system] = _Count(stamp, started + 20 * seconds, kinds)
            return known.kinds

    def ordered(self, system: str) -> list[tuple[str, int]]:
        """The kinds a person asks for first, then the others by name."""
        kinds = self.kinds(system)
        known = [kind for kind in FIRST if kind in kinds]
        return [(kind, kinds[kind]) for kind in (*known, *sorted(set(kinds) - set(known)))]

    def sheet(self, system: str, kind: str, page: int) -> Sheet:
        """Page ``page`` (from 1) of one kind. Raises ``KeyError`` for an unknown system."""
        twin, skip = self._sandbox.twins[system], (page - 1) * PAGE
        if isinstance(twin, Counted):
            found = twin.part(kind, skip, PAGE)
        else:
            found = list(islice((entry for entry in twin.export() if _kind(entry) == kind), skip, skip + PAGE))
        rows = [_row(entry) for entry in found]
        heads = _COLUMNS.get(kind) or tuple(rows[0][1])[:10] if rows else ()
        return Sheet(
            ("id", *heads),
            tuple((record_id, *(_short(fields.get(head)) for head in heads)) for record_id, fields in rows),
            self.kinds(system)[kind],
        )


def _counted(books: Iterable[Mapping[str, Any]]) -> Counter[str]:
    return Counter(kind for entry in books if (kind := _kind(entry)) is not None)


def _kind(entry: Mapping[str, Any]) -> str | None:
    """``None`` of what is not shown: a twin's settings, and what was archived."""
    if "object" in entry:
        return str(entry["object"])
    return None if entry["type"].startswith("_") or entry.get("archived") else str(entry["type"])


def _row(entry: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(id, fields)."""
    if "object" in entry:
        return str(entry.get("record", {}).get("RECORDNO", "")), entry.get("record", {})
    return str(entry["id"]), entry["properties"]


def _short(value: object) -> str:
    shown = "" if value is None else str(value)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."
