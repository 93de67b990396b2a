"""What a flow's step has at hand: its settings, its state, its clients, and the window of its run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.target import IntacctTarget
from include.core.books import Books
from include.core.decisions import Write, canonical_hash
from include.core.settings import load_flow_settings
from include.core.sync import Owner, Result, apply
from include.core.windows import Window, choose_window
from include.state.store import StateStore

FIRST_RUN_STARTS = datetime(2006, 1, 1, tzinfo=UTC)
"""Before HubSpot existed: a first run without a cursor looks at every deal won since go-live."""


@dataclass
class FlowRun:
    """One run of a flow, seen from one of its tasks. Clients and state are opened when first asked for.

    ``flow`` is the flow's module in ``include.flows`` (it has ``NAME`` and ``Settings``); ``owner`` is the try of the
    task at work. ``run_type`` and the interval (aware UTC) are Airflow's.
    """

    flow: ModuleType
    run_id: str
    owner: Owner
    open_store: Callable[[], StateStore]
    open_hubspot: Callable[[], HubSpotClient]
    open_intacct: Callable[[StateStore], IntacctClient]
    run_type: str = "manual"
    interval: tuple[datetime | None, datetime | None] = (None, None)
    params: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], None] = time.sleep

    @property
    def post_mode(self) -> str:
        return str(self.params.get("post_mode") or "auto")

    @property
    def dry_run(self) -> bool:
        return self.post_mode == "dry_run"

    @cached_property
    def _all_settings(self) -> tuple[Books, Any]:
        return load_flow_settings(self.flow.NAME, self.flow.Settings)

    @property
    def books(self) -> Books:
        return self._all_settings[0]

    @property
    def settings(self) -> Any:
        """An instance of ``flow.Settings``. Raises ``SettingsError`` listing every problem of every file."""
        return self._all_settings[1]

    @cached_property
    def store(self) -> StateStore:
        return self.open_store()

    @cached_property
    def hubspot(self) -> HubSpotClient:
        return self.open_hubspot()

    @cached_property
    def intacct(self) -> IntacctClient:
        return self.open_intacct(self.store)

    @cached_property
    def target(self) -> IntacctTarget:
        key = self.books.document_key
        return IntacctTarget(self.intacct, DocumentKey(key.kind, key.name))

    def window(self) -> Window:
        """The run's window: chosen by the first task that asks, then stored and the same for every retry."""
        chosen = choose_window(
            run_type=self.run_type,
            interval_start=self.interval[0],
            interval_end=self.interval[1],
            params=self.params,
            cursor=self.store.cursor(self.flow.NAME),
            beginning=FIRST_RUN_STARTS,
            now=self.now(),
        )
        # Airflow keeps a run's id when a backfill reprocesses it or a person triggers the id anew with other
        # parameters: that is another question, so it gets a window of its own.
        asked = [self.run_type, *(str(instant) for instant in self.interval), *sorted(map(str, self.params.items()))]
        name = f"{self.run_id}#{canonical_hash(asked)[:12]}"
        return Window.from_json(self.store.fix_window(self.flow.NAME, name, chosen.to_json()))

    def apply(self, writes: Iterable[Write]) -> list[Result]:
        """Send writes through the one write path, owned by this try of this task."""
        return apply(list(writes), self.target, self.store, owner=self.owner, now=self.now, wait=self.wait)


def in_slices(ids: Iterable[str], size: int, most: int) -> list[list[str]]:
    """Cut ids into slices of ``size``; where that makes more than ``most`` slices, into larger ones."""
    listed = list(ids)
    size = max(size, -(-len(listed) // most))
    return [listed[n : n + size] for n in range(0, len(listed), size)]


def add_counts(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            total[name] = total.get(name, 0) + number
    return total
