"""The flow: is everything there that the flows in use need? Daily and on demand; writes nothing to either system.

``check`` looks one system over, ``report`` sums up, tells and fails. ``checks.catalogue_names`` finds what the
settings name, ``checks.catalogue_intacct`` and ``checks.catalogue_hubspot`` look it up.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from include.connectors.hubspot.checks import check_connection as check_hubspot_connection
from include.connectors.intacct.checks import check_connection as check_intacct_connection
from include.core.decisions import Decision, Hold, Json, Skip, Write, canonical_hash
from include.core.errors import SettingsError, TieoutError
from include.core.windows import Window
from include.flows.checks.catalogue_hubspot import check_hubspot_names
from include.flows.checks.catalogue_intacct import check_intacct_names
from include.flows.checks.catalogue_names import IN_HUBSPOT
from include.flows.checks.finding import Finding, in_a_table, problems
from include.flows.checks.permissions import makes_of, reads_of, scopes_of
from include.flows.checks.properties import check_properties
from include.flows.checks.settings import Checked, CheckSettings, check_files
from include.flows.flow import Flow
from include.flows.run import FlowRun
from include.notices.notice import Notice, Section
from include.notices.writes import mail_write, slack_write

log = logging.getLogger(__name__)

T = TypeVar("T")
SYSTEMS = ("hubspot", "intacct", "settings")


def find(run: FlowRun, window: Window) -> Iterable[str]:
    return SYSTEMS


def read(run: FlowRun, systems: Sequence[str]) -> Mapping[str, Json]:
    return {system: {"system": system, "findings": check(run, system)} for system in systems}


def decide(run: FlowRun, records: Sequence[Json]) -> list[Decision]:
    """A hold for each system with which something is wrong, so that it stands where all that waits for a person is."""
    decisions: list[Decision] = []
    for record in records:
        wrong = problems(Finding(**one) for one in record["findings"])
        message = " ".join(one.message for one in wrong)
        system = record["system"]
        decisions.append(Hold(system, "connection_problem", message) if wrong else Skip(system, "nothing is wrong"))
    return decisions


def check(run: FlowRun, system: str) -> list[Json]:
    """What is to be said of ``hubspot``, ``intacct`` or the ``settings``. Our own errors are findings, never raised."""
    checks = {"hubspot": _hubspot, "intacct": _intacct, "settings": _settings}
    try:
        found = checks[system](run, run.settings.in_use())
    except TieoutError as error:
        found = [Finding(system, "check", "problem", error.message)]
    return [finding.to_json() for finding in found]


def report(run: FlowRun, answers: Mapping[str, Sequence[Json] | None]) -> Json:
    """Table, note, holds and notice. ``answers``: system -> its findings, ``None`` where its check ended without any.

    Raises ``SettingsError`` listing every problem.
    """
    findings = []
    for system, answer in answers.items():
        unanswered = [Finding(system, "check", "problem", f"The check of {system} did not end; see its task's log.")]
        findings += unanswered if answer is None else [Finding(**one) for one in answer]
    wrong = problems(findings)
    unknown = sum(one.state == "unknown" for one in findings)
    note = {"checked": len(findings), "problems": len(wrong), "not_told": unknown}
    log.info("%d checked, %d problems, %d not told by the systems\n%s", *note.values(), in_a_table(findings))
    decided = decide(run, [{"system": system, "findings": answer or ()} for system, answer in answers.items()])
    run.store.put_holds(FLOW.name, run.run_id, [one for one in decided if isinstance(one, Hold)])
    run.store.close_holds(FLOW.name, [one.source_id for one in decided if isinstance(one, Skip)], run.run_id)
    run.store.put_note(FLOW.name, run.run_id, note)
    if wrong:
        _tell(run, wrong)
        count = "1 problem" if len(wrong) == 1 else f"{len(wrong)} problems"
        raise SettingsError(f"{count} found:" + "".join(f"\n- {one.message}" for one in wrong))
    return note


def notices(run: FlowRun, wrong: Sequence[Finding]) -> list[Write]:
    """At most one message a day for one set of problems: the day and the problems name it."""
    settings: CheckSettings = run.settings
    day = run.now().date().isoformat()
    part = f"problems-{day}-{canonical_hash(sorted(one.message for one in wrong))[:12]}"
    about = ("tieout", "check", "connections")
    count = "1 problem" if len(wrong) == 1 else f"{len(wrong)} problems"
    section = Section(
        lines=[
            f"The daily check of connections and settings found {count}. Flows may hold records, or fail, over them."
        ],
        columns=("System", "What", "What is wrong, and what to do"),
        rows=[(one.system, one.subject, one.message) for one in wrong],
    )
    subject = f"Tieout: {count} with connections or settings ({day})"
    writes = []
    if settings.notify:
        writes.append(mail_write(Notice(settings.notify, subject, [section]), about, part))
    if settings.slack:
        writes.append(slack_write(Notice("", subject, [section]), about, part))
    return writes


def _tell(run: FlowRun, wrong: Sequence[Finding]) -> None:
    """A message that cannot be sent changes nothing: the task fails with the problems anyway."""
    try:
        results = run.apply(notices(run, wrong))
    except TieoutError as error:
        log.error("Nobody was told: %s", error.message)
        return
    for result in results:
        if result.state not in {"written", "unchanged"}:
            log.error("%s was not sent: %s", result.key.target_system, result.message)


def _hubspot(run: FlowRun, flows: Sequence[str]) -> list[Finding]:
    took, report = _timed(lambda: check_hubspot_connection(run.hubspot, scopes_of(flows)))
    if report.account is None:
        return [Finding("hubspot", "sign-in", "problem", check.sentence) for check in report.checks]
    calls = 1 + len(report.checks)
    told = f"Account {report.account.portal_id} answers in {took / calls:.2f} s a call; the token is good."
    findings = [Finding("hubspot", "sign-in", "ok", told)]
    findings += [Finding("hubspot", one.scope, "problem", one.sentence) for one in report.checks if not one.ok]
    granted = sum(one.ok for one in report.checks)
    findings.append(Finding("hubspot", "scopes", "ok", f"{granted} of the {len(report.checks)} scopes are granted."))
    return findings + check_properties(run.hubspot, flows)


def _intacct(run: FlowRun, flows: Sequence[str]) -> list[Finding]:
    key = run.document_key if "hubspot_closed_won_to_intacct_invoice" in flows else None
    took, found = _timed(lambda: check_intacct_connection(run.intacct, reads_of(flows), key))
    findings = [Finding("intacct", one.subject, one.state, one.message) for one in found]
    if problems(findings[:1]):
        return findings
    findings.append(Finding("intacct", "latency", "ok", f"Sign-in and reads took {took:.2f} s."))
    makes = makes_of(flows)
    if makes:
        told = f"Whether the user may make {', '.join(makes.values())} is told by Intacct only when one is made."
        findings.append(Finding("intacct", "create", "unknown", told))
    return findings


def _settings(run: FlowRun, flows: Sequence[str]) -> list[Finding]:
    checked = check_files(list(flows))
    findings = list(checked.findings)
    lookups: tuple[Callable[[], list[Finding]], ...] = (
        lambda: check_intacct_names(run.intacct, [one for one in checked.names if one.kind not in IN_HUBSPOT]),
        lambda: check_hubspot_names(run.hubspot, [one for one in checked.names if one.kind in IN_HUBSPOT]),
    )
    for lookup in lookups:
        try:
            findings += lookup()
        except TieoutError as error:
            findings.append(Finding("settings", "catalogue", "problem", error.message))
    return findings + _periods(run, checked)


def _periods(run: FlowRun, checked: Checked) -> list[Finding]:
    """Intacct's API tells neither which periods are closed nor which days have a rate."""
    findings = []
    for entity_id, entity in (checked.books.entities if checked.books else {}).items():
        today = run.now().astimezone(entity.zone).date()
        for module, period in entity.periods.items():
            if period.closed_through and period.closed_through >= today:
                why = (
                    f"books.yaml: entities.{entity_id}.periods.{module}.closed_through is {period.closed_through}, "
                    f"which is not over in {entity.name}: nothing could be posted. Correct the date."
                )
                findings.append(Finding("settings", "periods", "problem", why))
    if checked.books:
        told = (
            "Intacct's API does not tell which periods are closed, nor whether every currency has rates: closed "
            "periods are those of books.yaml, a missing rate is told when a document needs it."
        )
        findings.append(Finding("settings", "periods and rates", "unknown", told))
    return findings


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    started = time.monotonic()
    answer = call()
    return time.monotonic() - started, answer


FLOW = Flow(
    name="check_connections",
    settings=CheckSettings,
    source=("tieout", "connection"),
    find=find,
    read=read,
    decide=decide,
)
