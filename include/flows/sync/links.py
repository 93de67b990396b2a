"""Which HubSpot company each Intacct customer is: as the company says, as we remember, or by matching."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import NotFound
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.properties import get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.records import Customer
from include.core.matching import (
    AmbiguousMatch,
    Candidates,
    Matched,
    NoMatch,
    Party,
    SimilarOnly,
    match,
    normalised_name,
)
from include.flows.customers.company_customer import (
    COMPANY_PROPERTIES,
    CustomerDirectory,
    KnownCustomer,
    candidate_of,
    subject_of,
    which_customer,
)
from include.flows.customers.customer_companies import CUSTOMER_ID, companies_of_customers
from include.flows.customers.lookup import customers_near
from include.flows.deals.settings import WonDealSettings
from include.flows.sync.records import Link

NEEDLES_AT_ONCE = 100


def link_customers(
    hubspot: HubSpotClient,
    intacct: IntacctClient,
    customers: Iterable[Customer],
    known: Mapping[str, str],
    main: WonDealSettings,
    *,
    creatable: Collection[str] = (),
) -> dict[str, Link]:
    """Customer id -> its company. ``known``: what our cross-references remember, customer id -> company id.
    ``creatable``: the customers that get a new company where they have none.

    A company that shows the customer's id outranks what we remember, and that outranks a match. Of several companies
    that show one customer, the one we know leads, else the oldest: two would overwrite each other through the customer.
    """
    by_id = {customer.customer_id: customer for customer in customers}
    links: dict[str, Link] = {}
    for customer_id, found in companies_of_customers(hubspot, by_id, []).items():
        ids = [company.id for company in found]
        leader = known[customer_id] if known.get(customer_id) in ids else min(ids, key=int)
        links[customer_id] = Link("linked", leader, "", [one for one in ids if one != leader])
    remembered = {one: known[one] for one in by_id if one in known and one not in links}
    if remembered:
        links |= _remembered(hubspot, remembered)
    unlinked = [customer for one, customer in by_id.items() if one not in links]
    if unlinked:
        links |= _matched(hubspot, intacct, unlinked, main)
    new = [one for one, link in links.items() if link.kind == "new" and one in creatable]
    if new:
        links |= _archived(hubspot, new)
    return links


def _remembered(hubspot: HubSpotClient, remembered: Mapping[str, str]) -> dict[str, Link]:
    """A company that was merged answers under its old id as the one that it became part of."""
    read = batch_read(hubspot, "companies", remembered.values(), [CUSTOMER_ID])
    there: dict[str, CrmRecord | None] = dict(read.by_id())
    for old in read.missing:
        there[old] = _survivor(hubspot, old)
    links = {}
    for customer_id, company_id in remembered.items():
        company = there[company_id]
        if company is None:
            links[customer_id] = Link("gone", others=[company_id])
        elif (company.properties.get(CUSTOMER_ID) or customer_id).casefold() != customer_id.casefold():
            links[customer_id] = Link("other_customer", others=[company.id])
        else:
            links[customer_id] = Link("linked", company.id)
    return links


def _survivor(hubspot: HubSpotClient, old: str) -> CrmRecord | None:
    try:
        reply = hubspot.request("GET", hubspot.paths.objects("companies", old), query={"properties": CUSTOMER_ID})
    except NotFound:
        return None
    found = CrmRecord.from_wire(reply.body)
    return None if found.archived else found


def _matched(
    hubspot: HubSpotClient, intacct: IntacctClient, customers: Sequence[Customer], main: WonDealSettings
) -> dict[str, Link]:
    """By tax id, mail domain, name and address; see ``core.matching``."""
    settings = main.customer
    subjects = {one.customer_id: candidate_of(one, settings) for one in customers}
    found = _search(hubspot, subjects.values(), main)
    parties = [subject_of({"company": {**one.properties, "id": one.id}}, settings) for one in found.values()]
    candidates = Candidates(parties)
    links: dict[str, Link] = {}
    for customer_id, subject in subjects.items():
        match match(subject, candidates.near(subject)):
            case Matched(candidate, _, reason):
                shown = (found[candidate.id].properties.get(CUSTOMER_ID) or "").strip()
                links[customer_id] = (
                    Link("other_customer", others=[candidate.id]) if shown else Link("matched", candidate.id, reason)
                )
            case AmbiguousMatch(choices, reason):
                links[customer_id] = Link("ambiguous", "", reason, [one.id for one in choices])
            case SimilarOnly(choices):
                links[customer_id] = Link("similar", "", "", [one.id for one in choices])
            case NoMatch():
                links[customer_id] = Link("new")
    return _mutual(intacct, links, found, main)


def _mutual(
    intacct: IntacctClient, links: Mapping[str, Link], found: Mapping[str, CrmRecord], main: WonDealSettings
) -> dict[str, Link]:
    """A match counts only where the company, asked for its customer as the main job asks, names the same one: of two
    customers that could be one company, neither is believed."""
    matched = {link.company for link in links.values() if link.kind == "matched"}
    sheets = {one: {"company": {**found[one].properties, "id": one}} for one in sorted(matched)}
    directory = CustomerDirectory(customers_near(intacct, sheets.values(), {}, main.customer), main.customer)
    checked = dict(links)
    for customer_id, link in links.items():
        if link.kind != "matched":
            continue
        theirs = which_customer(sheets[link.company], customer_id, directory, None, main.customer)
        if not isinstance(theirs, KnownCustomer):
            checked[customer_id] = Link("ambiguous", "", f"{link.reason}, as other customers have", [link.company])
        elif theirs.customer.customer_id != customer_id:
            checked[customer_id] = Link("other_customer", others=[link.company])
    return checked


def _search(hubspot: HubSpotClient, subjects: Iterable[Party], main: WonDealSettings) -> dict[str, CrmRecord]:
    """Everybody who could be one of these, by exact values: HubSpot compares whole texts, lower-case. A name is looked
    for as it is, without its legal form, and without accents."""
    tax_id = str(main.customer.tax_id.source).partition(".")[2]
    needles = defaultdict[str, set[str]](set)
    for one in subjects:
        needles[tax_id] |= {one.tax_id.casefold()} if one.tax_id else set()
        needles["domain"] |= set(one.domains)
        needles["name"] |= _spellings(one.name)
    wanted = sorted({*COMPANY_PROPERTIES, *main.properties("company"), CUSTOMER_ID})
    found: dict[str, CrmRecord] = {}
    there = get_properties(hubspot, "companies")
    for name, values in needles.items():
        listed = sorted(values) if name in there else []
        for start in range(0, len(listed), NEEDLES_AT_ONCE):
            condition = [[Filter.is_in(name, listed[start : start + NEEDLES_AT_ONCE])]]
            found |= {one.id: one for one in iter_search(hubspot, "companies", condition, wanted)}
    return found


def _spellings(name: str) -> set[str]:
    whole = " ".join(name.casefold().split())
    words = whole.split(" ")
    # Without the words at the end that are legal form only, keeping the punctuation of the rest.
    while len(words) > 1 and normalised_name(" ".join(words[:-1])) == normalised_name(whole):
        words.pop()
    bare = " ".join(words).rstrip(",&. ")
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return {one for one in (whole, bare, plain, normalised_name(name)) if one}


def _archived(hubspot: HubSpotClient, new: Sequence[str]) -> dict[str, Link]:
    """Customers whose company a person deleted in HubSpot: it is not made anew."""
    folded = {one.casefold(): one for one in new}
    links = {}
    for company in iter_all(hubspot, "companies", [CUSTOMER_ID], archived=True):
        customer_id = folded.get((company.properties.get(CUSTOMER_ID) or "").strip().casefold())
        if customer_id is not None:
            links[customer_id] = Link("gone", others=[company.id])
    return links
