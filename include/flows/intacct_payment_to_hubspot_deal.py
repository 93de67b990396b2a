"""The flow: what becomes of an invoice in the books shows on its deals, how its customer stands on the company.

``payment_finding`` finds, ``payment_extract`` reads, ``payment_plan`` decides. What a deal shows is computed in
``deal_figures`` and ``invoice_standing``, what a company shows in ``company_figures`` and ``customer_standing``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from pydantic import Field

from include.connectors.hubspot.properties import ensure_properties
from include.core.books import Strict
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.company_figures import COMPANY_FIGURE_DEFINITIONS
from include.flows.company_properties import COMPANY_DEFINITIONS
from include.flows.deal_figures import FIGURE_DEFINITIONS
from include.flows.deal_writeback import GROUP
from include.flows.flow import Flow
from include.flows.invoice_deals import InvoiceLinks
from include.flows.payment_extract import read_receivables
from include.flows.payment_finding import find_receivables
from include.flows.payment_plan import plan
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
    return InvoiceLinks(run.hubspot, run.intacct, run.store, run.document_key)


FLOW = Flow(
    name="intacct_payment_to_hubspot_deal",
    settings=PaymentSettings,
    source=("intacct", "receivable"),
    prepare=prepare,
    find=find,
    read=read,
    decide=decide,
)
