"""Paths of associations."""

from __future__ import annotations

from include.sandbox.hubspot.associations import changing, own_labels, reading
from include.sandbox.hubspot.routing import Route, old, records, route, v4_or_dated

READ, WRITE = records("read", 0, 1), records("write", 0, 1)
READ_OF, WRITE_OF = records("read", 0, 2), records("write", 0, 2)
_PAIR = "{}/{}/associations/{}/{}"

ROUTES: tuple[Route, ...] = (
    route(
        "POST", "associations", "{}/{}/batch/read", reading.read, READ, allowance="associations", versions=v4_or_dated,
    ),
    route(
        "POST", "associations", "{}/{}/batch/create", changing.create, WRITE, writes=True,
        allowance="associations", versions=v4_or_dated,
    ),
    route(
        "POST", "associations", "{}/{}/batch/associate/default", changing.associate_default, WRITE, writes=True,
        allowance="associations", versions=v4_or_dated,
    ),
    route(
        "POST", "associations", "{}/{}/batch/archive", changing.archive, WRITE, writes=True, allowance="associations",
        versions=v4_or_dated,
    ),
    route(
        "POST", "associations", "{}/{}/batch/labels/archive", changing.archive_labels, WRITE, writes=True,
        allowance="associations", versions=v4_or_dated,
    ),
    route("GET", "associations", "{}/{}/labels", reading.labels, READ, versions=v4_or_dated),
    route("POST", "associations", "{}/{}/labels", own_labels.create, WRITE, writes=True, versions=v4_or_dated),
    route("PUT", "associations", "{}/{}/labels", own_labels.rename, WRITE, writes=True, versions=v4_or_dated),
    route("DELETE", "associations", "{}/{}/labels/{n}", own_labels.delete, WRITE, writes=True, versions=v4_or_dated),
    route("POST", "associations", "{}/{}/batch/read", reading.read_v3, READ, allowance="associations", versions=old),
    route(
        "POST", "associations", "{}/{}/batch/create", changing.create_v3, WRITE, writes=True,
        allowance="associations", versions=old,
    ),
    route(
        "POST", "associations", "{}/{}/batch/archive", changing.archive, WRITE, writes=True, allowance="associations",
        versions=old,
    ),
    route("GET", "associations", "{}/{}/types", reading.types_v3, READ, versions=old),
    route("GET", "objects", "{}/{}/associations/{}", reading.of_record, READ_OF),
    route(
        "PUT", "objects", "{}/{}/associations/default/{}/{}", changing.put_default, records("write", 0, 2), writes=True,
        versions=v4_or_dated,
    ),
    route("PUT", "objects", _PAIR, changing.put, WRITE_OF, writes=True, versions=v4_or_dated),
    route("DELETE", "objects", _PAIR, changing.delete, WRITE_OF, writes=True, versions=v4_or_dated),
    route("PUT", "objects", _PAIR + "/{}", changing.put_v3, WRITE_OF, writes=True, versions=old),
    route("DELETE", "objects", _PAIR + "/{}", changing.delete_v3, WRITE_OF, writes=True, versions=old),
)  # fmt: skip
