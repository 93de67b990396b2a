"""One call to HubSpot: authentication, limits, deadline, retries, and the reply as checked JSON or as our
error."""

from __future__ import annotations

import enum
import http.client
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from include.connectors.hubspot.error_facts import correlation_id
from include.connectors.hubspot.errors import error_of
from include.connectors.hubspot.limits import Bucket, Limits
from include.connectors.hubspot.lost import lost_on_the_way
from include.connectors.hubspot.paths import DEFAULT_VERSION, Paths
from include.connectors.hubspot.patience import retrying
from include.connectors.hubspot.transport import Watchdog, read_body
from include.connectors.hubspot.wire import Json, parse_json
from include.core import crash
from include.core.clocks import told_time
from include.core.errors import OutcomeUnknown, SettingsError, TieoutError, Unavailable
from include.core.near_host import is_near

CONNECT_TIMEOUT = 10.0
LONGEST_DEADLINE = 86_400.0
_TOKEN = re.compile(r"[!-~]{8,4096}", re.ASCII)


class Repeat(enum.Enum):
    """When a call may be sent again."""

    ALWAYS = "reading, updating, upserting, archiving: twice is the same as once"
    IF_REFUSED = "creating: only after an answer that says nothing was done (429, 423, 477, 503)"


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` (200, 201, 204, 207 ...), the JSON object of the body (empty for 204), HubSpot's correlation
    id."""

    status: int
    body: Json = field(repr=False)  # may be personal data
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    repeatable: bool
    bucket: Bucket

    @property
    def what(self) -> str:
        return f"{self.method} {self.path}"


class Bearer(AuthBase):
    """Given as ``auth`` so that a ``.netrc`` entry of the host cannot replace the header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class HubSpotClient:
    """Speaks to one HubSpot account through ``session`` (``transport.open_session()``, or a hook's).

    ``base_url`` is ``https://api.hubapi.com`` or a sandbox's; ``token`` a service key or access token, never
    shown; ``slots`` how many callers share the account's limits at the same time; ``request_deadline`` the
    seconds one call may take with all its waits and attempts. ``now`` and ``wait`` are a steady clock and a
    sleep, for tests. ``first_told`` is what HubSpot's own clock said in the first answer to this client, ``None``
    before that.

    Raises ``SettingsError`` for a base URL, token, version or tier that cannot be right.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        token: str,
        *,
        api_version: str = DEFAULT_VERSION,
        tier: str = "professional",
        slots: int = 1,
        now: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        request_deadline: float = 120.0,
    ) -> None:
        self.base_url = _checked_base_url(base_url)
        if not _TOKEN.fullmatch(token):
            raise SettingsError(
                "The HubSpot token (password) is missing or contains characters that no token has.", system="hubspot"
            )
        if not 0 < request_deadline <= LONGEST_DEADLINE:
            raise SettingsError(
                "The HubSpot request_deadline must be more than 0 seconds and at most a day.", system="hubspot"
            )
        self.paths = Paths(api_version)
        self.request_deadline = request_deadline
        self.limits = Limits(tier, slots, now, wait)
        self.first_told: datetime | None = None
        self._session = session
        self._auth = Bearer(token)
        self._now = now
        self._wait = wait

    def __repr__(self) -> str:
        return f"HubSpotClient({self.base_url!r}, api_version={self.paths.version!r})"

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        repeat: Repeat | None = None,
        bucket: Bucket = Bucket.GENERAL,
        seconds: float | None = None,
    ) -> Reply:
        """Send one call and return its success; ``path`` is from ``paths``, ``body`` any JSON value.

        ``repeat`` is needed for a ``POST`` that may be sent twice (``Repeat.ALWAYS``); every other method
        may. ``bucket`` is the limit that it counts against. ``seconds`` may shorten the request deadline.

        Raises what ``errors.error_of`` lists; ``Unavailable`` for no, a late, cut or unreadable answer, and
        in the same cases ``OutcomeUnknown`` for a call under ``Repeat.IF_REFUSED``.
        """
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError("a path begins with one slash; anything else could name another host")
        if repeat is None:
            repeat = Repeat.IF_REFUSED if method == "POST" else Repeat.ALWAYS
        call = _Call(
            method,
            path,
            query or {},
            None
            if body is None
            else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
            repeat is Repeat.ALWAYS,
            bucket,
        )
        deadline = self._now() + min(self.request_deadline, self.request_deadline if seconds is None else seconds)
        return retrying(deadline, self._now, self._wait)(self._attempt, call, deadline)

    def now(self) -> float:
        """Seconds on this client's clock, for a caller whose several calls share one deadline."""
        return self._now()

    def pause(self, seconds: float) -> None:
        """Wait on this client's clock, for a caller that polls."""
        self._wait(seconds)

    def _attempt(self, call: _Call, deadline: float) -> Reply:
        self.limits.admit(call.bucket)
        left = deadline - self._now()
        if left <= 0:
            raise Unavailable(
                f"There was no time left for {call.what} within {self.request_deadline:g} s.",
                system="hubspot",
            )
        watchdog = Watchdog(left)
        crash.point("hubspot.before_call")
        try:
            with watchdog, closing(self._send(call, left)) as response:
                content = read_body(response, deadline, self._now)
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise lost_on_the_way(error, call.what, call.repeatable, watchdog.fired) from None
        except (OSError, ValueError) as error:
            raise lost_on_the_way(error, call.what, call.repeatable, watchdog.fired) from None
        crash.point("hubspot.after_call")
        reply = _understood(call, response.status_code, response.headers, content)
        self.limits.learn(call.bucket, response.headers)  # of a whole answer: a cut header may end in half a number
        self.first_told = self.first_told or told_time(response.headers.get("Date"))
        return reply

    def _send(self, call: _Call, left: float) -> requests.Response:
        headers = {"Accept": "application/json", "User-Agent": "tieout"}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return self._session.request(
            call.method,
            self.base_url + call.path,
            params=call.query,
            data=call.body,
            headers=headers,
            auth=self._auth,
            timeout=(min(CONNECT_TIMEOUT, left), left),
            allow_redirects=False,
            stream=True,
        )


def _understood(call: _Call, status: int, headers: Mapping[str, str], content: bytes) -> Reply:
    try:
        body = parse_json(content) if content else None
    except ValueError:
        body = None
    if not 200 <= status < 300:
        raise error_of(status, headers, body, what=call.what, repeatable=call.repeatable)
    if isinstance(body, dict):
        return Reply(status, body, correlation_id(headers, body))
    if status == 204 and not content:
        return Reply(status, {}, correlation_id(headers, {}))
    raise _unreadable(call, correlation_id(headers, {}))


def _unreadable(call: _Call, request_id: str | None) -> TieoutError:
    if call.repeatable:
        return Unavailable(
            f"HubSpot's answer to {call.what} is not readable JSON.", system="hubspot", request_id=request_id
        )
    return OutcomeUnknown(
        f"HubSpot's answer to {call.what} is not readable; whether the record was made is not known.",
        system="hubspot",
        request_id=request_id,
    )


def _checked_base_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        bare = parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
        bare = bare and (parts.port is None or parts.port > 0)
    except ValueError:
        bare = None
    if not bare or parts.scheme not in {"http", "https"} or re.search(r"[\s\\]", base_url):
        raise SettingsError(
            "The HubSpot host must be a URL such as https://api.hubapi.com, without user, query or fragment.",
            system="hubspot",
        )
    if parts.scheme == "http" and not is_near(parts.hostname or ""):
        raise SettingsError(
            "The HubSpot host must begin with https://, not http://, which would send the token in clear.",
            system="hubspot",
        )
    return base_url.rstrip("/")
