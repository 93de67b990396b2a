"""``HubSpotTwin``: the whole imitation behind one function from request to response."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from include.sandbox.clock import Clock
from include.sandbox.exchange import Request, Response
from include.sandbox.hubspot import dispatch, exporting, seeding
from include.sandbox.hubspot.labels import label
from include.sandbox.hubspot.paths import owned
from include.sandbox.hubspot.store.database import Database
from include.sandbox.hubspot.switches import Switches
from include.sandbox.hubspot.times import to_ms
from include.sandbox.hubspot.webhooks import queue, subscriptions
from include.sandbox.hubspot.webhooks.queue import Delivery
from include.sandbox.hubspot.webhooks.sender import Sender
from include.sandbox.hubspot.world import World


class HubSpotTwin:
    """``path`` is a file or ``:memory:``; ``switches`` are the fields of ``Switches`` (``tier="starter"``, ...).

    Serialises itself: ``handle`` may be called from any number of threads."""

    def __init__(self, path: str, clock: Clock, **switches: Any) -> None:
        self.clock = clock
        self.switches = Switches(**switches)
        self._lock = threading.RLock()
        self._db = Database(path)
        self._world = World(self._db, self.switches)
        self._world.install()
        self._sender: Sender | None = None

    @property
    def name(self) -> str:
        return "hubspot"

    def close(self) -> None:
        if self._sender is not None:
            self._sender.stop()
        with self._lock:
            self._db.close()

    def owns(self, request: Request) -> bool:
        return owned(request.path)

    def label(self, request: Request) -> str:
        return label(request)

    def handle(self, request: Request) -> Response:
        with self._lock:
            try:
                return dispatch.answer(self._world, request, self.clock.now())
            except Exception:  # the service never breaks its connection; tests look for this answer
                return Response.json(500, {"status": "error", "message": "internal error"})

    def reset(self) -> None:
        with self._lock:
            self._db.clear()
            self._world = World(self._db, self.switches)
            self._world.install()

    def snapshot(self) -> bytes:
        """Everything in the account, for ``restore``."""
        with self._lock:
            return self._db.snapshot()

    def restore(self, snapshot: bytes, **switches: Any) -> None:
        """The account as it was in the snapshot, in a twin with these switches and none of its limits used. Only for
        twins in memory."""
        with self._lock:
            self.switches = Switches(**switches)
            self._db.restore(snapshot)
            self._world = World(self._db, self.switches)

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            seeding.load(self._world, records, self.clock.now())
            self._db.checkpoint()

    def subscribe(self, app_id: str, event_type: str, *, property_name: str = "", object_type: str = "") -> int:
        """Subscribe an app to events (``deal.propertyChange``, ``object.creation`` with an object type id).

        Raises ``Refusal`` for what cannot be subscribed to."""
        wanted = {"eventType": event_type, "active": True}
        wanted.update(
            {name: text for name, text in (("propertyName", property_name), ("objectTypeId", object_type)) if text}
        )
        with self._lock, self._db.transaction():
            return int(subscriptions.subscribe(self._world, app_id, wanted, to_ms(self.clock.now()))["id"])

    def send_webhooks_to(self, app_id: str, url: str, *, signature_version: str = "v1") -> None:
        """Where an app's events go. Version 3 is always signed, ``signature_version`` (v1, v2) beside it."""
        sent = {"targetUrl": url, "signatureVersion": signature_version}
        with self._lock, self._db.transaction():
            subscriptions.set_target(self._world, app_id, sent, to_ms(self.clock.now()))

    def send_webhooks(self) -> None:
        """Deliver webhooks over HTTP from now on, until ``close``: to addresses of this machine only."""
        if self._sender is None:
            self._sender = Sender(self)
            self._sender.start()

    def deliveries(self, now: datetime) -> list[Delivery]:
        """The webhook requests to make at this moment; whoever makes them reports each with ``delivered``.

        One not reported within five seconds counts as failed."""
        with self._lock:
            if not queue.waiting(self._world):
                return []
            return queue.due(self._world, to_ms(now))

    def delivered(self, delivery_id: int, status: int | None) -> None:
        """The outcome of a webhook request (None: no answer); anything but 2xx is tried again later."""
        with self._lock:
            queue.settle(self._world, delivery_id, status, to_ms(self.clock.now()))

    def export(self) -> Iterator[Mapping[str, Any]]:
        return exporting.export(self._world, self._lock)

    def count(self) -> Mapping[str, int]:
        return exporting.count(self._world, self._lock)

    def part(self, kind: str, skip: int, number: int) -> Sequence[Mapping[str, Any]]:
        return exporting.part(self._world, self._lock, kind, skip, number)
