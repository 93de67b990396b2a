"""The demo company's office for tests: a sandbox, a state database, and runs of the main flow's steps as the DAG wires
them, without a scheduler. What a scheduler adds (retries, clears, kills) is tested with the real one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import requests

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.core.sync import Owner
from include.flows import hubspot_closed_won_to_intacct_invoice as flow
from include.sandbox.running import Running, running
from include.sandbox.verify import Verdict, compare
from include.state.migrate import migrate
from include.state.store import StateStore, open_store
from tieout.run import FlowRun
from tieout.steps import won_deals


@dataclass
class Office:
    sandbox: Running
    state_url: str
    _runs: Iterator[int] = field(default_factory=itertools.count)

    def store(self) -> StateStore:
        return open_store(self.state_url)

    def hubspot(self) -> HubSpotClient:
        access = self.sandbox.hubspot
        return HubSpotClient(open_session(), access.url, access.token, tier="enterprise")

    def intacct(self, _store: StateStore | None = None) -> IntacctClient:
        access = self.sandbox.intacct
        credentials = Credentials(
            access.company_id, access.user_id, access.user_password, access.sender_id, access.sender_password
        )
        return IntacctClient(requests.Session(), access.url, credentials, first_pause=0.01)

    def run(
        self,
        *,
        run_id: str | None = None,
        run_type: str = "manual",
        interval: tuple[datetime | None, datetime | None] = (None, None),
        attempt: int = 1,
        module: ModuleType = flow,
        **params: Any,
    ) -> FlowRun:
        name = run_id or f"test-{next(self._runs)}"
        return FlowRun(
            flow=module,
            run_id=name,
            owner=Owner(name, "slice.load", 0, attempt),
            open_store=self.store,
            open_hubspot=self.hubspot,
            open_intacct=self.intacct,
            run_type=run_type,
            interval=interval,
            params={"post_mode": "auto", **params},
            wait=lambda seconds: None,
        )

    def invoice_won_deals(self, **options: Any) -> Mapping[str, int]:
        """One whole run, as the DAG does it; the run's note."""
        run = self.run(**options)
        counts = []
        for ids in won_deals.slices(run):
            decisions = won_deals.plan(run, won_deals.extract(run, ids))
            counts.append(won_deals.write_back(run, won_deals.load(run, decisions)))
        return won_deals.finish(run, counts)

    def verdict(self) -> Verdict:
        """The twins' own books against the demo company's manifest."""
        control = self.sandbox.control
        return compare(control.books("intacct"), control.books("hubspot"), control.manifest())


@contextmanager
def office(folder: Path, deals: int | None = 60, **options: Any) -> Iterator[Office]:
    url = f"sqlite:///{folder / 'tieout.db'}"
    migrate(url)
    with running(deals=deals, **options) as sandbox:
        yield Office(sandbox, url)
