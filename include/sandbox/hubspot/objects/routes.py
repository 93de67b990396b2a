"""Paths of records."""

from __future__ import annotations

from include.sandbox.hubspot.objects import batches, merging, single
from include.sandbox.hubspot.routing import Route, fixed, not_v4, records, route
from include.sandbox.hubspot.search.answer import search

READ, WRITE = records("read"), records("write")
ERASE = fixed("crm.objects.contacts.write")

ROUTES: tuple[Route, ...] = (
    route("POST", "objects", "{}/search", search, READ, allowance="search", versions=not_v4),
    route("POST", "objects", "{}/batch/read", batches.read, READ, versions=not_v4),
    route("POST", "objects", "{}/batch/create", batches.create, WRITE, writes=True, versions=not_v4),
    route("POST", "objects", "{}/batch/update", batches.update, WRITE, writes=True, versions=not_v4),
    route("POST", "objects", "{}/batch/upsert", batches.upsert, WRITE, writes=True, versions=not_v4),
    route("POST", "objects", "{}/batch/archive", batches.archive, WRITE, writes=True, versions=not_v4),
    route("POST", "objects", "contacts/gdpr-delete", merging.erase, ERASE, writes=True, versions=not_v4),
    route("POST", "objects", "{}/merge", merging.merge, WRITE, writes=True, versions=not_v4),
    route("GET", "objects", "{}", single.listed, READ),
    route("POST", "objects", "{}", single.create, WRITE, writes=True, versions=not_v4),
    route("GET", "objects", "{}/{}", single.get, READ, versions=not_v4),
    route("PATCH", "objects", "{}/{}", single.update, WRITE, writes=True, versions=not_v4),
    route("DELETE", "objects", "{}/{}", single.delete, WRITE, writes=True, versions=not_v4),
)
