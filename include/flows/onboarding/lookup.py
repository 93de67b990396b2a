"""What onboarding asks about won deals: their customers, those customers' first invoices, what was made, and owners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import optional, required, required_day
from include.connectors.intacct.filters import all_of, is_in, less
from include.connectors.intacct.query import iter_query
from include.flows.customers.lookup import customers_of_companies, merged_companies
from include.flows.deals.settings import WonDealSettings
from include.flows.onboarding.plan import Lookups
from include.flows.onboarding.records import OnboardingRecord
from include.flows.onboarding.settings import SEQUENCE, OnboardingSettings
from include.flows.onboarding.tasks import task_key
from include.flows.owners import read_owners
from include.flows.run import FlowRun

COMPANY, ONBOARDED = ("hubspot", "company"), ("hubspot", "onboarded_deal")
_CUSTOMERS_AT_ONCE = 1000


def lookup(run: FlowRun, records: Sequence[OnboardingRecord], main: WonDealSettings) -> Lookups:
    """Everything the plan must know about these deals; nothing is asked where none of them can be a new customer's."""
    settings: OnboardingSettings = run.settings
    names = [SEQUENCE, *(task.key for task in settings.checklist)]
    keys = [task_key(record.deal_id, name) for record in records for name in names]
    written = set(run.store.written(keys))
    asked = [record for record in records if record.won.is_won and record.won.company_id]
    # An established customer is recognised in HubSpot; Intacct is asked about the others only.
    new = [r for r in asked if r.began or not (r.onboarded_with or r.won_before(main.won_date))]
    if not new:
        return Lookups(written=written)
    sheets = [record.won.sheets for record in new]
    ids = sorted({one for its in sheets for one in (str(its["company"]["id"]), *merged_companies(its))})
    known = run.store.xrefs(*COMPANY, ids, "intacct", "customer")
    customers = customers_of_companies(run.intacct, sheets, known, main.customer)
    tomorrow = run.now().date() + timedelta(days=1)
    first = first_invoices(run.intacct, {customer.customer_id for customer in customers}, tomorrow)
    onboarded = run.store.xrefs(*COMPANY, ids, *ONBOARDED)
    return Lookups(customers, known, first, read_owners(run.hubspot, settings.fallback_owner), onboarded, written)


def first_invoices(intacct: IntacctClient, customer_ids: Iterable[str], before: date) -> dict[str, date]:
    """Customer id -> the date of its first invoice, of those before ``before``; drafts do not count."""
    wanted = sorted(customer_ids)
    found: dict[str, date] = {}
    for start in range(0, len(wanted), _CUSTOMERS_AT_ONCE):
        these = is_in("CUSTOMERID", wanted[start : start + _CUSTOMERS_AT_ONCE])
        fields = ("CUSTOMERID", "WHENCREATED", "STATE")
        for invoice in iter_query(intacct, "ARINVOICE", fields, all_of(these, less("WHENCREATED", before))):
            if optional(invoice, "STATE").lower() != "draft":
                customer_id, day = required(invoice, "CUSTOMERID"), required_day(invoice, "WHENCREATED")
                found[customer_id] = min(day, found.get(customer_id, day))
    return found
