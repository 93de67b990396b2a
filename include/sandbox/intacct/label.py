"""A short name of what a call does, for the call log: ``query ARINVOICE by RECORDNO``, ``create_invoice x100``."""

from __future__ import annotations

import re
from collections import Counter

_FUNCTION = re.compile(rb"<function\b[^>]*>\s*<([A-Za-z_]\w*)[^>]*>(?:\s*<([A-Za-z_]\w*))?")
_OBJECT = re.compile(rb"<object>\s*([A-Za-z_*]\w*)")
_LOOKED_UP_BY = re.compile(rb"<in>\s*<field>\s*([A-Za-z_][\w.]*)")
_WITH_OBJECT = {"query", "readByQuery", "read", "readByName", "lookup", "inspect", "delete"}
_WITH_CHILD = {"create", "update"}
_MOST = 6


def label_of(xml: bytes) -> str:
    """Function names with their objects and counts; carries no values."""
    names: Counter[str] = Counter()
    for match in _FUNCTION.finditer(xml):
        name = match.group(1).decode()
        if name in _WITH_OBJECT:
            found = _OBJECT.search(xml, match.end(1), match.end(1) + 20_000)
            name = f"{name} {found.group(1).decode().upper()}" if found else name
            if name.startswith("query ") and (field := _LOOKED_UP_BY.search(xml, match.end(1))):
                name = f"{name} by {field.group(1).decode().upper()}"
        elif name in _WITH_CHILD and match.group(2):
            name = f"{name} {match.group(2).decode().upper()}"
        names[name] += 1
    if not names:
        return "unreadable request"
    shown = [name if count == 1 else f"{name} x{count}" for name, count in names.most_common(_MOST)]
    return ", ".join(shown) + (" ..." if len(names) > _MOST else "")
