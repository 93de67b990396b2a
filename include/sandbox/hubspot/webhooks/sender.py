"""Carries the queue's deliveries out: signed requests over HTTP, each given five seconds to be answered.

When a request is due, and when it comes again, is decided by the queue on the twin's clock; a stopped clock that is
advanced sends what became due meanwhile.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import requests

from include.sandbox.clock import Clock
from include.sandbox.hubspot.webhooks.queue import ANSWER_WITHIN_MS, Delivery

_LOOK_EVERY = 0.1
_AT_ONCE = 10
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class Queue(Protocol):
    """Where deliveries come from and where their outcome is told."""

    clock: Clock

    def deliveries(self, now: datetime) -> list[Delivery]: ...

    def delivered(self, delivery_id: int, status: int | None) -> None: ...


class Sender:
    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what is under way may end or not, and is tried again after a restart."""
        self._over.set()
        self._thread.join(5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._over.wait(_LOOK_EVERY):
            for delivery in self._queue.deliveries(self._queue.clock.now()):
                self._pool.submit(self._send, delivery)

    def _send(self, delivery: Delivery) -> None:
        if not self._over.is_set():
            self._queue.delivered(delivery.id, self._status(delivery))

    def _status(self, delivery: Delivery) -> int | None:
        """The answer's status; ``None``: no answer in time, or an address beyond this machine, never called."""
        if urlsplit(delivery.url).hostname not in _HERE:
            return None
        with requests.Session() as session:
            session.trust_env = False  # no proxy: the listener is on this machine
            try:
                answer = session.post(
                    delivery.url,
                    data=delivery.body,
                    headers=dict(delivery.headers),
                    timeout=ANSWER_WITHIN_MS / 1000,
                    allow_redirects=False,
                )
            except (requests.RequestException, ValueError):
                return None
            return answer.status_code
