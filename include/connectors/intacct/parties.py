"""Customers and vendors alike: finding everybody that a company could be, and creating one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.filters import Filter, any_of, is_in, like
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.query import MAX_PAGE, count, iter_query
from include.connectors.intacct.replies import Record
from include.core.errors import Rejected, SettingsError
from include.core.matching import normalised_name, normalised_tax_id

NEEDLES_PER_QUERY = 100
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_VOWEL = re.compile(r"[aeiouy]")
_LONGEST = 400
"""Of a pattern: a name has 100 characters at most, an address 200."""
_FEWEST_FIXED = 3


def find_parties(
    client: IntacctClient,
    object_name: str,
    fields: Sequence[str],
    *,
    ids: Iterable[str] = (),
    tax_ids: Iterable[str] = (),
    email_domains: Iterable[str] = (),
    names: Iterable[str] = (),
) -> list[Record]:
    """Everybody of CUSTOMER or VENDOR who could be one of these companies, each record once: one query per 100
    needles, or the whole list where reading that takes fewer calls.

    A net cast wide, for ``core.matching`` to decide: ``tax_ids`` are found whatever their punctuation,
    ``email_domains`` by the display contact's address, ``names`` whatever their case, accents, punctuation and legal
    form. Raises what ``iter_query`` raises.
    """
    id_field = f"{object_name}ID"
    needles = _distinct(
        [(id_field, text) for text in ids]
        + [("TAXID", tax_id_pattern(text)) for text in tax_ids]
        + [("DISPLAYCONTACT.EMAIL1", f"%@{text.strip()}" if text.strip() else "") for text in email_domains]
        + [("NAME", name_pattern(text)) for text in names]
    )
    found: dict[str, Record] = {}
    queries = -(-len(needles) // NEEDLES_PER_QUERY)
    if queries > 2 and -(-count(client, object_name) // MAX_PAGE) < queries - 1:
        return list(iter_query(client, object_name, fields))
    for start in range(0, len(needles), NEEDLES_PER_QUERY):
        condition = any_of(*_conditions(id_field, needles[start : start + NEEDLES_PER_QUERY]))
        for record in iter_query(client, object_name, fields, condition, ignore_case=True):
            found.setdefault(str(record["RECORDNO"]), record)
    return list(found.values())


def build_create_party(object_name: str, payload: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of one CUSTOMER or VENDOR from a JSON payload in Intacct's upper-case names.

    DISPLAYCONTACT and its MAILADDRESS are nested objects; custom fields are plain fields. Where DISPLAYCONTACT has no
    PRINTAS, NAME prints. Raises ``SettingsError`` for a name that is no field, ``Rejected`` where NAME is missing.
    """
    check_names(object_name, payload)
    name = payload.get("NAME")
    if not isinstance(name, str) or not name.strip():
        raise Rejected(f"A {object_name.lower()} needs a NAME.", system=SYSTEM)
    contact = payload.get("DISPLAYCONTACT") or {}
    if not isinstance(contact, Mapping):
        raise SettingsError(f"DISPLAYCONTACT of a {object_name.lower()} is an object of fields.", system=SYSTEM)
    return build_create(object_name, {**payload, "DISPLAYCONTACT": {"PRINTAS": name, **contact}})


def check_names(object_name: str, payload: Mapping[str, Any]) -> None:
    """Raises ``SettingsError`` for a name in a payload, at any depth, that is not upper case as generic fields are."""
    for name, value in payload.items():
        if not _UPPER.match(name):
            raise SettingsError(
                f"{name!r:.80} is no field of a Sage Intacct {object_name}; its fields are upper case, like NAME, "
                "STATUS, TERMNAME, DISPLAYCONTACT, or a custom field's own name.",
                system=SYSTEM,
            )
        if isinstance(value, Mapping):
            check_names(object_name, value)


def name_pattern(name: str) -> str:
    """A ``like`` pattern that fits the spellings which ``core.matching`` takes for the same name.

    The gateway cannot ignore accents, so vowels stand for any letter. Where few other letters are left, the name must
    begin like this, and where none is, vowels stand for themselves: a pattern must not fit half of all customers.
    """
    words = normalised_name(name).split()
    plain = [word.replace("ss", "%") for word in words]
    loose = [_VOWEL.sub("_", word) for word in plain]
    fixed = sum(letter not in "_%" for word in loose for letter in word)
    pattern = "%".join(loose if fixed else plain)
    if not pattern:
        return ""
    return f"%{pattern}%" if fixed >= _FEWEST_FIXED else f"{pattern}%"


def tax_id_pattern(tax_id: str) -> str:
    """A ``like`` pattern that fits the same letters and digits with any punctuation between them."""
    return "%".join(normalised_tax_id(tax_id))


def _distinct(needles: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without what is longer than anything that Intacct could hold: it fits nobody, and a pattern of thousands of signs
    would cost Intacct minutes, and all the other records of its slice their answer."""
    usable = (needle for needle in needles if needle[1].strip() and len(needle[1]) <= _LONGEST)
    return list(dict.fromkeys(usable))


def _conditions(id_field: str, needles: Sequence[tuple[str, str]]) -> Iterator[Filter]:
    ids = [text for field, text in needles if field == id_field]
    if ids:
        yield is_in(id_field, ids)
    yield from (like(field, text) for field, text in needles if field != id_field)
