"""The answers that a fault puts in place of the twin's, in each service's own words."""

from __future__ import annotations

import json
import random
import uuid
from xml.sax.saxutils import escape

from include.sandbox.exchange import Response

_XML = {"Content-Type": 'text/xml; encoding="UTF-8"'}
_JSON = {"Content-Type": "application/json;charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_LIMITS = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "SECONDLY": "You have reached your secondly limit.",
    "DAILY": "You have reached your daily limit.",
}


def html_page(status: int) -> Response:
    """What a proxy in front of a service answers: a page for people."""
    title = "Service unavailable" if status >= 500 else "One moment, please"
    text = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
        f"<body><h1>{title}</h1><p>Reference {uuid.uuid4().hex[:16]}</p></body></html>\n"
    )
    return Response(status, _HTML, text.encode())


def error_status(system: str, status: int, policy: str) -> Response:
    """An error status as the service gives it: a 429 and other 4xx in its own format, 5xx as a page of
    HTML."""
    if status >= 500:
        return html_page(status)
    if system == "intacct":
        errorno = {429: "GW-0010", 401: "XMLGW_JPP0002", 403: "GW-0042"}.get(status, "GW-0011")
        text = {
            429: "Rate or concurrency limit exceeded",
            401: "Sign-in information is incorrect. Please check your request.",
            403: "Forbidden",
        }.get(status, "Invalid Request")
        return Response(status, _XML, _gateway_failure(errorno, text))
    return _hubspot_error(status, policy)


def expired(system: str) -> Response:
    """What the service answers when the session (Intacct) or the token (HubSpot) is no longer valid."""
    if system == "intacct":
        return Response(200, _XML, _invalid_session())
    body = {
        "status": "error",
        "message": "The OAuth token used to make this call expired 12 second(s) ago.",
        "correlationId": str(uuid.uuid4()),
        "category": "EXPIRED_AUTHENTICATION",
        "context": {"expire time": ["2026-11-16T10:00:00.000Z"]},
    }
    headers = {**_JSON, "x-hubspot-auth-failure": "401 Unauthorized"}
    return Response(401, headers, json.dumps(body).encode())


def garbage(answer: Response) -> Response:
    """As many unreadable bytes as the answer had (at least 256), under its content type. Always the same
    bytes."""
    # Unreadable, not unpredictable: the same fault must give the same bytes.
    noise = random.Random(len(answer.body)).randbytes(max(256, len(answer.body)))  # noqa: S311
    return Response(200, answer.headers or _JSON, b"\xff\xfe\x00" + noise)


def _gateway_failure(errorno: str, description: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<response><control><status>failure</status></control>'
        f"<errormessage><error><errorno>{errorno}</errorno><description>{escape(description)}</description>"
        "</error></errormessage></response>\n"
    ).encode()


def _invalid_session() -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<response><control><status>success</status>'
        b"<senderid>tieout_sender</senderid><controlid>fault</controlid><uniqueid>false</uniqueid>"
        b"<dtdversion>3.0</dtdversion></control><operation><authentication><status>failure</status>"
        b"<userid></userid><companyid></companyid></authentication><errormessage><error>"
        b"<errorno>XL03000006</errorno><description></description>"
        b"<description2>Invalid session expired-by-fault</description2><correction></correction>"
        b"</error></errormessage></operation></response>\n"
    )


def _hubspot_error(status: int, policy: str) -> Response:
    body: dict[str, str] = {"status": "error", "correlationId": str(uuid.uuid4())}
    if status == 429:
        body |= {
            "message": _LIMITS.get(policy, _LIMITS["TEN_SECONDLY_ROLLING"]),
            "errorType": "RATE_LIMIT",
            "policyName": policy,
            "groupName": f"publicapi:private-apps-api-calls-{policy.lower()}:48151623",
        }
    else:
        category = {
            401: "INVALID_AUTHENTICATION",
            403: "MISSING_SCOPES",
            404: "OBJECT_NOT_FOUND",
            409: "CONFLICT",
        }
        body |= {
            "message": "Refused by an ordered fault",
            "category": category.get(status, "VALIDATION_ERROR"),
        }
    return Response(status, _JSON, json.dumps(body).encode())
