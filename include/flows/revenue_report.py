"""The flow: HubSpot's pipeline and Intacct's actuals in one report. Reads both systems, writes to neither.

``build`` reads and makes the files, ``report`` leaves the note and tells people. What the figures mean stands in
``include.reports.revenue_facts`` and ``include.reports.revenue_table``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from functools import partial
from pathlib import Path

from include.connectors.intacct.reference import get_entity_of_locations
from include.core.decisions import Decision, Json, Skip, Write, canonical_hash
from include.core.errors import SettingsError, TieoutError
from include.core.fiscal import period_of, periods_of
from include.core.windows import Window
from include.flows.figures.entity_days import today_by_entity
from include.flows.flow import Flow
from include.flows.revenue.links import deals_of_invoices, entity_rule
from include.flows.revenue.settings import RevenueSettings
from include.flows.run import FlowRun
from include.notices.notice import Link, Notice, Section
from include.notices.writes import mail_write, slack_write
from include.reports.folder import publish, remove_old, reports_dir, run_name, working_folder
from include.reports.revenue_books import read_books, read_customers
from include.reports.revenue_closed import compare_closed
from include.reports.revenue_counting import count_books, count_deals
from include.reports.revenue_files import PAGE, write_files
from include.reports.revenue_floor import read_floors
from include.reports.revenue_ground import Accounting
from include.reports.revenue_pipeline import Calendars
from include.reports.revenue_staging import Staging
from include.reports.revenue_table import FactStore, Span, bridge_breaks
from include.reports.tables import opened

log = logging.getLogger(__name__)

NAME = "revenue_report"
LATEST = "latest"
COUNTED = ("deals", "records", "without_deal", "closed_periods", "changed_after_close")


def build(run: FlowRun) -> Json:
    """Read both systems and make the report's folder; its path and summary."""
    settings: RevenueSettings = run.settings
    books, now, span = run.books, run.now(), span_of(run)
    accounting = Accounting(
        books.bad_debt_accounts,
        settings.tax_accounts,
        {entity_id: entity.base_currency for entity_id, entity in books.entities.items()},
    )
    calendars = Calendars(
        {entity_id: entity.zone for entity_id, entity in books.entities.items()},
        dict(accounting.base_currencies),
        next(iter(books.entities.values())).zone,
    )
    entity_of, deal_properties, company_properties = entity_rule(run)
    working = working_folder(NAME, run.run_id)
    kept = working / "records.duckdb"
    kept.unlink(missing_ok=True)
    with opened(kept) as store:
        places = {place: one.entity_id for place, one in get_entity_of_locations(run.intacct).items()}
        staging = Staging(store, places, books.company_currency, run.document_key.queried_field)
        for name, records in read_books(run.intacct, settings.revenue_accounts, run.document_key):
            staging.keep(name, records)
        facts = FactStore(store, {entity_id: entity.fiscal for entity_id, entity in books.entities.items()})
        facts.add_customers(read_customers(run.intacct))
        late = count_books(staging, facts, accounting, partial(deals_of_invoices, run), span.as_of)
        floors = read_floors(run.hubspot, deal_properties, company_properties)
        count_deals(floors, facts, calendars, entity_of, span.as_of)
        found = facts.revenue(span)
        broken = bridge_breaks(found.rows)
        if broken:
            raise TieoutError(f"the columns of {len(broken)} rows do not bridge; this is a fault of Tieout")
        folder = reports_dir() / NAME
        # The periods are compared whole, also by a report as of a day before they were over.
        everything = found if facts.shows_all(found) else facts.revenue(Span(date.min, date.max), "_ever")
        compared = compare_closed(folder / "closed", everything.facts, books, now, settings.closes_after_days)
        summary = write_files(working, found, late, compared, books, span, now.astimezone(UTC))
    kept.unlink()
    made = publish(working, NAME, run_name(span.as_of.isoformat(), run.run_id))
    current = span.as_of >= max(today_by_entity(books, now).values())
    if current:
        _point_latest(folder, made)
    removed = remove_old(NAME, settings.keep, never=(made.name,))
    log.info(
        "%s: %d records of %d deals; %d old reports removed", made, summary["records"], summary["deals"], len(removed)
    )
    read_at = now.astimezone(UTC).isoformat()
    first = span.first.isoformat()
    return {"folder": str(made), "summary": summary, "read_at": read_at, "first": first, "current": current}


def report(run: FlowRun, built: Json) -> Json:
    """The note, and the message to those who are to be told."""
    summary = built["summary"]
    note = {
        name: summary[name] for name in ("deals", "records", "without_deal", "closed_periods", "changed_after_close")
    }
    note["to_look_at"] = sum(summary["to_look_at"].values())
    # For the close pack: where this report is, when its reading began, its first day, and whether it shows today.
    note |= {"folder": Path(built["folder"]).name, **{name: built[name] for name in ("read_at", "first", "current")}}
    run.store.put_note(NAME, run.run_id, note)
    try:
        results = run.apply(notices(run, built))
    except TieoutError as error:
        log.error("Nobody was told: %s", error.message)
        return note
    for result in results:
        if result.state not in {"written", "unchanged"}:
            log.error("%s was not sent: %s", result.key.target_system, result.message)
    return note


def notices(run: FlowRun, built: Json) -> list[Write]:
    """One message for one day's figures: totals and a link, no record of anybody."""
    settings: RevenueSettings = run.settings
    summary = built["summary"]
    columns = ("booked", "billed_net", "collected", "open", "recognised", "deferred", "weighted")
    headings = tuple(name.replace("_", " ") for name in columns)
    totals = Section(
        title="In all, by base currency of the entities",
        columns=("Currency", *headings),
        rows=[(code, *(its[name] for name in columns)) for code, its in summary["totals_in_base"].items()],
        numbers=headings,
    )
    told: list[str | Link] = [
        f"{summary['deals']} deals, {summary['records']} records; {summary['changed_after_close']} of "
        f"{summary['closed_periods']} closed periods changed since their close.",
        *(f"{number} deals: {finding}." for finding, number in summary["to_look_at"].items()),
    ]
    if settings.report_url:
        place = f"{settings.report_url.rstrip('/')}/{NAME}/{Path(built['folder']).name}/{PAGE}"
        told.append(Link("The report", place))
    else:
        told.append(f"The report: {built['folder']}/{PAGE}")
    subject = f"Tieout: pipeline and revenue as of {summary['as_of']}"
    part = f"revenue-{summary['as_of']}-{canonical_hash(summary)[:12]}"
    about = ("tieout", "report", "revenue")
    writes = []
    if settings.notify:
        writes.append(mail_write(Notice(settings.notify, subject, [Section(lines=told), totals]), about, part))
    if settings.slack:
        writes.append(slack_write(Notice("", subject, [Section(lines=told), totals]), about, part))
    return writes


def span_of(run: FlowRun) -> Span:
    """What the run shows. A scheduled or plain manual run: up to today. A backfill: up to the last day of its interval,
    read as a date of every entity's calendar. A dated run: *From* to *To*, each of which may be left out.

    Raises ``SettingsError`` for a From after To.
    """
    settings: RevenueSettings = run.settings
    asked, first_asked = run.params.get("date_to"), run.params.get("date_from")
    if asked:
        as_of = date.fromisoformat(str(asked))
    elif run.run_type == "backfill" and run.interval[1] is not None:
        as_of = (run.interval[1] - timedelta(microseconds=1)).date()
    else:
        as_of = max(today_by_entity(run.books, run.now()).values())
    fiscals = [entity.fiscal for entity in run.books.entities.values()]
    starts = [periods_of(one, period_of(one, as_of).year - settings.fiscal_years + 1)[0].first for one in fiscals]
    first = date.fromisoformat(str(first_asked)) if first_asked else min(starts)
    if first > as_of:
        raise SettingsError(f"the report would start on {first}, after its last day {as_of}. Correct From and To.")
    return Span(first, as_of)


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return ("report",)


def read(run: FlowRun, ids: Sequence[str]) -> Mapping[str, Json]:
    return {one: build(run) for one in ids}


def decide(run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    """There is nothing to write to either system."""
    return [Skip("report", "the report was made") for _ in records]


def _point_latest(folder: Path, made: Path) -> None:
    """``latest`` leads to the newest report of today, for programs that want one path."""
    link = folder / f".{LATEST}"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    os.replace(link, folder / LATEST)


FLOW = Flow(
    name=NAME,
    settings=RevenueSettings,
    source=("tieout", "report"),
    find=find,
    read=read,
    decide=decide,
)
