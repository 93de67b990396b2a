"""Locations, the entities they belong to, and the entities' currencies."""

from __future__ import annotations

from include.sandbox.intacct.context import Context

_DEEPEST = 20


def is_multi_entity(context: Context) -> bool:
    return context.db.lookup("LOCATIONENTITY", "STATUS", "active") is not None


def entity_of(context: Context, location: str) -> str:
    """The entity a location lies in; empty where it lies in none."""
    for _ in range(_DEEPEST):
        if not location:
            return ""
        if context.db.lookup("LOCATIONENTITY", "LOCATIONID", location) is not None:
            return location
        found = context.db.lookup("LOCATION", "LOCATIONID", location)
        location = str(found["PARENTID"] or "") if found else ""
    return ""


def base_currency(context: Context, entity: str) -> str:
    """The entity's currency, the company's at top level or where the entity has none."""
    found = context.db.lookup("LOCATIONENTITY", "LOCATIONID", entity) if entity else None
    return str(found["CURRENCY"]) if found and found["CURRENCY"] else context.tenant["base_currency"]


def entity_label(context: Context, entity: str) -> str:
    found = context.db.lookup("LOCATIONENTITY", "LOCATIONID", entity) if entity else None
    return f"{entity}--{found['NAME']}" if found else (entity or "top level")
