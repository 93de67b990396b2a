"""The demo company's office for tests: a sandbox, a state database, and runs of the flows' steps as the DAGs wire
them, without a scheduler. What a scheduler adds (retries, clears, kills) is tested with the real one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.core.sync import Owner
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.notices.mail_server import MailServer
from include.notices.slack_target import SlackTarget
from include.notices.target import MailTarget
from include.sandbox.running import Running, running
from include.sandbox.verify import Verdict, compare
from include.state.migrate import migrate
from include.state.store import StateStore, open_store
from tieout import steps

SENDER = "Tieout <tieout@brightwater.example>"


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

    def mail(self) -> MailTarget | None:
        access = self.sandbox.mail
        return MailTarget(MailServer(access.host, access.port, SENDER, security="none")) if access.port else None

    def slack(self) -> SlackTarget | None:
        url = self.sandbox.slack.url
        return SlackTarget(url, requests.Session()) if url else None

    def now(self) -> datetime:
        """All clocks are right: ours says what the twins' says."""
        return self.sandbox.control.now()

    def run(
        self,
        *,
        run_id: str | None = None,
        run_type: str = "manual",
        interval: tuple[datetime | None, datetime | None] = (None, None),
        attempt: int = 1,
        flow: Flow = won_deals.FLOW,
        **params: Any,
    ) -> FlowRun:
        """A run that begins five minutes later: what was just written lies behind the settling time."""
        self.sandbox.control.advance(300.0)
        name = run_id or f"test-{next(self._runs)}"
        return FlowRun(
            flow=flow,
            run_id=name,
            owner=Owner(name, "slice.load", 0, attempt),
            open_store=self.store,
            open_hubspot=self.hubspot,
            open_intacct=self.intacct,
            open_mail=self.mail,
            open_slack=self.slack,
            run_type=run_type,
            interval=interval,
            params={"post_mode": "auto", **params},
            now=self.now,
            wait=lambda seconds: time.sleep(min(seconds, 0.2)),
        )

    def run_flow(self, flow: Flow, **options: Any) -> Mapping[str, int]:
        """One whole run of a flow, as its DAG does it; the run's note."""
        run = self.run(flow=flow, **options)
        counts = []
        for ids in steps.slices(run):
            decisions = steps.plan(run, steps.extract(run, ids))
            counts.append(steps.write_back(run, steps.load(run, decisions)))
        return steps.finish(run, counts, len(counts))

    def invoice_won_deals(self, **options: Any) -> Mapping[str, int]:
        """One whole run of the main job; the run's note."""
        return self.run_flow(won_deals.FLOW, **options)

    def hold_codes(self, flow: Flow = won_deals.FLOW) -> dict[str, str]:
        """Source id -> why it is held, as the state knows it."""
        return {hold.source_id: hold.code for hold in self.store().open_holds(flow.name)}

    def sent(self, system: str, label: str) -> int:
        """How many calls with this in their label the sandbox has seen."""
        labels = self.sandbox.control.counts()["systems"].get(system, {}).get("labels", {})
        return sum(number for name, number in labels.items() if label in name)

    def invoices(self) -> list[dict[str, Any]]:
        """The invoices in Intacct's books."""
        return [b["record"] for b in self.sandbox.control.books("intacct") if b["object"] == "ARINVOICE"]

    def deal(self, deal_id: str) -> dict[str, str | None]:
        """A deal's properties as HubSpot holds them."""
        deals = (b for b in self.sandbox.control.books("hubspot") if b["type"] == "deals")
        return next(b["properties"] for b in deals if b["id"] == deal_id)

    def first(self, expect: str = "posted", case: str | None = None) -> dict[str, Any]:
        """The manifest's first deal with that outcome and reason."""
        rows = self.sandbox.control.manifest()["deals"]
        return next(r for r in rows if r["expect"] == expect and case in (None, r["reason"]))

    def verdict(self) -> Verdict:
        """The twins' own books against the demo company's manifest."""
        control = self.sandbox.control
        return compare(
            control.books("intacct"), control.books("hubspot"), control.manifest(), hold_codes=self.hold_codes()
        )


@contextmanager
def office(folder: Path, deals: int | None = 60, **options: Any) -> Iterator[Office]:
    url = f"sqlite:///{folder / 'tieout.db'}"
    migrate(url)
    with running(deals=deals, **options) as sandbox:
        yield Office(sandbox, url)
