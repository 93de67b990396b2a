"""The controls under ``/_sandbox``: reset, seed, clock, faults, calls, counts, books, manifest.

Only a browser page of this sandbox and programs may use them: a request with a foreign ``Origin`` or ``Host``
is refused, so that no website a person happens to visit can empty the twins.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from include.sandbox.faults import FaultError, Rule
from include.sandbox.state import Sandbox, SeedError

Handler = Callable[[Request], Awaitable[Response]]
_LINES = "application/x-ndjson"
_CHUNK = 64 * 1024
_OWN_HOSTS = {"127.0.0.1", "localhost", "::1"}


class BadControl(ValueError):
    """A control was used wrongly; the message says how."""


def control_routes(sandbox: Sandbox) -> list[Route]:
    """The routes below ``/_sandbox``."""
    controls = Controls(sandbox)
    return [
        Route("/ready", guarded(controls.ready)),
        Route("/reset", guarded(controls.reset), methods=["POST"]),
        Route("/seed", guarded(controls.seed), methods=["POST"]),
        Route("/clock", guarded(controls.clock), methods=["GET", "POST"]),
        Route("/faults", guarded(controls.faults), methods=["GET", "POST", "DELETE"]),
        Route("/calls", guarded(controls.calls), methods=["GET", "POST", "DELETE"]),
        Route("/counts", guarded(controls.counts)),
        Route("/books/{system}", guarded(controls.books)),
        Route("/manifest", guarded(controls.manifest)),
        Route("/mail", guarded(controls.mail)),
    ]


def guarded(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Refuse foreign origins, and answer a wrong use with 400 and one sentence."""

    async def guard(request: Request) -> Response:
        if not _is_own(request.headers.get("host", "")) or not _is_own(request.headers.get("origin", "")):
            return JSONResponse({"error": "only this machine's own pages and programs may do this"}, 403)
        try:
            return await handler(request)
        except (BadControl, SeedError, FaultError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return guard


def _is_own(address: str) -> bool:
    if not address:
        return True
    return urlsplit(address if "//" in address else f"//{address}").hostname in _OWN_HOSTS


class Controls:
    """One method per control; each takes and gives JSON, or JSON lines where it may be long."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def ready(self, request: Request) -> Response:
        seeded = self._sandbox.seeded
        return JSONResponse(
            {
                "ready": True,
                "systems": list(self._sandbox.twins),
                "profile": seeded.profile,
                "deals": seeded.deals,
                "seed": seeded.seed,
                "invoices": seeded.invoices,
            }
        )

    async def reset(self, request: Request) -> Response:
        await run_in_threadpool(self._sandbox.reset)
        return JSONResponse({"reset": True})

    async def seed(self, request: Request) -> Response:
        """``{"profile": "demo"|"company"|"empty", "deals": 60, "seed": 1, "invoices": 0}``."""
        wanted = await _object(request, {"profile", "deals", "seed", "invoices"})
        return JSONResponse(await run_in_threadpool(seed_from, self._sandbox, wanted))

    async def clock(self, request: Request) -> Response:
        """``{"action": "stop"|"start"|"real"}``, ``{"action": "set", "to": ISO time}`` or
        ``{"action": "advance", "seconds": n}``; answers ``{"now", "stopped"}``."""
        if request.method == "POST":
            move_clock(self._sandbox, await _object(request, {"action", "to", "seconds"}))
        clock = self._sandbox.clock
        return JSONResponse({"now": clock.now().isoformat(), "stopped": clock.stopped})

    async def faults(self, request: Request) -> Response:
        """GET lists the rules, POST puts one in force (``faults.Rule``), DELETE lifts all or the one of
        ``?id=``."""
        book = self._sandbox.faults
        if request.method == "POST":
            rule = Rule.from_json(await _object(request, None))
            return JSONResponse({"id": book.add(rule)}, 201)
        if request.method == "DELETE":
            return JSONResponse({"removed": book.remove(_number(request, "id"))})
        return JSONResponse({"faults": book.listing()})

    async def calls(self, request: Request) -> Response:
        """JSON lines of the kept calls; ``?system=``, ``?since=`` a seq, ``?label=`` prefix, ``?limit=``
        newest. DELETE forgets them, POST ``{"body_limit": bytes}`` sets how much is kept of each body from now on."""
        if request.method == "POST":
            limit = (await _object(request, {"body_limit"})).get("body_limit")
            if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
                raise BadControl(f"body_limit must be a whole number of bytes, not {limit!r}")
            self._sandbox.calls.body_limit = limit
            return JSONResponse({"body_limit": limit})
        if request.method == "DELETE":
            self._sandbox.calls.clear()
            return JSONResponse({"cleared": True})
        found = self._sandbox.calls.calls(
            system=request.query_params.get("system"),
            since=_number(request, "since") or 0,
            label=request.query_params.get("label", ""),
            limit=_number(request, "limit"),
        )
        return StreamingResponse(json_lines(call.to_json() for call in found), media_type=_LINES)

    async def counts(self, request: Request) -> Response:
        return JSONResponse(self._sandbox.calls.counts())

    async def books(self, request: Request) -> Response:
        system = request.path_params["system"]
        if system not in self._sandbox.twins:
            raise BadControl(f"there is no twin {system!r}; known are {', '.join(self._sandbox.twins)}")
        return StreamingResponse(json_lines(self._sandbox.books(system)), media_type=_LINES)

    async def mail(self, request: Request) -> Response:
        """JSON lines of the kept messages, mail and Slack; ``?system=``, ``?since=`` a seq."""
        found = self._sandbox.messages.listing(request.query_params.get("system"), _number(request, "since") or 0)
        return StreamingResponse(json_lines(found), media_type=_LINES)

    async def manifest(self, request: Request) -> Response:
        manifest = self._sandbox.manifest()
        if manifest is None:
            return JSONResponse({"error": "the twins hold no demo company; seed one first"}, 404)
        return StreamingResponse(gathered(manifest), media_type="application/json")


def seed_from(sandbox: Sandbox, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Seed as asked. Raises ``BadControl`` or ``SeedError``."""
    for name in ("deals", "seed", "invoices"):
        value = wanted.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadControl(f"{name} must be a whole number, not {value!r}")
    numbers = wanted.get("deals", 60), wanted.get("seed", 1), wanted.get("invoices", 0)
    return sandbox.seed(str(wanted.get("profile", "demo")), *numbers)


def move_clock(sandbox: Sandbox, wanted: Mapping[str, Any]) -> None:
    """Do one thing to the clock. Raises ``BadControl``."""
    clock = sandbox.clock
    try:
        match wanted.get("action"):
            case "stop":
                clock.stop()
            case "start":
                clock.start()
            case "real":
                clock.set_real()
            case "set":
                clock.set(_instant(str(wanted.get("to"))))
            case "advance":
                clock.advance(float(wanted.get("seconds", "")))
            case other:
                raise BadControl(f"unknown action {other!r}; known are stop, start, real, set, advance")
    except (ValueError, OverflowError) as error:
        raise BadControl(str(error)) from None


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadControl(f"a time is written like 2026-11-16T09:30:00+00:00, not {text!r}") from None


def json_lines(values: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One JSON value a line."""
    lines = (json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for value in values)
    return gathered(lines)


def gathered(small: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of some 64 KB: each piece costs a thread switch."""
    piece: list[bytes] = []
    size = 0
    for line in small:
        piece.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(piece)
            piece, size = [], 0
    yield b"".join(piece)


async def _object(request: Request, known: set[str] | None) -> dict[str, Any]:
    """The JSON object in the body (empty body: empty object). Raises ``BadControl``."""
    body = await request.body()
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise BadControl("the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadControl("the body must be a JSON object")
    unknown = sorted(set(value) - known) if known is not None else []
    if unknown:
        raise BadControl(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(known or ()))}")
    return value


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise BadControl(f"{name} must be a whole number, not {text!r}")
    return int(text)
