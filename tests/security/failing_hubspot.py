"""Calls of HubSpot that fail."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from tests.connectors.hubspot.scripted import Answer, refusal, scripted_server
from tests.security.failing import ALL, NOWHERE, Calls, echo, ended, over_tls

TOKEN = ALL["HubSpot token"]
ECHO = echo("HubSpot token")
PAGE = f"<html><body>{ECHO}</body></html>"
STATUSES = (200, 201, 207, 302, 400, 401, 403, 404, 409, 414, 415, 423, 429, 477, 500, 502, 503, 504, 521)
BODIES: dict[str, Any] = {
    "an error": refusal(
        ECHO,
        category=ECHO,
        subCategory=ECHO,
        correlationId=ECHO,
        policyName=ECHO,
        errors=[
            {"message": ECHO, "code": ECHO, "in": ECHO, "context": {"propertyName": [ECHO], "requiredScopes": [ECHO]}}
        ],
    ),
    "a page": PAGE.encode(),
    "half of it": b'{"message": "' + ECHO.encode()[:200],
}


def _hubspot(url: str, token: str = TOKEN) -> HubSpotClient:
    return HubSpotClient(open_session(), url, token, request_deadline=0.3, wait=lambda seconds: None)


def _call_hubspot(reply: Answer, method: str) -> list[Any]:
    with scripted_server() as server:
        server.answers(reply)
        client = _hubspot(server.url)
        body = None if method == "GET" else {"inputs": []}
        return [client, ended(lambda: client.request(method, "/crm/v3/objects/deals", body=body))]


def hubspot_calls() -> Calls:
    def encrypted() -> list[Any]:
        with scripted_server() as server:
            return [ended(lambda: _hubspot(over_tls(server.url)).request("GET", "/crm"))]

    found: Calls = {}
    for status in STATUSES:
        for name, body in BODIES.items():
            headers = {"Location": f"http://127.0.0.1:1/?hapikey={quote(TOKEN)}", "Retry-After": "0"}
            reply = Answer(status, body, headers)
            method = "GET" if name == "a page" else "POST"
            found[f"HubSpot {status} with {name}"] = lambda reply=reply, method=method: _call_hubspot(reply, method)
    return {
        **found,
        "HubSpot: hang-up": lambda: _call_hubspot(Answer(raw=lambda file: None), "POST"),
        "HubSpot: garbage": lambda: _call_hubspot(Answer(raw=lambda file: file.write(ECHO.encode())), "GET"),
        "HubSpot: nobody listens": lambda: [
            ended(lambda: _hubspot(f"http://127.0.0.1:{NOWHERE}").request("GET", "/crm"))
        ],
        "HubSpot: no TLS": encrypted,
        "HubSpot: token with a line end": lambda: [ended(lambda: _hubspot("http://127.0.0.1:1", f"{TOKEN}\n"))],
        "HubSpot: token in the address": lambda: [ended(lambda: _hubspot(f"http://u:{quote(TOKEN)}@127.0.0.1"))],
        "HubSpot: token in the query": lambda: [ended(lambda: _hubspot(f"http://127.0.0.1/?hapikey={TOKEN}"))],
    }
