"""What the plan of won deals must know beyond the deals themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.records import Customer
from include.connectors.intacct.reference import get_terms
from include.core.calendar_terms import Term
from include.core.decisions import Json
from include.flows.customers.lookup import customers_of_companies
from include.flows.deals.documents import DealDocuments
from include.flows.deals.live import LiveDeal
from include.flows.deals.records import DealRecord
from include.flows.deals.settings import WonDealSettings


@dataclass(frozen=True, slots=True)
class Lookups:
    """What ``plan`` must know beyond the deals: Intacct's candidates and terms, our own cross-references, and the
    facts of the deals whose document the write log knows to be in the books, by deal id; ``ordered`` are those of them
    whose document is a sales order. ``documents``: what the log knows of the invoices of deals, version by version;
    ``live``: how those of the changed ones stand in Intacct; ``recurring``: which of those are billed on by a recurring
    invoice, and its name."""

    customers: Sequence[Customer] = ()
    terms: Mapping[str, Term] = field(default_factory=dict)
    customer_of_company: Mapping[str, str] = field(default_factory=dict)
    invoiced: Mapping[str, Json] = field(default_factory=dict)
    ordered: Collection[str] = ()
    documents: Mapping[str, DealDocuments] = field(default_factory=dict)
    live: Mapping[str, LiveDeal] = field(default_factory=dict)
    recurring: Mapping[str, str] = field(default_factory=dict)


def lookup(
    records: Iterable[DealRecord],
    intacct: IntacctClient,
    customer_of_company: Mapping[str, str],
    invoiced: Mapping[str, Json],
    ordered: Collection[str],
    settings: WonDealSettings,
    documents: Mapping[str, DealDocuments] = MappingProxyType({}),
    live: Mapping[str, LiveDeal] = MappingProxyType({}),
    due: Collection[str] = (),
) -> Lookups:
    """Ask Intacct once per hundred companies who their customers could be, and once for the payment terms. ``due``: the
    deals of which another instalment may be billed."""
    known = Lookups((), {}, customer_of_company, invoiced, ordered, documents, live)
    new = {*live, *due}
    asked = [r for r in records if r.is_won and r.company_id and (r.deal_id in new or r.deal_id not in invoiced)]
    companies = {r.company_id: r.sheets for r in asked}
    if not companies:
        return known
    customers = customers_of_companies(intacct, companies.values(), customer_of_company, settings.customer)
    return replace(known, customers=customers, terms=get_terms(intacct))
