"""The client: calls functions of one company and entity, and knows what may be repeated.

Reads are repeated when the gateway is busy, away or unreadable, until the deadline. A request with a write in it is
sent once: only an answer that says "nothing was executed, the session is unknown" makes it go out again, under a new
session. Everything else is for the caller to resolve.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar

import requests
import tenacity

from include.connectors.intacct.allowance import allowance_for
from include.connectors.intacct.codec import Function, build_request
from include.connectors.intacct.credentials import Credentials
from include.connectors.intacct.deadline import with_total_timeouts
from include.connectors.intacct.endpoint import check_url, trusted_endpoint
from include.connectors.intacct.errors import SYSTEM, Kind, Unreachable, Unreadable, to_exception
from include.connectors.intacct.login import login_function, not_a_gateway, read_login
from include.connectors.intacct.replies import FunctionResult, Reply
from include.connectors.intacct.sessions import ApiSession, MemorySessionCache, SessionCache, SessionKeeper
from include.connectors.intacct.transport import post
from include.core.errors import RateLimited, SessionExpired, TransientError, Unavailable

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# A write that is sent with less than this share of its deadline left would only be cut off.
_ENOUGH = 0.2
_LONGEST_PAUSE = 16.0
# The back end's own trouble and a wrong question share this number; the question is asked once more.
_ASK_AGAIN = frozenset({"DL02000001"})


def _utc_now() -> datetime:
    return datetime.now(UTC)


class IntacctClient:
    """Calls Intacct for one user in one entity (``entity_id`` ``None``: top level). Safe to share between threads.

    ``session`` brings proxies, TLS and headers; its requests are bound by total time-outs from here on. ``sessions``
    shares API sessions with other tasks (default: this client alone). ``request_deadline`` is in seconds for one
    ``call``, sign-in and pauses included. ``concurrency`` is this process's share of the company's allowance.
    ``now`` and ``wait`` are the clock and the pause. ``first_told`` is what Intacct's own clock said in the first
    answer to this client, ``None`` before that.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        credentials: Credentials,
        *,
        entity_id: str | None = None,
        sessions: SessionCache | None = None,
        now: Callable[[], datetime] = _utc_now,
        wait: Callable[[float], None] = time.sleep,
        request_deadline: float = 300.0,
        concurrency: int = 2,
        tries: int = 5,
        first_pause: float = 1.0,
    ) -> None:
        self._http = with_total_timeouts(session)
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # sessions travel in bodies alone
        self._url = check_url(url)
        self._credentials = credentials
        self.entity_id = entity_id or None
        self.request_deadline = request_deadline
        self._keeper = SessionKeeper(
            sessions or MemorySessionCache(), credentials.session_key(url, self.entity_id), now
        )
        self._wait = wait
        self._allowance = allowance_for(url, credentials.company_id, concurrency)
        self._tries = tries
        self._first_pause = first_pause
        self.first_told: datetime | None = None

    def __repr__(self) -> str:
        return f"IntacctClient(company_id={self._credentials.company_id!r}, entity_id={self.entity_id!r})"

    @property
    def company_id(self) -> str:
        return self._credentials.company_id

    @property
    def user_id(self) -> str:
        return self._credentials.user_id

    def call(
        self, functions: Sequence[Function], *, unique: bool = False, seconds: float | None = None
    ) -> list[FunctionResult]:
        """Call the functions in one request; one result for each, in their order.

        A function that failed is a result with its errors, not an exception. ``unique`` makes the gateway refuse
        control ids that it has completed before; every function then needs one of its own. ``seconds`` is the time
        that is left for it, if that is less than the request deadline.

        Raises ``AuthError`` or ``SettingsError`` where a person must act, ``Malformed`` where the request breaks the
        schema, ``RateLimited``, ``SessionExpired`` or ``Unreachable`` where nothing was executed, and ``Unreadable``
        where a write may have been.
        """
        if not functions:
            return []
        if unique and not all(function.controlid for function in functions):
            raise ValueError("a request with unique control ids needs one for every function")
        left = self.request_deadline if seconds is None else min(seconds, self.request_deadline)
        until = time.monotonic() + left
        if all(function.reads for function in functions):
            return self._repeat(lambda: self._read(functions, unique, until), until)
        return self._write(functions, unique, until)

    def login(self) -> None:
        """Sign in afresh and share the session. Raises what ``call`` raises."""
        until = time.monotonic() + self.request_deadline
        self._repeat(lambda: self._precede(lambda: self._keeper.fresh(lambda: self._login(until))), until)

    def pause(self, attempt: int, at_least: float = 0.0) -> None:
        """Wait before a caller's own repetition ``attempt`` (from 0): longer each time, ``at_least`` in seconds."""
        self._wait(max(at_least, min(self._first_pause * 2.0**attempt, _LONGEST_PAUSE)))

    def _read(self, functions: Sequence[Function], unique: bool, until: float) -> list[FunctionResult]:
        results = self._once(functions, unique, until, self._sign_in)
        for result in results:
            if result.status == "missing":
                raise Unreadable("Sage Intacct's answer lacks the result of a function.")
            if not result.ok and result.failure.kind in {Kind.TRANSIENT, Kind.RATE_LIMITED}:
                raise to_exception(result.failure)
        if any(not result.ok and result.failure.code in _ASK_AGAIN for result in results):
            return self._once(functions, unique, until, self._sign_in)
        return results

    def _write(self, functions: Sequence[Function], unique: bool, until: float) -> list[FunctionResult]:
        def sign_in(until: float, invalid: ApiSession | None = None) -> ApiSession:
            return self._repeat(lambda: self._sign_in(until, invalid), until)

        return self._once(functions, unique, until, sign_in)

    def _once(
        self, functions: Sequence[Function], unique: bool, until: float, sign_in: Callable[..., ApiSession]
    ) -> list[FunctionResult]:
        api = sign_in(until)
        try:
            return self._send(functions, unique, api, until)
        except SessionExpired:
            log.info("the Sage Intacct session is not valid any more; signing in again")
        return self._send(functions, unique, sign_in(until, invalid=api), until)

    def _sign_in(self, until: float, invalid: ApiSession | None = None) -> ApiSession:
        if invalid is None:
            return self._precede(lambda: self._keeper.current(lambda: self._login(until)))
        return self._precede(lambda: self._keeper.renewed(invalid, lambda: self._login(until)))

    @staticmethod
    def _precede(sign_in: Callable[[], ApiSession]) -> ApiSession:
        """Whatever goes wrong in a sign-in precedes the request, so ``Unreadable`` would say too much."""
        try:
            return sign_in()
        except Unreadable as error:
            raise not_a_gateway(error) from None

    def _send(self, functions: Sequence[Function], unique: bool, api: ApiSession, until: float) -> list[FunctionResult]:
        writes = not all(function.reads for function in functions)
        if writes and until - time.monotonic() < _ENOUGH * self.request_deadline:
            raise Unreachable("Too little time is left for a write to Sage Intacct; nothing was sent.", system=SYSTEM)
        controlid = uuid.uuid4().hex
        body = build_request(
            functions, self._credentials, controlid=controlid, unique=unique, session_id=api.session_id
        )
        secrets = (api.session_id, *self._credentials.secrets)
        reply = self._post(trusted_endpoint(api.endpoint, self._url), body, until, secrets)
        self._keeper.extend(api, reply.session_seconds)
        if reply.refusal is not None:
            raise to_exception(reply.refusal)
        if reply.controlid != controlid:
            raise Unreadable("Sage Intacct's answer belongs to another request.")
        return _in_order(functions, reply)

    def _login(self, until: float) -> ApiSession:
        body = build_request(
            [login_function()],
            self._credentials,
            controlid=uuid.uuid4().hex,
            unique=False,
            session_id=None,
            entity_id=self.entity_id,
        )
        reply = self._post(self._url, body, until, self._credentials.secrets)
        session_id, endpoint = read_login(reply, self.entity_id)
        return ApiSession(session_id, trusted_endpoint(endpoint, self._url), self._keeper.expiry(reply.session_seconds))

    def _post(self, url: str, body: bytes, until: float, secrets: tuple[str, ...]) -> Reply:
        with self._allowance.slot(until - time.monotonic()):
            reply = post(self._http, url, body, until=until, secrets=secrets)
        self.first_told = self.first_told or reply.told
        return reply

    def _repeat(self, attempt: Callable[[], Answer], until: float) -> Answer:
        """Repeat what changes nothing, with growing random pauses, as long as the deadline leaves room."""
        jitter = tenacity.wait_random_exponential(multiplier=self._first_pause, max=_LONGEST_PAUSE)

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, TransientError) else None
            return jitter(state) if asked is None else asked + 0.1 * jitter(state)

        def enough(state: tenacity.RetryCallState) -> bool:
            return state.attempt_number >= self._tries or time.monotonic() + state.upcoming_sleep >= until

        return tenacity.Retrying(
            sleep=self._wait,
            wait=pause,
            stop=enough,
            retry=tenacity.retry_if_exception_type((RateLimited, Unavailable)),
            reraise=True,
        )(attempt)


def _in_order(functions: Sequence[Function], reply: Reply) -> list[FunctionResult]:
    """The results by control id, as many as there are functions; a missing one says so."""
    if reply.acknowledged:
        raise Unreadable("Sage Intacct took the request in without executing it yet.")
    answered: dict[str, FunctionResult] = {}
    for result in reply.results:
        if result.controlid in answered:
            raise Unreadable("Sage Intacct's answer names one control id twice.")
        answered[result.controlid] = result
    missing = FunctionResult("missing", "", "")
    named = ((function.controlid or str(place), function.name) for place, function in enumerate(functions, start=1))
    return [answered.get(controlid, replace(missing, controlid=controlid, function=name)) for controlid, name in named]
