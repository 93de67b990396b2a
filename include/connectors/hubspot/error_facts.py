"""What may be taken out of an error body: names, codes and ids, each recognised by its form.

The rest of it, above all the messages, quotes property values and e-mail addresses and is never passed on. Every
field of an error body is optional, and any of them may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from include.connectors.hubspot.wire import Json, parse_json

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,79}", re.ASCII)
_SUBCATEGORY = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,99}", re.ASCII)
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_SCOPE = re.compile(r"[a-z][a-z0-9._-]{1,99}", re.ASCII)
_CORRELATION = re.compile(r"[0-9A-Fa-f-]{8,64}", re.ASCII)
_EXISTING_ID = re.compile(r"\b([0-9]{1,20}) already has|Existing ID: ([0-9]{1,20})", re.ASCII)
_UNKNOWN_PROPERTY = re.compile(r'Property "([a-z][a-z0-9_]{0,99})" does not exist', re.ASCII)
_NON_UNIQUE = re.compile(r"non-unique \S{1,40} property ([a-z][a-z0-9_]{0,99})\b", re.ASCII)


_ABOUT_THE_PROPERTY = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the code (``INVALID_OPTION``) and the property it blames, where either is named."""

    code: str | None
    property: str | None


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """``existing_id`` is the record that already has a unique value, ``non_unique`` the property that cannot identify
    records, ``policy`` the limit that was hit."""

    category: str | None = None
    sub_category: str = ""
    faults: tuple[Fault, ...] = ()
    scopes: tuple[str, ...] = ()
    existing_id: str | None = None
    non_unique: str | None = None
    policy: str | None = None

    @property
    def code(self) -> str | None:
        """The first fault's code."""
        return next((fault.code for fault in self.faults if fault.code), None)

    @property
    def properties(self) -> tuple[str, ...]:
        return _once(fault.property for fault in self.faults)

    @property
    def unwritable(self) -> tuple[str, ...]:
        """Properties that no record can be given, whatever the value."""
        return _once(fault.property for fault in self.faults if fault.code in _ABOUT_THE_PROPERTY)

    @classmethod
    def from_wire(cls, data: Json) -> ErrorFacts:
        """From an error object: a whole reply's, or one of a 207's ``errors``. Never raises."""
        message = data.get("message")
        message = message if isinstance(message, str) else ""
        places = [data, *_objects(data.get("errors")), *_embedded(message)]
        unknown = [Fault("PROPERTY_DOESNT_EXIST", name) for name in _UNKNOWN_PROPERTY.findall(message)]
        faults = dict.fromkeys([*(fault for place in places for fault in _faults(place)), *unknown])
        existing = _EXISTING_ID.search(message)
        non_unique = _NON_UNIQUE.search(message)
        return cls(
            category=_text(data.get("category"), _CODE),
            sub_category=_text(data.get("subCategory"), _SUBCATEGORY) or "",
            faults=tuple(faults),
            scopes=_once(
                scope
                for place in places
                for name in ("requiredGranularScopes", "requiredScopes")
                for scope in _listed(place, name, _SCOPE)
            ),
            existing_id=(existing[1] or existing[2]) if existing else None,
            non_unique=non_unique[1] if non_unique else None,
            policy=_text(data.get("policyName"), _CODE),
        )


def correlation_id(headers: Mapping[str, str], data: Json) -> str | None:
    """HubSpot's id of this exchange, from the body or the header: what its support asks for."""
    found = _text(data.get("correlationId"), _CORRELATION)
    return found or _text(headers.get("X-HubSpot-Correlation-Id"), _CORRELATION)


def _faults(place: Json) -> list[Fault]:
    code = _text(place.get("code"), _CODE) or _text(place.get("error"), _CODE)
    names = _once([*_listed(place, "propertyName", _PROPERTY), _text(place.get("in"), _PROPERTY)])
    return [Fault(code, name) for name in names] or ([Fault(code, None)] if code else [])


def _embedded(message: str) -> list[Json]:
    """The JSON list that HubSpot writes into the message of a VALIDATION_ERROR; it has the property as ``name``."""
    start = message.find("[{")
    if start < 0:
        return []
    with suppress(ValueError):
        listed = parse_json(message[start : message.rfind("]") + 1].encode("utf-8", "replace"))
        return [{"error": one.get("error"), "in": one.get("name")} for one in _objects(listed)]
    return []


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _listed(place: Json, name: str, form: re.Pattern[str]) -> Iterator[str]:
    context = place.get("context")
    values = context.get(name) if isinstance(context, dict) else None
    for value in values if isinstance(values, list) else ():
        if text := _text(value, form):
            yield text


def _once(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _text(value: Any, form: re.Pattern[str]) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None
