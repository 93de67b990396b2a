"""Which HubSpot deals an Intacct invoice belongs to, and which invoices a deal has.

All that tells is followed: Tieout's key in the invoice or in the sales order that it came from, what the state
remembers of what it made and of what a person approved, and the numbers in the deal's ``intacct_invoice_number``, where
a person may add one by hand. ``invoice_shares`` tells how several deals share one invoice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import modified_between
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import Filter, iter_search
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import Query, read_together
from include.core.money import BadAmount, decimal_of
from include.flows.deals.documents import invoice_key
from include.flows.figures.invoice_standing import Status
from include.flows.figures.of_deal import COUNT, CUSTOMER, CUSTOMERS, NUMBERS, STATUS, numbers_in
from include.flows.figures.order_invoices import MODULE as ORDER_MODULE
from include.flows.figures.order_invoices import deals_of_order_invoices, invoices_of_orders
from include.state.store import StateStore

MERGED = "hs_merged_object_ids"
_READ = (NUMBERS, COUNT, CUSTOMER, MERGED, "amount")
_KEY = re.compile(r"hs-deal-(\d+)-(?:invoice(?:-\d+)?|b\d{8})")
_UNSETTLED: tuple[Status, ...] = ("open", "partial", "draft")


@dataclass(frozen=True, slots=True)
class NamedInvoice:
    """What identifies an invoice."""

    record_no: str
    number: str
    customer_id: str
    document_key: str
    module: str = ""


@dataclass(frozen=True, slots=True)
class DealInvoices:
    """A deal's invoices by record number, ascending; ``unknown`` are numbers on the deal that Intacct does not have.
    ``amount`` is the deal's own, its weight in an invoice that it shares; ``None`` without one."""

    deal_id: str
    record_nos: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    amount: Decimal | None = None


@dataclass
class InvoiceLinks:
    """Finds the one from the other. ``state`` remembers the links that nothing else tells, and by which run."""

    hubspot: HubSpotClient
    intacct: IntacctClient
    state: StateStore
    document_key: DocumentKey
    run_id: str = ""

    def deals_of(self, invoices: Iterable[NamedInvoice]) -> dict[str, DealInvoices]:
        """Every deal that has one of these invoices, by its id now (merges followed), with all its invoices.

        As few searches as hold the numbers and customers, a call for every 100 deals, a query for every 1,000 of their
        numbers and keys. Raises what the clients raise.
        """
        listed = list(invoices)
        found = self._naming(listed)
        recorded = self.state.links_of_documents([one.record_no for one in listed])
        pairs = {(one.deal_id, one.document) for one in recorded if one.kind != "named"}
        ordered = [one.record_no for one in listed if one.module == ORDER_MODULE]
        if ordered:
            of_orders = deals_of_order_invoices(self.intacct, self.document_key, ordered)
            pairs |= {(deal, number) for number, deal in of_orders.items()}
        keyed = {match[1] for one in listed if (match := _KEY.fullmatch(one.document_key))}
        missing = sorted({*keyed, *(deal for deal, _ in pairs)} - found.keys())
        read = batch_read(self.hubspot, "deals", missing, self._properties())
        found |= {deal.id: deal for deal in (*read.records, *read.survivors)}
        mine = {one.record_no for one in listed}
        return {deal: its for deal, its in self._invoices(found, pairs).items() if mine & set(its.record_nos)}

    def invoices_of(self, deal_ids: Iterable[str]) -> dict[str, DealInvoices]:
        """All invoices of these deals, by the deal's id now; deals that no longer exist are left out."""
        read = batch_read(self.hubspot, "deals", sorted(set(deal_ids)), self._properties())
        return self._invoices({deal.id: deal for deal in (*read.records, *read.survivors)})

    def changed_in(self, start: datetime, end: datetime) -> list[str]:
        """The deals changed in [start, end) on which invoice numbers or figures stand: somebody may have written or
        deleted the numbers."""
        changed = modified_between("deals", start, end)
        return self._search([[Filter.has(name), changed] for name in (NUMBERS, STATUS) if name in self._known])

    def unsettled(self) -> list[str]:
        """The deals that show an invoice that is not paid: it may have been deleted, which no record tells."""
        return self._search([[Filter.is_in(STATUS, _UNSETTLED)]] if STATUS in self._known else [])

    def named(self, record_nos: Iterable[str]) -> list[NamedInvoice]:
        """These invoices, those that Intacct has; a query for every 1,000."""
        return self._named("RECORDNO", record_nos)

    def _naming(self, invoices: list[NamedInvoice]) -> dict[str, CrmRecord]:
        """The deals that name one of these numbers alone, those of the customers that name several, and those whose
        several invoices are to several customers."""
        if not {NUMBERS, COUNT, CUSTOMER, CUSTOMERS} <= self._known:
            return {}
        numbers = sorted({one.number.casefold() for one in invoices if one.number})
        customers = sorted({one.customer_id.casefold() for one in invoices})
        groups = [[Filter.is_in(NUMBERS, numbers)]] if numbers else []
        if customers:
            groups += [[Filter.is_in(CUSTOMER, customers), Filter.at_least(COUNT, 2)], [Filter.at_least(CUSTOMERS, 2)]]
        if not groups:
            return {}
        return {deal.id: deal for deal in iter_search(self.hubspot, "deals", groups, self._properties())}

    def _invoices(
        self, deals: Mapping[str, CrmRecord], known: Iterable[tuple[str, str]] = ()
    ) -> dict[str, DealInvoices]:
        """``known`` are deals, perhaps by an id from before a merge, with an invoice of theirs."""
        ids = {deal: [deal, *_ids(record.properties.get(MERGED))] for deal, record in deals.items()}
        every = [one for its in ids.values() for one in its]
        made = self.state.records_made(("intacct", "invoice"), ("hubspot", "deal"), every)
        keys = {invoice_key(one).document_key(): one for one in every}
        wanted = {deal: numbers_in(record.properties.get(NUMBERS)) for deal, record in deals.items()}
        by_number, by_deal = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
        typed = {number for its in wanted.values() for number in its}
        for one in self._named("RECORDID", sorted(typed | {number.upper() for number in typed})):
            by_number[one.number.casefold()].add(one.record_no)
        for one in self._named(self.document_key.queried_field, keys):
            if one.document_key in keys:
                by_deal[keys[one.document_key]].add(one.record_no)
        for deal, number in known:
            by_deal[deal].add(number)
        orders = self.state.records_made(("intacct", "sales_order"), ("hubspot", "deal"), every)
        if orders:
            ordered = invoices_of_orders(self.intacct, {order: key.source_id for key, order in orders.items()})
            for deal, numbers in ordered.items():
                by_deal[deal] |= numbers
        approved = {(one.deal_id, one.document) for one in self.state.links_of_deals(every) if one.kind == "approved"}
        remembered = {*((key.source_id, number) for key, number in made.items()), *approved}
        there = {one.record_no for one in self._named("RECORDNO", {number for _, number in remembered})}
        for deal, number in remembered:
            by_deal[deal] |= {number} & there
        return {
            deal: DealInvoices(
                deal,
                tuple(
                    sorted(
                        {
                            *(n for one in ids[deal] for n in by_deal[one]),
                            *(n for number in wanted[deal] for n in by_number[number.casefold()]),
                        },
                        key=int,
                    )
                ),
                tuple(number for number in wanted[deal] if not by_number[number.casefold()]),
                _amount(record.properties.get("amount")),
            )
            for deal, record in deals.items()
        }

    def _named(self, field: str, values: Iterable[str]) -> list[NamedInvoice]:
        key = self.document_key.queried_field
        fields = tuple(dict.fromkeys(("RECORDNO", "RECORDID", "CUSTOMERID", "MODULEKEY", key)))
        queries = [Query("ARINVOICE", fields, is_in(field, chunk)) for chunk in chunks(values)]
        return [
            NamedInvoice(
                str(record["RECORDNO"]),
                optional(record, "RECORDID"),
                optional(record, "CUSTOMERID"),
                optional(record, key),
                optional(record, "MODULEKEY"),
            )
            for records in read_together(self.intacct, queries)
            for record in records
        ]

    def _search(self, groups: list[list[Filter]]) -> list[str]:
        if not groups:
            return []
        return [deal.id for deal in iter_search(self.hubspot, "deals", groups, ["hs_object_id"])]

    @cached_property
    def _known(self) -> set[str]:
        return set(get_properties(self.hubspot, "deals"))

    def _properties(self) -> list[str]:
        return sorted(self._known & set(_READ))


def _amount(text: str | None) -> Decimal | None:
    try:
        return decimal_of(text) if text else None
    except BadAmount:
        return None


def _ids(text: str | None) -> list[str]:
    return [one for one in (text or "").split(";") if one.isdecimal()]
