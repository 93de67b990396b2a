"""
### Is everything there that the flows need?

**What moves.** Nothing. Each system is asked whether it is there, how fast it answers, and whether the connection's
user or token is good and may do what the flows in use do (HubSpot's scopes, Intacct's objects). Intacct's field for
Tieout's key must be one that can be looked up; HubSpot's properties must be of the right type and, where needed,
unique. Everything that the settings name must exist and be active: accounts, items, classes, departments, projects,
terms, entities, revenue templates, transaction definitions, pipelines, stages, owners, sequences, properties and their
options. And the batches that tasks hand on, people's data among them, must lie where Airflow shows them to nobody.

**The answer** is a table in the log of the task `report`, worst first, and a note. Where anything is wrong that task
fails and lists every problem with file, line, key, value and remedy, and the address in the settings gets a mail, once
a day for the same problems. What a system does not tell (closed periods, rates, whether the user may create) is said to
be unknown.

**When.** Daily, and whenever you press *Trigger*. It looks at today, whatever the dates of its run: a **backfill** of
it is just another check.

**Needs.** Connections `hubspot_default`, `sage_intacct_default`, `tieout_state`; `smtp_default` or `slack_default` to
tell anybody; settings in `include/settings/check_connections.yaml`. What each flow needs stands in
`include/flows/checks/needs.py`, which the connections' Test buttons use too.

**Never touched.** Either system: scopes are tried with empty writes of which HubSpot can make nothing.

**Undo.** There is nothing to undo.
"""

from __future__ import annotations

from airflow.sdk import dag, task

from include.flows.check_connections import FLOW, SYSTEMS, check, report
from tieout.batches import check_batches
from tieout.flow_dag import FLOW_DAG, IN_HUBSPOT, IN_INTACCT, QUIET, Json, scheduled
from tieout.task_run import batch_from, current_run


@dag(
    schedule=scheduled("check_connections", "10 4 * * *"),
    doc_md=__doc__,
    tags=["hubspot", "intacct", "checks"],
    **FLOW_DAG,
)
def check_connections() -> None:
    @task(**IN_HUBSPOT)
    def hubspot() -> list[Json]:
        """Account, token, scopes and properties."""
        return check(current_run(FLOW), "hubspot")

    @task(**IN_INTACCT)
    def intacct() -> list[Json]:
        """Sign-in, permissions and the document key."""
        return check(current_run(FLOW), "intacct")

    @task(**IN_INTACCT)
    def settings() -> list[Json]:
        """Every settings file, whether what it names is there and active, and where batches lie."""
        return [*check(current_run(FLOW), "settings"), check_batches().to_json()]

    # The report comes whatever became of the checks: a check that ended without an answer is a problem too.
    @task(task_id="report", trigger_rule="all_done", **QUIET)
    def sum_up() -> Json:
        """Table, note and notice; fails where anything is wrong."""
        return report(current_run(FLOW), {system: batch_from(system) for system in SYSTEMS})

    [hubspot(), intacct(), settings()] >> sum_up()


check_connections()
