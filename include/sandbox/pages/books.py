"""What is in a twin, as tables: its kinds of records with their numbers, and one kind page by page."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

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
_FIRST = ("CUSTOMER", "ARINVOICE", "ARPYMT", "deals", "companies", "contacts", "line_items")


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


class Survey:
    """Counts the records of each kind. Counting reads the whole books, so it is done again only after
    calls, and never for more than a twentieth of the time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._known: dict[str, _Count] = {}

    def kinds(self, system: str) -> Counter[str]:
        """Number of records by kind. Raises ``KeyError`` for an unknown system."""
        stamp = (self._sandbox.calls.last_seq, self._sandbox.seeded, self._sandbox.seedings)
        with self._lock:
            known, started = self._known.get(system), time.monotonic()
            if known is None or (known.stamp != stamp and started >= known.until):
                kinds = Counter(kind for kind, _, _ in self._records(system))
                seconds = time.monotonic() - started
                known = self._known[system] = _Count(stamp, started + 20 * seconds, kinds)
            return known.kinds

    def ordered(self, system: str) -> list[tuple[str, int]]:
        """The kinds a person asks for first, then the others by name."""
        kinds = self.kinds(system)
        known = [kind for kind in _FIRST if kind in kinds]
        return [(kind, kinds[kind]) for kind in (*known, *sorted(set(kinds) - set(known)))]

    def sheet(self, system: str, kind: str, page: int) -> Sheet:
        """Page ``page`` (from 1) of one kind. Raises ``KeyError`` for an unknown system."""
        chosen = (entry for entry in self._records(system) if entry[0] == kind)
        rows = list(islice(chosen, (page - 1) * PAGE, page * PAGE))
        heads = _COLUMNS.get(kind) or tuple(rows[0][2])[:10] if rows else ()
        return Sheet(
            ("id", *heads),
            tuple((record_id, *(_short(fields.get(head)) for head in heads)) for _, record_id, fields in rows),
            self.kinds(system)[kind],
        )

    def _records(self, system: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(kind, id, fields) of every record; a twin's settings are left out."""
        for entry in self._sandbox.books(system):
            if "object" in entry:
                record = entry.get("record", {})
                yield entry["object"], str(record.get("RECORDNO", "")), record
            elif not entry["type"].startswith("_") and not entry.get("archived"):
                yield entry["type"], str(entry["id"]), entry["properties"]


def _short(value: object) -> str:
    shown = "" if value is None else str(value)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."
