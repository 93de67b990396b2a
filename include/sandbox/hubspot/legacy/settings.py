"""Definitions, pipelines, owners, account and associations in the form of v1 and v2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.linking import Linker
from include.sandbox.hubspot.associations.types import CATEGORIES, LinkType
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import BY_ID, COMPANY, CONTACT, DEAL, ObjectType, scopes
from include.sandbox.hubspot.errors import invalid, not_found
from include.sandbox.hubspot.legacy import forms
from include.sandbox.hubspot.objects import single
from include.sandbox.hubspot.properties import definitions, groups
from include.sandbox.hubspot.routing import Route, fixed, route, schema
from include.sandbox.hubspot.store import links


def property_list(call: Call, type_name: str) -> Reply:
    return definitions.listed_as_before(call, type_name)


def company_properties(call: Call) -> Reply:
    return definitions.listed_as_before(call, COMPANY.plural)


def one_property(call: Call, type_name: str, name: str) -> Reply:
    row = definitions.existing(call.world, call.kind(type_name), name).wire()
    return Reply(200, {**row, **row["modificationMetadata"], "deleted": False})


def new_property(call: Call, type_name: str) -> Reply:
    sent = {"label": call.json().get("name"), **call.json()}
    return Reply(200, definitions.created(call, call.kind(type_name), sent).wire())


def changed_property(call: Call, type_name: str, name: str) -> Reply:
    return Reply(200, definitions.update(call, type_name, name).value)


def group_list(call: Call, type_name: str) -> Reply:
    return Reply(200, groups.listed(call, type_name).value["results"])


def deal_pipelines(call: Call) -> Reply:
    return Reply(200, [_deal_pipeline(found) for found in _pipelines(call, DEAL)])


def deal_pipeline(call: Call, pipeline_id: str) -> Reply:
    found = next((one for one in _pipelines(call, DEAL) if one["id"] == pipeline_id), None)
    if found is None:
        raise not_found()
    return Reply(200, _deal_pipeline(found))


def pipelines(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    if kind.pipeline is None:
        raise invalid(f"{kind.plural} have no pipelines")
    return Reply(200, {"results": [_pipeline(kind, found) for found in _pipelines(call, kind)]})


def _pipelines(call: Call, kind: ObjectType) -> list[Mapping[str, Any]]:
    return sorted(call.world.pipelines(kind.id).values(), key=lambda one: (one["displayOrder"], one["id"]))


def _deal_pipeline(found: Mapping[str, Any]) -> dict[str, Any]:
    shared = {"label": found["label"], "displayOrder": found["displayOrder"], "active": True}
    stages = [
        {
            "stageId": stage["id"],
            "label": stage["label"],
            "displayOrder": stage["displayOrder"],
            "active": True,
            "probability": float(stage["metadata"].get("probability", "0")),
            "closedWon": stage["metadata"].get("isClosed") == "true"
            and float(stage["metadata"].get("probability", "0")) == 1,
        }
        for stage in found["stages"]
    ]
    return {"pipelineId": found["id"], **shared, "staticDefault": found["id"] == "default", "stages": stages}


def _pipeline(kind: ObjectType, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pipelineId": found["id"],
        "objectType": kind.legacy,
        "objectTypeId": kind.id,
        "default": found["id"] in {"default", "0"},
        **_dated(found),
        "stages": [{"stageId": one["id"], "metadata": one["metadata"], **_dated(one)} for one in found["stages"]],
    }


def _dated(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": found["label"],
        "displayOrder": found["displayOrder"],
        "active": True,
        "createdAt": forms.instant(found.get("createdAt", "")),
        "updatedAt": forms.instant(found.get("updatedAt", "")),
    }


def owners(call: Call) -> Reply:
    email, inactive = (call.first("email") or "").lower(), call.flag("includeInactive")
    found = [
        _owner(call, owner)
        for owner in call.world.db.documents("owner").values()
        if (inactive or not owner["archived"]) and (not email or owner.get("email", "").lower() == email)
    ]
    return Reply(200, sorted(found, key=lambda owner: int(owner["ownerId"])))


def owner(call: Call, owner_id: str) -> Reply:
    found = call.world.db.documents("owner").get(owner_id)
    if found is None or found["archived"]:
        raise not_found()
    return Reply(200, _owner(call, found))


def _owner(call: Call, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "portalId": call.world.account.portal_id,
        "ownerId": int(found["id"]),
        "type": found.get("type", "PERSON"),
        "firstName": found.get("firstName", ""),
        "lastName": found.get("lastName", ""),
        "email": found.get("email", ""),
        "createdAt": forms.instant(found["createdAt"]),
        "updatedAt": forms.instant(found["updatedAt"]),
        "isActive": not found["archived"],
        "activeUserId": found.get("userId"),
        "userIdIncludingInactive": found.get("userIdIncludingInactive"),
        "remoteList": [],
    }


def me(call: Call) -> Reply:
    account = call.world.account
    offset = account.details(call.moment)["utcOffset"]
    names = {"portalId": account.portal_id, "timeZone": str(account.time_zone), "currency": account.currency}
    return Reply(200, {**names, "utcOffset": offset})


def associated(call: Call, record_id: str, category: str, definition: str) -> Reply:
    start, end, link = _definition(call, category, definition)
    record = single.located(call, start, record_id, None)
    limit, offset = forms.capped(call, "limit", 100, 100), call.number("offset", 0, least=0)
    rows = links.of(call.world.db, links.End(start.id, record.id), end.id, after=offset)
    exact = link.label is not None and not link.primary
    found = list(dict.fromkeys(row.to_id for row in rows if not exact or row.type_id == link.type_id))
    more = len(found) > limit
    return Reply(200, {"results": found[:limit], "hasMore": more, "offset": found[limit] if more else 0})


def associate(call: Call) -> Reply:
    _link(call, call.json())
    return Reply(204)


def associate_many(call: Call) -> Reply:
    for row in body.items({"rows": body.parse_any(call.request.body)}, "rows"):
        _link(call, row)
    return Reply(204)


def part(call: Call) -> Reply:
    _unlink(call, call.json())
    return Reply(204)


def part_many(call: Call) -> Reply:
    for row in body.items({"rows": body.parse_any(call.request.body)}, "rows"):
        _unlink(call, row)
    return Reply(204)


def _link(call: Call, row: Mapping[str, Any]) -> None:
    linker, start, end, link = _ends(call, row)
    if link.primary or link.label is None:
        linker.default(start, end)
    else:
        linker.typed(start, end, [link])


def _unlink(call: Call, row: Mapping[str, Any]) -> None:
    linker, start, end, link = _ends(call, row)
    if link.primary or link.label is None:
        linker.remove(start, end)
    else:
        linker.remove_types(start, end, [link])


def _ends(call: Call, row: Mapping[str, Any]) -> tuple[Linker, links.End, links.End, LinkType]:
    definition = body.required_text(row, "definitionId")
    start, end, link = _definition(call, body.required_text(row, "category"), definition)
    linker = Linker(call.world, call.source, call.now)
    first = linker.end(start, body.required_text(row, "fromObjectId"))
    return linker, first, linker.end(end, body.required_text(row, "toObjectId")), link


def _definition(call: Call, category: str, definition: str) -> tuple[ObjectType, ObjectType, LinkType]:
    """The types and the association that a definition id stands for. Raises ``Refusal`` (400)."""
    linker = Linker(call.world, call.source, call.now)
    for start in BY_ID.values():
        for end in BY_ID.values():
            for link in linker.types(start.id, end.id):
                if str(link.type_id) == definition and CATEGORIES[link.category] == category:
                    return start, end, link
    raise invalid(f"Association definition {category[:60]} {definition[:20]} does not exist")


_OWNERS = fixed("crm.objects.owners.read")
_DEALS = fixed(*scopes(DEAL, "read"))
_READ = fixed(*(scope for kind in (CONTACT, COMPANY, DEAL) for scope in scopes(kind, "read")))
_WRITE = fixed(*(scope for kind in (CONTACT, COMPANY, DEAL) for scope in scopes(kind, "write")))
_PIPES, _LINKS = "legacy-crm-pipelines", "legacy-crm-associations"
ROUTES: tuple[Route, ...] = (
    route("GET", "legacy-properties", "{}/properties", property_list, schema("read")),
    route("GET", "legacy-properties", "{}/properties/named/{}", one_property, schema("read")),
    route("POST", "legacy-properties", "{}/properties", new_property, schema("write"), writes=True),
    route("PUT", "legacy-properties", "{}/properties/named/{}", changed_property, schema("write"), writes=True),
    route("GET", "legacy-properties", "{}/groups", group_list, schema("read")),
    route("GET", "legacy-companies", "properties", company_properties, fixed(*scopes(COMPANY, "read"))),
    route("GET", "legacy-deals", "pipelines", deal_pipelines, _DEALS),
    route("GET", "legacy-deals", "pipelines/{}", deal_pipeline, _DEALS),
    route("GET", _PIPES, "pipelines/{}", pipelines, _READ),
    route("GET", "legacy-owners", "owners", owners, _OWNERS),
    route("GET", "legacy-owners", "owners/{n}", owner, _OWNERS),
    route("GET", "legacy-integrations", "me", me),
    route("GET", _LINKS, "associations/{n}/{}/{n}", associated, _READ),
    route("PUT", _LINKS, "associations", associate, _WRITE, writes=True),
    route("PUT", _LINKS, "associations/create-batch", associate_many, _WRITE, writes=True),
    route("PUT", _LINKS, "associations/delete", part, _WRITE, writes=True),
    route("PUT", _LINKS, "associations/delete-batch", part_many, _WRITE, writes=True),
)
