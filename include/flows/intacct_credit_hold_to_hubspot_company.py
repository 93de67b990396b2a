"""The flow: what is wrong with a customer's credit in Intacct is flagged on its HubSpot companies and open deals, and
told to their owners.

``credit.extract`` finds and reads, ``credit.status`` assesses, ``credit.plan`` decides, ``credit.notice`` tells. All is
recomputed from the books: a flag goes when its cause is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.properties import ensure_properties
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.credit.extract import find_customers, read_customers
from include.flows.credit.notice import notices
from include.flows.credit.plan import CHANGE_DEFINITION, FLAG_DEFINITIONS, plan
from include.flows.credit.records import CustomerCredit
from include.flows.credit.settings import CreditSettings
from include.flows.customers.company_properties import COMPANY_DEFINITIONS
from include.flows.deals.writeback import GROUP
from include.flows.flow import Flow
from include.flows.owners import read_owners
from include.flows.run import FlowRun

log = logging.getLogger(__name__)


def prepare(run: FlowRun) -> None:
    company = (*COMPANY_DEFINITIONS, *FLAG_DEFINITIONS, CHANGE_DEFINITION)
    created = ensure_properties(run.hubspot, "companies", GROUP, company)
    created += ensure_properties(run.hubspot, "deals", GROUP, FLAG_DEFINITIONS)
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return dict.fromkeys(one for one in find_customers(run, window) if one)


def read(run: FlowRun, customer_ids: Sequence[str]) -> dict[str, Json]:
    return {customer.customer_id: customer.to_json() for customer in read_customers(run, customer_ids)}


def decide(run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    customers = [CustomerCredit.from_json(one) for one in records]
    decisions, changes = plan(customers, run.settings, run.now())
    if not changes:
        return decisions
    account = get_account(run.hubspot)
    ids = {change.company.shown.record_id for change in changes}
    urls = {company_id: account.record_url("companies", company_id) for company_id in ids}
    owners = read_owners(run.hubspot, run.settings.fallback_owner)
    # Told before HubSpot shows it: after a kill in between the change is planned, and known to be told, once more.
    return [*notices(changes, owners, urls, run.settings), *decisions]


FLOW = Flow(
    name="intacct_credit_hold_to_hubspot_company",
    settings=CreditSettings,
    source=("intacct", "customer"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
)
