"""The generic functions ``create`` and ``update``: any object, any field, one object per function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.formats import wire_value
from include.connectors.intacct.xmltext import append, is_field_name
from include.core.errors import Rejected, SettingsError

MULTI_VALUE_SEPARATOR = "#~#"


def build_create(object_name: str, fields: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of one object.

    A mapping becomes a nested block, a list of mappings repeated elements (owned lines), a list of plain values one
    multi-value text, ``None`` nothing. Raises ``SettingsError`` for a name that no field can have, ``Rejected`` for
    a value of a kind that cannot be sent.
    """
    return _function("create", object_name, fields)


def build_update(object_name: str, fields: Mapping[str, Any]) -> etree._Element:
    """An ``update`` of the one object that ``fields`` names by RECORDNO or its natural id.

    Only the fields given change: ``""`` clears one, ``None`` leaves it as it is. Otherwise as ``build_create``.
    """
    return _function("update", object_name, fields)


def _function(function: str, object_name: str, fields: Mapping[str, Any]) -> etree._Element:
    root = etree.Element(function)
    if not is_field_name(object_name):
        raise SettingsError(f"{object_name!r:.80} is no name of an Intacct object.", system=SYSTEM)
    if not any(value is not None for value in fields.values()):
        raise Rejected(f"There is nothing to {function} in the {object_name}: it has no fields.", system=SYSTEM)
    fill(append(root, object_name), fields)
    return root


def fill(parent: etree._Element, fields: Mapping[str, Any]) -> None:
    """Add ``fields`` to ``parent`` as elements, in their order."""
    for name, value in fields.items():
        if not is_field_name(name) or "." in name:
            raise SettingsError(f"{name!r:.80} is no name of an Intacct field.", system=SYSTEM)
        if value is None:
            continue
        if isinstance(value, Mapping):
            fill(append(parent, name), value)
        elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
            for part in value:
                fill(append(parent, name), part)
        else:
            append(parent, name, _text(name, value))


def _text(name: str, value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    try:
        return MULTI_VALUE_SEPARATOR.join(wire_value(part) for part in parts)
    except (TypeError, ValueError) as error:
        raise Rejected(f"The field {name} holds a value that cannot be sent: {error}.", system=SYSTEM) from None
