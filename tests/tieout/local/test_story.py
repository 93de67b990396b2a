"""The demo's story without Airflow: every chapter's statements hold where the flows run one after the other."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from include.flows import close_pack, revenue_report, tie_out
from include.sandbox.access import Access
from tests.flows.office import Office, office
from tieout.local.story.chapters import AFTERWARDS, CHAPTERS
from tieout.local.story.play import MAKE_CUSTOMERS
from tieout.local.story.scene import Chapter, Scene
from tieout.local.story.the_close import REPORTS
from tieout.local.story.the_deal import INVOICES
from tieout.local.story.the_vendor import CHECKS


def run(demo: Office, dag_id: str, conf: dict[str, Any]) -> None:
    """What the DAG does."""
    match dag_id:
        case "tie_out":
            tie_out.tie_out(demo.run(flow=tie_out.FLOW))
        case "revenue_report":
            its = demo.run(flow=revenue_report.FLOW)
            revenue_report.report(its, revenue_report.build(its))
        case "close_pack":
            its = demo.run(flow=close_pack.FLOW, **conf)
            close_pack.report(its, close_pack.pack(its))
        case _ if dag_id != CHECKS:
            demo.run_flow(importlib.import_module(f"include.flows.{dag_id}").FLOW, **conf)


def played(demo: Office, scene: Scene, chapter: Chapter) -> Iterator[str]:
    """The statements of the chapter that do not hold."""
    chapter.happens(scene)
    conf = dict(chapter.conf(scene))
    for dag_id in chapter.runs:
        run(demo, dag_id, conf)
    yield from (f"{chapter.title}: {check.says}" for check in chapter.shows(scene) if not check.holds)


def test_every_statement_of_the_story_holds_and_the_month_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = tmp_path / "reports"
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(reports))
    with office(tmp_path) as demo:
        access = Access.at(demo.sandbox.url, demo.sandbox.mail.port)
        scene = Scene(demo.sandbox.control, access, tmp_path / "tieout.db", reports)
        run(demo, INVOICES, {})
        wrong = [one for chapter in CHAPTERS for one in played(demo, scene, chapter)]
        flows = {dag_id for chapter in CHAPTERS for dag_id in chapter.runs}
        for dag_id in (*MAKE_CUSTOMERS, *sorted(flows - set(MAKE_CUSTOMERS))):
            run(demo, dag_id, {})
        wrong += [one for chapter in AFTERWARDS for one in played(demo, scene, chapter)]
        assert wrong == []
        assert {flow for flow in REPORTS if demo.store().notes(flow)} == set(REPORTS)
