"""The flow: an overdue Intacct invoice becomes a HubSpot task of the owner for each dunning stage, and a line of the
owner's daily mail.

``overdue.stages`` counts the days, ``overdue.extract`` reads, ``overdue.plan`` decides, ``overdue.task`` and
``overdue.digest`` word it. The day's digest is one more source id of the run (``digest``), so that it lists all of an
owner's invoices whatever slices they fall into.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from include.connectors.hubspot.account import get_account
from include.connectors.hubspot.source_key import ensure_source_keys
from include.core.decisions import Decision, Json
from include.core.windows import Window
from include.flows.figures.entity_days import today_by_entity
from include.flows.flow import Applied, Counts, Flow, Loaded, ReadBack
from include.flows.overdue.digest import digests
from include.flows.overdue.extract import (
    end_rounds,
    find_invoices,
    read_all_overdue,
    read_invoices,
    rounds_of_tasks,
    with_tasks,
)
from include.flows.overdue.plan import ends_the_round, plan
from include.flows.overdue.records import OverdueInvoice
from include.flows.overdue.settings import OverdueSettings
from include.flows.overdue.stages import SOURCE
from include.flows.owners import read_owners
from include.flows.run import FlowRun

log = logging.getLogger(__name__)

DIGEST = "digest"


def prepare(run: FlowRun) -> None:
    identities = ensure_source_keys(run.hubspot, ["task"])
    log.info("Tasks are found again by their %s", identities["task"])


def find(run: FlowRun, window: Window) -> Iterable[str]:
    yield from find_invoices(run, window)
    if window.kind == "modified" and not run.params.get("limit") and (run.settings.digest or run.settings.slack):
        yield DIGEST


def read(run: FlowRun, ids: Sequence[str]) -> dict[str, Json]:
    numbers = [one for one in ids if one.isdecimal()]
    records = {invoice.record_no: invoice.to_json() for invoice in read_invoices(run, numbers)}
    if DIGEST in ids:
        records[DIGEST] = _read_digest(run)
    return records


def decide(run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    owners = read_owners(run.hubspot, run.settings.fallback_owner)
    if owners.fallback and owners.fallback_id is None:
        log.warning("fallback_owner names no active owner of the HubSpot account")
    invoices = [OverdueInvoice.from_json(one) for one in records if DIGEST not in one]
    decisions = plan(invoices, owners, run.settings)
    for one in records:
        if DIGEST in one:
            listed = [OverdueInvoice.from_json(invoice) for invoice in one["invoices"]]
            day = min(today_by_entity(run.books, run.now()).values())
            asked_for = run.run_type == "manual"
            decisions += digests(listed, owners, one["urls"], day, run.settings, asked_for=asked_for)
    return decisions


def read_back(run: FlowRun, applied: Applied) -> ReadBack:
    """The invoices with nothing left to dun; those whose task HubSpot would not close are on hold and come again."""
    over = [update for update in applied.updates if ends_the_round(update)]
    rounds = rounds_of_tasks(run, sorted({update.source_id for update in over}))
    ended = {update.source_id: rounds[update.target_id] for update in over if update.target_id in rounds}
    return ReadBack([{"record_no": one, "round": round_} for one, round_ in sorted(ended.items())])


def write_back(run: FlowRun, loaded: Loaded) -> Counts:
    """Nothing goes to Intacct: an overdue invoice that comes back after it was settled gets new tasks."""
    rounds = {one["record_no"]: one["round"] for one in loaded.records if one["record_no"] not in loaded.held}
    end_rounds(run, rounds)
    return {"dunning_ended": len(rounds)}


def _read_digest(run: FlowRun) -> Json:
    invoices = read_all_overdue(run)
    account = get_account(run.hubspot)
    companies = {one.companies[0].company_id for one in invoices if one.companies}
    return {
        DIGEST: True,
        "invoices": [one.to_json() for one in invoices],
        "urls": {company: account.record_url("companies", company) for company in sorted(companies)},
    }


FLOW = Flow(
    name="intacct_overdue_to_hubspot_task",
    settings=OverdueSettings,
    source=SOURCE,
    prepare=prepare,
    find=find,
    done=with_tasks,
    read=read,
    decide=decide,
    read_back=read_back,
    write_back=write_back,
)
