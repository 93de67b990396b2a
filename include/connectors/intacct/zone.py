"""The zone of record timestamps: Intacct writes and compares them in the web services user's own, without naming it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from lxml import etree

from include.connectors.intacct import formats
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.replies import Record
from include.connectors.intacct.xmltext import append

log = logging.getLogger(__name__)

_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-]?)(\d{1,2})(?::?([0-5]\d))?\Z", re.ASCII | re.IGNORECASE)
_FURTHEST = timedelta(hours=14)
_KNOWN: WeakKeyDictionary[IntacctClient, timedelta] = WeakKeyDictionary()
TIMESTAMPS = ("WHENMODIFIED", "AUWHENCREATED")


def utc_offset(client: IntacctClient) -> timedelta:
    """How far the user's clock is ahead of UTC; asked once for each client.

    Where the gateway does not tell, zero, with a warning in the log: whoever reads by time keeps an overlap anyway.
    Raises what ``IntacctClient.call`` raises.
    """
    known = _KNOWN.get(client)
    if known is None:
        known = _KNOWN.setdefault(client, _ask(client))
    return known


def wire_moment(moment: datetime, offset: timedelta) -> str:
    """An aware moment as a filter's text in the user's zone, cut to the second. ``ValueError`` without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone before it is sent to Intacct")
    return formats.wire_time((moment.astimezone(UTC) + offset).replace(tzinfo=UTC))


def in_utc(record: Record, offset: timedelta) -> Record:
    """The record with its timestamps as ISO text in UTC, so that whoever reads them needs to know no zone."""
    return {**record, **{name: _iso(record[name], offset) for name in TIMESTAMPS if record.get(name)}}


def read_moment(text: str, offset: timedelta) -> datetime | None:
    """A record's timestamp in the user's zone as aware UTC (``None`` for an empty field)."""
    local = formats.read_time(text)
    return local - offset if local is not None else None


def _iso(text: Any, offset: timedelta) -> str:
    moment = read_moment(str(text), offset)
    return moment.isoformat() if moment else ""


def _ask(client: IntacctClient) -> timedelta:
    question = etree.Element("readUserFormatting")
    append(question, "userId", client.user_id)
    result = client.call([Function(question)])[0]
    told = _read(result.records[0]) if result.ok and result.records else None
    if told is None:
        log.warning("Sage Intacct does not tell the zone of its user's timestamps; they are taken as UTC")
        return timedelta(0)
    return told


def _read(formatting: Mapping[str, Any]) -> timedelta | None:
    match = _OFFSET.match(str(formatting.get("gmtoffset", "")).strip())
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return None if offset > _FURTHEST else -offset if match[1] == "-" else offset
