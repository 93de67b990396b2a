"""Paths of the properties API."""

from __future__ import annotations

from include.sandbox.hubspot.properties import batches, definitions, groups
from include.sandbox.hubspot.routing import Route, route, schema

READ, WRITE = schema("read"), schema("write")

ROUTES: tuple[Route, ...] = (
    route("GET", "properties", "{}/groups", groups.listed, READ),
    route("POST", "properties", "{}/groups", groups.create, WRITE, writes=True),
    route("GET", "properties", "{}/groups/{}", groups.get, READ),
    route("PATCH", "properties", "{}/groups/{}", groups.update, WRITE, writes=True),
    route("DELETE", "properties", "{}/groups/{}", groups.delete, WRITE, writes=True),
    route("POST", "properties", "{}/batch/read", batches.read, READ),
    route("POST", "properties", "{}/batch/create", batches.create, WRITE, writes=True),
    route("POST", "properties", "{}/batch/archive", batches.archive, WRITE, writes=True),
    route("GET", "properties", "{}", definitions.listed, READ),
    route("POST", "properties", "{}", definitions.create, WRITE, writes=True),
    route("GET", "properties", "{}/{}", definitions.get, READ),
    route("PATCH", "properties", "{}/{}", definitions.update, WRITE, writes=True),
    route("DELETE", "properties", "{}/{}", definitions.archive, WRITE, writes=True),
)
