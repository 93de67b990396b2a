"""A month at the demo company, drawn from a seed: what people do in three entities (``month_sales``,
``month_back_office``), the periods that close, and the flows that run every few days. Nobody here looks at what
the flows decide; a person consents to held changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.core.errors import TransientError
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import hubspot_company_to_intacct_customer as companies
from include.flows import hubspot_contact_and_intacct_customer_sync as sync
from include.flows import intacct_credit_hold_to_hubspot_company as credit_hold
from include.flows import intacct_overdue_to_hubspot_task as overdue
from include.flows import intacct_payment_to_hubspot_deal as payments
from include.flows.flow import Flow
from tests.flows.month_back_office import BackOffice
from tests.flows.month_sales import Diary, Sales, Sold
from tests.flows.office import Office

FLOWS = (won_deals.FLOW, companies.FLOW, payments.FLOW, credit_hold.FLOW, overdue.FLOW, sync.FLOW)
SESSIONS = tuple(
    datetime(2026, month, day, 15, tzinfo=UTC)
    for month, day in ((11, 16), (11, 19), (11, 24), (11, 30), (12, 3), (12, 8), (12, 14))
)
"""15:00 UTC is the same day in all three entities."""
CLOSES = (
    # On the first session from this day on the entity closes receivables through that one; the settings are told then,
    # or (``late``) only at the session after it.
    (date(2026, 11, 19), "100", date(2026, 10, 31), False),
    (date(2026, 11, 24), "200", date(2026, 10, 31), False),
    (date(2026, 12, 3), "100", date(2026, 11, 30), False),
    (date(2026, 12, 3), "200", date(2026, 11, 30), True),
    (date(2026, 12, 8), "300", date(2026, 11, 30), True),
)
"""Entity 100 and 300 post in the first open day, 200 holds."""


class HastyOffice(Office):
    """The twin's limits are off for a month, so that its client need not keep them either."""

    def hubspot(self) -> HubSpotClient:
        access = self.sandbox.hubspot
        return HubSpotClient(open_session(), access.url, access.token, tier="enterprise", wait=lambda _seconds: None)


class Month:
    """``settings``: the company's own folder of them. ``closed``: when which entity closed what."""

    def __init__(self, demo: Office, settings: Path, seed: int) -> None:
        self.settings = settings
        self.diary = Diary(demo, seed, SESSIONS[0].date())
        self.sales = Sales(self.diary)
        self.back_office = BackOffice(self.diary, self.sales.deals)
        self.closed: list[tuple[datetime, str, date]] = []
        self._late: list[tuple[str, date]] = []
        self._runs = 0

    @property
    def deals(self) -> Mapping[str, Sold]:
        return self.sales.deals

    def day(self, at: datetime) -> None:
        """What people do until ``at``; the flows have not seen it yet."""
        self.diary.demo.sandbox.control.set_clock(at)
        self.diary.today = at.date()
        self._close_periods(at)
        for _ in range(5):
            self.sales.wins()
        for _ in range(10):
            self.diary.random.choice([*self.sales.events, *self.back_office.events])()

    def run_flows(self) -> None:
        """Every flow once, as its schedule would; then a person releases most of what waits for consent."""
        # What was just written is found by searches, and lies behind the settling time.
        self.diary.demo.sandbox.control.advance(60)
        for flow in FLOWS:
            self.run(flow)
        waiting = [h for h in self.diary.demo.store().open_holds(won_deals.FLOW.name) if h.code == "needs_approval"]
        chosen = [h for h in waiting if self.diary.random.random() < 0.8]
        if chosen:
            ids = [h.source_id for h in chosen]
            self.diary.tell(f"consents to the changes of {', '.join(ids)}")
            self.run(won_deals.FLOW, record_ids=ids, approve=[f"{h.source_id}:{h.details['hash']}" for h in chosen])
            self.diary.demo.sandbox.control.advance(60)
            self.run(payments.FLOW)
        self.diary.demo.sandbox.control.advance(60)

    def run(self, flow: Flow, **params: Any) -> Mapping[str, int]:
        """A run whose task is tried again as the scheduler does it, with the same run id."""
        self._runs += 1
        for attempt in range(1, 9):
            try:
                return self.diary.demo.run_flow(flow, run_id=f"run-{self._runs}", attempt=attempt, **params)
            except TransientError as error:
                self.diary.tell(f"{flow.name} tries again: {error.message}")
        raise AssertionError(f"{flow.name} did not come through")

    def _close_periods(self, at: datetime) -> None:
        for entity, through in self._late:
            self._tell_settings(entity, through)
        self._late = []
        for day, entity, through, late in CLOSES:
            if day == at.date():
                fields = {"LOCATIONID": entity, "MODULE": "AR", "THROUGH": through.isoformat()}
                self.diary.demo.sandbox.sandbox.twins["intacct"].load([{"object": "_CLOSED", "fields": fields}])
                self.closed.append((at, entity, through))
                self.diary.tell(f"entity {entity} closes receivables through {through}")
                if late:
                    self._late.append((entity, through))
                else:
                    self._tell_settings(entity, through)

    def _tell_settings(self, entity: str, through: date) -> None:
        file = self.settings / "books.yaml"
        head, mark, rest = file.read_text().partition(f'  "{entity}":')
        before, key, after = rest.partition("closed_through: ")
        file.write_text(head + mark + before + key + through.isoformat() + after[10:])
