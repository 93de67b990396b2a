"""A small client for Airflow's REST API on this machine, which asks again where SQLite was busy.

On SQLite a writer that waits too long for another makes Airflow answer 500 now and then, mostly while it starts.
Every call here is safe to repeat: a run is triggered under an id of our choosing, and "it exists" is success.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tieout.local.environment import USER

_PATIENCE = 60.0


class AirflowApiError(Exception):
    """Airflow refused a call, or did not answer in time; the message says which call."""


class AirflowApi:
    """``password`` is that of ``USER``; ``retried`` counts the calls that had to be asked again."""

    def __init__(self, port: int, password: str) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._password = password
        self.retried = 0
        self._session = requests.Session()
        self._session.trust_env = False

    def health(self) -> dict[str, str]:
        """Component -> ``healthy``, ``unhealthy`` or empty; nothing while the API server is not there yet."""
        try:
            answer = self._session.get(f"{self.address}/api/v2/monitor/health", timeout=5)
            facts = answer.json() if answer.status_code == 200 else {}
        except (requests.RequestException, ValueError):
            return {}
        return {name: (row or {}).get("status") or "" for name, row in facts.items()}

    def log_in(self) -> None:
        credentials = {"username": USER, "password": self._password}
        token = self._ask("POST", "/auth/token", credentials)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def has_dag(self, dag_id: str) -> bool:
        return self._ask("GET", f"/api/v2/dags/{dag_id}", missing_ok=True) is not None

    def import_errors(self) -> list[tuple[str, str]]:
        """File and traceback of each DAG file that cannot be read."""
        found = self._ask("GET", "/api/v2/importErrors")["import_errors"]
        return [(row["filename"], row["stack_trace"]) for row in found]

    def unpause(self, dag_id: str) -> None:
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        self._ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any] | None = None) -> None:
        """Ask for a run. Asking twice for the same ``run_id`` makes one run.

        It is due since yesterday, and so comes before a run of the schedule that waits for the same DAG.
        """
        due = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        body = {"dag_run_id": run_id, "logical_date": None, "run_after": due, "conf": dict(conf or {})}
        self._ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", body, exists_ok=True)

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return dict(self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}"))

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        return list(self._ask("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=100")["dag_runs"])

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found: list[dict[str, Any]] = []
        while True:
            page = self._ask("GET", f"{path}?limit=100&offset={len(found)}")
            found += page["task_instances"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        missing_ok: bool = False,
        exists_ok: bool = False,
    ) -> Any:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = self._session.request(method, f"{self.address}{path}", json=body, timeout=30)
                trouble = f"status {answer.status_code}"
                if answer.status_code < 500:
                    break
            except requests.RequestException as error:
                trouble = type(error).__name__
            if time.monotonic() > deadline:
                raise AirflowApiError(f"{method} {path} did not succeed within {_PATIENCE:.0f} s: {trouble}")
            self.retried += 1
            time.sleep(1)
        if (missing_ok and answer.status_code == 404) or (exists_ok and answer.status_code == 409):
            return None
        if answer.status_code >= 400:
            raise AirflowApiError(f"{method} {path} was refused ({trouble}): {answer.text[:300]}")
        return answer.json()
