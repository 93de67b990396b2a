"""What changed in a window of time, and what was deleted in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import required
from include.connectors.intacct.filters import Filter, all_of, at_least, equal, less
from include.connectors.intacct.query import MAX_PAGE, iter_query
from include.connectors.intacct.replies import Record
from include.connectors.intacct.zone import in_utc, read_moment, utc_offset, wire_moment

MODIFIED = "WHENMODIFIED"


def iter_changed(
    client: IntacctClient,
    object_name: str,
    fields: Sequence[str],
    since: datetime,
    until: datetime,
    *,
    more: Filter | None = None,
    page_size: int = MAX_PAGE,
) -> Iterator[Record]:
    """The records whose WHENMODIFIED lies in [since, until), in the order of RECORDNO.

    ``since`` and ``until`` are aware; Intacct keeps whole seconds, so both are cut to the second, and windows that
    meet share no record and miss none. A record that changes again while it is read is in a later window. The
    records' timestamps come as ISO text in UTC, whatever the user's zone. ``more`` must hold as well.

    Two things are the caller's: an overlap with the last window (a change may become visible later than its own
    timestamp says), and the effects that do not touch this object's own WHENMODIFIED. Raises ``ValueError`` for a
    time without zone, and what ``iter_query`` raises.
    """
    offset = utc_offset(client)
    window = _window(MODIFIED, wire_moment(since, offset), wire_moment(until, offset))
    condition = all_of(*window, more) if more is not None else all_of(*window)
    for record in iter_query(client, object_name, (MODIFIED, *fields), condition, page_size=page_size):
        yield in_utc(record, offset)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record that was deleted. ``record_no`` is its RECORDNO as the audit trail names it."""

    record_no: str
    deleted_at: datetime | None


def deleted_since(client: IntacctClient, object_name: str, since: datetime, until: datetime) -> list[Deletion]:
    """The records of this object deleted in [since, until), by the audit trail: the only feed of deletions.

    Raises ``AuthError`` where the user lacks the permission to view the audit history, else as ``iter_changed``.
    """
    offset = utc_offset(client)
    condition = all_of(
        equal("OBJECTTYPE", object_name.lower()),
        equal("ACCESSMODE", "D"),
        *_window("ACCESSTIME", wire_moment(since, offset), wire_moment(until, offset)),
    )
    trail = iter_query(client, "AUDITHISTORY", ("OBJECTKEY", "ACCESSTIME"), condition, ignore_case=True)
    return [
        Deletion(required(entry, "OBJECTKEY"), read_moment(str(entry.get("ACCESSTIME") or ""), offset))
        for entry in trail
    ]


def _window(field: str, since: str, until: str) -> tuple[Filter, Filter]:
    return at_least(field, since), less(field, until)
