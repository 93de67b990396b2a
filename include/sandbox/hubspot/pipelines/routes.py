"""Paths of pipelines."""

from __future__ import annotations

from include.sandbox.hubspot.pipelines import audit, handlers
from include.sandbox.hubspot.routing import Needs, Route, records, route, schema

_schema_write = schema("write")


def _write(found: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Changing a pipeline: the schema's or the records' write scope."""
    groups = _schema_write(found)
    return tuple((*group, *other) for group, other in zip(groups, records("write")(found), strict=False))


READ: Needs = schema("read")
WRITE: Needs = _write

ROUTES: tuple[Route, ...] = (
    route("GET", "pipelines", "{}", handlers.listed, READ),
    route("POST", "pipelines", "{}", handlers.create, WRITE, writes=True),
    route("GET", "pipelines", "{}/{}", handlers.get, READ),
    route("PUT", "pipelines", "{}/{}", handlers.replace, WRITE, writes=True),
    route("PATCH", "pipelines", "{}/{}", handlers.update, WRITE, writes=True),
    route("DELETE", "pipelines", "{}/{}", handlers.delete, WRITE, writes=True),
    route("GET", "pipelines", "{}/{}/audit", audit.of_pipeline, READ),
    route("GET", "pipelines", "{}/{}/stages", handlers.stages, READ),
    route("POST", "pipelines", "{}/{}/stages", handlers.create_stage, WRITE, writes=True),
    route("GET", "pipelines", "{}/{}/stages/{}", handlers.stage, READ),
    route("PATCH", "pipelines", "{}/{}/stages/{}", handlers.update_stage, WRITE, writes=True),
    route("PUT", "pipelines", "{}/{}/stages/{}", handlers.update_stage, WRITE, writes=True),
    route("DELETE", "pipelines", "{}/{}/stages/{}", handlers.delete_stage, WRITE, writes=True),
    route("GET", "pipelines", "{}/{}/stages/{}/audit", audit.of_stage, READ),
)
