"""The answers that a fault puts in place of the twin's, in each service's own words."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import replace
from xml.sax.saxutils import escape

from include.sandbox.exchange import Response

_XML = {"Content-Type": 'text/xml; encoding="UTF-8"'}
_JSON = {"Content-Type": "application/json;charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_GATEWAY_BY_STATUS = {429: "GW-0010", 401: "XMLGW_JPP0002", 403: "GW-0042"}
_GATEWAY_TEXTS = {
    **{f"GW-000{n}": "Unable to process the request" for n in range(1, 10)},
    "GW-0010": "Rate or concurrency limit exceeded",
    "GW-0012": "Missing tenant",
    "GW-0014": "Invalid content type",
    "GW-0015": "Missing attribute",
    **{f"GW-003{n}": "The token is not valid" for n in range(1, 10)},
    "GW-0042": "Forbidden",
    "XMLGW_JPP0002": "Sign-in information is incorrect. Please check your request.",
}
BODIES = ("html", "xml", "json", "empty")
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


def error_status(
    system: str,
    status: int,
    *,
    policy: str = "TEN_SECONDLY_ROLLING",
    body: str = "",
    errorno: str = "",
    retry_after: str = "",
) -> Response:
    """An error status. Without ``body`` as the service gives it: what the edge in front of it says (502 and above) is
    a page of HTML, Intacct's own words are XML, its bare 500 is empty, HubSpot's are JSON. ``errorno`` names an error
    of Intacct's gateway, ``retry_after`` sets that header."""
    match body or _own_words(system, status, errorno):
        case "html":
            answer = html_page(status)
        case "empty":
            answer = Response(status)
        case "slack":
            answer = Response(status, _HTML, b"rate_limited" if status == 429 else b"rollup_error")
        case "xml":
            answer = Response(status, _XML, _gateway_failure(*_gateway_error(status, errorno)))
        case _:
            answer = _hubspot_error(status, policy)
    wait = retry_after or ("3600" if (system, status) == ("hubspot", 477) else "")
    return replace(answer, headers={**answer.headers, "Retry-After": wait}) if wait else answer


def _own_words(system: str, status: int, errorno: str) -> str:
    if system == "intacct":
        if status == 500 and not errorno:
            return "empty"
        return "html" if status > 500 and not errorno else "xml"
    if system == "slack":
        return "slack"
    return "html" if status > 500 else "json"


def _gateway_error(status: int, errorno: str) -> tuple[str, str]:
    """Number and text of an error of Intacct's gateway."""
    number = errorno or _GATEWAY_BY_STATUS.get(status, "GW-0001" if status >= 500 else "GW-0011")
    return number, _GATEWAY_TEXTS.get(number, "Invalid Request")


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


_HUBSPOT = {
    401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
    403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call."),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    409: ("CONFLICT", "The record was changed by another request at the same time"),
    413: ("", "The request body is too large"),
    414: ("", "The request URI is too long"),
    423: ("", "The record is locked. Wait two seconds and try again"),
    477: ("", "Migration in Progress"),
    500: ("", "internal error"),
    502: ("", "The request could not be processed in time"),
    503: ("", "The service is temporarily unavailable"),
    504: ("", "The request could not be processed in time"),
}
"""Category (none where the service names none) and message by status."""


def _hubspot_error(status: int, policy: str) -> Response:
    correlation = str(uuid.uuid4())
    body: dict[str, str] = {"status": "error"}
    if status == 429:
        text = _LIMITS.get(policy, _LIMITS["TEN_SECONDLY_ROLLING"])
        body |= {"message": text, "errorType": "RATE_LIMIT", "correlationId": correlation, "policyName": policy}
        if policy == "DAILY":
            body["requestId"] = uuid.uuid4().hex
        body["groupName"] = f"publicapi:private-apps-api-calls-{policy.lower()}:48151623"
    else:
        category, message = _HUBSPOT.get(status, ("VALIDATION_ERROR", "Refused by an ordered fault"))
        body |= {"message": message, "correlationId": correlation}
        if category:
            body["category"] = category
    return Response(status, {**_JSON, "X-HubSpot-Correlation-Id": correlation}, json.dumps(body).encode())
