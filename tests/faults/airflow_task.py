"""One run of a job as Airflow runs its DAG, in this process: what ``kills`` kills."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tieout.local.environment import Home


def main(folder: str, flow: str, intacct: str, hubspot: str, state: str) -> int:
    """Run the DAG once, with connections to the sandbox and the state database, in an Airflow of its own in ``folder``.
    0 where it succeeded."""
    home = Home(folder=Path(folder))
    home.prepare()
    for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
        del os.environ[name]
    os.environ.update(home.environment(inherited={}))
    os.environ.update(connections(intacct, hubspot, state))
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    from tieout.local.prepare import apply_settings, settings_of

    initdb()
    apply_settings(settings_of(home))
    root = Path(__file__).resolve().parents[2]
    dag = DagBag(dag_folder=str(root / "dags" / f"{flow}.py"), bundle_name="dags-folder").dags[flow]
    done = dag.test()
    return 0 if done.state == "success" else 1


def connections(intacct: str, hubspot: str, state: str) -> dict[str, str]:
    """Airflow's connections, as variables of its environment."""
    from include.sandbox.access import HubSpotAccess, IntacctAccess

    who, seller = IntacctAccess(intacct), HubSpotAccess(hubspot)
    extra = {"company_id": who.company_id, "sender_id": who.sender_id, "sender_password": who.sender_password}
    books = {"conn_type": "sage_intacct", "host": intacct, "login": who.user_id, "password": who.user_password}
    return {
        "AIRFLOW_CONN_SAGE_INTACCT_DEFAULT": json.dumps({**books, "extra": extra}),
        "AIRFLOW_CONN_HUBSPOT_DEFAULT": json.dumps({"conn_type": "hubspot", "host": hubspot, "password": seller.token}),
        "AIRFLOW_CONN_TIEOUT_STATE": json.dumps({"conn_type": "tieout_state", "host": state}),
    }


if __name__ == "__main__":
    sys.exit(main(*json.loads(sys.argv[1])))
