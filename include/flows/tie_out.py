"""The flow: does every deal, invoice, payment and balance agree in both systems, to the cent? It reads and writes to
neither.

``tie_out_reading`` fills the tables, ``include.reports.tie_out_compare`` compares them; ``report`` writes the files,
opens and closes holds, and tells.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import duckdb
from pydantic import Field

from include.core.books import Strict
from include.core.decisions import Decision, Hold, Json, Skip, Write
from include.core.errors import SettingsError, TieoutError
from include.core.windows import Window
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.flows.tie_out_reading import explain, read_hubspot, read_intacct, tables_of
from include.reports.folder import Keep, publish, remove_old, run_name, working_folder
from include.reports.tie_out_breaks import Known
from include.reports.tie_out_compare import Break, breaks_in, compare
from include.reports.tie_out_notice import notices
from include.reports.tie_out_output import Links, write_files
from include.reports.tie_out_tables import opened
from include.reports.tie_out_won import won_counts

log = logging.getLogger(__name__)

ALL = "everything"


class TieOutSettings(Strict):
    control_accounts: tuple[str, ...] = Field(min_length=1)
    rounding: int = Field(default=1, ge=0, le=100)
    notify: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    slack: bool = False
    keep: Keep = Keep()


def report(run: FlowRun, began: Json, read: Json) -> Json:
    """Compare, write the files, open holds for what a person must look at and close those of breaks that are gone,
    leave the note, and tell. Gives the summary."""
    if not tables_of(run).exists():
        raise SettingsError("The tables of this run are gone or published already: clear the run from its first task.")
    at = {name: datetime.fromisoformat(began[name]) for name in ("shown_until", "invoiced_until", "read_at")}
    with opened(tables_of(run)) as connection:
        compare(connection, Known(**at, rounding=began["rounding"]))
        found = breaks_in(connection)
        summary = summary_of(connection, found, began, read)
        links = Links.of(began).read(connection, found)
        write_files(connection, working_folder(FLOW.name, run.run_id), found, summary, links)
    name = run_name(at["read_at"].date().isoformat(), run.run_id)
    decided = decisions(found)
    run.store.put_holds(FLOW.name, run.run_id, [one for one in decided if isinstance(one, Hold)])
    gone = {hold.source_id for hold in run.store.open_holds(FLOW.name)} - {one.break_id for one in found if _held(one)}
    closed = run.store.close_holds(FLOW.name, gone, run.run_id)
    note = {**summary, "folder": name, "holds_closed": closed}
    run.store.put_note(FLOW.name, run.run_id, note)
    _tell(run, found, summary, name)
    # Last, so that a retry finds the tables.
    folder = publish(working_folder(FLOW.name, run.run_id), FLOW.name, name)
    removed = remove_old(FLOW.name, run.settings.keep, never=(name,))
    log.info("%s\nThe files are in %s; %d old reports removed", in_words(summary), folder, len(removed))
    return note


def tie_out(run: FlowRun) -> Json:
    """The whole of it, one task after the other; the note."""
    began = read_hubspot(run)
    read = read_intacct(run, began)
    explain(run, began)
    return report(run, began, read)


def decisions(found: Sequence[Break]) -> list[Decision]:
    """A hold for each break that needs a person; timing is over by itself."""
    return [
        Hold(one.break_id, f"break_{one.break_class}", str(one), details=_details(one)) for one in found if _held(one)
    ]


def summary_of(connection: duckdb.DuckDBPyConnection, found: Sequence[Break], began: Json, read: Json) -> Json:
    """What the note, the log and ``summary.json`` say. Amounts are minor units."""
    classes: dict[str, int] = {}
    for one in found:
        classes[one.break_class] = classes.get(one.break_class, 0) + 1
    rows = connection.execute("SELECT count(*), coalesce(sum(deals), 0)::BIGINT FROM tie_out").fetchone() or (0, 0)
    return {
        "green": not found,
        "breaks": len(found),
        "classes": dict(sorted(classes.items())),
        "as_of": began["read_at"],
        "deals": rows[1],
        "won_deals": won_counts(connection),
        "customers": rows[0],
        "invoices": read.get("invoice", 0),
        "without_time_of_change": read.get("without_time_of_change", 0),
        "deleted": read.get("deleted", 0),
        "breaks_by_day": _by_day(found),
    }


def in_words(summary: Json) -> str:
    """``Both systems agree: 44 deals, 109 invoices.`` or how many breaks of which class there are."""
    size = f"{summary['deals']} deals, {summary['invoices']} invoices"
    if summary["green"]:
        return f"Both systems agree: {size}."
    classes = ", ".join(f"{number} {name}" for name, number in summary["classes"].items())
    return f"{summary['breaks']} breaks ({classes}) in {size}."


def find(_run: FlowRun, _window: Window) -> Iterable[str]:
    return [ALL]


def read_all(run: FlowRun, _ids: Sequence[str]) -> Mapping[str, Json]:
    return {ALL: tie_out(run)}


def decide(_run: FlowRun, _records: Sequence[Json]) -> list[Decision]:
    """``report`` has put the holds already."""
    return [Skip(ALL, "compared")]


def _by_day(found: Sequence[Break]) -> dict[str, dict[str, int]]:
    """Entity -> day (``""``: about no document) -> breaks, for the close of a period."""
    days: dict[str, dict[str, int]] = {}
    for one in found:
        its = days.setdefault(one.entity_id, {})
        day = one.dated.isoformat() if one.dated else ""
        its[day] = its.get(day, 0) + 1
    return {entity: dict(sorted(its.items())) for entity, its in sorted(days.items())}


def _held(one: Break) -> bool:
    return one.break_class != "timing"


def _details(one: Break) -> Json:
    return {
        "class": one.break_class,
        "check": one.check,
        "entity": one.entity_id,
        "customer": one.customer_id,
        "currency": one.currency,
        "deal": str(one.deal_id or ""),
        "record": str(one.record_no or ""),
        "dated": one.dated.isoformat() if one.dated else "",
        "difference_minor": one.difference_minor,
    }


def _tell(run: FlowRun, found: Sequence[Break], summary: Json, name: str) -> None:
    """Files, holds and note stand whatever becomes of the message. Timing alone is no news."""
    real = [one for one in found if _held(one)]
    if not real:
        return
    settings: TieOutSettings = run.settings
    writes: list[Write] = notices(real, in_words(summary), name, settings.notify, slack=settings.slack)
    try:
        results = run.apply(writes)
    except TieoutError as error:
        log.error("Nobody was told: %s", error.message)
        return
    for result in results:
        if result.state not in {"written", "unchanged"}:
            log.error("%s was not sent: %s", result.key.target_system, result.message)


FLOW = Flow(
    name="tie_out",
    settings=TieOutSettings,
    source=("tieout", "break"),
    find=find,
    read=read_all,
    decide=decide,
)
