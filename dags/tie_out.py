"""
### Do both systems agree, to the cent?

**What moves.** Nothing. Every deal, company, invoice, payment, credit memo and posting on the control account is read
afresh, and held against the other side: for every entity, currency and customer the deal, what was invoiced, applied,
credited, written off and is open; what each company shows; the AR subledger and the GL control account; and Intacct's
own counts against what was read. Every won deal is in one class, and the classes foot to HubSpot's number.

**The answer** is a folder of files (a page to open in a browser, `breaks.csv`, Parquet and DuckDB tables,
`summary.json`) and the run's note. Each break has a class (timing, rounding, currency, no amount, missing, manual edit,
duplicate, unapplied, unknown), both sides' evidence, and the next step. A break that needs a person is an open hold of
this flow until a later tie-out no longer finds it; the address in the settings gets a mail.

**When.** Nightly, and whenever you press *Trigger*. It compares what stands in both systems now, whatever the dates of
its run: a **backfill** of it is just another tie-out. Jobs that need a period to agree ask
`include.reports.tie_out_gate`, or wait for the asset `tieout://tie_out`.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` or `slack_default` to
tell anybody; settings in `include/settings/tie_out.yaml`. In HubSpot: read deals and companies. In Intacct: read
customers' documents and payments, GL details (GLDETAIL), and the audit trail for deletions. The tasks share the folder
of reports (`TIEOUT_REPORTS_DIR`, else `.airflow/reports`): on several machines it must be one that all see.

**Never touched.** Either system.

**Undo.** There is nothing to undo; a report's folder may be deleted.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from include.flows.tie_out import FLOW, report
from include.flows.tie_out_reading import explain, read_hubspot, read_intacct
from tieout.assets import asset_of
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, QUIET, Json, scheduled
from tieout.task_run import batch_from, current_run


@dag(
    schedule=scheduled("tie_out", "30 2 * * *"),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "reports"],
    **FLOW_DAG,
)
def tie_out() -> None:
    # HubSpot first: what changes in Intacct meanwhile is then known by its time of change.
    @task(**IN_HUBSPOT)
    def hubspot() -> Json:
        """Every deal with an invoice or won, every customer's company."""
        return read_hubspot(current_run(FLOW))

    @task(**IN_INTACCT)
    def intacct() -> Json:
        """Documents, what settled them, the control account, deletions, and Intacct's own counts."""
        return read_intacct(current_run(FLOW), batch_from("hubspot"))

    @task(task_id="explain", **IN_INTACCT)
    def explained() -> Json:
        """Who changed what differs, and which won deals should have an invoice."""
        return explain(current_run(FLOW), batch_from("hubspot"))

    @task(task_id="report", outlets=[asset_of(FLOW.name)], **QUIET)
    def sum_up() -> Json:
        """Compare; files, holds, note and notice."""
        return report(current_run(FLOW), batch_from("hubspot"), batch_from("intacct"))

    hubspot() >> intacct() >> explained() >> sum_up()


tie_out()
