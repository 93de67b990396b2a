"""How long to wait before the same call is sent again, and when to stop."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable

import tenacity

from include.core.errors import TransientError

log = logging.getLogger(__name__)

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)
_LONGEST = 86_400.0
_ATTEMPTS = 8


def retry_after_seconds(header: str | None, *, milliseconds_above: float | None = 120.0) -> float | None:
    """Seconds named by a ``Retry-After`` header, ``None`` where it names none we believe.

    HubSpot does not document it on 429 and reports clash on its unit: up to 120 are seconds, a larger number
    is milliseconds. Status 477 (an account on the move) is in seconds, up to a day:
    ``milliseconds_above=None``.
    """
    text = (header or "").strip()
    if not _NUMBER.fullmatch(text):
        return None
    seconds = float(text)
    if milliseconds_above is not None and seconds > milliseconds_above:
        seconds /= 1000
    return seconds if seconds <= _LONGEST else None


def retrying(deadline: float, now: Callable[[], float], wait: Callable[[float], None]) -> tenacity.Retrying:
    """Send again after a ``TransientError``, until ``deadline`` (on ``now``'s clock) or the eighth attempt.

    A wait that would end after the deadline is not begun: the error goes up at once with its ``retry_after``.
    A used up daily allowance is never waited for.
    """

    def overdue(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= _ATTEMPTS or now() + state.upcoming_sleep >= deadline

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(_worth_waiting),
        wait=_pause,
        stop=overdue,
        sleep=wait,
        before_sleep=_tell,
        reraise=True,
    )


def _worth_waiting(error: BaseException) -> bool:
    return isinstance(error, TransientError) and error.code != "DAILY"


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, TransientError) else None
    if asked is not None:
        return asked + 0.1
    return float(min(0.5 * 2**state.attempt_number, 15.0)) + random.uniform(0, 0.5)  # noqa: S311 (no secret)


def _tell(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("%s Trying again in %.1f s.", error, state.upcoming_sleep)
