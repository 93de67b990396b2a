"""Find the customers of which anything changed on either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.filters import all_of, any_of, at_least, is_in, less
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.replies import Record
from include.connectors.intacct.zone import utc_offset, wire_moment
from include.core.windows import Window
from include.flows.customers.customer_companies import CUSTOMER_ID
from include.flows.sync.extract import ROLES

_NAMES_AT_ONCE = 250


def find_customer_ids(
    hubspot: HubSpotClient, intacct: IntacctClient, window: Window, *, first_run: bool
) -> Iterator[str]:
    """The customers of which anything changed, each once. A first run looks at all of them, and so needs no look at the
    people. A dated run takes customers and companies made on those days, in UTC."""
    if window.kind == "records":
        yield from window.ids
        return
    seen: set[str] = set()
    for customer_id in _changed(hubspot, intacct, window, first_run=first_run):
        if customer_id and customer_id.casefold() not in seen:
            seen.add(customer_id.casefold())
            yield customer_id


def _changed(hubspot: HubSpotClient, intacct: IntacctClient, window: Window, *, first_run: bool) -> Iterator[str]:
    start, end = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in window.bounds)
    if window.kind == "dated":
        offset = utc_offset(intacct)
        made = all_of(
            at_least("WHENCREATED", wire_moment(start, offset)), less("WHENCREATED", wire_moment(end, offset))
        )
        records: Iterable[Record] = iter_query(intacct, "CUSTOMER", ("RECORDNO", "CUSTOMERID"), made)
    else:
        records = iter_changed(intacct, "CUSTOMER", ("RECORDNO", "CUSTOMERID"), start, end)
    yield from (str(record["CUSTOMERID"]) for record in records)
    by_property = CUSTOMER_ID in get_properties(hubspot, "companies")
    if window.kind == "modified" and not first_run:
        yield from _of_changed_contacts(intacct, start, end)
        if by_property:
            yield from _of_changed_people(hubspot, start, end)
    if by_property:
        name = "createdate" if window.kind == "dated" else "hs_lastmodifieddate"
        group = [Filter.has(CUSTOMER_ID), Filter.at_least(name, start), Filter.less_than(name, end)]
        for company in iter_search(hubspot, "companies", [group], [CUSTOMER_ID]):
            yield (company.properties.get(CUSTOMER_ID) or "").strip()


def _of_changed_contacts(intacct: IntacctClient, start: datetime, end: datetime) -> Iterator[str]:
    names = [
        str(one["CONTACTNAME"]) for one in iter_changed(intacct, "CONTACT", ("RECORDNO", "CONTACTNAME"), start, end)
    ]
    for chunk in chunks(names, _NAMES_AT_ONCE):
        condition = any_of(*(is_in(f"{role}.CONTACTNAME", chunk) for role in ROLES))
        for record in iter_query(intacct, "CUSTOMER", ("RECORDNO", "CUSTOMERID"), condition):
            yield str(record["CUSTOMERID"])


def _of_changed_people(hubspot: HubSpotClient, start: datetime, end: datetime) -> Iterator[str]:
    name = "lastmodifieddate"
    group = [Filter.at_least(name, start), Filter.less_than(name, end)]
    people = [one.id for one in iter_search(hubspot, "contacts", [group], ["hs_object_id"])]
    found = read_associations(hubspot, "contacts", "companies", people)
    companies = sorted({one.to_id for its in found.values() for one in its})
    for company in batch_read(hubspot, "companies", companies, [CUSTOMER_ID]).records:
        if company.properties.get(CUSTOMER_ID):
            yield str(company.properties[CUSTOMER_ID]).strip()
