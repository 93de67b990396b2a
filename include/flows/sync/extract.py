"""Read Intacct customers with the HubSpot company that each is, and the people of both."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.field_types import FieldTypes
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.formats import read_date
from include.connectors.intacct.lines import chunks, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Customer
from include.connectors.intacct.replies import Record
from include.connectors.intacct.zone import read_moment, utc_offset
from include.flows.customers.customer_companies import CUSTOMER_ID, companies_of_customers
from include.flows.customers.settings import main_job_settings
from include.flows.sync.creations import is_new
from include.flows.sync.links import link_customers
from include.flows.sync.records import Card, Flat, Link, PartyRecord
from include.flows.sync.settings import PartySyncSettings, properties_of, with_newest
from include.state.store import StateStore

ROLES = ("DISPLAYCONTACT", "CONTACTINFO", "BILLTO", "SHIPTO")
_CONTACT_FIELDS = (
    "RECORDNO",
    "CONTACTNAME",
    "STATUS",
    "FIRSTNAME",
    "LASTNAME",
    "EMAIL1",
    "WHENCREATED",
    "WHENMODIFIED",
)
_PERSON_FIELDS = ("RECORDNO", "CONTACTNAME", "STATUS", "FIRSTNAME", "LASTNAME", "EMAIL1")
_COMPANY_PROPERTIES = ("name", CUSTOMER_ID, "hs_merged_object_ids", "tieout_state")
_PERSON_PROPERTIES = ("email", "firstname", "lastname", "associatedcompanyid", "hs_merged_object_ids")
_MOMENTS = ("WHENCREATED", "WHENMODIFIED")
_LIKE_A_DATE = re.compile(r"\d\d/\d\d/\d{4}( [\d:]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartyReader:
    """Reads customers with all that belongs to them; the number of calls does not grow with theirs, but for slices."""

    hubspot: HubSpotClient
    intacct: IntacctClient
    store: StateStore
    settings: PartySyncSettings
    types: dict[str, FieldTypes] = field(default_factory=dict)

    def read(self, ids: Sequence[str]) -> list[PartyRecord]:
        """The customers by the ids asked for. What neither Intacct nor any company knows is left out."""
        customers = self._customers(ids)
        wires = {one: Customer.from_wire(flat) for one, flat in customers.items()}
        main = main_job_settings()
        known = companies_in_ids(customers, main.customer.id_prefix)
        known |= self.store.xrefs("intacct", "customer", list(customers), "hubspot", "company")
        create = self.settings.create
        young = [one for one, flat in customers.items() if create.companies and is_new(flat["WHENCREATED"], create)]
        links = link_customers(self.hubspot, self.intacct, wires.values(), known, main, creatable=young)
        companies = self._cards("companies", [link.company for link in links.values()], self._company_properties())
        people_of = self._people(list(companies))
        contacts = self._contacts(customers, people_of)
        spelt = {one.casefold(): one for one in customers}
        records = self._unknown([one for one in ids if one.casefold() not in spelt])
        for asked in ids:
            customer_id = spelt.get(asked.casefold())
            if customer_id is None:
                continue
            link = links.get(customer_id, Link("new"))
            its = contacts[customer_id]
            customer = customers[customer_id]
            display = customer.get("DISPLAYCONTACT.CONTACTNAME", "")
            records.append(
                PartyRecord(
                    id=asked,
                    customer=customer,
                    link=link,
                    company=companies.get(link.company),
                    people=people_of.get(link.company, ()),
                    contacts=its,
                    display=next((one["RECORDNO"] for one in its if one["CONTACTNAME"] == display), ""),
                )
            )
        return self._with_people_elsewhere(self._with_known(records))

    def _unknown(self, ids: Sequence[str]) -> list[PartyRecord]:
        """Those that a company shows, but Intacct does not have."""
        found = companies_of_customers(self.hubspot, ids, [])
        return [
            PartyRecord(one, {}, Link("gone", others=[its.id for its in found[one]])) for one in ids if one in found
        ]

    def _customers(self, ids: Sequence[str]) -> dict[str, Flat]:
        rules = self.settings.company_rules
        roles = tuple(f"{role}.CONTACTNAME" for role in ROLES)
        fields = tuple(dict.fromkeys((*Customer.FIELDS, "WHENCREATED", *roles, *(rule.intacct for rule in rules))))
        found: dict[str, Flat] = {}
        for chunk in chunks(ids):
            for record in iter_query(self.intacct, "CUSTOMER", fields, is_in("CUSTOMERID", chunk), ignore_case=True):
                found[str(record["CUSTOMERID"])] = self._flat("CUSTOMER", record)
        return found

    def _flat(self, object_name: str, record: Record) -> Flat:
        """Texts alone: timestamps as ISO text in UTC, dates in ISO form as HubSpot has them."""
        flat = {name: str(value).strip() if value is not None else "" for name, value in record.items()}
        offset = utc_offset(self.intacct)
        for name, text in flat.items():
            if name in _MOMENTS:
                moment = read_moment(text, offset)
                flat[name] = moment.isoformat() if moment else ""
            elif _LIKE_A_DATE.fullmatch(text) and self._types(object_name).of(name) == "DATE":
                flat[name] = str(read_date(text))
        return flat

    def _types(self, object_name: str) -> FieldTypes:
        return self.types.setdefault(object_name, FieldTypes(self.intacct, object_name))

    def _company_properties(self) -> tuple[set[str], list[str]]:
        rules = self.settings.company_rules
        return {*_COMPANY_PROPERTIES, *properties_of(rules)}, with_newest(rules)

    def _person_properties(self) -> tuple[set[str], list[str]]:
        rules = self.settings.contact_rules
        return {*_PERSON_PROPERTIES, *properties_of(rules)}, with_newest(rules)

    def _cards(self, object_type: str, ids: Iterable[str], properties: tuple[set[str], list[str]]) -> dict[str, Card]:
        wanted = sorted({one for one in ids if one})
        names, history = properties
        read = batch_read(self.hubspot, object_type, wanted, sorted(names), with_history=history)
        return {one.id: self._card(one) for one in read.records}

    def _card(self, record: CrmRecord) -> Card:
        """The time of a property's change is that of its newest value that is not our own."""
        app = self.settings.hubspot_app_id
        ours, at = [], {}
        for name, rows in record.history.items():
            theirs = [row for row in rows if not (app and row.source == "INTEGRATION" and row.source_id == app)]
            if rows and theirs[:1] != list(rows[:1]):
                ours.append(name)
            if theirs:
                at[name] = theirs[0].at.isoformat()
        return Card(
            record.id,
            dict(record.properties),
            record.created_at.isoformat(),
            record.updated_at.isoformat(),
            at,
            ours,
            record.properties.get("associatedcompanyid") or "",
        )

    def _people(self, companies: Sequence[str]) -> dict[str, list[Card]]:
        """The contacts whose primary company it is: a person belongs to one customer."""
        found = read_associations(self.hubspot, "companies", "contacts", companies)
        ids = {one.to_id for its in found.values() for one in its}
        cards = self._cards("contacts", ids, self._person_properties())
        people = defaultdict[str, list[Card]](list)
        for card in cards.values():
            people[card.company].append(card)
        return people

    def _contacts(self, customers: Mapping[str, Flat], people: Mapping[str, Sequence[Card]]) -> dict[str, list[Flat]]:
        """The CONTACTs that each customer names, and those known to be one of its people."""
        fields, flatten = self._contact_fields(), partial(self._flat, "CONTACT")
        named = {one: {flat.get(f"{role}.CONTACTNAME", "") for role in ROLES} - {""} for one, flat in customers.items()}
        names = sorted({name for its in named.values() for name in its})
        by_name = {
            flat["CONTACTNAME"]: flat
            for flat in map(flatten, read_by(self.intacct, "CONTACT", fields, "CONTACTNAME", names))
        }
        return {one: [by_name[name] for name in sorted(its) if name in by_name] for one, its in named.items()}

    def _contact_fields(self) -> tuple[str, ...]:
        mapped = (rule.intacct for rule in self.settings.contact_rules)
        return tuple(dict.fromkeys((*_PERSON_FIELDS, *_MOMENTS, *mapped)))

    def _with_known(self, records: Sequence[PartyRecord]) -> list[PartyRecord]:
        """Adds what our cross-references say of the people, with the CONTACTs and people that only they name."""
        numbers = [contact["RECORDNO"] for record in records for contact in record.contacts]
        of_contact = self.store.xrefs("intacct", "contact", numbers, "hubspot", "contact")
        ids = [one for record in records for person in record.people for one in (person.id, *person.merged)]
        of_person = self.store.xrefs("hubspot", "contact", ids, "intacct", "contact")
        fields, flatten = self._contact_fields(), partial(self._flat, "CONTACT")
        missing = sorted(set(of_person.values()) - set(numbers))
        more = {
            flat["RECORDNO"]: flat
            for flat in map(flatten, read_by(self.intacct, "CONTACT", fields, "RECORDNO", missing))
        }
        here = {person.id for record in records for person in record.people}
        far = self._cards("contacts", set(of_contact.values()) - here, self._person_properties())
        found = []
        for record in records:
            aliases = {one for person in record.people for one in (person.id, *person.merged)}
            known = {number: person for person, number in of_person.items() if person in aliases}
            known |= {c["RECORDNO"]: of_contact[c["RECORDNO"]] for c in record.contacts if c["RECORDNO"] in of_contact}
            contacts = [*record.contacts, *(more[number] for number in known if number in more)]
            people = [*record.people, *(far[one] for one in known.values() if one in far and one not in aliases)]
            found.append(replace(record, contacts=contacts, people=people, known=known))
        return found

    def _with_people_elsewhere(self, records: Sequence[PartyRecord]) -> list[PartyRecord]:
        """Adds HubSpot contacts of other companies, or of none, that have the e-mail address of an Intacct contact."""
        wanted = defaultdict[str, list[int]](list)
        for number, record in enumerate(records):
            mails = {person.text("email").casefold() for person in record.people}
            for contact in record.contacts:
                mail = contact.get("EMAIL1", "").casefold()
                named = contact.get("FIRSTNAME") or contact.get("LASTNAME")
                if mail and named and mail not in mails and contact["RECORDNO"] not in record.known:
                    wanted[mail].append(number)
        names, _ = self._person_properties()
        ids: dict[str, str] = {}
        for chunk in chunks(wanted, 100):
            for found in iter_search(self.hubspot, "contacts", [[Filter.is_in("email", chunk)]], sorted(names)):
                ids[found.id] = (found.properties.get("email") or "").casefold()
        cards = self._cards("contacts", ids, self._person_properties())
        result = list(records)
        for person, mail in ids.items():
            for number in wanted.get(mail, ()):
                if person in cards:
                    result[number] = replace(result[number], people=[*result[number].people, cards[person]])
        return result


def companies_in_ids(customer_ids: Iterable[str], prefix: str) -> dict[str, str]:
    """A customer that Tieout made has its company in its id; HubSpot's search may not show the link yet."""
    ids = {one: one.removeprefix(prefix) for one in customer_ids if prefix and one.startswith(prefix)}
    return {customer_id: company for customer_id, company in ids.items() if company.isdecimal()}
