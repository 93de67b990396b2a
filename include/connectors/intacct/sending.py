"""One request of writes, and what its answer means for each of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import Kind, StillRunning, Unreadable, to_exception
from include.connectors.intacct.replies import FunctionResult
from include.core.decisions import Key
from include.core.errors import (
    AuthError,
    OutcomeUnknown,
    RecordError,
    SettingsError,
    TransientError,
)
from include.core.target import Lost, NotSent, Outcome, Refused, Running, Send, Spent, Written


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record to be sent, and the function that makes it."""

    send: Send
    function: Function


def send_functions(client: IntacctClient, prepared: Sequence[Prepared]) -> dict[Key, Outcome]:
    """Send everything in one request, one outcome for each key.

    Only where the gateway says that the request as a whole is wrong, so that nothing of it was executed, it is sent
    again in halves, until the record at fault stands alone: all within the client's request deadline. Raises
    ``AuthError`` or ``SettingsError`` where nothing at all was executed because of them.
    """
    until = time.monotonic() + client.request_deadline
    outcomes: dict[Key, Outcome] = {}
    waiting = [list(prepared)] if prepared else []
    while waiting:
        group = waiting.pop(0)
        try:
            results = client.call(
                [one.function for one in group], unique=True, seconds=max(0.0, until - time.monotonic())
            )
        except (AuthError, SettingsError) as error:
            if not outcomes:
                raise
            outcomes |= {one.send.key: NotSent(one.send.key, error.message) for one in group}
        except RecordError as error:
            if len(group) > 1:
                middle = len(group) // 2
                waiting[:0] = [group[:middle], group[middle:]]
                continue
            key = group[0].send.key
            outcomes[key] = Refused(key, error.code or "", error.message)
        except (TransientError, OutcomeUnknown) as error:
            outcomes |= {one.send.key: _unanswered(one.send.key, error) for one in group}
        else:
            _raise_where_nothing_is_permitted(results, outcomes)
            outcomes |= {one.send.key: outcome_of(one.send, result) for one, result in zip(group, results, strict=True)}
    return outcomes


def outcome_of(send: Send, result: FunctionResult) -> Outcome:
    """What the answer to one function means for its record."""
    if result.ok:
        return _written(send, result)
    if result.status not in ("failure", "aborted"):
        return Lost(send.key, "Sage Intacct's answer says nothing about this record.")
    if any(record.get("RECORDNO") for record in result.records):
        return Lost(send.key, "Sage Intacct answered with a failure, and yet with a record.")
    failure = result.failure
    match failure.kind:
        case Kind.SPENT:
            return Spent(send.key)
        case Kind.RUNNING:
            return Running(send.key)
        case Kind.DUPLICATE:
            return Refused(send.key, failure.code, failure.message, duplicate=True)
        case Kind.TRANSIENT | Kind.RATE_LIMITED | Kind.SESSION_EXPIRED | Kind.ROLLED_BACK:
            return NotSent(send.key, failure.message)
    if result.status == "aborted":
        return NotSent(send.key, failure.message)
    return Refused(send.key, failure.code, failure.message)


def _written(send: Send, result: FunctionResult) -> Outcome:
    made = result.records[0] if result.records else {}
    # A deletion answers with nothing but success; the payload names what was deleted.
    target_id = result.key or str(made.get("RECORDNO") or send.payload.get("RECORDNO") or "").strip()
    if not target_id:
        return Lost(send.key, "Sage Intacct's answer is a success without a record number.")
    named = next((str(value) for name, value in made.items() if name != "RECORDNO" and value), "")
    return Written(send.key, target_id, (named or str(send.payload.get("CUSTOMERID") or "")).strip())


def _unanswered(key: Key, error: TransientError | OutcomeUnknown) -> Outcome:
    if isinstance(error, StillRunning):
        return Running(key)
    if isinstance(error, Unreadable | OutcomeUnknown):
        return Lost(key, error.message)
    return NotSent(key, error.message, error.retry_after)


def _raise_where_nothing_is_permitted(results: Sequence[FunctionResult], outcomes: dict[Key, Outcome]) -> None:
    """A missing permission that refuses every record is for an administrator, not a hundred refused records."""
    if outcomes or any(result.status != "failure" or result.records for result in results):
        return
    failures = [result.failure for result in results]
    if all(failure.kind is Kind.PERMISSION for failure in failures):
        raise to_exception(failures[0])
