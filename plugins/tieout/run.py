"""What a flow's task has at hand: its settings, its state, its clients, and the window of its run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from types import ModuleType
from typing import Any

from airflow.sdk import Context, get_current_context
from airflow.sdk.crypto import get_fernet

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.target import IntacctTarget
from include.core.books import Books
from include.core.decisions import Write
from include.core.settings import load_flow_settings
from include.core.sync import Owner, Result, apply
from include.core.windows import Window, choose_window
from include.state.store import StateStore
from tieout.hooks.hubspot import HubSpotHook
from tieout.hooks.intacct import IntacctHook
from tieout.hooks.state import StateHook
from tieout.session_cache import StateSessionCache


class FlowRun:
    """One run of a flow, seen from one of its tasks. Everything is opened when first asked for.

    ``flow`` is the flow's module in ``include.flows`` (it has ``NAME`` and ``Settings``).
    """

    def __init__(self, flow: ModuleType, context: Context | None = None) -> None:
        self.flow = flow
        self.context: Mapping[str, Any] = context or get_current_context()

    @property
    def run_id(self) -> str:
        return str(self.context["run_id"])

    @property
    def params(self) -> Mapping[str, Any]:
        return self.context["params"]

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
        return StateHook().get_store()

    @cached_property
    def hubspot(self) -> HubSpotClient:
        return HubSpotHook().get_client(slots=_pool_slots("hubspot"))

    @cached_property
    def intacct(self) -> IntacctClient:
        return IntacctHook().get_client(sessions=StateSessionCache(self.store, get_fernet()))

    @cached_property
    def target(self) -> IntacctTarget:
        key = self.books.document_key
        return IntacctTarget(self.intacct, DocumentKey(key.kind, key.name))

    def check_ready(self) -> None:
        """Fail before anything is sent: bad settings, an unmigrated state, a document key that cannot be looked up."""
        _ = self.settings, self.store
        if not self.dry_run:
            self.target.check_document_key()

    def window(self) -> Window:
        """The run's window: chosen by the first task that asks, then stored and the same for every retry."""
        dag_run = self.context["dag_run"]
        chosen = choose_window(
            run_type=str(getattr(dag_run.run_type, "value", dag_run.run_type)),
            interval_start=self.context.get("data_interval_start"),
            interval_end=self.context.get("data_interval_end"),
            params=self.params,
            cursor=self.store.cursor(self.flow.NAME),
            beginning=datetime(2006, 1, 1, tzinfo=UTC),
            now=datetime.now(UTC),
        )
        return Window.from_json(self.store.fix_window(self.flow.NAME, self.run_id, chosen.to_json()))

    def apply(self, writes: Iterable[Write]) -> list[Result]:
        """Send writes through the one write path, owned by this try of this task."""
        ti = self.context["ti"]
        owner = Owner(run=f"{ti.dag_id}/{self.run_id}", task=ti.task_id, map_index=ti.map_index, attempt=ti.try_number)
        return apply(list(writes), self.target, self.store, owner=owner, now=lambda: datetime.now(UTC), wait=time.sleep)


def _pool_slots(pool: str) -> int:
    """A client's own limit is the allowance divided by the pool's slots, which the settings file fixes."""
    return {"hubspot": 4, "intacct": 2}[pool]


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
