"""All seeded definitions, by type id."""

from __future__ import annotations

import re
from functools import cache

from include.sandbox.hubspot.catalogue import BY_ID
from include.sandbox.hubspot.definitions import activities, commerce, people, sales
from include.sandbox.hubspot.definitions.deals import DEALS
from include.sandbox.hubspot.definitions.property import Property
from include.sandbox.hubspot.definitions.shared import EVERY
from include.sandbox.hubspot.definitions.table import read_table

_TABLES = {
    "0-1": people.CONTACTS, "0-2": people.COMPANIES, "0-3": DEALS, "0-5": activities.TICKETS,
    "0-7": sales.PRODUCTS, "0-8": sales.LINE_ITEMS, "0-14": sales.QUOTES, "0-18": activities.COMMUNICATIONS,
    "0-27": activities.TASKS, "0-46": activities.NOTES, "0-47": activities.MEETINGS, "0-48": activities.CALLS,
    "0-19": activities.FEEDBACK, "0-74": activities.GOALS, "0-116": activities.POSTAL_MAIL,
    "0-136": activities.LEADS, "0-49": activities.EMAILS, "0-53": commerce.INVOICES, "0-69": commerce.SUBSCRIPTIONS,
    "0-84": commerce.DISCOUNTS, "0-85": commerce.FEES, "0-86": commerce.TAXES, "0-101": commerce.PAYMENTS,
    "0-115": people.USERS, "0-123": commerce.ORDERS, "0-142": commerce.CARTS, "0-64": commerce.QUOTE_TEMPLATES,
}  # fmt: skip


@cache
def seeded(type_id: str) -> dict[str, Property]:
    """The definitions a fresh account has for this type, by name."""
    own = _TABLES[type_id]
    kind = BY_ID[type_id]
    every = EVERY.format(group=default_group(type_id), created=kind.created, modified=kind.modified)
    return {definition.name: definition for text in (own, every) for definition in read_table(text)}


@cache
def default_group(type_id: str) -> str:
    found = re.search(r"\[(\w+)\]", _TABLES[type_id])
    return found.group(1) if found else ""


def seeded_groups(type_id: str) -> dict[str, str]:
    """Name and label of the property groups a fresh account has."""
    name = default_group(type_id)
    return {name: BY_ID[type_id].singular.replace("_", " ").capitalize() + " information"}
