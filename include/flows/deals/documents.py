"""What Tieout's log knows of a deal's documents, version by version. Pure.

Version 0 is the first invoice; every change that was carried out is the next one. All writes of a version carry the
deal's facts as they were then, the version's number and the parts it consists of, so that a version that was begun and
not finished (a kill, a lost answer) is told from one that is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from include.core.changed_deal_table import Action
from include.core.decisions import Json, Key
from include.core.sync import WriteRow, WriteState
from include.flows.deals.hold_guard import GUARD

CHANGE, PARTS, ACTIONS = "change", "parts", "actions"
INSTALMENT, THROUGH = "instalment", "through"
"""Which instalment an invoice bills, and up to which day a correction bills all of them."""
RECURRING = "recurring"
"""From which day on, and how often, Intacct itself bills the deal by a recurring invoice."""
TAX_ON_TOP = "tax_on_top"
"""What of a document's total the deal's amount does not include: the tax of a sale whose prices are without it."""
MEMO, APPLICATION, REVERSAL, DELETION = "credit_memo", "credit_application", "reversal", "draft_deletion"
RECURRING_INVOICE = "recurring_invoice"
TASK_PART = "change-"
IN_BOOKS = ("invoice", MEMO, APPLICATION, REVERSAL, DELETION)
_HAPPENED = (WriteState.WRITTEN, WriteState.UNKNOWN)


def invoice_key(deal_id: str) -> Key:
    return Key("intacct", "invoice", "hubspot", "deal", deal_id, "invoice")


def order_key(deal_id: str) -> Key:
    return Key("intacct", "sales_order", "hubspot", "deal", deal_id, "order")


def part_key(deal_id: str, target_object: str, part: str) -> Key:
    return Key("hubspot" if target_object == "task" else "intacct", target_object, "hubspot", "deal", deal_id, part)


def billed_facts(facts: Mapping[str, object]) -> Json:
    """The deal's own facts, without what Tieout adds to them."""
    own = (CHANGE, PARTS, ACTIONS, GUARD, INSTALMENT, THROUGH, RECURRING, TAX_ON_TOP)
    return {name: value for name, value in facts.items() if name not in own}


def document_facts(facts: Mapping[str, object]) -> Json:
    """What Tieout adds to the facts of one document by itself: the guard's decision, and its tax."""
    return {name: facts[name] for name in (GUARD, TAX_ON_TOP) if name in facts}


@dataclass(frozen=True, slots=True)
class Begun:
    """A version that was consented to and not finished: finish it as it was meant, or plan from what stands."""

    number: int
    facts: Json
    actions: tuple[Action, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DealDocuments:
    """``rows`` are the log's rows of this deal's documents and tasks of changes, in any state."""

    deal_id: str
    rows: tuple[WriteRow, ...]

    @classmethod
    def of(cls, rows: Iterable[WriteRow]) -> dict[str, DealDocuments]:
        """By deal; of deals of which nothing was invoiced yet there is none."""
        found: dict[str, list[WriteRow]] = {}
        for row in rows:
            if row.key.target_object in (*IN_BOOKS, RECURRING_INVOICE) or row.key.part.startswith(TASK_PART):
                found.setdefault(row.key.source_id, []).append(row)
        all_of = {deal: cls(deal, tuple(its)) for deal, its in found.items()}
        return {deal: its for deal, its in all_of.items() if its.last is not None}

    @property
    def written(self) -> list[WriteRow]:
        return [row for row in self.rows if row.state is WriteState.WRITTEN]

    @property
    def happened(self) -> list[WriteRow]:
        """What was made, or may have been."""
        return [row for row in self.rows if row.state in _HAPPENED]

    @property
    def last(self) -> int | None:
        """The newest version that is done; ``None`` where nothing was invoiced."""
        done = [n for n in {number(row) for row in self.written} if self._is_done(n)]
        return max(done, default=None)

    @property
    def facts(self) -> Json:
        """The deal as the books stand for it: its last billed version."""
        return billed_facts(next(row for row in self.written if number(row) == self.last).facts)

    @property
    def currency(self) -> str:
        return next(str(row.facts["currency"]) for row in self.written if row.facts.get("currency"))

    @property
    def next_number(self) -> int:
        return max((number(row) for row in self.happened), default=0) + 1

    @property
    def begun(self) -> Begun | None:
        """The version after the last one, where some of it happened, or may have."""
        rows = [row for row in self.happened if number(row) > (self.last or 0)]
        if not rows:
            return None
        newest = max(rows, key=number)
        return Begun(
            number(newest),
            billed_facts(newest.facts),
            tuple(newest.facts.get(ACTIONS, ())),
            tuple(newest.facts.get(PARTS, ())),
        )

    @property
    def in_doubt(self) -> list[WriteRow]:
        """What may have happened since the first invoice: it is settled before anything else is planned."""
        return [row for row in self.rows if row.state is WriteState.UNKNOWN and number(row) > 0]

    def has(self, part: str) -> bool:
        return any(row.key.part == part for row in self.written)

    @property
    def has_task(self) -> bool:
        """Whether finance got a task about one of its changes."""
        return any(row.key.part.startswith(TASK_PART) for row in self.written)

    @property
    def was_credited(self) -> bool:
        """Lost, and an invoice of it stands beside its credit memo: a payment that comes back opens it again."""
        return self.facts.get("won") is False and bool(self.made("invoice").keys() - self.ended)

    def made(self, target_object: str) -> dict[str, WriteRow]:
        """What was made of this kind, by its record number in Intacct."""
        return {row.target_id: row for row in self.written if row.key.target_object == target_object}

    @property
    def ended(self) -> set[str]:
        """Record numbers of the invoices that Tieout itself has reversed, or deleted as drafts."""
        return {*self.made(REVERSAL), *self.made(DELETION)}

    @property
    def witness(self) -> WriteRow:
        """The row by which the deal is told to be unchanged: its newest invoice that stands, else what ended it."""
        invoices = [row for row in self.written if row.key.target_object == "invoice"]
        standing = [row for row in invoices if row.target_id not in self.ended]
        ends = [row for row in self.written if row.key.target_object in (REVERSAL, DELETION)]
        return max(standing or ends or invoices or self.written, key=lambda row: (number(row), row.key.part))

    def _is_done(self, n: int) -> bool:
        parts = {part for row in self.written if number(row) == n for part in row.facts.get(PARTS, ())}
        return parts <= {row.key.part for row in self.written if number(row) == n}


def number(row: WriteRow) -> int:
    return int(row.facts.get(CHANGE, 0))
