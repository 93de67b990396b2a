"""Contacts of customers, vendors and employees: the display contact is created and kept with its owner."""

from __future__ import annotations

from collections.abc import Mapping

from include.sandbox.intacct.catalogue.masters import CONTACT
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import invalid
from include.sandbox.intacct.masters.reading import read_values
from include.sandbox.intacct.store.audit import created, modified
from include.sandbox.intacct.values import Native

_LINKS = {"CONTACTINFO": "CONTACTKEY", "BILLTO": "BILLTOKEY", "SHIPTO": "SHIPTOKEY"}


def within(texts: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The texts of one nested block without its prefix."""
    start = f"{prefix}."
    return {name[len(start) :]: text for name, text in texts.items() if name.startswith(start)}


def create_display_contact(context: Context, texts: Mapping[str, str], owner: str, letter: str) -> int:
    """The contact ``NAME(CCUSTOMERID)`` from the DISPLAYCONTACT block; PRINTAS falls back to the owner's name.

    ``owner`` is the owner's id, ``letter`` C for customers, V for vendors.
    """
    name = texts.get("NAME", "")
    block = within(texts, "DISPLAYCONTACT")
    values = read_values(context, CONTACT, block)
    values["CONTACTNAME"] = f"{name}({letter}{owner})"
    if values.get("PRINTAS") is None:
        values["PRINTAS"] = name
    values.setdefault("STATUS", "active")
    return context.db.insert("CONTACT", {**values, **created(context, CONTACT), **context.entity_fields()})


def update_display_contact(context: Context, key: Native, texts: Mapping[str, str]) -> None:
    block = within(texts, "DISPLAYCONTACT")
    block.pop("CONTACTNAME", None)
    if block and isinstance(key, int):
        context.db.update("CONTACT", key, {**read_values(context, CONTACT, block), **modified(context)})


def linked_contacts(context: Context, texts: Mapping[str, str]) -> dict[str, Native]:
    """Keys of the contacts that CONTACTINFO, BILLTO and SHIPTO name. Raises Refused for an unknown contact."""
    keys: dict[str, Native] = {}
    for block, key in _LINKS.items():
        inner = within(texts, block)
        if "CONTACTNAME" not in inner:
            continue
        name = inner["CONTACTNAME"]
        if not name:
            keys[key] = None
            continue
        found = context.db.lookup("CONTACT", "CONTACTNAME", name)
        if found is None:
            raise invalid("Contact", name)
        keys[key] = found["RECORDNO"]
    return keys
