"""Plays the chapters one after the other, each with real DAG runs, and checks the books after each."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from include.sandbox.people import Refused
from tieout.local.airflow_api import AirflowApi
from tieout.local.booting import wait_for_dag
from tieout.local.components import Components
from tieout.local.following import failures, follow
from tieout.local.screen import Screen
from tieout.local.story.chapters import AFTERWARDS, CHAPTERS
from tieout.local.story.scene import Chapter, Check, Scene
from tieout.local.story.the_customer import COMPANIES, ONBOARDING, SYNC
from tieout.local.story.the_deal import INVOICES
from tieout.local.story.the_vendor import CHECKS

MAKE_CUSTOMERS = (INVOICES, ONBOARDING, COMPANIES, SYNC)


@dataclass
class Played:
    """How the story went. ``failed`` are sentences that do not hold, and runs that failed."""

    chapters: int = 0
    checks: int = 0
    runs: int = 0
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, Any]:
        return {
            "chapters": self.chapters,
            "runs": self.runs,
            "checks": self.checks,
            "failed": self.failed,
            "seconds": round(self.seconds, 1),
        }


@dataclass
class Story:
    api: AirflowApi
    components: Components
    screen: Screen
    scene: Scene
    logs: Path
    played: Played = field(default_factory=Played)

    def play(self, chapters: Sequence[Chapter] = CHAPTERS, afterwards: Sequence[Chapter] = AFTERWARDS) -> Played:
        started = time.monotonic()
        # Flows leave the newest minute to their next run; in the story nobody waits for it.
        self.scene.control.set_clock(self.scene.now - timedelta(minutes=2))
        for chapter in chapters:
            self._play(chapter)
        # The check of connections is no flow: it tries each scope by a write that must be refused.
        flows = {dag_id for chapter in chapters for dag_id in chapter.runs} - {CHECKS}
        self._nothing_happens_again(sorted(flows))
        for chapter in afterwards:
            self._play(chapter)
        self.played.seconds = time.monotonic() - started
        return self.played

    def _play(self, chapter: Chapter) -> None:
        self.played.chapters += 1
        number = self.played.chapters
        self.screen.heading(f"{number}. {chapter.title}")
        try:
            self.screen.said(chapter.happens(self.scene))
            self._run(chapter.runs, f"story_{number}_{int(time.time())}", chapter.conf(self.scene))
            self._check(list(chapter.shows(self.scene)))
        except (Refused, LookupError, ValueError) as trouble:
            self._fails(f"{chapter.title}: {type(trouble).__name__}: {trouble}")

    def _nothing_happens_again(self, dag_ids: Sequence[str]) -> None:
        """What one flow wrote is news to another, so all run once to settle, and must have nothing to do then. Those
        that make or link customers come first, one by one: all others show something of them."""
        self.screen.heading("Everything runs once more")
        name = f"story_evening_{int(time.time())}"
        for dag_id in MAKE_CUSTOMERS:
            self._run([dag_id], name, {})
        self._run([dag_id for dag_id in dag_ids if dag_id not in MAKE_CUSTOMERS], name, {})
        self.screen.heading("And once more, with nothing left to do")
        self.scene.control.forget_calls()
        self._run(dag_ids, f"story_again_{int(time.time())}", {})
        counts = self.scene.control.counts()["systems"]
        written = [
            f"{label} ({number})"
            for system in ("intacct", "hubspot", "mail")
            for label, number in counts.get(system, {}).get("labels", {}).items()
            if _writes(system, label)
        ]
        says = "Nothing was written to either system the second time"
        self._check([Check(f"{says}, but {', '.join(written)}" if written else says, not written)])

    def _run(self, dag_ids: Sequence[str], run_id: str, conf: Mapping[str, Any]) -> None:
        """Run these DAGs side by side, and tell of each when it has ended."""
        begun = time.monotonic()
        for dag_id in dag_ids:
            wait_for_dag(self.api, self.components, dag_id)
            # Triggered first and unpaused then, so that this run comes before the schedule's own.
            self.api.trigger(dag_id, run_id, conf)
            self.api.unpause(dag_id)
        for dag_id in dag_ids:
            with self.screen.waiting(f"Running {dag_id}") as show:
                state, _ = follow(self.api, self.components, dag_id, run_id, now_at=show, step_done=lambda _: None)
                self.api.pause(dag_id)
            self.played.runs += 1
            self.screen.step(f"{dag_id}: {self._note(dag_id, run_id)} ({time.monotonic() - begun:.0f} s)")
            if state != "success":
                why = failures(self.api.task_instances(dag_id, run_id), dag_id, run_id, self.logs)
                self._fails(f"{dag_id} failed. {' '.join(why)}")

    def _note(self, dag_id: str, run_id: str) -> str:
        note = next((note.note for note in self.scene.notes(dag_id) if note.run_id == run_id), {})
        told = [(name, value) for name, value in note.items() if value and not isinstance(value, dict | list)]
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told) or "nothing to do"

    def _check(self, checks: Sequence[Check]) -> None:
        for check in checks:
            self.played.checks += 1
            if check.holds:
                self.screen.said(f"  ✓ {check.says}", style="green")
            else:
                self._fails(check.says)

    def _fails(self, says: str) -> None:
        self.played.failed.append(says)
        self.screen.said(f"  ✗ {says}", style="bold red")


def _writes(system: str, label: str) -> bool:
    match system:
        case "hubspot":
            return not (label.startswith("GET") or "/search" in label or "/read" in label)
        case "intacct":
            return any(word in label for word in ("create", "update", "delete", "reverse", "apply"))
        case _:
            return "DATA" in label
