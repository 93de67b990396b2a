"""From path to answer: route, token, allowance, scopes, handler, and the transaction around it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from include.sandbox.exchange import Request, Response
from include.sandbox.hubspot import authentication
from include.sandbox.hubspot.account import Token
from include.sandbox.hubspot.call import Call, Reply, parse_query
from include.sandbox.hubspot.errors import Refusal
from include.sandbox.hubspot.paths import Address, locate
from include.sandbox.hubspot.routes import ROUTES
from include.sandbox.hubspot.routing import Route
from include.sandbox.hubspot.world import World

NOBODY = Token("", "", frozenset())
MAX_URL = 15_900
_NO_PAGE = "<!DOCTYPE html><html><head><title>404</title></head><body><h1>Page not found</h1></body></html>"
_BY_AREA: dict[str, list[Route]] = {}
for _route in ROUTES:
    _BY_AREA.setdefault(_route.area, []).append(_route)


def find(method: str, path: str) -> tuple[Route | None, tuple[str, ...], Address | None, bool]:
    """Route, variable segments, address, and whether the path exists under another method."""
    address = locate(path)
    known = False
    if address is not None:
        for candidate in _BY_AREA.get(address.area, ()):
            found = candidate.match(address)
            if found is not None:
                if candidate.method == method:
                    return candidate, found, address, True
                known = True
    return None, (), address, known


def answer(world: World, request: Request, moment: datetime) -> Response:
    """One call answered; a refused one leaves the store as it was."""
    request = replace(request, path=_whole(request.path), query=_whole(request.query))
    correlation = str(uuid.uuid4())
    headers = {"x-hubspot-correlation-id": correlation}
    try:
        reply = _serve(world, request, moment, headers)
        headers.update(reply.headers)
        if isinstance(reply.value, str):
            return Response(reply.status, {"Content-Type": "text/html;charset=utf-8", **headers}, reply.value.encode())
        if reply.value is None:
            return Response(reply.status, headers)
        return Response.json(reply.status, reply.value, headers)
    except Refusal as refusal:
        return Response.json(refusal.status, refusal.body(correlation), {**headers, **refusal.headers})


def _serve(world: World, request: Request, moment: datetime, headers: dict[str, str]) -> Reply:
    """``headers`` gets those that tell what is left of the limits, also of a call that is refused afterwards."""
    if len(request.path) + len(request.query) > MAX_URL:
        raise Refusal(414, None, "URI Too Long")
    route, found, address, known = find(request.method, request.path)
    if route is None or address is None:
        if known:
            raise Refusal(405, None, f"HTTP 405 Method Not Allowed: {request.method[:20]}")
        return Reply(404, _NO_PAGE)
    _content_type(request)
    token = NOBODY if route.open else authentication.bearer(world, request, moment)
    headers.update(world.limits.take(world.account, token, route.allowance, moment))
    authentication.authorise(token, route.needs(found))
    if route.writes:
        authentication.creator_is_still_there(world, token)
    call = Call(world, request, address.version, token, moment, parse_query(request.query))
    if not route.writes:
        return route.handler(call, *found)
    with world.db.transaction():
        return route.handler(call, *found)


def _whole(text: str) -> str:
    """Without half characters, which could neither be stored nor sent back."""
    return text.encode("utf-8", "replace").decode()


def _content_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = request.path.startswith("/oauth/") and given == "application/x-www-form-urlencoded"
    if request.body and given not in {"", "application/json"} and not form:
        raise Refusal(415, None, "HTTP 415 Unsupported Media Type")
