"""HTTP around the twins: every path that is not under ``/_sandbox`` goes to the twin that owns it.

A call is read whole, handled by its twin in a worker thread, changed by a fault if one is ordered, answered,
and written to the call log. Twins never see HTTP, faults or the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Protocol, runtime_checkable

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from include.sandbox import fault_bodies, wire
from include.sandbox.controls import control_routes
from include.sandbox.exchange import Request, Response, Twin
from include.sandbox.fault_refusals import Refusal, refused
from include.sandbox.faults import Rule
from include.sandbox.masking import masked_body, masked_headers, masked_path, masked_query
from include.sandbox.pages import page_routes
from include.sandbox.state import Sandbox

log = logging.getLogger(__name__)

MAX_BODY = 32 * 1024 * 1024
# A twin serialises itself, so more threads than this would only queue at its lock.
WORKERS = 16


def make_app(sandbox: Sandbox, *, max_body: int = MAX_BODY) -> ASGIApp:
    """The ASGI application: controls under ``/_sandbox``, everything else to the twins."""
    routes = [
        Route("/_sandbox", _to_the_page),
        Mount("/_sandbox", routes=[*control_routes(sandbox), *page_routes(sandbox)]),
        Route("/{path:path}", TwinCalls(sandbox, max_body), methods=None),
    ]
    return wire.KeepTransport(Starlette(routes=routes))


async def _to_the_page(request: HttpRequest) -> RedirectResponse:
    return RedirectResponse("/_sandbox/")


@runtime_checkable
class Gated(Protocol):
    """A twin that limits how many calls are open at once: a call is open until its answer is sent, so a
    slow or stalled answer keeps its place."""

    def begin(self, request: Request) -> bool:
        """Whether there was room for one more call."""

    def handle_admitted(self, request: Request) -> Response:
        """``handle`` for a call that ``begin`` let in."""

    def end(self) -> None:
        """An admitted call is over."""


@dataclass(frozen=True, slots=True)
class _Handled:
    """What became of a call before anything is sent: ``response`` is ``None`` where the fault leaves no
    answer."""

    label: str
    fault: Rule | None
    executed: bool
    response: Response | None


class TwinCalls:
    """The ASGI endpoint behind which the twins stand."""

    def __init__(self, sandbox: Sandbox, max_body: int) -> None:
        self._sandbox = sandbox
        self._max_body = max_body
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="twin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await wire.read_body(receive, self._max_body)
        except ConnectionError:
            return
        except wire.BodyTooLarge:
            await wire.answer(send, Response(413, {"Connection": "close"}, b"The request body is too large.\n"))
            return
        request = _request(scope, body)
        twin = self._sandbox.owner(request)
        if twin is None:
            await self._nobody(request, send)
            return
        await self._call(twin, request, scope, receive, send)

    async def _nobody(self, request: Request, send: Send) -> None:
        """A path of neither twin: 404, and in the log, where a client's wrong address is looked for."""
        text = b"No twin answers here. What is in them is shown at /_sandbox/\n"
        response = Response(404, {"Content-Type": "text/plain"}, text)
        received = datetime.now(UTC)
        await wire.answer(send, response)
        self._log("(none)", request, _Handled("no twin", None, False, response), response, received, 0.0)

    async def _call(self, twin: Twin, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        received, started = datetime.now(UTC), time.perf_counter()
        self._sandbox.calls.begin(twin.name)
        gate = twin if isinstance(twin, Gated) and twin.begin(request) else None
        try:
            loop = asyncio.get_running_loop()
            handled = await loop.run_in_executor(self._workers, self._handle, twin, gate, request)
            date = format_datetime(self._sandbox.clock.now(), usegmt=True)
            sent = await _send(handled, twin, request, date, scope, receive, send)
        finally:
            if gate is not None:
                gate.end()
            self._sandbox.calls.end(twin.name)
        milliseconds = (time.perf_counter() - started) * 1000
        self._log(twin.name, request, handled, sent, received, milliseconds)

    def _handle(self, twin: Twin, gate: Gated | None, request: Request) -> _Handled:
        """In a worker thread: decide on a fault, let the twin do the work."""
        label = "(unreadable)"
        work = gate.handle_admitted if gate is not None else twin.handle
        try:
            label = twin.label(request)
            rule = self._sandbox.faults.pick(twin.name, label, request.method, request.path)
            if rule is None:
                return _Handled(label, None, True, work(request))
            if rule.kind == "session_expired":
                return _Handled(label, rule, False, _expired(twin, work, request))
            response = work(request) if rule.executes else None
            return _Handled(label, rule, rule.executes, response)
        except Exception:
            # A twin must answer everything; if one breaks, the caller gets a 500 and the server goes on.
            log.exception("the %s twin failed on %s", twin.name, label)
            body = b"The twin failed; see the sandbox's own log.\n"
            return _Handled(label, None, False, Response(500, {"Content-Type": "text/plain"}, body))

    def _log(
        self,
        system: str,
        request: Request,
        handled: _Handled,
        sent: Response | None,
        received: datetime,
        milliseconds: float,
    ) -> None:
        calls = self._sandbox.calls
        shown = sent or Response(0)
        calls.add(
            system=system,
            label=handled.label,
            method=request.method,
            path=masked_path(request.path),
            query=masked_query(request.query),
            request_headers=masked_headers(request.headers.items()),
            request_body=masked_body(request.body, calls.body_limit, request.headers.get("content-encoding", "")),
            status=None if sent is None else sent.status,
            response_headers=masked_headers(shown.headers.items()),
            response_body=masked_body(shown.body, calls.body_limit),
            received_at=received.isoformat(timespec="milliseconds"),
            ms=round(milliseconds, 3),
            fault=handled.fault.kind if handled.fault else None,
            executed=handled.executed,
        )


def _expired(twin: Twin, work: Callable[[Request], Response], request: Request) -> Response:
    """Let the twin itself end its sessions where it can; else answer in its place."""
    end_sessions: Any = getattr(twin, "end_sessions", None)
    if callable(end_sessions):
        end_sessions()
        return work(request)
    return fault_bodies.expired(twin.name)


async def _send(
    handled: _Handled, twin: Twin, request: Request, date: str, scope: Scope, receive: Receive, send: Send
) -> Response | None:
    """Send the answer as the fault wants it. Returns what the client could see, uncompressed; ``None`` if
    nothing."""
    rule = handled.fault
    plain = _replaced(handled, twin, request)
    plain = replace(plain, headers={"Date": date, **plain.headers})
    if rule is not None and rule.kind in {"lost_before", "lost_after", "stall"}:
        if rule.kind == "stall":
            await _stay_silent(receive, rule.seconds)
        await wire.drop(scope, receive)
        return None
    accept = request.headers.get("accept-encoding", "") if twin.name == "intacct" else ""
    response = _encoded(plain, rule, accept)
    if rule is not None and rule.kind == "cut_at":
        await wire.cut(scope, receive, send, response, rule.at)
        return replace(plain, body=plain.body[: rule.at])
    if rule is not None and rule.kind == "slow_body":
        await wire.trickle(send, response, rule.ms / 1000)
        return plain
    if rule is not None and rule.kind == "slow":
        await asyncio.sleep(rule.ms / 1000)
    await wire.answer(send, response)
    return plain


def _encoded(plain: Response, rule: Rule | None, accept: str) -> Response:
    if rule is not None and rule.kind == "gzip":
        return wire.zipped(plain)
    if rule is not None and rule.kind == "gzip_broken":
        return wire.zipped_badly(plain)
    return wire.compressed(plain, accept)


def _replaced(handled: _Handled, twin: Twin, request: Request) -> Response:
    """The answer, or what the fault puts in its place."""
    original = handled.response or Response(200)
    if handled.fault is None:
        return original
    rule = handled.fault
    match rule.kind:
        case "status":
            return fault_bodies.error_status(
                twin.name,
                rule.status,
                policy=rule.policy,
                body=rule.body,
                errorno=rule.errorno,
                retry_after=rule.retry_after,
            )
        case "refusal":
            return refused(request, Refusal(rule.level, rule.errorno, rule.message, rule.correction))
        case "html_200":
            return fault_bodies.html_page(200)
        case "garbage":
            return fault_bodies.garbage(original)
        case _:
            return original


async def _stay_silent(receive: Receive, seconds: float) -> None:
    """Say nothing until the time is over or the client has gone."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(receive(), seconds)


def _request(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    host = headers.get("host", "127.0.0.1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        base_url=f"{scope.get('scheme', 'http')}://{host}",
    )
