"""Reference data: what invoices and customers may refer to."""

from __future__ import annotations

from include.connectors.intacct import formats
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import is_active, optional, required
from include.connectors.intacct.filters import is_not_null
from include.connectors.intacct.query import Query, iter_query, read_together
from include.connectors.intacct.reference_records import Dimension, Entity, GLAccount, Item
from include.core.calendar_terms import Term


def get_terms(client: IntacctClient) -> dict[str, Term]:
    """The active AR terms by name: what ``DUEDATE`` days count from is ``due_from``, in Intacct's words."""
    fields = ("NAME", "STATUS", "DUEDATE", "DUEFROM")
    return {
        term.name: term
        for record in iter_query(client, "ARTERM", fields)
        if is_active(record)
        for term in [
            Term(
                required(record, "NAME"),
                formats.read_int(optional(record, "DUEDATE")) or 0,
                optional(record, "DUEFROM"),
            )
        ]
    }


def get_entities(client: IntacctClient) -> list[Entity]:
    return [Entity.from_wire(record) for record in iter_query(client, "LOCATIONENTITY", Entity.FIELDS)]


def get_entity_of_locations(client: IntacctClient) -> dict[str, Entity]:
    """The entity that each location belongs to, by LOCATIONID: itself, or the nearest above it. One request.

    Locations above all entities (and all, in a company of one entity) are not among them.
    """
    everything = is_not_null("RECORDNO")
    heads, places = read_together(
        client,
        [
            Query("LOCATIONENTITY", Entity.FIELDS, everything),
            Query("LOCATION", ("LOCATIONID", "PARENTID"), everything),
        ],
    )
    entities = {entity.entity_id: entity for entity in map(Entity.from_wire, heads)}
    parents = {required(place, "LOCATIONID"): optional(place, "PARENTID") for place in places}
    found = dict(entities)
    for place in parents:
        above, seen = place, set[str]()
        while above and above not in entities and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above in entities:
            found[place] = entities[above]
    return found


def get_accounts(client: IntacctClient) -> list[GLAccount]:
    return [GLAccount.from_wire(record) for record in iter_query(client, "GLACCOUNT", GLAccount.FIELDS)]


def get_items(client: IntacctClient) -> list[Item]:
    return [Item.from_wire(record) for record in iter_query(client, "ITEM", Item.FIELDS)]


def get_departments(client: IntacctClient) -> list[Dimension]:
    return _dimensions(client, "DEPARTMENT", "DEPARTMENTID", "TITLE")


def get_classes(client: IntacctClient) -> list[Dimension]:
    return _dimensions(client, "CLASS", "CLASSID", "NAME")


def get_locations(client: IntacctClient) -> list[Dimension]:
    return _dimensions(client, "LOCATION", "LOCATIONID", "NAME")


def get_projects(client: IntacctClient) -> list[Dimension]:
    return _dimensions(client, "PROJECT", "PROJECTID", "NAME")


def _dimensions(client: IntacctClient, object_name: str, id_field: str, name_field: str) -> list[Dimension]:
    fields = (id_field, name_field, "STATUS", "PARENTID")
    return [
        Dimension(
            required(record, id_field), optional(record, name_field), is_active(record), optional(record, "PARENTID")
        )
        for record in iter_query(client, object_name, fields)
    ]
