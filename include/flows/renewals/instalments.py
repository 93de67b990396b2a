"""Invoices that are instalments of a deal that bills on: their next term is no renewal, the deal itself bills it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from include.flows.deals.documents import DealDocuments
from include.flows.instalments.contract import INSTALMENTS
from include.flows.renewals.invoices import InvoiceTerm
from include.flows.renewals.records import Contract
from include.state.store import StateStore

_DAY, _NEAR = timedelta(days=1), timedelta(days=31)


def billed_on(store: StateStore, contracts: Sequence[Contract]) -> list[Contract]:
    """The contracts; of those that the write log knows to be billed on by their deal ``renewed_by`` says so."""
    terms = {one.record_no: term for one in contracts if (term := InvoiceTerm.named(one.record_no)) is not None}
    deals = defaultdict[str, list[str]](list)
    for link in store.links_of_documents({term.invoice_no for term in terms.values()}) if terms else ():
        deals[link.document].append(link.deal_id)
    documents = DealDocuments.of(store.rows_about("hubspot", "deal", {deal for its in deals.values() for deal in its}))

    def billing(one: Contract) -> str:
        term = terms.get(one.record_no)
        if one.renewed_by or term is None:
            return one.renewed_by
        its = (deal for deal in deals[term.invoice_no] if deal in documents)
        found = next((deal for deal in its if bills_on(documents[deal].facts, term.end)), "")
        return f"(an instalment of deal {found})" if found else ""

    return [replace(one, renewed_by=billing(one)) for one in contracts]


def bills_on(facts: Mapping[str, Any], end: date) -> bool:
    """Whether a deal has an instalment about the day after a term that one of its invoices billed."""
    days = (date.fromisoformat(day) for day, _ in facts.get(INSTALMENTS, ()) if day)
    return any(abs(day - (end + _DAY)) <= _NEAR for day in days)
