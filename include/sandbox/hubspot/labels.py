"""What a call does, in a few words without ids, values or secrets."""

from __future__ import annotations

import json

from include.sandbox.exchange import Request
from include.sandbox.hubspot.catalogue import find
from include.sandbox.hubspot.paths import locate


def label(request: Request) -> str:
    """``POST deals/search``, ``POST deals/batch/upsert x100``, ``GET deals/{id}``."""
    address = locate(request.path)
    if address is None:
        return f"{request.method[:10]} (no such path)"
    words = [_word(part) for part in address.rest]
    where = "/".join(words if address.area in {"objects", "associations"} else [address.area, *words])
    count = _inputs(request.body) if "batch" in address.rest else None
    return f"{request.method[:10]} {where or address.area}" + (f" x{count}" if count is not None else "")


_WORDS = frozenset({
    "search", "batch", "read", "create", "update", "upsert", "archive", "merge", "associations", "default",
    "labels", "associate", "groups", "stages", "details", "token", "introspect", "revoke", "enrollments",
    "memberships", "add", "remove", "audit", "subscriptions", "settings", "exchange-rates", "current",
    "company-currency", "codes", "tax-rates", "contact", "gdpr-delete", "api-usage", "daily", "private-apps",
    "types",
})  # fmt: skip


def _word(part: str) -> str:
    kind = find(part)
    if kind is not None:
        return kind.plural
    return part if part in _WORDS else "{id}"


def _inputs(raw: bytes) -> int | None:
    try:
        inputs = json.loads(raw).get("inputs")
    except (ValueError, AttributeError, RecursionError):
        return None
    return len(inputs) if isinstance(inputs, list) else None
