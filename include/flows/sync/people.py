"""Which HubSpot contact is which Intacct contact of a customer, and which have no counterpart yet. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from include.flows.sync.field_agreement import canonical
from include.flows.sync.records import Card, Flat, PartyRecord


@dataclass(frozen=True, slots=True)
class People:
    """``pairs`` belong together; ``only_hubspot`` and ``only_intacct`` have nobody on the other side; ``gone`` are the
    RECORDNOs of contacts whose HubSpot contact was archived, and the ids of those whose Intacct contact was."""

    pairs: Sequence[tuple[Card, Flat]] = field(repr=False)
    only_hubspot: Sequence[Card] = field(repr=False)
    only_intacct: Sequence[Flat] = field(repr=False)
    gone: Sequence[str]


def pair_people(record: PartyRecord) -> People:
    """First those known to be one (a merged contact's counterpart is its survivor's), then those with one e-mail
    address, then those who alone have their name among the customer's people. Nobody is paired twice: the older one
    comes first."""
    people = sorted(record.people, key=lambda one: int(one.id))
    contacts = sorted(record.contacts, key=lambda one: (one["RECORDNO"] == record.display, int(one["RECORDNO"])))
    by_id = {alias: person for person in reversed(people) for alias in (person.id, *person.merged)}
    pairs: list[tuple[Card, Flat]] = []
    taken: set[str] = set()
    gone: list[str] = []
    left: list[Flat] = []
    for contact in contacts:
        known = record.known.get(contact["RECORDNO"])
        person = by_id.get(known or "")
        if known is None:
            left.append(contact)
        elif person is None:
            gone.append(f"contact {contact['RECORDNO']}")
        elif person.id not in taken:
            taken.add(person.id)
            pairs.append((person, contact))
    there = {contact["RECORDNO"] for contact in contacts}
    known_people = {person: number for number, person in record.known.items()}
    for person in people:
        number = next((known_people[one] for one in (person.id, *person.merged) if one in known_people), None)
        if number is not None and number not in there:
            gone.append(f"HubSpot contact {person.id}")
            taken.add(person.id)
    only_intacct: list[Flat] = []
    for rule in (_same_email, _same_name):
        only_intacct = []
        for contact in left:
            same = [one for one in people if one.id not in taken and rule(one, contact)]
            alone = rule is _same_email or (len(same) == 1 and sum(rule(same[0], other) for other in left) == 1)
            if same and alone:
                taken.add(same[0].id)
                pairs.append((same[0], contact))
            else:
                only_intacct.append(contact)
        left = only_intacct
    mails = {canonical(contact.get("EMAIL1")) for _, contact in pairs} - {""}
    return People(
        pairs,
        [one for one in people if one.id not in taken],
        # A second contact with an address that has its person already is the same person once more.
        [one for one in only_intacct if canonical(one.get("EMAIL1")) not in mails],
        gone,
    )


def _same_email(person: Card, contact: Flat) -> bool:
    email = canonical(person.text("email"))
    return bool(email) and email == canonical(contact.get("EMAIL1"))


def _same_name(person: Card, contact: Flat) -> bool:
    name = canonical(f"{person.text('firstname')} {person.text('lastname')}").casefold()
    return " " in name and name == canonical(f"{contact.get('FIRSTNAME')} {contact.get('LASTNAME')}").casefold()
