"""The flow: is revenue recognised in Intacct as it was sold? It reads, and changes neither system.

``schedules.read`` reads Intacct's revenue schedules, ``schedules.compare`` says which of them a person must correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from include.core.books import Strict
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.figures.entity_days import today_by_entity
from include.flows.figures.invoice_standing import read_invoice_standings
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.flows.schedules.compare import check
from include.flows.schedules.read import find_invoices, read_scheduled, with_schedules
from include.flows.schedules.records import ScheduledInvoice


class ScheduleSettings(Strict):
    """``methods``: revenue template -> how it earns; others are ``straight_line``. ``rounding``: by how many of the
    currency's smallest units a month may differ, and the last one for each month of the term."""

    methods: dict[str, Literal["daily", "straight_line"]] = Field(default_factory=dict)
    rounding: int = Field(default=1, ge=0, le=100)


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return find_invoices(run.intacct, window)


def read(run: FlowRun, record_nos: Sequence[str]) -> dict[str, Json]:
    """Those that have schedules; the others are of no interest."""
    wanted = with_schedules(run.intacct, record_nos)
    standings = read_invoice_standings(
        run.intacct,
        sorted(wanted, key=int),
        today_by_entity(run.books, run.now()),
        run.books.bad_debt_accounts,
        company_currency=run.books.company_currency,
        document_key=run.document_key,
    )
    return {one.record_no: one.to_json() for one in read_scheduled(run.intacct, standings)}


def decide(run: FlowRun, invoices: Sequence[Json]) -> list[Decision]:
    found = (ScheduledInvoice.from_json(one) for one in invoices)
    return check(found, run.settings.methods, run.settings.rounding)


FLOW = Flow(
    name="intacct_revenue_schedule_check",
    settings=ScheduleSettings,
    source=("intacct", "invoice"),
    find=find,
    read=read,
    decide=decide,
)
