"""The stateful HubSpot twin over HTTP, on a stopped clock that only the client's waits move.

One server serves all tests of a process, because starting and stopping one takes longer than most tests; each test
puts a new, empty twin behind it.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.sandbox.clock import Clock
from include.sandbox.hubspot.twin import HubSpotTwin
from include.sandbox.running import Running, running

TOKEN = "pat-na1-demo-service-key"
MORNING = datetime(2026, 11, 16, 9, tzinfo=UTC)
ACCOUNT: tuple[Mapping[str, Any], ...] = (
    {
        "type": "_account",
        "portalId": 48151623,
        "accountType": "STANDARD",
        "timeZone": "America/New_York",
        "companyCurrency": "USD",
        "additionalCurrencies": ["EUR", "GBP"],
        "uiDomain": "app.hubspot.com",
    },
    {"type": "_token", "token": TOKEN, "app_id": "9900", "scopes": "*"},
)

UNIQUE_KEY = {
    "type": "_property",
    "object_type": "companies",
    "name": "erp_key",
    "label": "ERP key",
    "groupName": "companyinformation",
    "fieldType": "text",
    "property_type": "string",
    "hasUniqueValue": True,
}
"""A property of companies that identifies them."""


@dataclass
class Account:
    """``client`` to talk with, ``sandbox`` with its controls, ``twin`` to load records into."""

    client: HubSpotClient
    sandbox: Running
    twin: HubSpotTwin
    clock: Clock

    def load(self, *records: Mapping[str, Any]) -> None:
        self.twin.load(records)

    def calls(self) -> list[str]:
        """Labels of the calls so far, oldest first."""
        return [call["label"] for call in self.sandbox.control.calls()]

    def statuses(self) -> list[int]:
        return [call["status"] for call in self.sandbox.control.calls()]

    def books(self, object_type: str) -> dict[str, dict[str, str]]:
        """Properties by id, as the twin itself has them."""
        return {row["id"]: row["properties"] for row in self.twin.export() if row["type"] == object_type}

    def another_client(self, **more: Any) -> HubSpotClient:
        return _client(self.sandbox.url, self.clock, **more)


class _Behind:
    """The twin that the server shows at the moment."""

    def __init__(self) -> None:
        self.twin = HubSpotTwin(":memory:", Clock())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.twin, name)


@cache
def _server() -> tuple[Running, _Behind]:
    behind = _Behind()
    stack = ExitStack()
    sandbox = stack.enter_context(running(twins=[behind]))
    atexit.register(stack.close)
    return sandbox, behind


@contextmanager
def account(*records: Mapping[str, Any], api_version: str = "2026-09", **switches: Any) -> Iterator[Account]:
    """An account with these seed records; ``switches`` are the twin's."""
    sandbox, behind = _server()
    clock = Clock(MORNING, stopped=True)
    behind.twin.close()
    behind.twin = twin = HubSpotTwin(":memory:", clock, **switches)
    twin.load([*ACCOUNT, *records])
    sandbox.control.lift()
    sandbox.control.forget_calls()
    yield Account(_client(sandbox.url, clock, api_version=api_version), sandbox, twin, clock)


def _client(url: str, clock: Clock, *, token: str = TOKEN, **more: Any) -> HubSpotClient:
    def now() -> float:
        return clock.now().timestamp()

    return HubSpotClient(open_session(), url, token, now=now, wait=clock.advance, **more)


def deal(record_id: int, **properties: str) -> dict[str, Any]:
    """A seed record."""
    values = {"dealname": f"Deal {record_id}", "pipeline": "default", "dealstage": "closedwon", **properties}
    return {"type": "deals", "id": str(record_id), "properties": values}


def company(record_id: int, **properties: str) -> dict[str, Any]:
    return {"type": "companies", "id": str(record_id), "properties": {"name": f"Company {record_id}", **properties}}
