"""``/owners``: read only."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import invalid, not_found
from include.sandbox.hubspot.replies import page
from include.sandbox.hubspot.routing import Route, fixed, route

MAX_PAGE = 500
_SCOPE = fixed("crm.objects.owners.read")


def listed(call: Call) -> Reply:
    limit = call.number("limit", 100, most=MAX_PAGE)
    after = call.number("after", 0, least=0)
    email = call.first("email")
    archived = call.flag("archived")
    found: list[dict[str, Any]] = sorted(
        (
            owner
            for owner in call.world.db.documents("owner").values()
            if owner["archived"] == archived and (not email or owner.get("email", "").lower() == email.lower())
        ),
        key=lambda owner: int(owner["id"]),
    )
    rest = [owner for owner in found if int(owner["id"]) >= after]
    return page(call, rest[:limit], str(rest[limit]["id"]) if len(rest) > limit else None)


def get(call: Call, owner_id: str) -> Reply:
    id_property = call.first("idProperty") or "id"
    if id_property not in {"id", "userId"}:
        raise invalid(f"{id_property[:60]} was not one of the allowed options: [id, userId]")
    archived = call.flag("archived")
    for owner in call.world.db.documents("owner").values():
        given = owner["id"] if id_property == "id" else owner.get("userIdIncludingInactive")
        if str(given) == owner_id and owner["archived"] == archived:
            return Reply(200, owner)
    raise not_found()


ROUTES: tuple[Route, ...] = (
    route("GET", "owners", "", listed, _SCOPE),
    route("GET", "owners", "{}", get, _SCOPE),
)
