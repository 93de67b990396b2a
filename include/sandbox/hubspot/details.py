"""``account-info``: the connection test, and the day's use."""

from __future__ import annotations

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.routing import Route, route


def details(call: Call) -> Reply:
    return Reply(200, call.world.account.details(call.moment))


ROUTES: tuple[Route, ...] = (route("GET", "account-info", "details", details),)
