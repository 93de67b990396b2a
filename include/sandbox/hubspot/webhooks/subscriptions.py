"""``/webhooks/v3/{appId}``, ``/app-webhooks/V/{appId}``: where events go, and which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import BY_ID, find
from include.sandbox.hubspot.errors import Refusal, invalid, not_found
from include.sandbox.hubspot.replies import batch
from include.sandbox.hubspot.routing import Route, route
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.webhooks.events import OLD_STYLE, UNHEARD
from include.sandbox.hubspot.world import World

MAX_SUBSCRIPTIONS = 1_000
_WHATS = ("creation", "deletion", "propertyChange", "merge", "restore", "associationChange")
EVENT_TYPES = frozenset(
    [f"{BY_ID[type_id].singular}.{what}" for type_id in OLD_STYLE for what in _WHATS]
    + [f"object.{what}" for what in _WHATS]
    + ["contact.privacyDeletion"]
)


def subscribe(world: World, app_id: str, wanted: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A new subscription: ``eventType``, ``propertyName`` (propertyChange), ``objectTypeId`` (object.*), ``active``.

    Raises ``Refusal`` (400)."""
    event_type = body.required_text(wanted, "eventType")
    if event_type not in EVENT_TYPES:
        raise invalid(f"{event_type[:80]} was not one of the allowed options: [{', '.join(sorted(EVENT_TYPES))}]")
    name = body.text(wanted, "propertyName")
    if event_type.endswith(".propertyChange") != (name is not None):
        raise invalid("propertyName belongs to propertyChange subscriptions, and those need it")
    if name in UNHEARD:
        raise invalid(f"Property {name} cannot be subscribed to")
    kind = find(body.text(wanted, "objectTypeId") or "")
    if event_type.startswith("object.") and kind is None:
        raise invalid("objectTypeId is required for object.* subscriptions")
    if len(_of(world, app_id)) >= MAX_SUBSCRIPTIONS:
        raise invalid(f"The maximum number of subscriptions is {MAX_SUBSCRIPTIONS}")
    number = max((int(key) for key in world.db.documents("subscription")), default=0) + 1
    document = {
        "id": str(number),
        "appId": app_id,
        "eventType": event_type,
        **({"propertyName": name} if name is not None else {}),
        **({"objectTypeId": kind.id} if kind is not None else {}),
        "active": body.flag(wanted, "active"),
        "createdAt": wire(now),
        "updatedAt": wire(now),
    }
    world.db.put_document("subscription", str(number), document)
    return document


def set_target(world: World, app_id: str, sent: Mapping[str, Any], now: int) -> dict[str, Any]:
    """Where an app's events go: ``targetUrl`` and ``throttling.maxConcurrentRequests``. Raises ``Refusal`` (400)."""
    url = body.required_text(sent, "targetUrl")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise invalid("targetUrl must be an absolute address")
    concurrent = body.whole(body.inner(sent, "throttling"), "maxConcurrentRequests", 10)
    if concurrent < 5:
        raise invalid("maxConcurrentRequests must be at least 5")
    before = world.db.document("webhook_settings", app_id) or {"createdAt": wire(now)}
    document = {**before, "targetUrl": url, "maxConcurrentRequests": concurrent, "updatedAt": wire(now)}
    version = body.text(sent, "signatureVersion")
    if version is not None:
        document["signatureVersion"] = version
    world.db.put_document("webhook_settings", app_id, document)
    return document


def _of(world: World, app_id: str) -> list[dict[str, Any]]:
    return [dict(one) for one in world.db.documents("subscription").values() if one["appId"] == app_id]


def settings(call: Call, app_id: str) -> Reply:
    _own(call, app_id)
    found = call.world.db.document("webhook_settings", app_id)
    if found is None:
        raise not_found()
    return Reply(200, _settings_wire(found))


def put_settings(call: Call, app_id: str) -> Reply:
    _own(call, app_id)
    return Reply(200, _settings_wire(set_target(call.world, app_id, call.json(), call.now)))


def delete_settings(call: Call, app_id: str) -> Reply:
    _own(call, app_id)
    call.world.db.drop_document("webhook_settings", app_id)
    return Reply(204)


def _settings_wire(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "targetUrl": found["targetUrl"],
        "throttling": {"maxConcurrentRequests": found["maxConcurrentRequests"], "period": "SECONDLY"},
        "createdAt": found["createdAt"],
        "updatedAt": found["updatedAt"],
    }


def listed(call: Call, app_id: str) -> Reply:
    _own(call, app_id)
    return Reply(200, {"results": [_wire(one) for one in _of(call.world, app_id)]})


def create(call: Call, app_id: str) -> Reply:
    _own(call, app_id)
    return Reply(201, _wire(subscribe(call.world, app_id, call.json(), call.now)))


def get(call: Call, app_id: str, number: str) -> Reply:
    return Reply(200, _wire(_existing(call, app_id, number)))


def update(call: Call, app_id: str, number: str) -> Reply:
    return Reply(200, _activate(call, app_id, number, call.json()))


def update_many(call: Call, app_id: str) -> Reply:
    rows = body.items(call.json())
    return batch(call, 200, [_activate(call, app_id, body.required_text(row, "id"), row) for row in rows])


def _activate(call: Call, app_id: str, number: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    found = _existing(call, app_id, number)
    changed = {**found, "active": body.flag(sent, "active", found["active"]), "updatedAt": wire(call.now)}
    call.world.db.put_document("subscription", number, changed)
    return _wire(changed)


def delete(call: Call, app_id: str, number: str) -> Reply:
    _existing(call, app_id, number)
    call.world.db.drop_document("subscription", number)
    return Reply(204)


def _existing(call: Call, app_id: str, number: str) -> dict[str, Any]:
    _own(call, app_id)
    found = call.world.db.document("subscription", number)
    if found is None or found["appId"] != app_id:
        raise not_found()
    return dict(found)


def _wire(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "appId"}


def _own(call: Call, app_id: str) -> None:
    """Webhooks belong to apps: a token sees its own app's, and service keys have none. Raises ``Refusal`` (403)."""
    if call.token.app_id != app_id or call.token.kind == "service_key":
        raise Refusal(403, "USER_DOES_NOT_HAVE_PERMISSIONS", "This token may not manage the webhooks of this app")


ROUTES: tuple[Route, ...] = (
    route("GET", "webhooks", "{n}/settings", settings),
    route("PUT", "webhooks", "{n}/settings", put_settings, writes=True),
    route("DELETE", "webhooks", "{n}/settings", delete_settings, writes=True),
    route("GET", "webhooks", "{n}/subscriptions", listed),
    route("POST", "webhooks", "{n}/subscriptions", create, writes=True),
    route("POST", "webhooks", "{n}/subscriptions/batch/update", update_many, writes=True),
    route("GET", "webhooks", "{n}/subscriptions/{n}", get),
    route("PATCH", "webhooks", "{n}/subscriptions/{n}", update, writes=True),
    route("DELETE", "webhooks", "{n}/subscriptions/{n}", delete, writes=True),
)
