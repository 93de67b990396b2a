"""The flow: what becomes of an invoice in the books shows on its deals, how its customer stands on the company.

``payments.finding`` finds, ``payments.extract`` reads, ``payments.plan`` decides. What a deal shows is computed in
``figures.of_deal`` and ``figures.invoice_standing``, what a company shows in ``figures.of_company`` and
``figures.customer_standing``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from pydantic import Field

from include.connectors.hubspot.properties import ensure_properties
from include.core.books import Strict
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.customers.company_properties import COMPANY_DEFINITIONS
from include.flows.deals.writeback import GROUP
from include.flows.figures.invoice_deals import InvoiceLinks
from include.flows.figures.of_company import COMPANY_FIGURE_DEFINITIONS
from include.flows.figures.of_deal import FIGURE_DEFINITIONS
from include.flows.flow import Flow
from include.flows.payments.extract import read_receivables
from include.flows.payments.finding import find_receivables
from include.flows.payments.plan import plan
from include.flows.run import FlowRun

log = logging.getLogger(__name__)


class PaymentSettings(Strict):
    grace_days: int = Field(default=0, ge=0, le=365)
    """Days after the due date in which a company's balance does not count as overdue yet."""


def prepare(run: FlowRun) -> None:
    created = ensure_properties(run.hubspot, "deals", GROUP, FIGURE_DEFINITIONS)
    company = (*COMPANY_DEFINITIONS, *COMPANY_FIGURE_DEFINITIONS)
    created += ensure_properties(run.hubspot, "companies", GROUP, company)
    log.info("Properties created in HubSpot: %s", ", ".join(created) or "none, all there")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return find_receivables(links(run), run.books, window)


def read(run: FlowRun, source_ids: Sequence[str]) -> dict[str, Json]:
    return read_receivables(links(run), source_ids, run.books, run.now(), run.settings.grace_days)


def decide(_run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    return plan(records)


def links(run: FlowRun) -> InvoiceLinks:
    return InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key, run.run_id)


FLOW = Flow(
    name="intacct_payment_to_hubspot_deal",
    settings=PaymentSettings,
    source=("intacct", "receivable"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
)
