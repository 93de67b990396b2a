"""Seed records that are settings, not CRM records: ``_account``, ``_token``, ``_pipeline``, ``_property`` and so on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from include.sandbox.hubspot import catalogue
from include.sandbox.hubspot.account import DEFAULT_ACCOUNT
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.world import World

Record = Mapping[str, Any]
_SINCE = wire(1_593_532_657_583)
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


def put(world: World, kind: str, record: Record) -> None:
    """Raises ``ValueError`` for a kind that is not known or a record that does not fit."""
    writer = _WRITERS.get(kind)
    if writer is None:
        raise ValueError(f"cannot load a record of type {kind!r}; known: {', '.join(sorted(_WRITERS))}")
    try:
        writer(world, record)
    except KeyError as missing:
        raise ValueError(f"a {kind} record needs {missing}") from None


def _type_id(record: Record, default: str = "deals") -> str:
    name = str(record.get("object_type") or record.get("objectType") or default)
    kind = catalogue.find(name)
    if kind is None:
        raise ValueError(f"unknown object type {name!r}")
    return kind.id


def _fields(record: Record, *without: str) -> dict[str, Any]:
    return {k: v for k, v in record.items() if k not in {"type", "object_type", "objectType", *without}}


def _account(world: World, record: Record) -> None:
    before = world.db.document("account", "account") or DEFAULT_ACCOUNT
    world.db.put_document("account", "account", {**before, **_fields(record)})


def _token(world: World, record: Record) -> None:
    body = _fields(record, "token")
    world.db.put_document("token", str(record["token"]), {**body, "app_id": str(record.get("app_id", ""))})


def _app(world: World, record: Record) -> None:
    world.db.put_document("app", str(record["app_id"]), {**_fields(record), "app_id": str(record["app_id"])})


def _owner(world: World, record: Record) -> None:
    body = {"teams": [], "createdAt": _SINCE, "updatedAt": _SINCE, "archived": False, **_fields(record)}
    body.setdefault("type", "PERSON")
    user = body.get("userIdIncludingInactive", body.get("userId"))
    body["userIdIncludingInactive"] = user
    body["userId"] = None if body["archived"] else user
    world.db.put_document("owner", str(record["id"]), {**body, "id": str(record["id"])})


def _pipeline(world: World, record: Record) -> None:
    stages = [_dated({"displayOrder": n, "metadata": {}, **stage}) for n, stage in enumerate(record["stages"])]
    body = _dated({"displayOrder": 0, **_fields(record), "id": str(record["id"]), "stages": stages})
    for stage in stages:
        stage["id"] = str(stage["id"])
        stage.setdefault("writePermissions", "CRM_PERMISSIONS_ENFORCEMENT")
        stage["metadata"] = {k: _text(v) for k, v in stage["metadata"].items()}
    world.db.put_document("pipeline", f"{_type_id(record)}/{record['id']}", body)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dated(body: dict[str, Any]) -> dict[str, Any]:
    return {"archived": False, "createdAt": _SINCE, "updatedAt": _SINCE, **body}


def _property(world: World, record: Record) -> None:
    """The definition under ``definition`` (the API's own fields), or flat with ``data_type`` for its type."""
    body = dict(record.get("definition") or _fields(record, "data_type"))
    body.setdefault("type", record.get("data_type", "string"))
    name = str(body["name"])
    if not _NAME.match(name):
        raise ValueError(f"{name!r} cannot be a property's name")
    body.setdefault("createdAt", _SINCE)
    body.setdefault("updatedAt", _SINCE)
    world.db.put_document("property", f"{_type_id(record)}/{name}", body)


def _group(world: World, record: Record) -> None:
    body = {"displayOrder": -1, "archived": False, **(record.get("definition") or _fields(record))}
    world.db.put_document("group", f"{_type_id(record)}/{body['name']}", body)


def _rate(world: World, record: Record) -> None:
    body = {"visibleInUI": True, "createdAt": _SINCE, "updatedAt": _SINCE, **_fields(record)}
    body["conversionRate"] = str(record["conversionRate"])
    world.db.put_document("exchange_rate", str(record["id"]), {**body, "id": str(record["id"])})


def _requirement(world: World, record: Record) -> None:
    """``{"name": "closed_lost_reason", "when": {"property": "dealstage", "values": ["closedlost"]}}``; without
    ``when`` the property is required at creation."""
    type_id = _type_id(record)
    document = {"object_type": type_id, "name": str(record["name"]), "when": record.get("when")}
    world.db.put_document("requirement", f"{type_id}/{record['name']}", document)


def _keyed(kind: str) -> Callable[[World, Record], None]:
    def write(world: World, record: Record) -> None:
        world.db.put_document(kind, str(record["id"]), {**_fields(record), "id": str(record["id"])})

    return write


_WRITERS: dict[str, Callable[[World, Record], None]] = {
    "_account": _account,
    "_token": _token,
    "_app": _app,
    "_owner": _owner,
    "_pipeline": _pipeline,
    "_property": _property,
    "_property_group": _group,
    "_requirement": _requirement,
    "_exchange_rate": _rate,
    "_tax_rate": _keyed("tax_rate"),
    "_sequence": _keyed("sequence"),
}
