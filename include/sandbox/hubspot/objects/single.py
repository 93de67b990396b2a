"""``GET``, ``POST``, ``PATCH`` and ``DELETE`` of one record, and the list."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations import inline
from include.sandbox.hubspot.associations.linking import Linker, attach
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import Refusal, invalid, not_found
from include.sandbox.hubspot.objects import checking, writing
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.replies import page
from include.sandbox.hubspot.store.records import Record
from include.sandbox.hubspot.world import World

MAX_PAGE, MAX_PAGE_WITH_HISTORY = 100, 50


def get(call: Call, type_name: str, record_id: str) -> Reply:
    kind = call.kind(type_name)
    record = located(call, kind, record_id, call.first("idProperty"), archived=call.flag("archived"))
    others = inline.kinds(call.names("associations"))
    view = View(call.world, kind, call.names("properties"), call.names("propertiesWithHistory"))
    shown = view.one(record)
    if others:
        block = inline.block(call, kind, record.id, others)
        if block:
            shown["associations"] = block
    return Reply(200, shown)


def listed(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    with_history = call.names("propertiesWithHistory")
    most = MAX_PAGE_WITH_HISTORY if with_history else MAX_PAGE
    limit = call.number("limit", 10, most=most)
    older = call.number("offset", 0, least=0) if call.world.switches.lists_take_offset else 0
    after = call.number("after", older, least=0)
    others = inline.kinds(call.names("associations"))
    records = call.world.records.page(kind.id, after, limit + 1, archived=call.flag("archived"))
    view = View(call.world, kind, call.names("properties"), with_history)
    shown = view.show(records[:limit])
    for entry in shown if others else ():
        block = inline.block(call, kind, int(entry["id"]), others)
        if block:
            entry["associations"] = block
    return page(call, shown, str(records[limit].id) if len(records) > limit else None)


def create(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    record = made(call, kind, call.json())
    return Reply(201, View(call.world, kind, tuple(record.props)).one(record))


def made(call: Call, kind: ObjectType, sent: dict[str, Any]) -> Record:
    """Create a record with its associations, as one body describes it; the record as it is afterwards."""
    properties = body.inner(sent, "properties")
    record = writing.create(call.world, kind, properties, call.author)
    attach(Linker(call.world, call.source, call.now), kind, record.id, sent.get("associations"))
    return call.world.records.get(kind.id, record.id) or record


def update(call: Call, type_name: str, record_id: str) -> Reply:
    kind = call.kind(type_name)
    sent = call.json()
    record = located(call, kind, record_id, call.first("idProperty"))
    properties = body.inner(sent, "properties")
    saved = writing.update(call.world, kind, record, properties, call.author)
    return Reply(200, View(call.world, kind, tuple(properties)).one(saved))


def delete(call: Call, type_name: str, record_id: str) -> Reply:
    kind = call.kind(type_name)
    record = find(call.world, kind, record_id, None)
    if record is not None:
        writing.archive(call.world, kind, record, source=call.source, now=call.now)
    return Reply(204)


def located(call: Call, kind: ObjectType, text: str, id_property: str | None, *, archived: bool = False) -> Record:
    """The record a path names. Raises ``Refusal`` (404)."""
    record = find(call.world, kind, text, id_property, archived=archived)
    if record is None:
        raise not_found()
    return record


def find(
    world: World, kind: ObjectType, text: str, id_property: str | None, *, archived: bool = False
) -> Record | None:
    """A record by id or by a unique property. A merged-away id leads to the survivor (see the switch)."""
    if id_property and id_property != "hs_object_id":
        return world.records.get(kind.id, holder_of(world, kind, id_property, text), archived=archived)
    number = body.record_id(text)
    if world.switches.merged_ids == "redirect" and not archived:
        number = world.records.survivor(kind.id, number)
    return world.records.get(kind.id, number, archived=archived)


def holder_of(world: World, kind: ObjectType, id_property: str, value: str) -> int | None:
    """Who holds a unique value. Raises ``Refusal`` (400) when the property is not unique."""
    definition = world.definitions(kind.id).get(id_property)
    if definition is None:
        raise invalid(f'Property "{id_property[:100]}" does not exist')
    if not checking.is_unique(kind, id_property, definition.unique):
        raise invalid(f"{kind.id} property {id_property} is not a unique property")
    return world.records.holder(kind.id, id_property, checking.key_of(world, kind, id_property, value))


def non_unique(world: World, kind: ObjectType, id_property: str) -> Refusal:
    return invalid(
        f"Unable to perform update/upsert by non-unique {kind.id} property {id_property[:100]} "
        f"in portal ID {world.account.portal_id}"
    )
