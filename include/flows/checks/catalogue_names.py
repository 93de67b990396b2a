"""What a company's settings name in either system, found by what their keys are called. Pure.

A key that is called ``account`` names an account wherever it stands, so a new flow's settings are checked without a
word about them here as long as its keys are called like the others'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from include.core.settings_yaml import Document, Place

Kind = Literal[
    "account", "account_label", "item", "class", "department", "project", "location", "term", "vendor_term", "entity",
    "revenue_template", "definition", "rate_type", "vendor", "tax_detail", "tax_solution",
    "pipeline", "stage", "owner", "sequence", "company", "property", "option",
]  # fmt: skip

IN_HUBSPOT: frozenset[Kind] = frozenset({"pipeline", "stage", "owner", "sequence", "company", "property", "option"})

_BY_KEY: Mapping[str, Kind] = {
    "account": "account",
    "deferred_account": "account",
    "glaccountno": "account",
    "bad_debt_accounts": "account",
    "exchange_gain_accounts": "account",
    "rounding_accounts": "account",
    "accounts": "account",
    "revenue_accounts": "account",
    "tax_accounts": "account",
    "control_accounts": "account",
    "item": "item",
    "itemid": "item",
    "one_time_items": "item",
    "class": "class",
    "classid": "class",
    "department": "department",
    "departmentid": "department",
    "project": "project",
    "projectid": "project",
    "term": "term",
    "termname": "term",
    "locationid": "location",
    "revenue_template": "revenue_template",
    "detail": "tax_detail",
    "solution": "tax_solution",
    "exchange_rate_type": "rate_type",
    "pipeline": "pipeline",
    "pipelines": "pipeline",
    "stage": "stage",
    "fallback_owner": "owner",
    "lifecycle_stages": "option",
    "won_date": "property",
}
_OF_KEYS: Mapping[str, Kind] = {"entities": "entity", "partners": "vendor", "sales_orders": "pipeline"}
"""Tables whose keys name something; what their values name: ``_OF_VALUES``."""
_OF_VALUES: Mapping[str, Kind] = {"partners": "company", "sales_orders": "definition"}
_SHEETS = {"deal": "deals", "company": "companies", "contact": "contacts", "line": "line_items"}
_PROPERTY = re.compile(r"(deal|company|contact|line)\.([a-z][a-z0-9_]*)")
_OURS = ("intacct_", "tieout_")
"""Properties that Tieout itself defines when a flow first runs."""
_MEANT = {"lifecycle_stages": "companies.lifecyclestage", "won_date": "deals."}


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a settings file names. ``key`` is the dotted path, ``line`` where it stands. ``of``: the property
    (``companies.lifecyclestage``) that an option is of, the object of a property, the pipeline of a stage, the user of
    a sequence."""

    file: str
    line: int | None
    key: str
    value: str
    kind: Kind
    of: str = ""


def names_in(file: str, document: Document, *, labels: bool = False) -> list[Named]:
    """Everything that this file names, each place once. ``labels``: products name AR account labels."""
    found = dict.fromkeys(_walk(file, document, document.data, ()))
    vendors = file.removesuffix(".yaml").endswith("_vendor")
    return [_as(one, labels and one.key.endswith(".account"), vendors) for one in found]


def _as(one: Named, label: bool, vendors: bool) -> Named:
    kind: Kind = one.kind
    if kind == "account" and label:
        kind = "account_label"
    if kind == "term" and vendors:
        kind = "vendor_term"
    return Named(one.file, one.line, one.key, one.value, kind, one.of)


def _walk(file: str, document: Document, data: Any, place: Place) -> Iterator[Named]:
    def named(value: Any, kind: Kind, *more: str | int, of: str = "") -> Iterator[Named]:
        at = (*place, *more)
        if isinstance(value, str) and value:
            yield Named(file, document.line_of(at), ".".join(map(str, at)), value, kind, of)

    if isinstance(data, str):
        yield from _text(named, data, place)
    elif isinstance(data, list):
        for n, value in enumerate(data):
            yield from _walk(file, document, value, (*place, n))
    elif isinstance(data, dict):
        name = _last_name(place)
        for key, value in data.items():
            if name in _OF_KEYS and place == (name,):
                yield from named(key, _OF_KEYS[name], key)
            if name in _OF_VALUES and place == (name,):
                yield from named(value, _OF_VALUES[name], key)
        if isinstance(data.get("intacct"), str) and isinstance(data.get("hubspot"), str):
            rule = {"from": data["hubspot"], "values": data.get("values")}
            yield from _source(named, rule, data["intacct"].lower())
        elif set(data) & {"from", "values", "default"}:
            yield from _source(named, data, name)
        if name == "sequence":
            yield from named(data.get("id"), "sequence", "id", of=str(data.get("user_id") or ""))
        if isinstance(data.get("pipeline"), str):
            yield from named(data.get("stage"), "stage", "stage", of=data["pipeline"])
        for key, value in data.items():
            if key != "stage":
                yield from _walk(file, document, value, (*place, key))


def _text(named: Any, text: str, place: Place) -> Iterator[Named]:
    """A text that is a value by itself, or one of a list."""
    name = _last_name(place)
    if match := _PROPERTY.fullmatch(text):
        if not match[2].startswith(_OURS):
            yield from named(match[2], "property", of=_SHEETS[match[1]])
        return
    kind = _BY_KEY.get(name)
    if kind is None or (name == "pipelines" and text == "all") or "values" in place[-2:]:
        return
    meant = _MEANT.get(name, "")
    yield from named(text, kind, of=meant.removesuffix("."))


def _source(named: Any, source: Mapping[str, Any], name: str) -> Iterator[Named]:
    """A source's lookup table and default name what its key says; its table's left side, and lists beside it, are
    options of the property that it reads."""
    match = _PROPERTY.fullmatch(str(source.get("from") or ""))
    read = f"{_SHEETS[match[1]]}.{match[2]}" if match else ""
    table = source.get("values")
    kind = _BY_KEY.get(name)
    for raw, mapped in (table if isinstance(table, dict) else {}).items():
        if read:
            yield from named(raw, "option", "values", raw, of=read)
        if kind:
            yield from named(mapped, kind, "values", raw)
    if kind:
        yield from named(source.get("default"), kind, "default")
    for key, several in source.items():
        if read and isinstance(several, list):
            for n, one in enumerate(several):
                yield from named(one, "option", key, n, of=read)


def _last_name(place: Place) -> str:
    return next((part for part in reversed(place) if isinstance(part, str)), "")
