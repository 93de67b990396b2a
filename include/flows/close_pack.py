"""The flow: may this period be closed? A pack of files for each entity and period; it asks neither system itself.

``pack`` takes the newest tie-out, the newest revenue report and Tieout's own state (``close.newest``),
``include.reports.close_checks`` decides, ``include.reports.close_files`` writes; ``report`` leaves the note and tells.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from include.core.books import Entity
from include.core.decisions import Decision, Json, Skip
from include.core.errors import SettingsError, TieoutError
from include.core.fiscal import Period, period_of, periods_of
from include.core.periods import closed_through
from include.core.settings import load_flow_settings, settings_dir
from include.core.windows import Window
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows.checks.flows_in_use import flows_in_use
from include.flows.close.newest import Newest
from include.flows.close.settings import ClosePackSettings
from include.flows.deals.settings import WonDealSettings
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.reports.close_checks import checks, subject_of
from include.reports.close_files import Pack, write_pack
from include.reports.close_notice import notices
from include.reports.close_tables import COLUMNS, Question
from include.reports.folder import remove_abandoned, reports_dir, working_folder
from include.reports.manifest import file_hash
from include.state.approvals import Approval

log = logging.getLogger(__name__)

NAME = "close_pack"
_PERIOD = re.compile(r"FY(\d{4}) P(\d{1,2})")


def pack(run: FlowRun) -> list[Json]:
    """Make the packs that the run asks for; of each its folder, hash and summary.

    Raises ``SettingsError`` where the run accepts what is not red as it is now.
    """
    _ = run.settings  # bad settings stop the run here
    remove_abandoned(NAME)
    asked = list(questions(run))
    accept(run, asked)
    newest = Newest(run)
    settings = {file.name: file_hash(file) for file in sorted(settings_dir().glob("*.yaml"))}
    made = []
    for question in asked:
        evidence = newest.evidence(question)
        one = write_pack(
            reports_dir() / NAME,
            working_folder(NAME, f"{run.run_id}#{question.entity_id}"),
            question,
            checks(question, evidence),
            {name: evidence.of(name) for name in COLUMNS},
            newest.rests_on(question),
            settings,
            newest.addresses(evidence.of("records")),
        )
        state = "green" if one.summary["green"] else "red"
        log.info("%s: %s, %s", one.folder, state, "new" if one.is_new else "as it was")
        made.append(one.to_json())
    return made


def accept(run: FlowRun, asked: Sequence[Question]) -> None:
    """Keep what the person who started the run accepts of these periods, each for just the rows that are there now."""
    tokens = {str(one).strip() for one in run.params.get("accept") or ()}
    if not tokens:
        return
    newest = Newest(run)
    given = []
    for question in asked:
        for one in checks(question, newest.evidence(question)):
            if one.token in tokens:
                tokens.discard(one.token)
                content = one.token.rpartition(":")[2]
                what = f"{one.title}: {one.why}"
                subject = subject_of(question)
                given.append(Approval(NAME, run.run_id, subject, one.token, content, what, run.started_by))
    if tokens:
        told = ", ".join(sorted(tokens))
        raise SettingsError(f"{told}: no check of these periods is so now. Nothing was accepted; see the newest pack.")
    run.store.put_approvals(given)


def report(run: FlowRun, made: Sequence[Json]) -> Json:
    """The note, and a message for each pack whose contents were not told of yet."""
    settings: ClosePackSettings = run.settings
    packs = [Pack.from_json(one) for one in made]
    note: Json = {
        "packs": len(packs),
        "new": sum(one.is_new for one in packs),
        "red": sum(not one.summary["green"] for one in packs),
        "folders": {one.folder.name: one.sha256 for one in packs},
    }
    run.store.put_note(NAME, run.run_id, note)
    told = (notices(one, settings.notify, slack=settings.slack, url=settings.report_url) for one in packs)
    try:
        results = run.apply(write for writes in told for write in writes)
    except TieoutError as error:
        log.error("Nobody was told: %s", error.message)
        return note
    for result in results:
        if result.state not in {"written", "unchanged"}:
            log.error("%s was not sent: %s", result.key.target_system, result.message)
    return note


def questions(run: FlowRun) -> Iterator[Question]:
    """Entity by entity, the period that the run is about: the one asked for, else the last that was over on the last
    day of the run's interval (a backfill), or is over today.

    Raises ``SettingsError`` for an entity or period that is none.
    """
    wanted, asked = run.params.get("entity"), str(run.params.get("period") or "")
    if wanted and wanted not in run.books.entities:
        raise SettingsError(f"{wanted} is no entity of books.yaml ({', '.join(run.books.entities)}).")
    billed_from = _billed_from()
    for entity_id, entity in run.books.entities.items():
        if not wanted or entity_id == wanted:
            period = _named(asked, entity) if asked else last_ended(entity, _day(run, entity))
            closed = closed_through(entity, "AR")
            yield Question(
                entity_id, entity.name, entity.base_currency, entity.zone, period, closed, billed_from, run.now()
            )


def last_ended(entity: Entity, day: date) -> Period:
    """The last period of the entity's calendar that was over when ``day`` began."""
    return period_of(entity.fiscal, period_of(entity.fiscal, day).first - timedelta(days=1))


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return ("pack",)


def read(run: FlowRun, ids: Sequence[str]) -> Mapping[str, Json]:
    return {one: {"packs": pack(run)} for one in ids}


def decide(run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    """There is nothing to write to either system."""
    return [Skip("pack", "the packs were made") for _ in records]


def _day(run: FlowRun, entity: Entity) -> date:
    """The day after the last one that counts. A backfill's interval is read as days of the entity's own calendar."""
    if run.run_type == "backfill" and run.interval[1] is not None:
        return run.interval[1].date()
    return run.now().astimezone(entity.zone).date()


def _named(asked: str, entity: Entity) -> Period:
    """``FY2026 P10``, or the period of a day (``2026-10-31``)."""
    if found := _PERIOD.fullmatch(asked.strip()):
        year = periods_of(entity.fiscal, int(found[1]))
        if 1 <= int(found[2]) <= len(year):
            return year[int(found[2]) - 1]
    else:
        try:
            return period_of(entity.fiscal, date.fromisoformat(asked.strip()))
        except ValueError:
            pass
    raise SettingsError(f"{asked} is no period; write FY2026 P10, or its last day like 2026-10-31.")


def _billed_from() -> date | None:
    """The first day whose won deals Tieout bills; ``None`` where this company does not run that flow."""
    if won_deals.FLOW.name not in flows_in_use():
        return None
    return load_flow_settings(won_deals.FLOW.name, WonDealSettings)[1].go_live


FLOW = Flow(
    name=NAME,
    settings=ClosePackSettings,
    source=("tieout", "close_pack"),
    find=find,
    read=read,
    decide=decide,
)
