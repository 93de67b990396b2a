"""Addresses of the pages: looking is GET, doing is POST and leads back to the first page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from include.sandbox.controls import BadControl, guarded, move_clock, seed_from
from include.sandbox.faults import FaultError, Rule
from include.sandbox.pages.books import Survey
from include.sandbox.pages.details import call_page, problem_page, records_page
from include.sandbox.pages.html import Html
from include.sandbox.pages.overview import overview
from include.sandbox.state import Sandbox, SeedError

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_WHOLE_NUMBERS = {"nth", "every", "count", "at", "ms", "status", "id", "deals", "seed", "invoices"}
_FORM_CAP = 10_000


def page_routes(sandbox: Sandbox) -> list[Route]:
    """The routes of the pages below ``/_sandbox``."""
    pages = Pages(sandbox)
    return [
        Route("/", guarded(pages.first)),
        Route("/show/{system}/{kind}", guarded(pages.records)),
        Route("/call/{seq:int}", guarded(pages.call)),
        Route("/do/{action}", guarded(pages.do), methods=["POST"]),
    ]


class Pages:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._survey = Survey(sandbox)

    async def first(self, request: Request) -> Response:
        url = str(request.base_url).rstrip("/").removesuffix("/_sandbox")
        live = "live" in request.query_params
        return _shown(await run_in_threadpool(overview, self._sandbox, self._survey, url, live=live))

    async def records(self, request: Request) -> Response:
        system, kind = request.path_params["system"], request.path_params["kind"]
        if system not in self._sandbox.twins:
            return _shown(problem_page(f"There is no twin {system!r}."), 404)
        asked = request.query_params.get("page", "1")
        number = max(1, int(asked)) if asked.isdecimal() else 1
        sheet = await run_in_threadpool(self._survey.sheet, system, kind, number)
        return _shown(records_page(system, kind, number, sheet))

    async def call(self, request: Request) -> Response:
        call = self._sandbox.calls.find(request.path_params["seq"])
        if call is None:
            return _shown(problem_page("The log no longer keeps this call."), 404)
        return _shown(call_page(call))

    async def do(self, request: Request) -> Response:
        action = self._actions().get(request.path_params["action"])
        if action is None:
            return _shown(problem_page("There is no such action."), 404)
        try:
            await run_in_threadpool(action, await _form(request))
        except (BadControl, SeedError, FaultError) as error:
            return _shown(problem_page(f"{error}."), 400)
        return RedirectResponse("/_sandbox/", 303)

    def _actions(self) -> dict[str, Callable[[Mapping[str, Any]], object]]:
        sandbox = self._sandbox
        return {
            "clock": lambda wanted: move_clock(sandbox, wanted),
            "fault": lambda wanted: sandbox.faults.add(Rule.from_json(wanted)),
            "lift": lambda wanted: sandbox.faults.remove(wanted.get("id")),
            "seed": lambda wanted: seed_from(sandbox, wanted),
            "reset": lambda wanted: sandbox.reset(),
            "forget": lambda wanted: sandbox.calls.clear(),
        }


async def _form(request: Request) -> dict[str, Any]:
    """The posted fields that were filled in, whole numbers as such. Raises ``BadControl``."""
    body = await request.body()
    if len(body) > _FORM_CAP:
        raise BadControl("the form is too large")
    wanted: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace")):
        if name in _WHOLE_NUMBERS and not value.strip().isdecimal():
            raise BadControl(f"{name} must be a whole number, not {value!r}")
        wanted[name] = int(value) if name in _WHOLE_NUMBERS else value
    return wanted


def _shown(document: Html, status: int = 200) -> Response:
    return Response(document, status, _HEADERS, media_type="text/html")
