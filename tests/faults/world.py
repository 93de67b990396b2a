"""Everything that a schedule decides, put in the place of the real thing for as long as the schedule runs: time,
randomness, sockets. The product's code is not touched."""

from __future__ import annotations

import functools
import gc
import itertools
import random
import secrets
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import urllib3.util.connection

from include.connectors.hubspot import transport as hubspot_transport
from include.connectors.intacct import transport as intacct_transport
from include.core.settings import load_flow_settings
from include.flows import run as flow_run
from include.sandbox.hubspot.errors import Refusal
from include.sandbox.hubspot.objects import writing
from include.sandbox.intacct.envelope import replies
from include.sandbox.intacct.errors import function_error, invalid, missing
from include.sandbox.intacct.functions import registry
from tests.faults.network import Network, is_write
from tests.faults.timeline import Timeline, VirtualTimer

_settings_once = functools.lru_cache(maxsize=None)(load_flow_settings)
_registry_call, _hubspot_update = registry.call, writing.update


def free_cached_properties() -> None:
    """Until Python 3.11 all instances of a class share one lock for a cached property. Real processes share none, so
    ours must not wait for each other there."""
    for found in gc.get_objects():
        # Not isinstance(): it asks a lazy proxy for its class, which makes it import what may not be installed.
        if type(found) is functools.cached_property and hasattr(found, "lock"):
            found.lock = nullcontext()


@contextmanager
def simulated(timeline: Timeline, network: Network, seed: int) -> Iterator[None]:
    """Inside, this process knows no other time, randomness or network than the schedule's."""
    rng = random.Random(f"{seed}/ids")  # noqa: S311
    random.seed(seed)

    class Moments(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return timeline.local_now().astimezone(tz)

    class Timer(VirtualTimer):
        pass

    Timer.timeline = timeline
    threads = SimpleNamespace(Timer=Timer, Lock=threading.Lock, local=threading.local)
    with ExitStack() as stack:
        for where, name, instead in (
            (time, "monotonic", timeline.monotonic),
            (time, "sleep", timeline.sleep),
            (uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128), version=4)),
            (secrets, "token_urlsafe", lambda size=32: f"{rng.getrandbits(8 * (size or 32)):x}"),
            (secrets, "token_hex", lambda size=32: f"{rng.getrandbits(8 * (size or 32)):x}"),
            (urllib3.util.connection, "create_connection", network.create_connection),
            (hubspot_transport, "threading", threads),
            (intacct_transport, "datetime", Moments),
            (flow_run, "load_flow_settings", _settings_once),
            (registry, "call", _refusing_functions(network)),
            (writing, "update", _refusing_updates(network)),
            (replies, "_support", itertools.count(1)),
        ):
            stack.enter_context(patch.object(where, name, instead))
        yield


def _refusing_functions(network: Network) -> Any:
    """Intacct refuses some functions of a request: for good reasons, or because it has a bad moment."""

    def call(context: Any, name: str, element: Any) -> Any:
        if name == "create_invoice" and network.rng.random() < network.weather.closed:
            network.note("    Intacct refuses an invoice: its period is closed")
            raise missing("The period is closed.")
        if network.partly and is_write("intacct", name) and network.rng.random() < 0.5:
            why = network.rng.randrange(3)
            network.note(f"    Intacct refuses one {name}")
            if why == 0:
                raise invalid("Term", "gone for a while")
            raise missing("The period is closed for a while.") if why == 1 else function_error()
        return _registry_call(context, name, element)

    return call


def _refusing_updates(network: Network) -> Any:
    """HubSpot refuses some rows of a batch."""

    def update(*arguments: Any, **named: Any) -> Any:
        if network.partly and network.rng.random() < 0.5:
            network.note("    HubSpot refuses one row")
            raise Refusal(400, "VALIDATION_ERROR", "Property values were not valid")
        return _hubspot_update(*arguments, **named)

    return update
