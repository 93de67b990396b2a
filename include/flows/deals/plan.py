"""Which invoice a won HubSpot deal becomes: ``lookup`` gathers what the decision needs, ``plan`` decides.

``plan`` is pure: the same records, lookups and settings give the same decisions. A deal that cannot be invoiced
whole is held with its reason; there is never a partial invoice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.records import Customer
from include.connectors.intacct.reference import get_terms
from include.core.books import Books
from include.core.calendar_terms import Term
from include.core.decisions import Decision, Hold, Json, Skip, Write
from include.core.errors import Unmapped
from include.core.windows import BusinessDates
from include.flows.customers.company_customer import (
    CustomerDirectory,
    NewCompanies,
    create_customer,
    find_customer,
    new_customer_id,
    subject_of,
)
from include.flows.customers.lookup import customers_of_companies, known_customer
from include.flows.deals.bill import Bill, HoldThis, billed_by, posted_on, price, won_at
from include.flows.deals.billed_again import OutsideWindow, bill_again
from include.flows.deals.change import Changed, Consent, current_facts, decide_change, unchanged
from include.flows.deals.credit import credit_memo
from include.flows.deals.documents import DealDocuments, invoice_key, order_key
from include.flows.deals.hold_guard import GUARD, guarded
from include.flows.deals.invoice import invoice_payload, product_of
from include.flows.deals.live import LiveDeal
from include.flows.deals.order import order_payload
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.renewals.billing import billed_in_intacct

__all__ = ["Lookups", "invoice_key", "lookup", "order_key", "plan"]

NO_CONSENT = Consent()


@dataclass(frozen=True, slots=True)
class Lookups:
    """What ``plan`` must know beyond the deals: Intacct's candidates and terms, our own cross-references, and the
    facts of the deals whose document the write log knows to be in the books, by deal id; ``ordered`` are those of them
    whose document is a sales order. ``documents``: what the log knows of the invoices of deals, version by version;
    ``live``: how those of the changed ones stand in Intacct."""

    customers: Sequence[Customer] = ()
    terms: Mapping[str, Term] = field(default_factory=dict)
    customer_of_company: Mapping[str, str] = field(default_factory=dict)
    invoiced: Mapping[str, Json] = field(default_factory=dict)
    ordered: Collection[str] = ()
    documents: Mapping[str, DealDocuments] = field(default_factory=dict)
    live: Mapping[str, LiveDeal] = field(default_factory=dict)


def lookup(
    records: Iterable[DealRecord],
    intacct: IntacctClient,
    customer_of_company: Mapping[str, str],
    invoiced: Mapping[str, Json],
    ordered: Collection[str],
    settings: WonDealSettings,
    documents: Mapping[str, DealDocuments] = MappingProxyType({}),
    live: Mapping[str, LiveDeal] = MappingProxyType({}),
) -> Lookups:
    """Ask Intacct once per hundred companies who their customers could be, and once for the payment terms."""
    known = Lookups((), {}, customer_of_company, invoiced, ordered, documents, live)
    asked = [r for r in records if r.is_won and r.company_id and (r.deal_id in live or r.deal_id not in invoiced)]
    companies = {r.company_id: r.sheets for r in asked}
    if not companies:
        return known
    customers = customers_of_companies(intacct, companies.values(), customer_of_company, settings.customer)
    return replace(known, customers=customers, terms=get_terms(intacct))


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
    planner = _Planner(lookups, directory, settings, books, now, draft, window, consent)
    decisions: dict[str, Decision] = {}
    for record in records:
        for decision in planner.decide(record):
            name = decision.key.text() if isinstance(decision, Write) else f"deal {decision.source_id}"
            decisions.setdefault(name, decision)
    return list(decisions.values())


def _held(record: DealRecord, error: Exception, *, invoiced: bool = False) -> Hold:
    match error:
        case HoldThis(code=code, message=message):
            pass
        case Unmapped(message=message):
            code, message = "unmapped_value", f"{message}. Add the value to the flow's settings."
        case _:
            code, message = "cannot_plan", f"one of its dates or numbers cannot be used ({type(error).__name__})."
    if invoiced:
        code, message = "changed_after_posting", f"it was invoiced and has changed since: {message}"
    return Hold(record.deal_id, code, f"{record.title}: {message}")


@dataclass(frozen=True, slots=True)
class _Planner:
    """What is the same for every deal of one plan."""

    lookups: Lookups
    directory: CustomerDirectory
    settings: WonDealSettings
    books: Books
    now: datetime
    draft: bool
    window: BusinessDates | None
    consent: Consent
    new_companies: NewCompanies = field(default_factory=NewCompanies)

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
        try:
            bill = bill_again(record, documents, self.settings, self.books, self.window)
        except OutsideWindow as outside:
            return [Skip(record.deal_id, outside.message, settles=False)]
        except (HoldThis, Unmapped, ValueError, ArithmeticError) as error:
            return [_held(record, error, invoiced=True)]
        facts = current_facts(record, bill, documents.facts)
        if facts == documents.facts and documents.begun is None:
            if bill is not None and (day := self._won_on(record, bill)) != bill.invoice_date:
                message = (
                    f"{record.title}: its won date is {day} now, and it was invoiced for {bill.invoice_date}. The "
                    "invoice keeps its date; set the won date back, or correct the invoice in Intacct."
                )
                return [Hold(record.deal_id, "changed_after_posting", message)]
            return [unchanged(documents, record.title)]
        changed = Changed(documents, self.lookups.live[record.deal_id])
        try:
            return decide_change(
                record,
                bill,
                facts,
                changed,
                lambda bill, dated: self._bill(record, bill, dated=dated),
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
            facts = bill.facts(record)
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
            raise HoldThis(
                "merged_after_posting",
                f"deal {merged[0]}, which was merged into it, is invoiced already. Invoice by hand what came with it.",
            )
        if day > self.now.astimezone(entity.zone).date():
            raise HoldThis("won_in_future", f"it is won on {day}, which has not come yet. Correct the won date.")
        return self._bill(record, bill)

    def _bill(self, record: DealRecord, bill: Bill, *, dated: bool = True) -> list[Decision]:
        settings = self.settings
        products = [product_of(line.sheet, settings) for line in bill.lines]
        posting_date = posted_on(bill, record.deal_id, self.consent.approved) if dated else bill.invoice_date
        known_id = known_customer(
            record.sheets, self.lookups.customers, self.lookups.customer_of_company, settings.customer
        )
        guard = settings.customer.on_hold
        found = find_customer(record.sheets, record.deal_id, self.directory, known_id, settings.customer, on_hold=guard)
        if isinstance(found, Hold):
            return [Hold(found.source_id, found.code, f"{record.title}: {found.message}", found.details)]
        writes: list[Decision] = []
        if found is None:
            self._no_twin_of_a_new_company(record)
            writes = [create_customer(record.sheets, bill.entity_id, bill.entity, bill.currency, settings.customer)]
        payload = invoice_payload(record, bill, products, found, self.lookups.terms, settings, self.books)
        on_hold = {GUARD: guard} if found and found.customer.on_hold else {}
        draft = self.draft or on_hold.get(GUARD) == "draft"
        payload["dateposted"] = posting_date.isoformat()
        customer_id = found.customer.customer_id if found else new_customer_id(record.company_id, settings.customer)
        how = f"{found.reason}, score {found.score}" if found else "new"
        summary = f"{record.title}: {bill.total} to customer {customer_id} ({how})"
        if on_hold:
            summary += f"; the customer is on credit hold: {'draft' if draft else 'posted all the same'}"
        facts = bill.facts(record) | on_hold
        if bill.total.is_negative:
            return [*writes, credit_memo(record, bill, payload, customer_id, facts, f"{summary}, as a credit memo")]
        definition = settings.sales_orders.get(record.deal.get("pipeline") or "")
        if definition:
            payload = order_payload(payload, bill.lines, definition) | {"state": "Draft" if draft else "Pending"}
            expect = {"TRX_TOTAL": bill.total.text, "CURRENCY": bill.currency, "CUSTVENDID": customer_id}
            return [*writes, Write(order_key(record.deal_id), payload, facts, expect, f"{summary}, as {definition}")]
        payload["action"] = "Draft" if draft else "Submit"
        expect = {"TRX_TOTALENTERED": bill.total.text, "CURRENCY": bill.currency, "CUSTOMERID": customer_id}
        return [*writes, Write(invoice_key(record.deal_id), payload, facts, expect, summary)]

    def _no_twin_of_a_new_company(self, record: DealRecord) -> None:
        """Two HubSpot companies that are one legal person must not become two customers in one run."""
        subject = subject_of(record.sheets, self.settings.customer)
        if not self.new_companies.add(subject):
            raise HoldThis(
                "similar_customer",
                f"company “{subject.name}” looks like another company that becomes a customer in this run. Merge "
                "the two in HubSpot, or give both their tax ids.",
            )
