"""Shapes that several answers share: pages, batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.times import wire

_PLACES = frozenset({"after", "offset"})


def next_link(call: Call, after: str) -> dict[str, str]:
    """``{after, link}``; the link is on the host the client addressed, and repeats its query."""
    query = [(name, value) for name, values in call.query.items() for value in values if name not in _PLACES]
    link = f"{call.request.base_url}{call.request.path}?{urlencode([*query, ('after', after)])}"
    return {"after": after, "link": link}


def page(call: Call, results: Sequence[Any], after: str | None, **more: Any) -> Reply:
    value: dict[str, Any] = {**more, "results": list(results)}
    if after is not None:
        value["paging"] = {"next": next_link(call, after)}
    return Reply(200, value)


def batch(
    call: Call,
    status: int,
    results: Sequence[Any],
    errors: Sequence[Mapping[str, Any]] = (),
    *,
    count: int | None = None,
) -> Reply:
    """A batch envelope; with ``errors`` it is a 207. ``count`` overrides ``numErrors``."""
    at = wire(call.now)
    value: dict[str, Any] = {"status": "COMPLETE", "results": list(results), "startedAt": at, "completedAt": at}
    if not errors:
        return Reply(status, value)
    value["numErrors"] = len(errors) if count is None else count
    value["errors"] = list(errors)
    newest = call.dated and call.version >= "2026-09"
    mixed = 207 if call.world.switches.multi_status_2026_09 or not newest else status
    return Reply(mixed, value)
