"""Which HubSpot deals an Intacct invoice belongs to, and which invoices a deal has.

All that tells is followed: Tieout's key in the invoice or in the sales order that it came from, what the state
remembers of what it made, and the numbers in the deal's ``intacct_invoice_number``, where a person may add one by hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

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
from include.flows.deals.documents import invoice_key
from include.flows.figures.invoice_standing import Status
from include.flows.figures.of_deal import COUNT, CUSTOMER, CUSTOMERS, NUMBERS, STATUS, numbers_in
from include.flows.figures.order_invoices import MODULE as ORDER_MODULE
from include.flows.figures.order_invoices import deals_of_order_invoices, invoices_of_orders
from include.state.store import StateStore

MERGED = "hs_merged_object_ids"
_READ = (NUMBERS, COUNT, CUSTOMER, MERGED)
_KEY = re.compile(r"hs-deal-(\d+)-invoice(?:-\d+)?")
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
    """A deal's invoices by record number, ascending; ``unknown`` are numbers on the deal that Intacct does not have."""

    deal_id: str
    record_nos: tuple[str, ...]
    unknown: tuple[str, ...] = ()


@dataclass
class InvoiceLinks:
    """Finds the one from the other. ``state`` remembers which invoice was made for which deal."""

    hubspot: HubSpotClient
    intacct: IntacctClient
    state: StateStore
    document_key: DocumentKey

    def remember(self, deal_of_invoice: Mapping[str, str]) -> None:
        """Which deal an invoice (its record number) was made for."""
        self.state.put_xrefs("intacct", "invoice", "hubspot", "deal", deal_of_invoice)

    def deals_of(self, invoices: Iterable[NamedInvoice]) -> dict[str, DealInvoices]:
        """Every deal that has one of these invoices, by its id now (merges followed), with all its invoices.

        As few searches as hold the numbers and customers, a call for every 100 deals, a query for every 1,000 of their
        numbers and keys. Raises what the clients raise.
        """
        listed = list(invoices)
        found = self._naming(listed)
        made = self.state.xrefs("intacct", "invoice", [one.record_no for one in listed], "hubspot", "deal")
        ordered = [one.record_no for one in listed if one.module == ORDER_MODULE]
        if ordered:
            made |= deals_of_order_invoices(self.intacct, self.document_key, ordered)
        keyed = {match[1] for one in listed if (match := _KEY.fullmatch(one.document_key))}
        missing = sorted({*keyed, *made.values()} - found.keys())
        read = batch_read(self.hubspot, "deals", missing, self._properties())
        found |= {deal.id: deal for deal in (*read.records, *read.survivors)}
        mine = {one.record_no for one in listed}
        return {deal: its for deal, its in self._invoices(found, made).items() if mine & set(its.record_nos)}

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

    def shared(self, deals: Mapping[str, DealInvoices]) -> set[str]:
        """Those of the deals one of whose invoices another deal has too."""
        owners = defaultdict[str, set[str]](set)
        numbers = {number for its in deals.values() for number in its.record_nos}
        for deal, its in self.deals_of(self._named("RECORDNO", numbers)).items():
            for number in its.record_nos:
                owners[number].add(deal)
        return {deal for deal, its in deals.items() if any(len(owners[number]) > 1 for number in its.record_nos)}

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
        self, deals: Mapping[str, CrmRecord], known: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, DealInvoices]:
        """``known`` are invoices of which the deal is known, perhaps by an id from before a merge."""
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
        for number, deal in known.items():
            by_deal[deal].add(number)
        orders = self.state.records_made(("intacct", "sales_order"), ("hubspot", "deal"), every)
        if orders:
            ordered = invoices_of_orders(self.intacct, {order: key.source_id for key, order in orders.items()})
            for deal, numbers in ordered.items():
                by_deal[deal] |= numbers
        there = {one.record_no for one in self._named("RECORDNO", made.values())}
        for key, number in made.items():
            by_deal[key.source_id] |= {number} & there
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
            )
            for deal in deals
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


def _ids(text: str | None) -> list[str]:
    return [one for one in (text or "").split(";") if one.isdecimal()]
