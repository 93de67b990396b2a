"""What these tests share: a stopped clock, a small account, calls written by hand, and the twin behind real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from include.sandbox.clock import Clock
from include.sandbox.exchange import Request
from include.sandbox.hubspot.twin import HubSpotTwin

TOKEN = "pat-na1-all"
NOW = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
SEEDS: list[dict[str, Any]] = [
    {"type": "_account", "portalId": 4711, "timeZone": "Europe/Berlin", "companyCurrency": "EUR",
     "additionalCurrencies": ["USD"], "uiDomain": "app-eu1.hubspot.com", "client_secret": "hush"},
    {"type": "_token", "token": TOKEN, "app_id": 9900, "scopes": "*", "name": "Sync"},
    {"type": "_token", "token": "pat-na1-other", "app_id": 9901, "scopes": "*"},
    {"type": "_token", "token": "pat-na1-deals-only", "app_id": 9902, "scopes": ["crm.objects.deals.read"]},
    {"type": "_owner", "id": "301", "email": "ann@sales.example", "firstName": "Ann", "lastName": "B", "userId": 77},
    {"type": "_owner", "id": "302", "email": "old@sales.example", "firstName": "Old", "userId": 78, "archived": True},
    {"type": "_pipeline", "object_type": "deals", "id": "78411290", "label": "Partners", "displayOrder": 1, "stages": [
        {"id": "186520413", "label": "Closed won (paper)", "metadata": {"isClosed": "false", "probability": "0.9"}},
        {"id": "186520417", "label": "Signed", "metadata": {"isClosed": "true", "probability": "1.0"}}]},
    {"type": "_property", "object_type": "companies", "definition": {
        "name": "erp_key", "label": "ERP key", "type": "string", "fieldType": "text",
        "groupName": "companyinformation", "hasUniqueValue": True}},
    {"type": "companies", "id": "8801",
     "properties": {"name": "Alder GmbH", "domain": "alder.example", "erp_key": "A-1"},
     "created_at": "2026-01-05T08:00:00Z", "updated_at": "2026-01-05T08:00:00Z"},
    {"type": "companies", "id": "8802", "properties": {"name": "Birch Ltd", "country": "United Kingdom"},
     "created_at": "2026-01-06T08:00:00Z", "updated_at": "2026-03-01T08:00:00Z"},
    {"type": "contacts", "id": "9001", "properties": {"email": "a@alder.example", "firstname": "Ada"},
     "created_at": "2026-01-05T08:01:00Z", "updated_at": "2026-01-05T08:01:00Z",
     "associations": [{"to_type": "companies", "to_id": "8801", "type_id": 1}]},
    {"type": "deals", "id": "5156001", "properties": {
        "dealname": "Roof plant", "amount": "1250.00", "dealstage": "closedwon", "closedate": "2026-10-01T07:00:00Z"},
     "created_at": "2026-09-01T08:00:00Z", "updated_at": "2026-10-01T08:00:00Z",
     "associations": [{"to_type": "companies", "to_id": "8801", "type_id": 5},
                      {"to_type": "contacts", "to_id": "9001", "type_id": 3}]},
    {"type": "deals", "id": "5156002", "properties": {"dealname": "Shed plant", "dealstage": "contractsent"},
     "created_at": "2026-09-02T08:00:00Z", "updated_at": "2026-09-20T08:00:00Z"},
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    headers: dict[str, str]
    text: str


class Api:
    """Hand-written calls, straight into ``handle``."""

    def __init__(self, twin: HubSpotTwin, token: str = TOKEN) -> None:
        self.twin = twin
        self.token = token

    def as_(self, token: str) -> Api:
        return Api(self.twin, token)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        sent = {name: value for name, value in {**sent, **(headers or {})}.items() if value}
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        reply = self.twin.handle(Request(method, path, urlencode(query, doseq=True), sent, content, "http://twin.test"))
        text = reply.body.decode()
        value = json.loads(text) if text[:1] in {"{", "["} else None
        return Answer(reply.status, value, {name.lower(): item for name, item in reply.headers.items()}, text)

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: Any) -> Answer:
        return self.call("POST", path, body, **query)

    def patch(self, path: str, body: Any, **query: Any) -> Answer:
        return self.call("PATCH", path, body, **query)

    def put(self, path: str, body: Any = None, **query: Any) -> Answer:
        return self.call("PUT", path, body, **query)

    def delete(self, path: str, **query: Any) -> Answer:
        return self.call("DELETE", path, **query)

    def new(self, kind: str, **properties: str) -> str:
        """A new record's id."""
        made = self.post(f"/crm/v3/objects/{kind}", {"properties": properties})
        assert made.status == 201, made.text
        return str(made.json["id"])

    def props(self, kind: str, record_id: str, *names: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/crm/v3/objects/{kind}/{record_id}", properties=",".join(names)).json
        return dict(found["properties"])

    def search(self, kind: str, *filters: dict[str, Any], **more: Any) -> Answer:
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"/crm/v3/objects/{kind}/search", {"filterGroups": groups, **more})

    def found(self, kind: str, *filters: dict[str, Any], **more: Any) -> list[str]:
        answer = self.search(kind, *filters, **more)
        assert answer.status == 200, answer.text
        return [row["id"] for row in answer.json["results"]]

    def books(self) -> list[Any]:
        return list(self.twin.export())


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW, stopped=True)


@pytest.fixture
def make(clock: Clock) -> Iterator[Callable[..., Api]]:
    """An account with the seeds and any switches."""
    twins: list[HubSpotTwin] = []

    def build(*more: dict[str, Any], path: str = ":memory:", **switches: Any) -> Api:
        twin = HubSpotTwin(path, switches.pop("clock", clock), **{"limits": False, **switches})
        twins.append(twin)
        twin.load([*SEEDS, *more])
        return Api(twin)

    yield build
    for twin in twins:
        twin.close()


@pytest.fixture
def api(make: Callable[..., Api]) -> Api:
    return make()


@pytest.fixture
def serve() -> Iterator[Callable[[HubSpotTwin], str]]:
    """A twin behind HTTP on a free port; gives the address."""
    servers: list[ThreadingHTTPServer] = []

    def start(twin: HubSpotTwin) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(twin))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(twin: HubSpotTwin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            base = f"http://{headers['host']}"
            request = Request(self.command, unquote(path), query, headers, self.rfile.read(length), base)
            reply = twin.handle(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
