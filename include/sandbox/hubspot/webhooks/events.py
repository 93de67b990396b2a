"""Turning a change of a record into queued events, one per subscription that wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.store.records import Source
from include.sandbox.hubspot.webhooks import queue
from include.sandbox.hubspot.world import World

OLD_STYLE = frozenset({"0-1", "0-2", "0-3", "0-5", "0-7", "0-8"})
UNHEARD = frozenset({"hs_lastmodifieddate", "lastmodifieddate", "num_unique_conversion_events"})


def created(world: World, kind: ObjectType, record_id: int, source: Source, now: int) -> None:
    _queue(world, kind, "creation", now, {**_about(record_id, source), "changeFlag": "CREATED"})


def deleted(world: World, kind: ObjectType, record_id: int, source: Source, now: int) -> None:
    _queue(world, kind, "deletion", now, {**_about(record_id, source), "changeFlag": "DELETED"})


def property_changed(
    world: World, kind: ObjectType, record_id: int, name: str, value: str, source: Source, now: int
) -> None:
    if name not in UNHEARD:
        body = {**_about(record_id, source), "propertyName": name, "propertyValue": value, "isSensitive": False}
        _queue(world, kind, "propertyChange", now, body, name)


def merged(
    world: World, kind: ObjectType, primary: int, gone: Sequence[int], new_id: int, source: Source, now: int
) -> None:
    body = {
        **_about(primary, source),
        "primaryObjectId": primary,
        "mergedObjectIds": list(gone),
        "newObjectId": new_id,
        "numberOfPropertiesMoved": 0,
    }
    _queue(world, kind, "merge", now, body)


def erased(world: World, kind: ObjectType, record_id: int, source: Source, now: int) -> None:
    _queue(world, kind, "privacyDeletion", now, {**_about(record_id, source), "changeFlag": "DELETED"})


def linked(
    world: World,
    ends: tuple[ObjectType, int, ObjectType, int],
    *,
    removed: bool,
    primary: bool,
    source: Source,
    now: int,
) -> None:
    for kind, one, other_kind, other in (ends, (ends[2], ends[3], ends[0], ends[1])):
        body = {
            "changeSource": source.type,
            "sourceId": source.id,
            "associationType": f"{kind.legacy}_TO_{other_kind.legacy}",
            "fromObjectId": one,
            "toObjectId": other,
            "associationRemoved": removed,
            "isPrimaryAssociation": primary,
        }
        _queue(world, kind, "associationChange", now, body)


def _about(record_id: int, source: Source) -> dict[str, Any]:
    return {"objectId": record_id, "changeSource": source.type, "sourceId": source.id}


def _queue(
    world: World, kind: ObjectType, what: str, now: int, body: Mapping[str, Any], name: str | None = None
) -> None:
    subscriptions = world.db.documents("subscription")
    if not subscriptions:
        return
    own, general = f"{kind.singular}.{what}", f"object.{what}"
    for key, wanted in subscriptions.items():
        if not wanted["active"]:
            continue
        by_type = kind.id in OLD_STYLE and wanted["eventType"] == own
        if not by_type and not (wanted["eventType"] == general and wanted.get("objectTypeId") == kind.id):
            continue
        if what == "propertyChange" and wanted.get("propertyName") not in {None, name}:
            continue
        event = {
            "subscriptionId": int(key),
            "portalId": world.account.portal_id,
            "appId": _number(wanted["appId"]),
            "occurredAt": now,
            "subscriptionType": wanted["eventType"],
            **({} if by_type else {"objectTypeId": kind.id}),
            **body,
        }
        queue.add(world, str(wanted["appId"]), int(key), event, now)


def _number(text: object) -> int | str:
    return int(str(text)) if str(text).isdigit() else str(text)
