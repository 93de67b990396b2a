"""Both families of paths (``/crm/v3/objects/deals``, ``/crm/objects/2026-09/deals``) brought to one form."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DATED = re.compile(r"^(2025-09|2026-03|2026-09|2027-03)(-beta)?$")
ROOTS = frozenset({
    "crm", "crm-object-schemas", "automation", "settings", "account-info", "oauth", "webhooks", "app-webhooks",
    "tax-rates", "properties", "contacts", "companies", "deals", "owners", "crm-associations", "crm-pipelines",
    "integrations", "email", "forms", "crm-objects",
})  # fmt: skip
_OLD = {
    "crm": {
        "v3": frozenset(["objects", "properties", "pipelines", "owners", "lists", "associations", "limits"]),
        "v4": frozenset(["objects", "associations"]),
    },
    "automation": {"v3": frozenset({"workflows"}), "v4": frozenset({"sequences"})},
    "settings": {"v3": frozenset({"currencies", "users"})},
}
_NEW = {
    "crm": frozenset(["objects", "properties", "pipelines", "owners", "lists", "associations", "limits"]),
    "automation": frozenset({"sequences"}),
    "settings": frozenset({"currencies"}),
}
_FLAT = {
    "account-info": ("v3",),
    "oauth": ("v1", "v2", "v3"),
    "webhooks": ("v3",),
    "tax-rates": ("v1",),
    "crm-object-schemas": ("v3",),
}
# Older paths that answer in a form of their own.
_LEGACY = {
    "contacts": "v1", "companies": "v2", "deals": "v1", "owners": "v2", "crm-associations": "v1",
    "crm-pipelines": "v1", "integrations": "v1", "email": "public", "forms": "v2", "crm-objects": "v1",
}  # fmt: skip
_SAME = {"app-webhooks": "webhooks", "crm-object-schemas": "schemas"}


@dataclass(frozen=True, slots=True)
class Address:
    """``area`` is what comes after the version or before it (``objects``, ``oauth``); ``rest`` the path below."""

    area: str
    version: str
    rest: tuple[str, ...]


def owned(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in ROOTS


def locate(path: str) -> Address | None:
    """The address of a path, a trailing slash tolerated; None when nothing is there."""
    parts = path.split("/")[1:]
    if parts and parts[-1] == "":
        parts.pop()
    if len(parts) < 2 or "" in parts:
        return None
    root, first, *rest = parts
    if root == "properties":
        return Address("legacy-properties", first, tuple(rest)) if first in {"v1", "v2"} else None
    if root in _LEGACY:
        return Address(f"legacy-{root}", first, tuple(rest)) if first == _LEGACY[root] else None
    if root in _FLAT or root == "app-webhooks":
        if first in _FLAT.get(root, ()) or _DATED.match(first):
            return Address(_SAME.get(root, root), first, tuple(rest))
        return None
    if not rest:
        return None
    if (root, first, rest[0]) == ("crm", "v3", "schemas"):
        return Address("schemas", first, tuple(rest))
    if rest[0] in _OLD.get(root, {}).get(first, ()):
        return Address(rest[0], first, tuple(rest[1:]))
    if first in _NEW.get(root, ()) and _DATED.match(rest[0]):
        return Address(first, rest[0], tuple(rest[1:]))
    return None
