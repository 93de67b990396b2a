"""
### What was promised, billed, paid and earned?

**What moves.** Nothing. HubSpot's deals (stage, amount, close date, owner, pipeline, products) are matched with
Intacct's invoices, credit memos, applied payments, revenue schedules and postings to the revenue accounts, deal by
deal, into one table: pipeline, weighted, booked, billed, credited, written off, collected, open, recognised, deferred
and scheduled, by fiscal period and quarter, entity, owner, pipeline, product, and currency (as invoiced and base).
Every figure has its records.

**The answer** is a folder with `revenue.html` (one file, charts and drill-down, links into both systems),
`revenue.xlsx`, CSV, Parquet, `revenue.duckdb` and `summary.json`; `latest` leads to the newest. The summary goes to
the address in the settings by mail.

**As closed, and as now.** When a period of `books.yaml` is closed, its records are kept. Later reports show what was
posted back into it, reversed in it or edited since, record by record.

**When.** Daily, after every run of the flows that feed it (won deals, payments, renewals) which changed something, and
whenever you press *Trigger*: *To* is the day as of which balances and ageing are shown, *From* the
first day. A **backfill** makes the report as of each day of its dates, by posting dates, from what both systems say
now; what lies ahead (pipeline, weighted, scheduled) is always today's.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` or `slack_default` to
tell anybody; settings in `include/settings/revenue_report.yaml`; a folder that all workers share
(`TIEOUT_REPORTS_DIR`). In HubSpot: reading deals, line items, companies and owners. In Intacct: reading receivables,
revenue schedules, general ledger detail and locations.

**Never touched.** Either system. Contacts are not read.

**Undo.** Delete the run's folder. Kept closed periods are in `closed`; do not delete those.
"""

from __future__ import annotations

from airflow.sdk import Param, dag, task

from include.flows.revenue_report import FLOW, build, report
from tieout.assets import asset_of, fed_by
from tieout.flow_dag import FLOW_DAG, IN_INTACCT, QUIET, Json, scheduled
from tieout.task_run import batch_from, current_run

FED_BY = (
    "hubspot_closed_won_to_intacct_invoice",
    "intacct_payment_to_hubspot_deal",
    "intacct_renewal_to_hubspot_deal",
)


def day(title: str, description: str) -> Param:
    return Param(None, type=["null", "string"], format="date", title=title, description=description)


@dag(
    schedule=fed_by(scheduled("revenue_report", "20 5 * * *"), FED_BY),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "reports"],
    params={
        "date_from": day("From", "First day. Empty: the first day of the last fiscal year."),
        "date_to": day("To", "The day as of which balances and ageing are shown. Empty: today."),
    },
    **FLOW_DAG,
)
def revenue_report() -> None:
    @task(task_id="build", **IN_INTACCT)
    def make() -> Json:
        """Read both systems and make the files."""
        return build(current_run(FLOW))

    @task(task_id="report", outlets=[asset_of(FLOW.name)], **QUIET)
    def tell() -> Json:
        """Leave the run's note and send the summary."""
        return report(current_run(FLOW), batch_from("build"))

    make() >> tell()


revenue_report()
