"""What a chapter has at hand: people who act in the two systems, and what both systems' own books show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from include.sandbox.access import Access
from include.sandbox.control_client import Control
from include.sandbox.people import BookKeeper, SalesRep
from include.state.progress import Note
from include.state.store import open_store

Record = Mapping[str, Any]


@dataclass
class Scene:
    """``cast`` holds the ids of what chapters made, for later ones; ``reports`` is where Tieout makes its reports."""

    control: Control
    access: Access
    state_file: Path
    reports: Path
    cast: dict[str, str] = field(default_factory=dict)

    @property
    def rep(self) -> SalesRep:
        return SalesRep(self.access)

    def book_keeper(self, entity: str) -> BookKeeper:
        return BookKeeper(self.access, entity)

    @property
    def now(self) -> datetime:
        return self.control.now()

    @property
    def today(self) -> date:
        return self.now.date()

    def intacct(self, object_name: str) -> list[Record]:
        """Every record of an object in Intacct's books."""
        return [book["record"] for book in self.control.books("intacct") if book["object"] == object_name]

    def hubspot(self, object_type: str) -> dict[str, Record]:
        """The properties of every record of a type in HubSpot, by id."""
        books = self.control.books("hubspot")
        return {book["id"]: book["properties"] for book in books if book["type"] == object_type}

    def invoices_of_deal(self, deal_id: str) -> list[Record]:
        return [
            invoice
            for invoice in self.intacct("ARINVOICE")
            if invoice.get("TIEOUT_KEY") == f"hs-deal-{deal_id}-invoice"
        ]

    def notes(self, flow: str) -> Sequence[Note]:
        """What the last runs of a flow noted, newest first."""
        return open_store(f"sqlite:///{self.state_file}").notes(flow)

    def mails(self) -> Sequence[Record]:
        return self.control.messages("mail")


@dataclass(frozen=True, slots=True)
class Check:
    """One statement about the books, and whether it holds."""

    says: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """``happens`` is what people do (it returns a sentence); ``runs`` are the DAGs that run then; ``shows`` is what
    must be in the books afterwards."""

    title: str
    happens: Callable[[Scene], str]
    runs: Sequence[str]
    shows: Callable[[Scene], Iterable[Check]]
    conf: Callable[[Scene], Mapping[str, Any]] = lambda scene: {}


def only(found: Iterable[Record], what: str) -> Record:
    """The one of them. Raises ``LookupError`` where there is none, or more than one."""
    listed = list(found)
    if len(listed) != 1:
        raise LookupError(f"{len(listed)} found, not one: {what}")
    return listed[0]


def amount(record: Record, field: str) -> Decimal | None:
    """A field that holds an amount; ``None`` where it is empty."""
    text = str(record.get(field) or "")
    return Decimal(text) if text else None
