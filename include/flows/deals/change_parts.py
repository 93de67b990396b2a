"""What a change of a deal consists of: the keys of its documents, and its steps as people read them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from include.core.decisions import Json, Key, Write
from include.core.money import Money
from include.flows.deals.change_postings import Posting
from include.flows.deals.documents import APPLICATION, DELETION, MEMO, REVERSAL, DealDocuments, number, part_key


@dataclass(frozen=True, slots=True)
class Parts:
    """The keys of version ``number``: which documents it makes follows from the number alone."""

    documents: DealDocuments
    number: int

    def invoice(self) -> Key:
        return self._key("invoice", f"invoice-{self.number + 1}")

    def memo(self) -> Key:
        return self._key(MEMO, f"credit-{self.number}")

    def application(self) -> Key:
        return self._key(APPLICATION, f"applied-{self.number}")

    def reversal(self, record_no: str) -> Key:
        return self._key(REVERSAL, f"reversal-{self.number}-{record_no}")

    def deletion(self, record_no: str) -> Key:
        return self._key(DELETION, f"deletion-{self.number}-{record_no}")

    def task(self) -> Key:
        return self._key("task", f"change-{self.number}")

    @property
    def ended(self) -> list[Key]:
        """What this version took out of the books already, or may have, where it was interrupted: as it was, so that
        what was sent after it stays the same, and what was not waits until that is known."""
        ends = (REVERSAL, DELETION, MEMO)
        rows = [row for row in self.documents.happened if number(row) == self.number]
        return [row.key for row in rows if row.key.target_object in ends]

    @property
    def made(self) -> set[str]:
        """Record numbers of the invoices that this version made already: it takes out of the books what was there
        before, never those."""
        invoices = self.documents.made("invoice")
        return {record_no for record_no, row in invoices.items() if number(row) == self.number}

    def is_done(self, key: Key) -> bool:
        return self.documents.has(key.part)

    def _key(self, target_object: str, part: str) -> Key:
        return part_key(self.documents.deal_id, target_object, part)


@dataclass(frozen=True, slots=True)
class Step:
    """One document: the sentence for people, what it books, and by how much it changes what the customer owes."""

    text: str
    writes: tuple[Write, ...]
    postings: tuple[Posting, ...] = ()
    receivable: Money | None = None
    month: str = ""

    @property
    def identity(self) -> Json:
        """What makes it this step; days within a month do not."""
        return {
            "parts": [write.key.part for write in self.writes],
            "customers": [write.expect.get("CUSTOMERID", "") for write in self.writes],
            "postings": [one.to_json() for one in self.postings],
            "receivable": str(self.receivable),
            "month": self.month,
        }
