"""Every refusal that the facts about the service describe is produced over HTTP and has the documented body."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from include.sandbox.clock import Clock
from include.sandbox.hubspot.twin import HubSpotTwin
from include.sandbox.running import running
from tests.sandbox.hubspot.conftest import NOW, SEEDS, TOKEN
from tests.sandbox.hubspot.refusals import CASES, MORE, V3, Ask, Case


@pytest.fixture(scope="module")
def asking() -> Iterator[Callable[[Mapping[str, Any]], Ask]]:
    """A client of a sandbox with these switches; one sandbox for all cases that have the same."""
    known: dict[str, Ask] = {}
    with ExitStack() as stack:

        def ask(switches: Mapping[str, Any]) -> Ask:
            key = repr(sorted(switches.items()))
            if key not in known:
                twin = HubSpotTwin(":memory:", Clock(NOW, stopped=True), **{"limits": False, **switches})
                stack.callback(twin.close)
                twin.load([*SEEDS, *MORE])
                known[key] = Ask(stack.enter_context(running(twins=[twin])))
            return known[key]

        yield ask


def _same(found: Any, wanted: Any) -> bool:
    return wanted.fullmatch(found) is not None if isinstance(wanted, re.Pattern) else bool(found == wanted)


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_a_refusal_has_the_documented_status_and_body(asking: Callable[[Mapping[str, Any]], Ask], case: Case) -> None:
    answer = case.call(asking(case.switches))
    assert answer.status_code == case.status, answer.text
    for name, value in case.headers.items():
        assert answer.headers[name] == value
    if case.html:
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.text.startswith("<!DOCTYPE html>")
        return
    body = answer.json()
    assert body["status"] == "error"
    assert body["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    assert _same(body["message"], case.message), body["message"]
    assert body.get("category", "") == case.category
    assert tuple(row.get("code") for row in body.get("errors", ()) if "code" in row) == case.codes
    for row in body.get("errors", ()) if case.codes else ():
        assert set(row) == {"message", "code", "context"}
    for name, value in case.more.items():
        assert _same(body[name], value), body
    known = {"status", "message", "correlationId", "category", "errors", "context"}
    assert set(body) - known <= set(case.more)


def test_a_refused_call_still_tells_what_is_left(asking: Callable[[Mapping[str, Any]], Ask]) -> None:
    ask = asking({"limits": True, "burst": 50})
    answers = [ask("GET", f"{V3}/deals/1"), ask("GET", f"{V3}/invoices", token=TOKEN)]
    assert [answer.status_code for answer in answers] == [404, 200]
    left = [int(answer.headers["X-HubSpot-RateLimit-Remaining"]) for answer in answers]
    assert left == [49, 48]
