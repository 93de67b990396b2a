"""The seam between HTTP and a twin: a twin is a function from ``Request`` to ``Response`` over its own store.

The server (``server.py``) turns HTTP into these and back, applies faults and keeps the call log; a simulation calls
``Twin.handle`` directly. Twins do no I/O of their own but their SQLite file, and take the time only from ``Clock``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is percent-decoded and without query; ``query`` the raw query string; header names are lower-case;
    ``base_url`` is scheme and host as the client addressed them (``http://127.0.0.1:8765``)."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = "http://127.0.0.1:8765"


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def json(cls, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return cls(status, {"Content-Type": "application/json;charset=utf-8", **(headers or {})}, body)


class Twin(Protocol):
    """A stateful imitation of one service."""

    @property
    def name(self) -> str:
        """``intacct`` or ``hubspot``; the name in the call log and under ``/_sandbox/books/<name>``."""

    def owns(self, request: Request) -> bool:
        """Whether this path belongs to this twin."""

    def handle(self, request: Request) -> Response:
        """Answer one call. Never raises: what the service would answer with an error is an error response."""

    def label(self, request: Request) -> str:
        """What the call does, for the call log and its counts (``query ARINVOICE``, ``create_invoice x100``,
        ``POST deals/search``); carries no secrets and no contact data."""

    def reset(self) -> None:
        """Forget everything."""

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Take seed records in bulk (shape: the twin's ``COVERAGE.md``), in one transaction, streaming."""

    def export(self) -> Iterator[Mapping[str, Any]]:
        """The twin's own books, record by record, in a stable order: what checks compare with a manifest."""
