"""What the write log knows of a deal's instalments: which are billed, and what its next one is. Pure.

The first instalment is the deal's ``invoice``; every later one is an invoice of its own, named by the deal and the day
on which it is due, so that none is made twice. A correction of the changed-deal engine bills all instalments up to a
day in its own documents; it says up to which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from include.core.billing_plan import Instalment
from include.core.decisions import Json, Key
from include.core.money import Money, sum_money
from include.core.sync import WriteRow, WriteState
from include.flows.deals.documents import INSTALMENT, RECURRING, THROUGH, DealDocuments, invoice_key, number, part_key
from include.flows.instalments.contract import INSTALMENTS, PLANNED_BY, split_in_words

if TYPE_CHECKING:
    from include.flows.deals.bill import Bill


@dataclass(frozen=True, slots=True)
class BilledInstalments:
    """``lines``: by the day on which each was due, the lines as they were billed. ``through``: up to this day a
    correction has billed everything. ``recurring``: from this day on a recurring invoice in Intacct bills the rest."""

    lines: Mapping[date, Sequence[Sequence[str]]] = field(default_factory=dict)
    through: date | None = None
    recurring: date | None = None

    @classmethod
    def of(cls, documents: DealDocuments | None) -> BilledInstalments:
        if documents is None:
            return cls()
        throughs = [row for row in documents.written if THROUGH in row.facts]
        newest = max(throughs, key=number, default=None)
        since = number(newest) if newest else 0
        lines = {
            date.fromisoformat(row.facts[INSTALMENT]["due"]): row.facts[INSTALMENT]["lines"]
            for row in documents.written
            if INSTALMENT in row.facts and number(row) >= since
        }
        begins = (
            date.fromisoformat(row.facts[RECURRING]["from"]) for row in documents.written if RECURRING in row.facts
        )
        through = date.fromisoformat(newest.facts[THROUGH]) if newest else None
        return cls(lines, through, min(begins, default=None))

    @property
    def last(self) -> date | None:
        """Up to which day anything is billed."""
        return max([*self.lines, *([self.through] if self.through else [])], default=None)

    def has(self, day: date | None) -> bool:
        return day is not None and (day in self.lines or (self.through is not None and day <= self.through))

    def takes_care_of(self, day: date | None) -> bool:
        """Whether it is billed, or will be by the recurring invoice."""
        return self.has(day) or (day is not None and self.recurring is not None and day >= self.recurring)

    def agree_with(self, bill: Bill) -> bool:
        """Whether what is billed stands in the deal as it was billed, and nothing more of it is due up to then."""
        last, through = self.last, self.through
        planned = {
            one.due: billed_lines(one, bill)
            for one in bill.instalments
            if one.due and last and one.due <= last and (through is None or one.due > through)
        }
        return planned == {day: list(map(list, lines)) for day, lines in self.lines.items()}


def billed_lines(one: Instalment, bill: Bill) -> list[list[str]]:
    """What an instalment bills, line by line, as a person sold it."""
    lines = [(bill.lines[part.line].sku, part) for part in one.parts]
    return [[sku, part.amount.text, str(part.first), str(part.last)] for sku, part in lines]


def left(plan: Sequence[Instalment], billed: BilledInstalments) -> list[Instalment]:
    """What is not billed yet, by day; what has no day yet comes last."""
    return [one for one in plan if not billed.takes_care_of(one.due)]


def due_by(plan: Sequence[Instalment], billed: BilledInstalments, today: date) -> list[Instalment]:
    """What is to be billed now, also what no run saw on its day."""
    return [one for one in left(plan, billed) if one.due is not None and one.due <= today]


def instalment_key(deal_id: str, one: Instalment, *, first: bool) -> Key:
    """``first``: nothing of the deal is billed yet."""
    if one.due is None:
        raise ValueError("an instalment without a day is not billed")
    return invoice_key(deal_id) if first else part_key(deal_id, "invoice", f"b{one.due:%Y%m%d}")


def in_doubt(documents: DealDocuments) -> list[WriteRow]:
    """Instalments that may have been made: they are settled before anything else is planned."""
    return [
        row for row in documents.rows if row.state is WriteState.UNKNOWN and {INSTALMENT, RECURRING} & row.facts.keys()
    ]


def progress(facts: Json, billed: BilledInstalments) -> str:
    """What a deal says of its instalments while there are more to come; empty where there are none."""
    days = facts.get(INSTALMENTS) or []
    if len(days) < 2:
        return ""
    currency = str(facts["currency"])
    amounts = [(date.fromisoformat(day) if day else None, Money.of(amount, currency)) for day, amount in days]
    rest = [(day, amount) for day, amount in amounts if not billed.has(day)]
    whole = sum_money((amount for _, amount in amounts), currency)
    split = f" ({told})" if (told := split_in_words(facts.get(PLANNED_BY, {}))) else ""
    done = len(amounts) - len(rest)
    if not rest:
        return f"Billed in {len(amounts)} instalments{split} over {whole}, all of them."
    if billed.recurring:
        by_us = f"{done} of {len(amounts)} instalments over {whole}"
        return f"Billed: {by_us}; from {billed.recurring} on by a recurring invoice in Intacct."
    day, amount = rest[0]
    when = f"on {day}" if day else "when its day is entered"
    so_far = f"{done} of {len(amounts)} over {whole} so far"
    return f"Billed in instalments{split}: {so_far}; the next one over {amount} {when}."


@dataclass(frozen=True, slots=True)
class BilledSoFar:
    """A deal that is billed in instalments: the whole ``contract``, the ``first_billing`` of all lines together, and
    what of it was to be ``billed`` until now."""

    contract: Money
    first_billing: Money
    billed: Money


def billed_so_far(documents: Mapping[str, DealDocuments]) -> dict[str, BilledSoFar]:
    """By deal; only deals that stand as billed in instalments. ``documents`` must have all rows of each deal."""
    found = {}
    for deal, its in documents.items():
        facts = its.facts
        if INSTALMENTS not in facts:
            continue
        billed, currency = BilledInstalments.of(its), str(facts["currency"])
        done = (Money.of(a, currency) for day, a in facts[INSTALMENTS] if day and billed.has(date.fromisoformat(day)))
        lines = (Money.of(line[2], currency) for line in facts["lines"])
        found[deal] = BilledSoFar(
            Money.of(facts["total"], currency), sum_money(lines, currency), sum_money(done, currency)
        )
    return found
