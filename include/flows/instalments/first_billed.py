"""What a deal was billed by when it was billed first: it goes on so, whatever the settings say since. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from include.core.decisions import Json
from include.flows.deals.documents import INSTALMENT, DealDocuments, number
from include.flows.instalments.contract import INSTALMENTS, PLANNED_BY, REST
from include.flows.instalments.settings import InstalmentSettings, Rest
from include.flows.sources import SourceSettings


@dataclass(frozen=True, slots=True)
class FirstBilled:
    """``rest``: what was chosen for its later billings. ``planned_by``: what was kept of the settings by which its
    instalments were planned; empty of a deal that was planned before such was kept: it goes by the settings as they
    are. ``None`` where nothing of the deal counts as billed."""

    rest: Rest | None = None
    planned_by: Json | None = None


NOT_BILLED = FirstBilled()


def first_billed(documents: DealDocuments) -> FirstBilled:
    """A change that was begun goes on by what it was begun with."""
    begun = documents.begun
    if begun and INSTALMENTS in begun.facts:
        return FirstBilled(_rest(begun.facts), begun.facts.get(PLANNED_BY, {}))
    if documents.facts.get("won") is False:
        return NOT_BILLED
    dated = [row for row in documents.written if number(row) == documents.last and INSTALMENTS in row.facts]
    newest = max(dated, key=lambda row: row.facts.get(INSTALMENT, {}).get("due", ""), default=None)
    return FirstBilled(_rest(documents.facts), newest.facts.get(PLANNED_BY, {}) if newest else {})


def kept_sources(documents: Iterable[DealDocuments]) -> list[SourceSettings]:
    """What these deals' own plans read, whether or not the settings still name it."""
    kept = [planned for its in documents if (planned := first_billed(its).planned_by)]
    return [source for one in kept for source in InstalmentSettings.model_validate(one).sources()]


def _rest(facts: Json) -> Rest | None:
    if facts.get("won") is False:
        return None
    if REST in facts:
        return "recurring_invoice"
    return "invoice_when_due" if INSTALMENTS in facts else "by_hand"
