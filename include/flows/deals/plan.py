"""Which invoice a won HubSpot deal becomes: ``lookup`` gathers what the decision needs, ``plan`` decides.

``plan`` is pure: the same records, lookups and settings give the same decisions. A deal that cannot be invoiced
whole is held with its reason; there is never a partial invoice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from include.core.books import Books, Entity
from include.core.decisions import Decision, Hold, Skip, Write
from include.core.errors import Unmapped
from include.core.windows import BusinessDates
from include.flows.customers.company_customer import CustomerDirectory
from include.flows.deals.bill import Bill, HoldThis, comparable
from include.flows.deals.billed_again import OutsideWindow, bill_again
from include.flows.deals.change import Changed, Consent, current_facts, decide_change, is_open_again, unchanged
from include.flows.deals.change_refusals import won_elsewhere
from include.flows.deals.documents import DealDocuments, invoice_key, order_key
from include.flows.deals.hold_guard import guarded
from include.flows.deals.lookups import Lookups, lookup
from include.flows.deals.merged import (
    MERGED,
    billed_and_merged,
    check_only_one_is_billed,
    one_is_billed,
    two_are_billed,
)
from include.flows.deals.pricing import billed_by, price, won_at
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.tax_as_billed import documented_as_billed
from include.flows.deals.whole_document import WholeDocuments
from include.flows.instalments.decide import (
    due_so_far,
    first_bill,
    later_bills,
    only_later_changed,
    says_progress,
    settled_first,
    waits,
)
from include.flows.instalments.recurring import end_it_first
from include.flows.renewals.billing import billed_in_intacct

__all__ = ["Lookups", "invoice_key", "lookup", "order_key", "plan"]

NO_CONSENT = Consent()


def plan(
    records: Iterable[DealRecord],
    lookups: Lookups,
    settings: WonDealSettings,
    books: Books,
    *,
    now: datetime,
    draft: bool = False,
    window: BusinessDates | None = None,
    consent: Consent = NO_CONSENT,
) -> list[Decision]:
    """For every deal a ``Write`` (with its customer's ``Write`` before it, once), a ``Skip`` or a ``Hold``.

    ``now`` (aware) says what lies in the future.
    """
    directory = CustomerDirectory(lookups.customers, settings.customer)
    whole = WholeDocuments(lookups, directory, settings, books, draft, consent)
    planner = _Planner(lookups, settings, books, now, window, consent, whole)
    decisions: dict[str, Decision] = {}
    for record in records:
        for decision in planner.decide(record):
            name = decision.key.text() if isinstance(decision, Write) else f"deal {decision.source_id}"
            decisions.setdefault(name, decision)
    return list(decisions.values())


def _reason(error: Exception) -> tuple[str, str]:
    match error:
        case HoldThis(code=code, message=message):
            return code, message
        case Unmapped(message=message):
            return "unmapped_value", f"{message}. Add the value to the flow's settings."
        case _:
            return "cannot_plan", f"one of its dates or numbers cannot be used ({type(error).__name__})."


def _held(record: DealRecord, error: Exception, *, invoiced: bool = False) -> Hold:
    code, message = _reason(error)
    if invoiced:
        code, message = "changed_after_posting", f"it was invoiced and has changed since: {message}"
    return Hold(record.deal_id, code, f"{record.title}: {message}")


@dataclass(frozen=True, slots=True)
class _Planner:
    """What is the same for every deal of one plan."""

    lookups: Lookups
    settings: WonDealSettings
    books: Books
    now: datetime
    window: BusinessDates | None
    consent: Consent
    whole: WholeDocuments

    def decide(self, record: DealRecord) -> list[Decision]:
        documents = self.lookups.documents.get(record.deal_id)
        if documents is not None:
            return self._billed(record, documents)
        invoiced = record.deal_id in self.lookups.invoiced
        if not record.is_won:
            if invoiced:
                message = (
                    f"{record.title} was invoiced and is no longer won. The invoice stays until a person decides: "
                    "reverse it in Intacct, or set the deal back to won."
                )
                return [Hold(record.deal_id, "changed_after_posting", message)]
            return [Skip(record.deal_id, "not won")]
        try:
            return self._plan_won(record, invoiced)
        except (HoldThis, Unmapped, ValueError, ArithmeticError) as error:
            return [_held(record, error, invoiced=invoiced)]

    def _billed(self, record: DealRecord, documents: DealDocuments) -> list[Decision]:
        """A deal that was invoiced: as it was billed, or changed since."""
        if record.won_elsewhere and documents.facts.get("won") is not False:
            return [won_elsewhere(record)]
        try:
            bill = bill_again(record, documents, self.settings, self.books, self.window)
        except OutsideWindow as outside:
            return [Skip(record.deal_id, outside.message, settles=False)]
        except (HoldThis, Unmapped, ValueError, ArithmeticError) as error:
            if merged := billed_and_merged(record, self.lookups.documents):
                why = two_are_billed(record, merged, self.lookups.documents)
                return [_held(record, HoldThis(MERGED, f"{why} As it stands: {_reason(error)[1]}"))]
            return [_held(record, error, invoiced=True)]
        facts = current_facts(record, bill, documents.facts)
        same = facts == documents.facts and documents.begun is None
        if same and is_open_again(documents, self.lookups.live.get(record.deal_id), self.settings):
            same = False
        if same and bill is not None and (day := self._won_on(record, bill)) != bill.invoice_date:
            message = (
                f"{record.title}: its won date is {day} now, and it was invoiced for {bill.invoice_date}. The "
                "invoice keeps its date; set the won date back, or correct the invoice in Intacct."
            )
            return [Hold(record.deal_id, "changed_after_posting", message)]
        try:
            if same:
                return self._later(record, bill, documents) or [unchanged(documents, record.title)]
            if record.deal_id in self.lookups.recurring:
                raise HoldThis("recurring_invoice_goes_on", end_it_first(self.lookups.recurring[record.deal_id]))
            if bill is not None:
                check_only_one_is_billed(record, self.lookups.documents, self.lookups.live.get(record.deal_id))
            if bill is not None and only_later_changed(bill, facts, documents):
                return self._later(record, bill, documents) or [says_progress(record, bill, documents)]
            if doubtful := settled_first(record, documents):
                return doubtful
            changed = Changed(documents, self.lookups.live[record.deal_id])
            if bill is not None:
                due = due_so_far(bill, documents, self._today(bill.entity)) if bill.instalments else bill
                if due is None:
                    return [waits(record, bill)]
                bill = documented_as_billed(
                    due, record, facts, documents.facts, changed.live, self.settings, self.books
                )
            return decide_change(
                record,
                bill,
                facts,
                changed,
                lambda bill, dated: self.whole.of(record, bill, dated=dated),
                self.settings,
                self.books,
                self.consent,
                self.now,
                self.lookups.terms,
            )
        except (HoldThis, Unmapped, ValueError, ArithmeticError) as error:
            return [_held(record, error)]

    def _won_on(self, record: DealRecord, bill: Bill) -> date:
        return won_at(record, bill.entity.zone, self.settings).date()

    def _plan_won(self, record: DealRecord, invoiced: bool) -> list[Decision]:
        entity_id, entity, local = billed_by(record, self.settings, self.books)
        day = local.date()
        if self.window is not None and not self.window.holds(local):
            why = f"won on {day} in the calendar of {entity.name}, outside the window"
            return [Skip(record.deal_id, why, settles=False)]
        if day < self.settings.go_live:
            return [Skip(record.deal_id, f"won on {day}, before go-live on {self.settings.go_live}")]
        bill = price(record, entity_id, entity, day, self.settings)
        if invoiced:
            # What stands in the books is not planned anew: later closes, credit holds or mappings do not undo it.
            facts = comparable(bill.facts(record), self.lookups.invoiced[record.deal_id])
            billed_company = self.lookups.invoiced[record.deal_id].get("company")
            if billed_company in record.merged_companies:
                facts["company"] = billed_company  # the same company, merged since: its invoices stay as they are
            facts |= guarded(self.lookups.invoiced[record.deal_id])
            ordered = record.deal_id in self.lookups.ordered
            key = order_key(record.deal_id) if ordered else invoice_key(record.deal_id)
            return [Write(key, {}, facts, summary=f"{record.title}: {'ordered' if ordered else 'invoiced'} before")]
        elsewhere = billed_in_intacct(record.deal)
        if elsewhere:
            return [Skip(record.deal_id, elsewhere)]
        merged = [one for one in record.merged_deals if one in self.lookups.invoiced]
        if merged:
            raise HoldThis(MERGED, one_is_billed(merged[0], self.lookups.documents))
        if day > self._today(entity):
            raise HoldThis("won_in_future", f"it is won on {day}, which has not come yet. Correct the won date.")
        if bill.instalments:
            return first_bill(record, bill, lambda part: self.whole.of(record, part), self._today(entity))
        return self.whole.of(record, bill)

    def _today(self, entity: Entity) -> date:
        return self.now.astimezone(entity.zone).date()

    def _later(self, record: DealRecord, bill: Bill | None, documents: DealDocuments) -> list[Decision]:
        """The instalments that are due and not billed yet."""
        if bill is None or not bill.instalments:
            return []
        today = self._today(bill.entity)
        return later_bills(record, bill, documents, lambda part: self.whole.of(record, part), today)
