"""A scripted server, a virtual clock, and clients that use them. No call here waits in real time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from tests.connectors.hubspot.scripted import ScriptedServer, scripted_server
from tests.connectors.hubspot.virtual import VirtualClock

TOKEN = "pat-na1-a-token-of-the-tests"


@pytest.fixture(scope="module")
def _server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def server(_server: ScriptedServer) -> ScriptedServer:
    _server.seen.clear()
    return _server


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def make_client(server: ScriptedServer, clock: VirtualClock) -> Iterator[Callable[..., HubSpotClient]]:
    sessions = []

    def make(**more: Any) -> HubSpotClient:
        sessions.append(open_session())
        settings = {"base_url": server.url, "token": TOKEN, "now": clock.now, "wait": clock.wait, **more}
        return HubSpotClient(sessions[-1], **settings)

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def client(make_client: Callable[..., HubSpotClient]) -> HubSpotClient:
    return make_client()
