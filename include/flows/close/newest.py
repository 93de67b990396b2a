"""What a close pack rests on: the newest tie-out, the newest revenue report that shows today, and the state's own
knowledge of holds, writes in doubt and approvals."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

import duckdb

from include.core.decisions import Json
from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows.run import FlowRun
from include.reports.close_checks import Evidence, subject_of
from include.reports.close_evidence import (
    KnownDeal,
    Tables,
    address_of_deals,
    known_deals,
    of_revenue,
    of_tie_out,
    why_unbilled,
)
from include.reports.close_tables import Question, table
from include.reports.folder import reports_dir
from include.reports.manifest import file_hash
from include.reports.newest_note import newest_note
from include.reports.revenue_closed import kept_file
from include.reports.tables import Table
from include.reports.tie_out_gate import period_gate
from include.reports.tie_out_output import Links
from include.state.holds import HoldRow
from include.state.progress import Note

_Found = TypeVar("_Found")
TIE_OUT, REVENUE = "tie_out", "revenue_report"
_WORDS = {TIE_OUT: "tie-out", REVENUE: "revenue report"}
_READ_AT = {TIE_OUT: "as_of", REVENUE: "read_at"}
_NOTICES = ("mail", "slack")
_OTHER_FILES = "The files of the newest {} are not those that its run made, or cannot be read."
_MOST = 100_000


class Newest:
    """Read once, for all packs of a run."""

    def __init__(self, run: FlowRun) -> None:
        self._run, self._now = run, run.now()
        self._notes: dict[str, Note | None] = {
            TIE_OUT: newest_note(run.store, TIE_OUT, _READ_AT[TIE_OUT], now=self._now),
            REVENUE: newest_note(
                run.store, REVENUE, _READ_AT[REVENUE], lambda note: bool(note.get("current")), self._now
            ),
        }
        self._named: Mapping[str, Json] = {name: self._name(name) for name in (TIE_OUT, REVENUE)}
        self._deal_address = self._from(REVENUE, address_of_deals) or ""
        self._unbilled = self._from(TIE_OUT, why_unbilled) or {}
        self._holds = [one for one in run.store.open_holds() if one.flow != TIE_OUT]
        self._of_holds = self._known(one.source_id for one in self._holds)
        self._held = {one.source_id: one.message for one in self._holds if one.flow == won_deals.FLOW.name}
        made = run.store.records_made(("intacct", "sales_order"), ("hubspot", "deal"))
        self._ordered = {key.source_id for key in made}

    def evidence(self, asked: Question) -> Evidence:
        """What is known of one entity's period."""
        trouble = {name: why for name in (TIE_OUT, REVENUE) if (why := self._trouble(name, asked))}
        tables = self._of_state(asked)
        if TIE_OUT not in trouble:
            noted = period_gate(self._run.store, asked.period.last, asked.entity_id, self._now).breaks
            told = self._from(TIE_OUT, lambda folder: of_tie_out(folder, asked, self._links(), noted)) or {}
            tables |= told
            if not told:
                trouble[TIE_OUT] = _OTHER_FILES.format(_WORDS[TIE_OUT])
        if REVENUE not in trouble:
            told = (
                self._from(REVENUE, lambda folder: of_revenue(folder, asked, self._held, self._unbilled, self._ordered))
                or {}
            )
            tables |= told
            if not told:
                trouble[REVENUE] = _OTHER_FILES.format(_WORDS[REVENUE])
        only_noted = self._run.settings.only_noted
        return Evidence(tables, trouble, bool(self._kept(asked)), only_noted, self._accepted(asked))

    def rests_on(self, asked: Question) -> Mapping[str, Json]:
        """Report -> its folder, when it was read, its summary's hash; and what the period was closed as."""
        kept = self._kept(asked)
        return {**self._named, **({"as_closed": kept} if kept else {})}

    def _kept(self, asked: Question) -> Json:
        """The period as it was closed, as the revenue report keeps it; nothing where it does not."""
        told = self._kept_file(asked).with_suffix(".json")
        if not told.exists():
            return {}
        kept = json.loads(told.read_text())
        return {"folder": f"closed/{told.parent.name}", "read_at": kept["known_at"], "sha256": kept["sha256"]}

    def _kept_file(self, asked: Question) -> Path:
        return kept_file(reports_dir() / REVENUE / "closed", asked.entity_id, asked.period)

    def _changed(self, asked: Question) -> str:
        """Whether the kept records of the period are other ones than were kept."""
        kept = self._kept(asked)
        if not kept:
            return ""
        whole = self._kept_file(asked)
        file = f"{kept['folder']}/{whole.name}"
        if whole.exists() and file_hash(whole) == kept["sha256"]:
            return ""
        return f"The records kept when the period was closed ({file}) were changed since: restore that file."

    def _accepted(self, asked: Question) -> dict[str, str]:
        """What people accepted of this period: token -> who and when."""
        given = self._run.store.approvals(datetime.combine(asked.period.first, time(), asked.zone))
        return {
            one.token: f"by {one.approved_by or 'a person without name'} on {one.at:%Y-%m-%d}"
            for one in given
            if one.flow == self._run.flow.name and one.subject == subject_of(asked)
        }

    def _trouble(self, name: str, asked: Question) -> str:
        """Why the report proves nothing about the period; ``""`` where it does."""
        note, word = self._notes[name], _WORDS[name]
        if note is None:
            return f"There is no {word} yet."
        if not self._named[name]:
            return f"The files of the newest {word} ({note.note['folder']}) are gone."
        read_at = datetime.fromisoformat(note.note[_READ_AT[name]])
        hours = self._run.settings.evidence_hours
        if asked.now - read_at > timedelta(hours=hours):
            return f"The newest {word} is older than {hours} hours (evidence_hours in the settings)."
        if name == TIE_OUT:
            gate = period_gate(self._run.store, asked.period.last, asked.entity_id, self._now)
            return "" if gate.proves else gate.why
        if read_at.astimezone(asked.zone).date() <= asked.period.last:
            return f"The newest revenue report was made before {asked.period.last} was over."
        if date.fromisoformat(note.note.get("first", str(date.min))) > asked.period.first:
            return f"The newest revenue report shows nothing before {note.note['first']}: give it an earlier From."
        return self._changed(asked)

    def _folder(self, name: str) -> Path:
        note = self._notes[name]
        return reports_dir() / name / (str(note.note["folder"]) if note else "")

    def _name(self, name: str) -> Json:
        note, summary = self._notes[name], self._folder(name) / "summary.json"
        if note is None or not summary.exists():
            return {}
        return {
            "folder": str(note.note["folder"]),
            "read_at": str(note.note[_READ_AT[name]]),
            "sha256": file_hash(summary),
        }

    def _from(self, name: str, read: Callable[[Path], _Found]) -> _Found | None:
        try:
            return read(self._folder(name)) if self._named[name] else None
        except duckdb.Error:
            return None

    def addresses(self, records: Table) -> dict[str, str]:
        """Deal id -> its address in HubSpot, of the deals of these records."""
        place = records.position("deal_id")
        return {deal: one.url for deal, one in self._known(row[place] for row in records.rows).items() if one.url}

    def _known(self, ids: Iterable[str]) -> dict[str, KnownDeal]:
        wanted = {one for one in ids if one}
        return self._from(REVENUE, lambda folder: known_deals(folder, wanted)) or {} if wanted else {}

    def _links(self) -> Links:
        """HubSpot's addresses, as the revenue report's deals have them."""
        return Links(self._deal_address, self._deal_address.replace("/0-3/", "/0-2/"))

    def _of_state(self, asked: Question) -> Tables:
        kept: dict[bool, list[tuple[object, ...]]] = {True: [], False: []}
        for one in self._holds:
            deal = self._deal_of(one)
            if deal is not None and not _concerns(deal, asked):
                continue
            blocks = one.flow not in self._run.settings.not_blocking
            kept[blocks].append(
                (one.flow, one.source_id, one.code, one.message, one.opened_at, deal.url if deal else "")
            )
        in_doubt = [
            (
                f"{row.key.target_system} {row.key.target_object}",
                f"{row.key.source_system} {row.key.source_object} {row.key.source_id}",
                row.key.part, row.summary, row.message,
            )
            for row in self._run.store.in_doubt(_MOST)
            if row.key.target_system not in _NOTICES
        ]  # fmt: skip
        return {
            "holds": table("holds", kept[True]),
            "other_holds": table("other_holds", kept[False]),
            "in_doubt": table("in_doubt", in_doubt),
            "approvals": table("approvals", self._approvals(asked)),
        }

    def _approvals(self, asked: Question) -> list[tuple[object, ...]]:
        """Those since the period began: also what was approved after its end may be posted into it."""
        starts, ends = (
            datetime.combine(day, time(), asked.zone)
            for day in (asked.period.first, asked.period.last + timedelta(days=1))
        )
        given = self._run.store.approvals(starts)
        known = self._known(one.subject for one in given)
        rows: list[tuple[object, ...]] = []
        for one in given:
            deal = known.get(one.subject) if _source(one.flow) == ("hubspot", "deal") else None
            elsewhere = one.flow == self._run.flow.name and one.subject != subject_of(asked)
            if one.at is not None and not elsewhere and (deal is None or deal.entity in ("", asked.entity_id)):
                rows.append((
                    one.at, one.at < ends, one.approved_by, one.flow, one.run_id, one.subject, one.token,
                    one.content_hash, one.what,
                ))  # fmt: skip
        return rows

    def _deal_of(self, hold: HoldRow) -> KnownDeal | None:
        return self._of_holds.get(hold.source_id) if _source(hold.flow) == ("hubspot", "deal") else None


def _concerns(deal: KnownDeal, asked: Question) -> bool:
    """Whether a deal is of the entity, or of none that is known, and not of a later period."""
    day: date | None = deal.close_date
    return deal.entity in ("", asked.entity_id) and (day is None or day <= asked.period.last)


@cache
def _source(flow: str) -> tuple[str, str] | None:
    """What the holds of this flow are about; ``None`` for a flow that this Tieout does not have."""
    try:
        found: tuple[str, str] = importlib.import_module(f"include.flows.{flow}").FLOW.source
    except ModuleNotFoundError:
        return None
    return found
