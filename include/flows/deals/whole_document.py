"""A priced deal as the writes that bill it whole: perhaps its new customer, and its document. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from include.core.books import Books
from include.core.decisions import Decision, Hold
from include.flows.customers.company_customer import (
    CustomerDirectory,
    NewCompanies,
    create_customer,
    find_customer,
    new_customer_id,
    subject_of,
)
from include.flows.customers.lookup import known_customer
from include.flows.deals.bill import Bill, HoldThis, posted_on
from include.flows.deals.change import Consent
from include.flows.deals.document import document_of
from include.flows.deals.document_lines import check_other_periods, documented
from include.flows.deals.hold_guard import GUARD
from include.flows.deals.invoice import invoice_payload, product_of
from include.flows.deals.lookups import Lookups
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings
from include.flows.deals.taxed import tax_in_words


@dataclass(frozen=True, slots=True)
class WholeDocuments:
    """What is the same for every deal of one plan; ``new_companies`` grows with it."""

    lookups: Lookups
    directory: CustomerDirectory
    settings: WonDealSettings
    books: Books
    draft: bool
    consent: Consent
    new_companies: NewCompanies = field(default_factory=NewCompanies)

    def of(self, record: DealRecord, bill: Bill, *, dated: bool = True) -> list[Decision]:
        """``dated``: with its posting date by the period policy; else that is for another document to say. Raises
        ``HoldThis`` and ``Unmapped``."""
        settings = self.settings
        stated = bill.facts(record)
        bill = documented(bill, record, settings, self.books)
        products = [product_of(line.sheet, settings) for line in bill.lines]
        posting_date = posted_on(bill, record.deal_id, self.consent.approved) if dated else bill.invoice_date
        if dated:
            check_other_periods(bill, posting_date, self.books)
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
        summary = f"{record.title}: {bill.total}{tax_in_words(bill, settings.tax)} to customer {customer_id} ({how})"
        if on_hold:
            summary += f"; the customer is on credit hold: {'draft' if draft else 'posted all the same'}"
        document = document_of(record, bill, payload, stated | on_hold, customer_id, settings, summary, draft=draft)
        return [*writes, document]

    def _no_twin_of_a_new_company(self, record: DealRecord) -> None:
        """Two HubSpot companies that are one legal person must not become two customers in one run."""
        subject = subject_of(record.sheets, self.settings.customer)
        if not self.new_companies.add(subject):
            raise HoldThis(
                "similar_customer",
                f"company “{subject.name}” looks like another company that becomes a customer in this run. Merge "
                "the two in HubSpot, or give both their tax ids.",
            )
