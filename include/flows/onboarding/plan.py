"""Which won deals are the first of a new customer, and what is done for them. Pure.

A step that cannot be done is held and keeps no other back: the tasks go ahead while the customer waits for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from include.connectors.intacct.records import Customer
from include.core.books import Books, Entity
from include.core.decisions import Decision, Hold, Key, Skip, Update, Write
from include.core.errors import Unmapped
from include.core.windows import BusinessDates
from include.flows.customers.company_customer import (
    CustomerDirectory,
    KnownCustomer,
    NewCompanies,
    create_customer,
    inactive,
    subject_of,
    which_customer,
)
from include.flows.customers.company_properties import linked_values
from include.flows.customers.lookup import known_customer
from include.flows.deals.bill import HoldThis
from include.flows.deals.pricing import billing_currency, billing_entity, won_at
from include.flows.deals.settings import WonDealSettings
from include.flows.onboarding.records import OnboardingRecord
from include.flows.onboarding.settings import SEQUENCE, OnboardingSettings
from include.flows.onboarding.tasks import Welcome, task_key
from include.flows.owners import OwnerDirectory

NO_CONTACT = (
    "neither the deal nor its company has a contact with an e-mail address. Associate the contact to be welcomed; the "
    "next run enrols it."
)


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the plan must know beyond the deals. ``first_invoice``: customer id -> the date of its first invoice.
    ``customer_of_company``: our cross-references. ``onboarded``: company id -> the deal with which it was, as far as we
    remember. ``written``: those of the onboarding tasks that were made."""

    customers: Sequence[Customer] = ()
    customer_of_company: Mapping[str, str] = field(default_factory=dict)
    first_invoice: Mapping[str, date] = field(default_factory=dict)
    owners: OwnerDirectory = field(default_factory=lambda: OwnerDirectory({}))
    onboarded: Mapping[str, str] = field(default_factory=dict)
    written: Collection[Key] = ()


@dataclass(frozen=True, slots=True)
class _Win:
    """When and where a deal was won. Without an entity, whose absence ``held`` explains, the day is that in UTC."""

    entity_id: str
    entity: Entity | None
    zone: ZoneInfo
    moment: datetime
    held: HoldThis | None


@dataclass(frozen=True, slots=True)
class Planner:
    settings: OnboardingSettings
    main: WonDealSettings
    books: Books
    lookups: Lookups
    now: datetime
    window: BusinessDates | None = None
    new_companies: NewCompanies = field(default_factory=NewCompanies)

    def plan(self, records: Iterable[OnboardingRecord]) -> list[Decision]:
        """For every deal a ``Skip`` that says why it is none, or its tasks, its enrolment and its customer, with a
        ``Hold`` for what must wait."""
        directory = CustomerDirectory(self.lookups.customers, self.main.customer)
        decisions: dict[str, Decision] = {}
        for n, decision in enumerate(d for record in records for d in self._decide(record, directory)):
            name = decision.key.text() if isinstance(decision, Write) else str(n)
            decisions.setdefault(name, decision)
        return list(decisions.values())

    def _decide(self, record: OnboardingRecord, directory: CustomerDirectory) -> list[Decision]:
        if not record.won.is_won:
            return [Skip(record.deal_id, "not won")]
        try:
            win = self._won(record)
            why = self._not_looked_at(win)
            if why:
                return [Skip(record.deal_id, why, settles=self.window is None)]
            return self._onboard(record, win, directory)
        except HoldThis as held:
            return [Hold(record.deal_id, held.code, f"{record.title}: {held.message}")]

    def _won(self, record: OnboardingRecord) -> _Win:
        if not record.won.company_id:
            raise HoldThis("no_company", record.won.no_company_reason)
        entity_id, entity, held = "", None, None
        try:
            entity_id, entity = billing_entity(record.won.sheets, self.main, self.books)
        except HoldThis as error:
            held = error
        zone = entity.zone if entity else ZoneInfo("UTC")
        return _Win(entity_id, entity, zone, won_at(record.won, zone, self.main), held)

    def _not_looked_at(self, win: _Win) -> str:
        day, first = win.moment.date(), self.settings.first_day(self.main)
        if self.window is not None and not self.window.holds(win.moment):
            return f"won on {day}, outside the window"
        if day < first:
            return f"won on {day}, before go-live on {first}"
        if day > self.now.astimezone(win.zone).date():
            raise HoldThis("won_in_future", f"it is won on {day}, which has not come yet. Correct the won date.")
        return ""

    def _onboard(self, record: OnboardingRecord, win: _Win, directory: CustomerDirectory) -> list[Decision]:
        began = record.began or any(self._made(record, task.key) for task in self.settings.checklist)
        why = "" if began else self._bought_before(record)
        if why:
            return [Skip(record.deal_id, why)]
        found: KnownCustomer | Hold | None
        try:
            found = self._customer(record, directory)
        except HoldThis as held:
            found = Hold(record.deal_id, held.code, f"{record.title}: {held.message}")
        if isinstance(found, KnownCustomer) and not began:
            first = self.lookups.first_invoice.get(found.customer.customer_id)
            if first and first < win.moment.date():
                why = f"its company is customer {found.customer.customer_id}, first invoiced on {first}"
                return [Skip(record.deal_id, why)]
        # The customer's hold first: of several reasons a record shows the first one.
        return [self._customer_step(record, win, found), *self._welcome(record, win)]

    def _made(self, record: OnboardingRecord, name: str) -> bool:
        return task_key(record.deal_id, name) in self.lookups.written

    def _bought_before(self, record: OnboardingRecord) -> str:
        onboarded_with = record.onboarded_with or self.lookups.onboarded.get(record.won.company_id)
        if onboarded_with:
            return f"its company was onboarded with deal {onboarded_with}"
        earlier = record.won_before(self.main.won_date)
        return f"its company is a customer already: deal {earlier} was won before" if earlier else ""

    def _customer(self, record: OnboardingRecord, directory: CustomerDirectory) -> KnownCustomer | Hold | None:
        sheets, settings = record.won.sheets, self.main.customer
        known = known_customer(sheets, self.lookups.customers, self.lookups.customer_of_company, settings)
        return which_customer(sheets, record.deal_id, directory, known, settings)

    def _customer_step(self, record: OnboardingRecord, win: _Win, found: KnownCustomer | Hold | None) -> Decision:
        name = record.won.company.get("name") or ""
        if isinstance(found, KnownCustomer):
            found = inactive(found, record.deal_id, name) or found
        if isinstance(found, Hold):
            return Hold(record.deal_id, found.code, f"{record.title}: {found.message}", found.details)
        if isinstance(found, KnownCustomer):
            company_id, customer_id = record.won.company_id, found.customer.customer_id
            values = linked_values(company_id, customer_id)
            summary = f"company {company_id} is customer {customer_id} ({found.reason}, score {found.score})"
            return Update("hubspot", "companies", company_id, record.deal_id, values, summary)
        try:
            return self._new_customer(record, win)
        except HoldThis as held:
            code, message = held.code, held.message
        except Unmapped as unmapped:
            code, message = "unmapped_value", f"{unmapped.message}. Add the value to the main job's settings."
        return Hold(record.deal_id, code, f"{record.title}: {message}")

    def _new_customer(self, record: OnboardingRecord, win: _Win) -> Write:
        if win.entity is None:
            raise win.held or HoldThis("no_entity", "no billing entity is known.")
        currency = billing_currency(record.won, win.entity)
        subject = subject_of(record.won.sheets, self.main.customer)
        if not self.new_companies.add(subject):
            raise HoldThis(
                "similar_customer",
                f"company “{subject.name}” looks like another company that becomes a customer in this run. Merge the "
                "two in HubSpot, or give both their tax ids.",
            )
        return create_customer(record.won.sheets, win.entity_id, win.entity, currency, self.main.customer)

    def _welcome(self, record: OnboardingRecord, win: _Win) -> Iterator[Decision]:
        today = self.now.astimezone(win.zone).date()
        owner = self.lookups.owners.active_or_fallback(record.won.deal.get("hubspot_owner_id"))
        welcome = Welcome(record, owner, win.moment.date(), win.zone, today)
        sequence = self.settings.sequence
        if sequence and self._made(record, SEQUENCE):
            yield welcome.task_instead(sequence)  # a person was asked to do it
        elif sequence and record.won.contact.get("email"):
            yield welcome.enrolment(sequence)
        elif sequence:
            yield Hold(record.deal_id, "no_contact_to_enrol", f"{record.title}: {NO_CONTACT}")
        for task in self.settings.checklist:
            yield welcome.task(task)
