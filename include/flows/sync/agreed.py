"""What a customer, its company and their people agreed on after something was written. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from include.core.decisions import Update
from include.flows.sync.field_comparison import Digests
from include.flows.sync.people import pair_people
from include.flows.sync.plan import customer_pair, person_pair
from include.flows.sync.records import PartyRecord
from include.flows.sync.settings import PartySyncSettings


def agreed_after(
    records: Iterable[PartyRecord],
    updates: Iterable[Update],
    settings: PartySyncSettings,
    base: Mapping[str, Digests],
) -> dict[str, dict[str, str]]:
    """Pair -> digests to remember, for what ``updates`` wrote and the records, read again, now show."""
    sent = defaultdict[tuple[str, str], dict[str, str]](dict)
    for update in updates:
        sent[update.object, update.target_id] |= {name: text or "" for name, text in update.values.items()}
    agreed: dict[str, dict[str, str]] = {}
    for record in records:
        if record.company is None:
            continue
        to_customer = sent["CUSTOMER", record.customer["RECORDNO"]]
        pair = customer_pair(record, record.company, base)
        agreed[pair.name] = pair.after(settings.company_rules, sent["companies", record.company.id], to_customer)
        for person, contact in pair_people(record).pairs:
            pair = person_pair(person, contact, base)
            own = contact["RECORDNO"] != record.display
            on_display = {name.removeprefix("DISPLAYCONTACT."): text for name, text in to_customer.items()}
            to_contact = sent["CONTACT", contact["RECORDNO"]] if own else on_display
            rules = settings.contact_rules if own else settings.display_rules
            agreed[pair.name] = pair.after(rules, sent["contacts", person.id], to_contact)
    return {pair: digests for pair, digests in agreed.items() if digests}
