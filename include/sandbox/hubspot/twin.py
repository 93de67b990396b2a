"""``HubSpotTwin``: the whole imitation behind one function from request to response."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from include.sandbox.clock import Clock
from include.sandbox.exchange import Request, Response
from include.sandbox.hubspot import dispatch, exporting, seeding
from include.sandbox.hubspot.labels import label
from include.sandbox.hubspot.limits import Limits
from include.sandbox.hubspot.paths import owned
from include.sandbox.hubspot.store.database import Database
from include.sandbox.hubspot.switches import Switches
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
        self._limits = Limits(self.switches)

    @property
    def name(self) -> str:
        return "hubspot"

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def owns(self, request: Request) -> bool:
        return owned(request.path)

    def label(self, request: Request) -> str:
        return label(request)

    def handle(self, request: Request) -> Response:
        with self._lock:
            try:
                return dispatch.answer(self._world, self._limits, request, self.clock.now())
            except Exception:  # the service never breaks its connection; tests look for this answer
                return Response.json(500, {"status": "error", "message": "internal error"})

    def reset(self) -> None:
        with self._lock:
            self._db.clear()
            self._limits.reset()
            self._world = World(self._db, self.switches)
            self._world.install()

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            seeding.load(self._world, records, self.clock.now())

    def export(self) -> Iterator[Mapping[str, Any]]:
        return exporting.export(self._world, self._lock)
