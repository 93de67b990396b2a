"""
### May this period be closed?

**What moves.** Nothing. From the newest tie-out, the newest revenue report and Tieout's own state: tie-out breaks, the
subledger against its control account as of the period's end, open holds, won deals without a document, invoices and
payments that HubSpot does not show, unapplied money, writes in doubt, what people approved, and what changed since the
period was closed. Each is red or green, with its reason and the next step.

**The answer** is a folder for each entity and period: `close_pack.html`, `close_pack.xlsx`, CSVs, the records behind
every figure, `summary.json`, and `manifest.json` with size, rows and SHA-256 of every file, the settings' and the
code's, and the hash of the pack before. `python -m include.reports.verify <folder>` checks it, its chain and, with
`TIEOUT_STATE_URL`, what the state database has of it. The summary goes to the
address in the settings, once for the same contents.

**When.** Every morning of a month's first ten days, for the last period of each entity's calendar that has ended; and
whenever you press *Trigger*, for any period. A **backfill** makes the pack of the last period that had ended at the end
of its interval, from what is known now. A pack is never written over, and none is made where nothing changed.

**Needs.** Connection `tieout_state`; runs of `tie_out` and `revenue_report` not older than the settings say;
`smtp_default` or `slack_default` to tell anybody; settings in `include/settings/close_pack.yaml`; the folder of
reports that all workers share (`TIEOUT_REPORTS_DIR`).

**Never touched.** Either system: none is even called.

**Undo.** There is nothing to undo. Packs are evidence: keep them.
"""

from __future__ import annotations

from airflow.sdk import Param, dag, task

from include.flows.close_pack import FLOW, pack, report
from tieout.assets import asset_of
from tieout.flow_dag import FLOW_DAG, QUIET, Json, scheduled
from tieout.task_run import batch_from, current_run


def text(title: str, description: str) -> Param:
    return Param(None, type=["null", "string"], title=title, description=description)


@dag(
    schedule=scheduled("close_pack", "0 6 1-10 * *"),
    doc_md=__doc__,
    tags=["reports"],
    params={
        "period": text("Period", "FY2026 P10, or a day in it like 2026-10-31. Empty: the last one that has ended."),
        "accept": Param(
            None,
            type=["null", "array"],
            items={"type": "string"},
            title="Accept",
            description="What stays open and is accepted as it is: the word at the end of a red check's next step, one "
            "a line. It counts for just what is there now, and is kept with your name.",
        ),
        "entity": text("Entity", "Its id in books.yaml. Empty: every entity."),
    },
    **FLOW_DAG,
)
def close_pack() -> None:
    @task(task_id="pack", **QUIET)
    def make() -> list[Json]:
        """Make the folders from what was read already."""
        return pack(current_run(FLOW))

    @task(task_id="report", outlets=[asset_of(FLOW.name)], **QUIET)
    def tell() -> Json:
        """Leave the run's note and send the summaries."""
        return report(current_run(FLOW), batch_from("pack"))

    make() >> tell()


close_pack()
