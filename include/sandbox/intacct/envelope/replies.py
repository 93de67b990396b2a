"""The wire shapes of replies: the gateway's success and its failure levels."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from include.sandbox.intacct.envelope.request import Control
from include.sandbox.intacct.envelope.wire import DECLARATION, leaf, node
from include.sandbox.intacct.errors import ErrorEntry

_support = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Who the operation runs as, for its authentication block; both times aware UTC."""

    userid: str
    companyid: str
    locationid: str
    since: datetime
    until: datetime


def response(*parts: str) -> str:
    return DECLARATION + node("response", *parts)


def control_block(status: str, control: Control | None) -> str:
    """The echoed control; empty sender and control id where the request could not be read."""
    return node(
        "control",
        leaf("status", status),
        leaf("senderid", control.senderid if control else ""),
        leaf("controlid", control.controlid if control else ""),
        leaf("uniqueid", "true" if control is None or control.uniqueid else "false"),
        leaf("dtdversion", control.dtdversion if control else "3.0"),
    )


def control_failure(control: Control | None, entries: Iterable[ErrorEntry]) -> str:
    extra = control is not None and control.additional_error_info
    return response(control_block("failure", control), error_message(entries, extra))


def gateway_failure(errorno: str, description: str) -> str:
    """Emitted before the application: no echo, no ``description2``."""
    error = node("error", leaf("errorno", errorno), leaf("description", description))
    return response(node("control", leaf("status", "failure")), node("errormessage", error))


def acknowledgement(control: Control) -> str:
    return response(node("acknowledgement", leaf("status", "success")), control_block("success", control))


def authentication_failure(user: str, company: str, entry: ErrorEntry, *, extra: bool) -> str:
    return node(
        "operation",
        node("authentication", leaf("status", "failure"), leaf("userid", user), leaf("companyid", company)),
        error_message([entry], extra),
    )


def authentication_block(who: Authenticated) -> str:
    return node(
        "authentication",
        leaf("status", "success"),
        leaf("userid", who.userid),
        leaf("companyid", who.companyid),
        leaf("locationid", who.locationid),
        leaf("sessiontimestamp", who.since.strftime("%Y-%m-%dT%H:%M:%S+00:00")),
        leaf("sessiontimeout", who.until.strftime("%Y-%m-%dT%H:%M:%S+00:00")),
    )


def result(
    status: str,
    function: str,
    controlid: str,
    body: str = "",
    errors: Iterable[ErrorEntry] = (),
    *,
    extra: bool = False,
) -> str:
    """One function's answer; ``extra`` adds what ``showadditionalerrorinfo`` asks for."""
    entries = list(errors)
    return node(
        "result",
        leaf("status", status),
        leaf("function", function),
        leaf("controlid", controlid),
        body,
        error_message(entries, extra) if entries else "",
    )


def error_message(entries: Iterable[ErrorEntry], extra: bool) -> str:
    return node("errormessage", *(_error(entry, extra) for entry in entries))


def _error(entry: ErrorEntry, extra: bool) -> str:
    text = entry.description2
    if entry.support_id:
        text = f"{text} [Support ID: {_support_id()}]".strip()
    return node(
        "error",
        leaf("errorno", entry.errorno),
        leaf("description", entry.description),
        leaf("description2", text),
        leaf("correction", entry.correction),
        _additional(entry) if extra else "",
    )


def _additional(entry: ErrorEntry) -> str:
    digest = hashlib.sha256(f"{entry.errorno}{entry.description2}".encode()).hexdigest()
    message = f"IA.ERROR_{digest[:6].upper()}"
    return node(
        "additionalinfo",
        leaf("errorid", f"GL-{int(digest[:4], 16) % 10000:04d}"),
        leaf("category", "BUSINESS_RULE_ERROR"),
        node("target", *(leaf(name) for name in ("domain", "requestinfo", "object", "field", "businessinfo"))),
        node("description", leaf("messageid", message), leaf("message", entry.description2), leaf("placeholders")),
    )


def _support_id() -> str:
    """URL-encoded as the service sends it, so that readers must decode or strip it."""
    digest = hashlib.sha256(str(next(_support)).encode()).hexdigest()
    return f"{digest[:5]}%7E{digest[5:11]}"
