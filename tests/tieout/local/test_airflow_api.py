from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tieout.local.airflow_api import AirflowApi, AirflowApiError

Answer = tuple[int, Any]
Handler = Callable[[str, str, Any], Answer]


@pytest.fixture
def api() -> Iterator[Callable[[Handler], AirflowApi]]:
    """An ``AirflowApi`` on a server that answers as the given function says."""
    servers = []

    def serve(handler: Handler) -> AirflowApi:
        class Serving(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                status, value = handler(self.command, self.path, body)
                payload = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_POST = do_PATCH = _answer

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Serving)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return AirflowApi(server.server_address[1], "secret")

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_trigger_that_met_a_busy_database_is_asked_again_and_makes_one_run(
    api: Callable[[Handler], AirflowApi],
) -> None:
    runs: list[str] = []

    def answer(method: str, path: str, body: Any) -> Answer:
        if body["dag_run_id"] in runs:
            return 409, {"detail": "exists"}
        # The run was made, but its answer was lost in a 500.
        runs.append(body["dag_run_id"])
        return 500, {"detail": "database is locked"}

    client = api(answer)
    client.trigger("some_dag", "run-1")
    assert runs == ["run-1"]
    assert client.retried == 1


def test_a_refusal_is_told_with_what_was_asked(api: Callable[[Handler], AirflowApi]) -> None:
    client = api(lambda method, path, body: (403, {"detail": "no permission"}))
    with pytest.raises(AirflowApiError, match=r"PATCH /api/v2/dags/some_dag was refused \(status 403\)"):
        client.unpause("some_dag")


def test_a_dag_that_is_not_there_yet_is_no_error(api: Callable[[Handler], AirflowApi]) -> None:
    assert not api(lambda method, path, body: (404, {})).has_dag("some_dag")
    assert api(lambda method, path, body: (200, {"dag_id": "some_dag"})).has_dag("some_dag")


def test_all_pages_of_task_instances_are_read(api: Callable[[Handler], AirflowApi]) -> None:
    tasks = [{"task_id": f"t{number}"} for number in range(250)]

    def answer(method: str, path: str, body: Any) -> Answer:
        offset = int(path.rpartition("offset=")[2])
        return 200, {"task_instances": tasks[offset : offset + 100], "total_entries": len(tasks)}

    assert api(answer).task_instances("some_dag", "run-1") == tasks


def test_health_is_empty_while_nothing_answers(api: Callable[[Handler], AirflowApi]) -> None:
    parts = {"scheduler": {"status": "healthy"}, "triggerer": {"status": None}}
    assert api(lambda method, path, body: (200, parts)).health() == {"scheduler": "healthy", "triggerer": ""}
    assert api(lambda method, path, body: (503, {})).health() == {}
