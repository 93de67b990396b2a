"""One HTTP exchange with the gateway: bytes out, a complete ``Reply`` in, or an error that says what is certain.

``Unreachable``: nothing left this machine. ``RateLimited``: the gateway turned the request away. ``Unreadable``: it was
sent, and whether it was executed is unknown.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
import urllib3

from include.connectors.intacct.errors import SYSTEM, Kind, Unreachable, Unreadable, to_exception
from include.connectors.intacct.replies import Reply, read_reply
from include.core import crash
from include.core.clocks import told_time
from include.core.errors import RateLimited

CONNECT_SECONDS = 15.0
_PIECE = 64 * 1024
_HEADERS = {
    "Content-Type": "application/xml",
    "Accept": "application/xml, text/xml",
    "Accept-Encoding": "gzip",
    "User-Agent": "tieout",
}
_BEFORE_SENDING = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NameResolutionError,
    ssl.SSLCertVerificationError,
)


def post(session: requests.Session, url: str, body: bytes, *, until: float, secrets: tuple[str, ...] = ()) -> Reply:
    """Send ``body`` once and read the answer, all before ``until`` (a moment of ``time.monotonic``).

    Follows no redirect and repeats nothing. Raises ``Unreachable``, ``RateLimited`` or ``Unreadable``.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise Unreachable("The deadline passed before the request to Sage Intacct was sent.", system=SYSTEM)
    crash.point("intacct.before_call")
    try:
        response = session.post(
            url,
            data=body,
            headers=_HEADERS,
            auth=_no_auth,
            verify=session.verify,  # said once more, as else REQUESTS_CA_BUNDLE would win over the connection's own
            stream=True,
            allow_redirects=False,
            timeout=(min(CONNECT_SECONDS, left), left),
        )
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _not_answered(error) from None
    with closing(response):
        reply = _read(response, secrets)
    crash.point("intacct.after_call")
    return reply


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The body signs in; without this, requests would look the host up in a .netrc file."""
    return request


def _read(response: requests.Response, secrets: tuple[str, ...]) -> Reply:
    status = response.status_code
    if status == 429:
        raise RateLimited(
            "Sage Intacct's limit of requests is reached; try again later.",
            retry_after=retry_after(response.headers.get("Retry-After"), response.headers.get("Date")),
            system=SYSTEM,
            code="429",
        )
    try:
        reply = read_reply(_pieces(response), secrets=secrets)
    except Unreadable as error:
        raise Unreadable(f"{error.message} {_http(status)}", status=status) from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unreadable(f"Sage Intacct's answer broke off ({type(error).__name__}).", status=status) from None
    if reply.refusal is not None and reply.refusal.kind is Kind.RATE_LIMITED:
        raise to_exception(reply.refusal)
    if status >= 500:
        # The edge speaks XML here, but what stood behind it may have gone on.
        code = reply.refusal.code if reply.refusal is not None else None
        raise Unreadable(f"Sage Intacct could not process the request. {_http(status)}", status=status, code=code)
    return replace(reply, told=told_time(response.headers.get("Date")))


def _pieces(response: requests.Response) -> Iterator[bytes]:
    yield from response.raw.stream(_PIECE, decode_content=True)


def _http(status: int) -> str:
    return f"(HTTP {status})"


def _not_answered(error: Exception) -> Unreachable | Unreadable:
    cause: BaseException | None = error
    for _ in range(6):  # requests and urllib3 wrap the cause several times
        if isinstance(cause, _BEFORE_SENDING):
            return Unreachable(
                f"The Sage Intacct gateway cannot be reached ({type(cause).__name__}); check the connection's host, "
                "the network and the proxy.",
                system=SYSTEM,
            )
        cause = _within(cause)
    return Unreadable(f"No answer came from Sage Intacct ({type(error).__name__}).")


def _within(error: BaseException | None) -> BaseException | None:
    if error is None:
        return None
    reason = getattr(error, "reason", None) or getattr(error, "original_error", None)
    if isinstance(reason, BaseException):
        return reason
    inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
    return inner or error.__cause__


def retry_after(header: str | None, date: str | None = None) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (seconds or an HTTP date); ``None`` where it says nothing usable.
    ``date``: the answer's own ``Date``, by whose clock the other is written; ours may be wrong."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:9]), 86_400)) if len(text) <= 9 else 86_400.0
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    seconds = (moment - (told_time(date) or datetime.now(UTC))).total_seconds()
    return min(seconds, 86_400.0) if seconds > 0 else None
