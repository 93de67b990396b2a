"""A generic object's element as flat texts: ``{"NAME": ..., "DISPLAYCONTACT.MAILADDRESS.CITY": ...}``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.envelope.wire import legal

_DEEPEST = 6


def flatten(element: Element, without: Collection[str] = ()) -> dict[str, str]:
    """Names are upper-cased; an empty element is the empty text. ``without`` are list wrappers handled elsewhere."""
    texts: dict[str, str] = {}
    _collect(element, "", texts, without, 0)
    return texts


def _collect(element: Element, prefix: str, texts: dict[str, str], without: Collection[str], depth: int) -> None:
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = child.tag.upper()
        if not prefix and name in without:
            continue
        if len(child) and depth < _DEEPEST:
            _collect(child, f"{prefix}{name}.", texts, without, depth + 1)
        else:
            texts[f"{prefix}{name}"] = (child.text or "").strip()


def flatten_seed(fields: Mapping[str, Any]) -> dict[str, str]:
    """The same from a seed record: nested objects or dotted names, any scalar."""
    texts: dict[str, str] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            nested = flatten_seed(value)
            texts.update({f"{name.upper()}.{inner}": text for inner, text in nested.items()})
        else:
            texts[name.upper()] = seed_text(value)
    return texts


def seed_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return legal(str(value))
