"""The controls as Python calls, for checks and demos: the sandbox may run in this process or in another
one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests


class ControlError(RuntimeError):
    """The sandbox refused a control; the message is its sentence."""


class Control:
    """``url`` is the control address (``http://127.0.0.1:8765/_sandbox``)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def ready(self) -> dict[str, Any]:
        return self._json("GET", "ready")

    def reset(self) -> None:
        self._json("POST", "reset", {})

    def seed(self, deals: int = 60, seed: int = 1, profile: str = "demo", *, invoices: int = 0) -> dict[str, Any]:
        """Empty the twins and fill them; what was done comes back."""
        return self._json("POST", "seed", {"profile": profile, "deals": deals, "seed": seed, "invoices": invoices})

    def now(self) -> datetime:
        """The twins' time."""
        return datetime.fromisoformat(self._json("GET", "clock")["now"])

    def stop_clock(self, at: datetime | None = None) -> None:
        """Freeze the twins' clock, at a given moment or where it stands."""
        self._json("POST", "clock", {"action": "stop"})
        if at is not None:
            self.set_clock(at)

    def start_clock(self) -> None:
        self._json("POST", "clock", {"action": "start"})

    def set_clock(self, to: datetime) -> None:
        self._json("POST", "clock", {"action": "set", "to": to.isoformat()})

    def advance(self, seconds: float) -> None:
        self._json("POST", "clock", {"action": "advance", "seconds": seconds})

    def fault(self, kind: str, **rule: Any) -> int:
        """Order a fault (fields of ``faults.Rule``); its number comes back."""
        return int(self._json("POST", "faults", {"kind": kind, **rule})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The rules in force, with how often each was ``seen`` and ``fired``."""
        return list(self._json("GET", "faults")["faults"])

    def lift(self, fault_id: int | None = None) -> int:
        """Lift one fault, or all."""
        query = "" if fault_id is None else f"?id={fault_id}"
        return int(self._json("DELETE", f"faults{query}")["removed"])

    @contextmanager
    def faulty(self, kind: str, **rule: Any) -> Iterator[int]:
        """A fault that is lifted at the end of the block."""
        number = self.fault(kind, **rule)
        try:
            yield number
        finally:
            self.lift(number)

    def calls(
        self, system: str | None = None, *, since: int = 0, label: str = "", limit: int | None = None
    ) -> list[dict[str, Any]]:
        """The kept calls, oldest first."""
        params = {"system": system, "since": since, "label": label, "limit": limit}
        return list(self._lines("calls", {k: v for k, v in params.items() if v not in {None, ""}}))

    def keep_bodies(self, limit: int) -> None:
        """How many bytes of each body the call log keeps from now on."""
        self._json("POST", "calls", {"body_limit": limit})

    def forget_calls(self) -> None:
        """Empty the call log and its counts."""
        self._json("DELETE", "calls")

    def counts(self) -> dict[str, Any]:
        """Calls per system, label and 10-second window, and the peak concurrency."""
        return self._json("GET", "counts")

    def books(self, system: str) -> Iterator[dict[str, Any]]:
        """The twin's own books (``intacct`` or ``hubspot``), record by record, streamed."""
        return self._lines(f"books/{system}", {})

    def messages(self, system: str | None = None, *, since: int = 0) -> list[dict[str, Any]]:
        """The messages that the sandbox took, oldest first: of ``mail``, of ``slack``, or all."""
        params = {"system": system, "since": since}
        return list(self._lines("mail", {k: v for k, v in params.items() if v is not None}))

    def manifest(self) -> dict[str, Any]:
        """What must happen to the seeded company's deals."""
        return self._json("GET", "manifest")

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        # Seeding a large company takes its time; everything else answers at once.
        with self._session.request(method, f"{self.url}/{path}", json=body, timeout=600) as answer:
            return dict(_checked(answer).json())

    def _lines(self, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with self._session.get(f"{self.url}/{path}", params=params, stream=True, timeout=600) as answer:
            for line in _checked(answer).iter_lines(chunk_size=64 * 1024):
                if line:
                    yield json.loads(line)


def _checked(answer: requests.Response) -> requests.Response:
    if answer.status_code >= 400:
        try:
            message = str(answer.json()["error"])
        except (ValueError, KeyError):
            message = f"the sandbox answered with status {answer.status_code}"
        raise ControlError(message)
    return answer
