"""Keeps credentials out of the call log.

What is masked: headers that authenticate or whose name speaks of a secret, query parameters that carry one,
the elements ``<password>`` and ``<sessionid>`` of XML bodies (also inside a form-encoded ``xmlrequest``), the
session id that an "Invalid session ..." error repeats, and JSON or form fields that carry a token, a password
or a client secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"

_SECRET_NAME = re.compile(r"authorization|cookie|token|secret|passw|hapikey|api[-_]?key|signature|session", re.I)
_XML = re.compile(r"(<(?:[\w.-]+:)?(password|sessionid)\b[^>/]*>).*?(?=</(?:[\w.-]+:)?\2\s*>|\Z)", re.I | re.DOTALL)
_XML_ENCODED = re.compile(r"(%3C(password|sessionid)[^%]*%3E).*?(?=%3C(?:%2F|/)\2|&|\Z)", re.I | re.DOTALL)
_INVALID_SESSION = re.compile(r"(Invalid session )\S+?(?=<|\s|\Z)")
_JSON = re.compile(r'("(?:[\w-]*(?:token|secret|password)|hapikey|sessionid|code)"\s*:\s*")(?:[^"\\]|\\.)*', re.I)
_FORM = re.compile(r"((?:\A|[&?])(?:[\w-]*(?:token|secret|password|signature)|hapikey|sessionid|code)=)[^&\s]*", re.I)


def masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers by name, secret values replaced; a header that came twice keeps both values,
    comma-joined."""
    shown: dict[str, str] = {}
    for name, value in headers:
        text = MASK if _SECRET_NAME.search(name) else value
        shown[name] = f"{shown[name]}, {text}" if name in shown else text
    return shown


def masked_query(query: str) -> str:
    """The raw query string with secret values replaced."""
    return _FORM.sub(rf"\g<1>{MASK}", query)


def masked_body(body: bytes, limit: int, content_encoding: str = "") -> str:
    """At most ``limit`` bytes of a body as text, secrets replaced.

    The body is cut before it is masked, so a secret that the cut goes through is masked to its end. A body
    that is not UTF-8 text (compressed, UTF-16) is described instead of shown: secrets in it could not be
    found.
    """
    if not body:
        return ""
    if content_encoding not in {"", "identity"} or b"\x00" in body[:limit]:
        return f"[{len(body)} bytes, {content_encoding or 'binary'}]"
    text = body[:limit].decode("utf-8", "replace")
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start == "<":
        text = _INVALID_SESSION.sub(rf"\g<1>{MASK}", _XML.sub(rf"\g<1>{MASK}", text))
    elif start in {"{", "["}:
        text = _JSON.sub(rf"\g<1>{MASK}", text)
    else:
        text = _FORM.sub(rf"\g<1>{MASK}", _XML_ENCODED.sub(rf"\g<1>{MASK}", _XML.sub(rf"\g<1>{MASK}", text)))
    return text if len(body) <= limit else f"{text}... [{len(body)} bytes]"


def masked_path(path: str) -> str:
    """The path; the address of a Slack webhook is a secret from its prefix on."""
    start, webhook, _ = path.partition("/slack/services/")
    return f"{start}{webhook}{MASK}" if webhook else path
