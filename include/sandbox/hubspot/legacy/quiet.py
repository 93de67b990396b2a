"""Marketing and automation of an account that has none, and the account's users: what whole-account extractors list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.routing import Route, route


def _nothing(value: Any) -> Callable[[Call], Reply]:
    return lambda _: Reply(200, value)


def users(call: Call) -> Reply:
    """Those who own records; the user's number is the id."""
    found = [owner for owner in call.world.db.documents("owner").values() if owner.get("userId")]
    rows = [
        {"id": str(owner["userId"]), "email": owner.get("email", ""), "roleIds": [], "superAdmin": False}
        for owner in found
    ]
    return Reply(200, {"results": sorted(rows, key=lambda row: int(row["id"]))})


_EMAIL = "legacy-email"
_PAGE = {"hasMore": False, "offset": None}
ROUTES: tuple[Route, ...] = (
    route("GET", _EMAIL, "v1/subscriptions", _nothing({"subscriptionDefinitions": []})),
    route("GET", _EMAIL, "v1/subscriptions/timeline", _nothing({"timeline": [], **_PAGE})),
    route("GET", _EMAIL, "v1/campaigns/by-id", _nothing({"campaigns": [], **_PAGE})),
    route("GET", _EMAIL, "v1/events", _nothing({"events": [], **_PAGE})),
    route("GET", "legacy-forms", "forms", _nothing([])),
    route("GET", "workflows", "", _nothing({"workflows": []})),
    route("GET", "users", "", users),
    route("GET", "users", "teams", _nothing({"results": []})),
)
