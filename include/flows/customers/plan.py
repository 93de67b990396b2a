"""Which Intacct customer a HubSpot company becomes. Pure: the same records and lookups give the same decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.connectors.intacct.records import Customer
from include.core.books import Books
from include.core.decisions import Decision, Hold, Skip, Update
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
from include.flows.customers.extract import CompanyRecord
from include.flows.customers.lookup import known_customer
from include.flows.customers.settings import CompanyCustomerSettings
from include.flows.deals.bill import HoldThis
from include.flows.deals.pricing import billing_entity
from include.flows.deals.settings import WonDealSettings


@dataclass(frozen=True, slots=True)
class Planner:
    """``customer_of_company``: what our cross-references know, by company id, merged companies' ids included."""

    settings: CompanyCustomerSettings
    main: WonDealSettings
    books: Books
    customers: Sequence[Customer] = ()
    customer_of_company: Mapping[str, str] = field(default_factory=dict)
    window: BusinessDates | None = None

    def plan(self, records: Iterable[CompanyRecord]) -> list[Decision]:
        """For every company the ``Write`` of its customer, the ``Update`` that links it, a ``Skip`` or a ``Hold``."""
        directory = CustomerDirectory(self.customers, self.main.customer)
        new = NewCompanies()
        return [self._decide(record, directory, new) for record in records]

    def _decide(self, record: CompanyRecord, directory: CustomerDirectory, new: NewCompanies) -> Decision:
        stage = record.company.get("lifecyclestage") or "(none)"
        if stage not in self.settings.lifecycle_stages:
            return Skip(record.company_id, f"its lifecycle stage is {stage}")
        if self.settings.role and self.settings.role.excludes(dict(record.company)):
            return Skip(record.company_id, f"its {self.settings.role.source} says that it is no customer")
        try:
            return self._customer(record, directory, new)
        except HoldThis as held:
            code, message = held.code, held.message
        except Unmapped as unmapped:
            code, message = "unmapped_value", f"{unmapped.message}. Add the value to the main job's settings."
        return Hold(record.company_id, code, f"{record.title}: {message}")

    def _customer(self, record: CompanyRecord, directory: CustomerDirectory, new: NewCompanies) -> Decision:
        company_id = record.company_id
        known = known_customer(record.sheets, self.customers, self.customer_of_company, self.main.customer)
        found = which_customer(record.sheets, company_id, directory, known, self.main.customer)
        if isinstance(found, Hold):
            return found
        if isinstance(found, KnownCustomer):
            return self._link(record, found)
        if gone := self.customer_of_company.get(company_id):
            return Skip(company_id, f"its customer {gone} is no longer in Intacct, and is not made a second time")
        entity_id, entity = billing_entity(record.sheets, self.main, self.books)
        day = record.became.astimezone(entity.zone)
        if self.window is not None and not self.window.holds(day):
            return Skip(company_id, f"a customer since {day.date()}, outside the window", settles=False)
        if day.date() < self.main.go_live:
            return Skip(company_id, f"a customer since {day.date()}, before go-live on {self.main.go_live}")
        currency = self.settings.currency.value(record.sheets) or entity.base_currency
        if currency not in entity.currencies:
            raise HoldThis(
                "unknown_currency",
                f"its currency {currency} is not one in which {entity.name} invoices ({', '.join(entity.currencies)}). "
                "Correct the company, or add the currency to books.yaml once Intacct has rates for it.",
            )
        subject = subject_of(record.sheets, self.main.customer)
        if not new.add(subject):
            raise HoldThis(
                "similar_customer",
                "it looks like another company that becomes a customer in this run. Merge the two in HubSpot, or give "
                "both their tax ids.",
            )
        return create_customer(record.sheets, entity_id, entity, currency, self.main.customer)

    def _link(self, record: CompanyRecord, found: KnownCustomer) -> Decision:
        customer_id = found.customer.customer_id
        if record.company.get("intacct_customer_id") == customer_id:
            return Skip(record.company_id, f"it is customer {customer_id}")
        held = inactive(found, record.company_id, record.company.get("name") or "")
        if held:
            return held
        return Update(
            "hubspot",
            "companies",
            record.company_id,
            record.company_id,
            linked_values(record.company_id, customer_id),
            f"company {record.company_id} is customer {customer_id} ({found.reason}, score {found.score})",
        )
