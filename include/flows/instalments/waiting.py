"""Which deals are to be looked at on which day, because an instalment of theirs is due then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from include.core.books import Books
from include.core.errors import RecordError
from include.flows.deals.bill import Bill
from include.flows.deals.billed_again import bill_again
from include.flows.deals.documents import DealDocuments
from include.flows.deals.pricing import billed_by, price
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.instalments.billed import BilledInstalments, left
from include.flows.instalments.contract import INSTALMENTS


def next_days(
    records: Iterable[DealRecord],
    documents: Mapping[str, DealDocuments],
    settings: WonDealSettings,
    books: Books,
) -> dict[str, date | None]:
    """Deal -> the day of its first instalment that is not billed, also one that this run is about to bill: so that a
    run that dies is followed by another one; ``None`` where there is none. Deals that are not billed in instalments, or
    cannot be priced, are left out."""
    days: dict[str, date | None] = {}
    for record in records:
        its = documents.get(record.deal_id)
        if not settings.instalments.anywhere and not (its and INSTALMENTS in its.facts):
            continue
        if not record.is_won:
            days[record.deal_id] = None
            continue
        try:
            bill = _bill(record, its, settings, books)
        except (RecordError, ValueError, ArithmeticError):
            continue  # the plan says why, and a deal on hold is looked at by every run
        if bill is not None and bill.instalments:
            lost = its is not None and its.facts.get("won") is False  # won again: nothing of it counts as billed
            rest = left(bill.instalments, BilledInstalments() if lost else BilledInstalments.of(its))
            days[record.deal_id] = min((one.due for one in rest if one.due), default=None)
    return days


def _bill(record: DealRecord, its: DealDocuments | None, settings: WonDealSettings, books: Books) -> Bill | None:
    if its is not None:
        return bill_again(record, its, settings, books, None)
    entity_id, entity, local = billed_by(record, settings, books)
    if local.date() < settings.go_live:
        return None
    return price(record, entity_id, entity, local.date(), settings)
