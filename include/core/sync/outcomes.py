"""What an answer of the target makes of a row. Pure: rows and instants in, rows out.

Two rows travel with every record that is being sent: ``settled``, what is known without the request in flight, and the
intent, saved before the request leaves, which says that it may have happened. A definite answer leads on from
``settled``; no answer leaves the intent standing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from include.core.decisions import Write
from include.core.sync import changes
from include.core.sync.rows import Result, ResultState, WriteRow, WriteState
from include.core.target import Found, Refused, Written


def content_to_send(row: WriteRow, write: Write, now: datetime) -> WriteRow:
    """The row with the content to be sent: the planned one, unless the content sent before may still arrive."""
    if may_arrive(row, now):
        return row
    return row.with_content(write)


def intent(settled: WriteRow, now: datetime, gone_after: float, lease: float) -> WriteRow:
    """The row that is saved before a request leaves at ``now`` and can no longer act after ``gone_after`` seconds."""
    running_until = now + timedelta(seconds=gone_after)
    if settled.running_until is not None:
        running_until = max(running_until, settled.running_until)
    return replace(
        settled,
        state=WriteState.UNKNOWN,
        running_until=running_until,
        lease_until=now + timedelta(seconds=lease),
    )


def written(settled: WriteRow, outcome: Written | Found) -> WriteRow:
    """The target holds the record; what was sent is no longer needed and is dropped (it may be personal data)."""
    return replace(
        released(settled),
        state=WriteState.WRITTEN,
        payload=None,
        running_until=None,
        target_id=outcome.target_id,
        natural_id=outcome.natural_id,
        code="",
        message="",
    )


def found(settled: WriteRow, write: Write, outcome: Found) -> WriteRow:
    """The target already holds a record for the key: ``WRITTEN`` with the content it shows, which is what was sent last
    or what is planned now; ``DIFFERS`` where it shows neither."""
    planned = settled.with_content(write)
    for row in (settled, planned):
        if not changes.unlike(row.expect, outcome.actual):
            return written(row, outcome)
    row = written(planned, outcome)
    differences = changes.unlike(planned.expect, outcome.actual)
    message = changes.found_otherwise(row, differences)
    return replace(row, state=WriteState.DIFFERS, code="changed_after_posting", message=message)


def rejected(settled: WriteRow, outcome: Refused) -> WriteRow:
    """A dead letter: refused, payload kept."""
    return replace(released(settled), state=WriteState.REJECTED, code=outcome.code, message=outcome.message)


def spent(settled: WriteRow) -> WriteRow:
    """The control id is used up; by whom is known only where we remember the refusal."""
    return settled if settled.state is WriteState.REJECTED else replace(settled, state=WriteState.UNKNOWN)


def may_arrive(row: WriteRow, now: datetime) -> bool:
    """Whether a request that is known of may still make the record."""
    return row.running_until is not None and now < row.running_until


def spent_and_absent(settled: WriteRow, now: datetime, gone_after: float) -> tuple[WriteRow, bool]:
    """The control id is used up and the target holds no record: the next one, and whether it may be used now.

    It may once nothing sent under the old one can be running: we remember the refusal that used it up, or the time
    of the last unanswered send is over. A control id that was used up by a send we do not remember (another state
    database, a restored backup) is given that time from now on. Raising on mere absence would post twice.

    The caller must have looked again ``visible_after`` seconds after it learned that the control id is spent.
    """
    until = settled.running_until
    if until is None and settled.state is not WriteState.REJECTED:
        until = now + timedelta(seconds=gone_after)
    if until is not None and now < until:
        return replace(settled, state=WriteState.UNKNOWN, running_until=until), False
    return replace(settled, state=WriteState.PLANNED, epoch=settled.epoch + 1), True


def released(row: WriteRow) -> WriteRow:
    """Nobody works on it any more."""
    return replace(row, owner=None, lease_until=None)


def result(row: WriteRow, write: Write, *, sent: bool) -> Result:
    """What a settled row means for the planned write; ``sent``: this or an earlier attempt of ours sent it."""
    if row.state is WriteState.WRITTEN:
        if row.content_hash != write.content_hash:
            message = changes.changed_after_posting(row, write.facts)
            return _result(row, "held", "changed_after_posting", message)
        return _result(row, "written" if sent else "unchanged")
    if row.state is WriteState.DIFFERS:
        return _result(row, "held", row.code, row.message)
    return _result(row, "rejected", row.code, row.message)


def _result(row: WriteRow, state: ResultState, code: str = "", message: str = "") -> Result:
    return Result(row.key, state, row.target_id, row.natural_id, code, message)
