"""
### Won HubSpot deals become Intacct invoices, exactly once

**What moves.** Every deal in a won stage (as its pipeline's own metadata says) becomes one posted Intacct invoice: its
line items become invoice lines with account, item and dimensions, its company becomes the customer (found, or created),
and the invoice's number, status, total, due date, balance and link are written back to the deal.

**When.** Hourly, by last modification. A **backfill** goes by the won date in the billing entity's calendar, whatever
was edited since; so does a manual run with *Won from* and *Won to*. Nothing is ever posted twice: not by a retry, a
cleared task, a backfill over the same days or two runs at once.

**Held, not guessed.** A deal that cannot be invoiced whole (no company, an unmapped product, an amount that differs
from the lines, a closed period ...) is held with its reason, which stands on the deal in HubSpot; the rest of the batch
goes on. Repair the cause, in the deal or in the settings, and the next run posts it.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; a text field on AR invoices for
Tieout's key (books.yaml, `document_key`); settings in `include/settings/hubspot_closed_won_to_intacct_invoice.yaml`.

**Never touched.** Deals' own fields, posted invoices, anything won before `go_live`.

**Undo.** Reverse the invoice in Intacct; Tieout does not post that deal again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, chain, dag, task, task_group

from include.flows import hubspot_closed_won_to_intacct_invoice as flow
from tieout.flow_dag import DEFAULTS, IN_HUBSPOT, IN_INTACCT, PARAMS, QUIET
from tieout.steps import won_deals
from tieout.task_run import batch_from, current_run

Json = dict[str, Any]


@dag(
    schedule=CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001  (Airflow reads it as UTC)
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params=PARAMS,
    doc_md=__doc__,
    tags=["hubspot", "intacct", "invoices"],
)
def hubspot_closed_won_to_intacct_invoice() -> None:
    @task(**IN_HUBSPOT)
    def slices() -> list[list[str]]:
        """Fix the run's window and cut the deals in it, with those on hold, into slices of ids."""
        return won_deals.slices(current_run(flow))

    @task(**IN_HUBSPOT)
    def extract(deal_ids: list[str]) -> list[Json]:
        """Read the slice's deals with lines, company, contact and owner."""
        return won_deals.extract(current_run(flow), deal_ids)

    @task(task_id="map", **IN_INTACCT)
    def plan() -> list[Json]:
        """Decide for each deal: write, skip or hold."""
        return won_deals.plan(current_run(flow), batch_from("slice.extract"))

    @task(**IN_INTACCT)
    def load() -> Json:
        """Create customers, then invoices, exactly once; read back what the books show."""
        return won_deals.load(current_run(flow), batch_from("slice.map"))

    @task(**IN_HUBSPOT)
    def write_back() -> Json:
        """Write invoice figures and holds to the deals, and customer ids to the companies."""
        return won_deals.write_back(current_run(flow), batch_from("slice.load"))

    @task(trigger_rule="none_failed", **QUIET)
    def cursor(counts: list[Json] | None) -> Json:
        """Move the cursor to the window's end and leave the run's note."""
        return won_deals.finish(current_run(flow), counts)

    @task_group(group_id="slice")
    def each_slice(deal_ids: list[str]) -> Any:
        counts = write_back()
        chain(extract(deal_ids), plan(), load(), counts)
        return counts

    cursor(each_slice.expand(deal_ids=slices()))


hubspot_closed_won_to_intacct_invoice()
