"""What a flow's step has at hand: its settings, its state, its clients, and the window of its run."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from include.connectors.hubspot import writeback as in_hubspot
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.target import HubSpotTarget
from include.connectors.intacct import writeback as in_intacct
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.target import IntacctTarget
from include.core import crash
from include.core.books import Books
from include.core.clocks import differences
from include.core.decisions import Hold, Update, Write, canonical_hash
from include.core.settings import load_flow_settings
from include.core.sync import Owner, Result, apply
from include.core.target import Target
from include.core.windows import Window, after_reading, choose_window
from include.flows.flow import Flow
from include.state.store import StateStore

log = logging.getLogger(__name__)

FIRST_RUN_STARTS = datetime(2006, 1, 1, tzinfo=UTC)
"""Before HubSpot existed: a first run without a cursor looks at everything there is."""


def no_target() -> None:
    """There is no connection for notices."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What became of updates: the source ids whose record was changed, or was as it should be, and the holds of those
    that the target refused."""

    sent: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Hold, ...]


@dataclass
class FlowRun:
    """One run of a flow, seen from one of its tasks. Clients and state are opened when first asked for.

    ``owner`` is the try of the task at work. ``run_type`` and the interval (aware UTC) are Airflow's; ``started_by`` is
    its name for the person who triggered the run. ``open_mail`` and ``open_slack`` give ``None`` where the company has
    no such connection.
    """

    flow: Flow
    run_id: str
    owner: Owner
    open_store: Callable[[], StateStore]
    open_hubspot: Callable[[], HubSpotClient]
    open_intacct: Callable[[StateStore], IntacctClient]
    open_mail: Callable[[], Target | None] = no_target
    open_slack: Callable[[], Target | None] = no_target
    run_type: str = "manual"
    started_by: str = ""
    interval: tuple[datetime | None, datetime | None] = (None, None)
    params: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    wait: Callable[[float], None] = time.sleep
    _window: Window | None = field(default=None, init=False, repr=False)

    @property
    def post_mode(self) -> str:
        return str(self.params.get("post_mode") or "auto")

    @property
    def dry_run(self) -> bool:
        return self.post_mode == "dry_run"

    @cached_property
    def _all_settings(self) -> tuple[Books, Any]:
        return load_flow_settings(self.flow.name, self.flow.settings)

    @property
    def books(self) -> Books:
        return self._all_settings[0]

    @property
    def settings(self) -> Any:
        """An instance of ``flow.settings``. Raises ``SettingsError`` listing every problem of every file."""
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
    def document_key(self) -> DocumentKey:
        key = self.books.document_key
        return DocumentKey(key.kind, key.name)

    @cached_property
    def _targets(self) -> Mapping[str, Callable[[], Target | None]]:
        return {
            "intacct": lambda: IntacctTarget(self.intacct, self.document_key),
            "hubspot": lambda: HubSpotTarget(self.hubspot),
            "mail": self.open_mail,
            "slack": self.open_slack,
        }

    def window(self) -> Window:
        """The run's window: the stored one, the same for every task and retry; until a task has read it and stored it
        (``window_was_read``), chosen by the one that asks."""
        if self._window is None:
            stored = self.store.window(self.flow.name, self._window_name)
            self._window = Window.from_json(stored) if stored else self._chosen_window()
        return self._window

    def window_was_read(self, ours: datetime) -> None:
        """Store the window, with the cursor that the clocks of the systems that were asked allow. ``ours``: what our
        clock said before. A clock that differs much is told in the log."""
        clients = {"HubSpot": self.__dict__.get("hubspot"), "Sage Intacct": self.__dict__.get("intacct")}
        told = {name: one.first_told for name, one in clients.items() if one is not None and one.first_told}
        for sentence in differences(ours, told):
            log.error("%s", sentence)
        read = after_reading(self.window(), told.values())
        self._window = Window.from_json(self.store.fix_window(self.flow.name, self._window_name, read.to_json()))

    def _chosen_window(self) -> Window:
        return choose_window(
            run_type=self.run_type,
            interval_start=self.interval[0],
            interval_end=self.interval[1],
            params=self.params,
            cursor=self.store.cursor(self.flow.name),
            beginning=FIRST_RUN_STARTS,
            now=self.now(),
        )

    @property
    def _window_name(self) -> str:
        # Airflow keeps a run's id when a backfill reprocesses it or a person triggers the id anew with other
        # parameters: that is another question, so it gets a window of its own.
        asked = [self.run_type, *(str(instant) for instant in self.interval), *sorted(map(str, self.params.items()))]
        return f"{self.run_id}#{canonical_hash(asked)[:12]}"

    def apply(self, writes: Iterable[Write]) -> list[Result]:
        """Create these through the one write path, owned by this try of this task; system by system, in the order in
        which the systems first come. What has no target gets no result."""
        by_system = defaultdict[str, list[Write]](list)
        for write in writes:
            by_system[write.key.target_system].append(write)
        results: list[Result] = []
        for system, its in by_system.items():
            target = self._targets[system]()
            if target is None:
                log.warning("%d messages not sent: there is no connection for %s", len(its), system)
                continue
            results += apply(its, target, self.store, owner=self.owner, now=self.now, wait=self.wait)
        return results

    def update(self, updates: Iterable[Update]) -> Updated:
        """Make existing records show these values; only what differs is sent."""
        sent, unchanged, refused = list[str](), list[str](), list[Hold]()
        by_object = defaultdict[tuple[str, str], list[Update]](list)
        for update in updates:
            by_object[update.system, update.object].append(update)
        for (system, target_object), its in by_object.items():
            wanted: dict[str, dict[str, str | None]] = defaultdict(dict)
            sources = defaultdict[str, list[str]](list)
            for update in its:
                wanted[update.target_id] |= update.values
                sources[update.target_id].append(update.source_id)
            if system == "hubspot":
                done = in_hubspot.update_changed(self.hubspot, target_object, wanted)
            else:
                done = in_intacct.update_changed(self.intacct, target_object, "RECORDNO", wanted)
            crash.point("update.after_object")
            sent += [source for one in done.sent for source in sources[one]]
            unchanged += [source for one in done.unchanged for source in sources[one]]
            refused += [
                Hold(source, f"rejected_by_{system}", f"{target_object} {one} could not be updated: {error.message}")
                for one, error in done.failed.items()
                for source in sources[one]
            ]
        return Updated(tuple(sent), tuple(unchanged), tuple(refused))
