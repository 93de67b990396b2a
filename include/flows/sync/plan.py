"""What keeps a customer, its company and their people alike: updates by field ownership, and what is missing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from include.connectors.intacct.records import Customer
from include.core.decisions import Decision, Hold, Json, Skip, Update
from include.core.errors import Unmapped
from include.core.matching import Party
from include.flows.customers.company_customer import NewCompanies, candidate_of
from include.flows.customers.company_properties import RELEASED_VALUES
from include.flows.deals.settings import CustomerSettings
from include.flows.sync import creations
from include.flows.sync.field_comparison import Compared, Digests, Pair
from include.flows.sync.people import People, pair_people
from include.flows.sync.records import Card, Flat, PartyRecord, moment
from include.flows.sync.settings import FieldRule, PartySyncSettings

Agreed = dict[str, Digests]


@dataclass(slots=True)
class Planned:
    """``agreed``: pair -> digests to remember. ``same_people``: (RECORDNO of a CONTACT, HubSpot contact) found to be
    one."""

    decisions: list[Decision] = field(default_factory=list)
    agreed: Agreed = field(default_factory=dict)
    same_people: list[tuple[str, str]] = field(default_factory=list)


def customer_pair(record: PartyRecord, company: Card, base: Mapping[str, Digests]) -> Pair:
    """The customer and its company. What the display contact shows was changed when that contact was."""
    display = next((one for one in record.contacts if one["RECORDNO"] == record.display), {})
    name = f"customer:{record.customer['CUSTOMERID']}"
    moments = {True: moment(display) or moment(record.customer), False: moment(record.customer)}
    return Pair(name, company, record.customer, lambda rule: moments[rule.on_display], base.get(name, {}))


def person_pair(person: Card, contact: Flat, base: Mapping[str, Digests]) -> Pair:
    name = f"contact:{contact['RECORDNO']}"
    return Pair(name, person, contact, lambda _rule: moment(contact), base.get(name, {}))


@dataclass(frozen=True, slots=True)
class PartyPlanner:
    """``base``: what the pairs agreed on last, by pair."""

    settings: PartySyncSettings
    customers: CustomerSettings
    base: Mapping[str, Digests] = field(default_factory=dict)

    def plan(self, records: Iterable[PartyRecord]) -> Planned:
        """For every customer writes, updates, a skip or a hold."""
        planned, new = Planned(), NewCompanies()
        for record in records:
            try:
                self._decide(record, planned, new)
            except Unmapped as unmapped:
                told = f"Customer {record.id}: {unmapped.message}. Add the value to the flow's settings."
                planned.decisions.append(Hold(record.id, "unmapped_value", told))
        return planned

    def _decide(self, record: PartyRecord, planned: Planned, new: NewCompanies) -> None:
        decided = self._at_rest(record, new)
        if decided is not None:
            planned.decisions.append(decided)
            return
        if record.company is None:
            self._create_company(record, planned)
            return
        self._keep_alike(record, record.company, planned)

    def _at_rest(self, record: PartyRecord, new: NewCompanies) -> Decision | None:
        """The skip or hold of a customer for which nothing is to be written."""
        customer, link = record.customer, record.link
        if not customer:
            told = (
                f"Customer {record.id}, which company {', '.join(link.others)} shows, does not exist in Intacct. "
                "Correct or clear the company's intacct_customer_id."
            )
            return Hold(record.id, "unknown_customer_id", told)
        if customer.get("STATUS", "").lower() in {"inactive", "f"}:
            return Skip(record.id, f"customer {record.id} is inactive; its company stays as it is")
        others = ", ".join(link.others)
        match link.kind:
            case "gone":
                return Skip(record.id, f"company {others} of customer {record.id} was archived; the customer stays")
            case "other_customer":
                return Skip(record.id, f"company {others} goes with another customer; {record.id} keeps its own data")
            case "ambiguous":
                told = (
                    f"Customer {record.id} could be HubSpot company {others} (same {link.reason}), but that is not "
                    "certain. Write its id into the intacct_customer_id of the right company, or merge doubles."
                )
                return Hold(record.id, "ambiguous_company", told, {"candidates": list(link.others)})
            case "similar":
                told = (
                    f"Customer {record.id} has the same name as HubSpot company {others}, but another address. If they "
                    f"are one, write {record.id} into its intacct_customer_id; if not, give both their tax ids."
                )
                return Hold(record.id, "similar_company", told, {"candidates": list(link.others)})
            case "new":
                return self._not_created(record, new)
            case _:
                return None

    def _not_created(self, record: PartyRecord, new: NewCompanies) -> Decision | None:
        create = self.settings.create
        if not create.companies or not creations.is_new(record.customer.get("WHENCREATED", ""), create):
            why = f"is older than {create.since}" if create.companies else "the settings create none"
            return Skip(record.id, f"customer {record.id} has no company, and {why}")
        if not new.add(_party(record.customer, self.customers)):
            told = (
                f"Customer {record.id} looks like another customer that becomes a company in this run. If they are one "
                "company, make it in HubSpot and write one of the ids into its intacct_customer_id."
            )
            return Hold(record.id, "similar_company", told)
        return None

    def _create_company(self, record: PartyRecord, planned: Planned) -> None:
        display = next((one for one in record.contacts if one["RECORDNO"] == record.display), {})
        rules = self.settings.company_rules
        public = self.customers.public_mail_domains
        planned.decisions.append(creations.company_of_customer(record.customer, display, rules, public))
        reference = creations.company_reference(record.customer["CUSTOMERID"])
        self._create_people(record, pair_people(record), reference, planned)

    def _keep_alike(self, record: PartyRecord, company: Card, planned: Planned) -> None:
        customer_id, number = record.customer["CUSTOMERID"], record.customer["RECORDNO"]
        hubspot, intacct = defaultdict[str, dict[str, str]](dict), defaultdict[str, dict[str, str]](dict)
        found = customer_pair(record, company, self.base).compare(self.settings.company_rules)
        hubspot[company.id] |= found.to_hubspot
        intacct[number] |= found.to_intacct
        if company.text("intacct_customer_id") != customer_id:
            hubspot[company.id]["intacct_customer_id"] = customer_id
        planned.agreed[f"customer:{customer_id}"] = found.agreed
        outcome = [(f"company {company.id}", found)]
        people = pair_people(record)
        contacts = defaultdict[str, dict[str, str]](dict)
        persons = defaultdict[str, dict[str, str]](dict)
        for person, contact in people.pairs:
            own, rules = self._rules_for(contact, record)
            found = person_pair(person, contact, self.base).compare(rules)
            persons[person.id] |= found.to_hubspot
            if own:
                contacts[contact["RECORDNO"]] |= found.to_intacct
            else:
                intacct[number] |= {f"DISPLAYCONTACT.{name}": text for name, text in found.to_intacct.items()}
            planned.agreed[f"contact:{contact['RECORDNO']}"] = found.agreed
            outcome.append((f"contact {person.id}", found))
            if contact["RECORDNO"] not in record.known or record.known[contact["RECORDNO"]] != person.id:
                planned.same_people.append((contact["RECORDNO"], person.id))
        before = len(planned.decisions)
        new_contact = self._create_people(record, people, company.id, planned)
        if new_contact and not record.customer.get("CONTACTINFO.CONTACTNAME"):
            intacct[number]["CONTACTINFO.CONTACTNAME"] = new_contact
        held = _hold(record.id, outcome)
        if held is None and company.text("tieout_state") == "held":
            hubspot[company.id] |= RELEASED_VALUES
        reverted = [name for _, found in outcome for name in found.put_back]
        put_back = f" (put back to the owner's value: {', '.join(reverted)})" if reverted else ""
        objects = (("hubspot", "companies", hubspot), ("hubspot", "contacts", persons))
        books = (("intacct", "CUSTOMER", intacct), ("intacct", "CONTACT", contacts))
        for system, name, values in (*objects, *books):
            for target, texts in values.items():
                if texts:
                    summary = f"customer {customer_id}: {name} {target}: {', '.join(sorted(texts))}{put_back}"
                    planned.decisions.append(Update(system, name, target, record.id, dict(texts), summary))
        if held:
            planned.decisions.append(held)
        elif not any(isinstance(one, Update) for one in planned.decisions[before:]):
            told = [f"customer {customer_id} and company {company.id} are alike"]
            told += [f"{one} was archived; its counterpart stays" for one in people.gone]
            if record.link.others:
                told.append(f"company {', '.join(record.link.others)} shows the customer too and keeps its own data")
            planned.decisions.append(Skip(record.id, "; ".join(told)))

    def _rules_for(self, contact: Flat, record: PartyRecord) -> tuple[bool, tuple[FieldRule, ...]]:
        """Whether the contact is changed by itself (the display contact is changed through its customer), and which
        rules are for it."""
        own = contact["RECORDNO"] != record.display
        return own, self.settings.contact_rules if own else self.settings.display_rules

    def _create_people(self, record: PartyRecord, people: People, company: str | Json, planned: Planned) -> str:
        """Adds the writes for people without counterpart; the name of the first new Intacct contact."""
        create, rules = self.settings.create, self.settings.contact_rules
        for contact in people.only_intacct if create.intacct_contacts else ():
            named = creations.has_name(contact.get("FIRSTNAME", ""), contact.get("LASTNAME", ""))
            active = contact.get("STATUS", "").lower() not in {"inactive", "f"}
            if named and active and contact.get("EMAIL1") and creations.is_new(contact.get("WHENCREATED", ""), create):
                planned.decisions.append(creations.person_of_contact(contact, record.customer, company, rules))
        first = ""
        for person in people.only_hubspot if create.hubspot_contacts else ():
            named = creations.has_name(person.text("firstname"), person.text("lastname"))
            if named and person.text("email") and creations.is_new(person.created, create):
                planned.decisions.append(creations.contact_of_person(person, record.customer, rules))
                first = first or creations.contact_name(person)
        return first


def _hold(source_id: str, outcome: Iterable[tuple[str, Compared]]) -> Hold | None:
    conflicts = [f"{name} of {which}" for which, found in outcome for name in found.conflicts]
    if conflicts:
        told = (
            f"Customer {source_id}: {', '.join(conflicts)} was changed in both systems, and nothing says which came "
            "last. Enter the right value in both, or give the field an owner in the settings."
        )
        return Hold(source_id, "sync_conflict", told, {"fields": conflicts})
    unmapped = [f"{which}: {message}" for which, found in outcome for message in found.unmapped]
    if unmapped:
        told = f"Customer {source_id}: {'; '.join(unmapped)}. Add the value to the flow's settings."
        return Hold(source_id, "unmapped_value", told)
    return None


def _party(customer: Flat, settings: CustomerSettings) -> Party:
    return candidate_of(Customer.from_wire(customer), settings)
