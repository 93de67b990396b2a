"""A run as Airflow makes it: each step is a task, what it returned is kept, and the next try goes on from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from include.flows.flow import Flow
from tests.flows.office import Office
from tieout import steps


def run_as_tasks(office: Office, flow: Flow, kept: Path, attempt: int, params: Mapping[str, Any]) -> None:
    """The try ``attempt`` of the run; ``kept`` is its folder, which has what its tasks returned so far."""
    kept.mkdir(exist_ok=True)

    def task(name: str, work: Callable[[], Any]) -> Any:
        file = kept / f"{name}.json"
        if not file.exists():
            done, half = json.dumps(work()), file.with_suffix(".half")
            half.write_text(done)
            half.rename(file)
        return json.loads(file.read_text())

    run = office.run(flow=flow, run_id=kept.name, run_type="scheduled", attempt=attempt, **params)
    counts = []
    slices = task("slices", lambda: steps.slices(run))
    for n, ids in enumerate(slices):
        records = task(f"extract-{n}", lambda ids=ids: steps.extract(run, ids))
        decisions = task(f"map-{n}", lambda records=records: steps.plan(run, records))
        loaded = task(f"load-{n}", lambda decisions=decisions: steps.load(run, decisions))
        counts.append(task(f"write_back-{n}", lambda loaded=loaded: steps.write_back(run, loaded)))
    task("cursor", lambda: steps.finish(run, counts, len(slices)))
