"""Make fields of existing records what they should be. A second run with the same wishes reads, and sends nothing."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.field_types import FieldTypes, same_value, wire_text
from include.connectors.intacct.generic import build_update
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.sending import Prepared, send_functions
from include.connectors.intacct.vendors import check_no_bank_fields
from include.connectors.intacct.xmltext import clean_text
from include.core.decisions import Key
from include.core.errors import InvariantError, OutcomeUnknown, Rejected, Unavailable
from include.core.target import NotSent, Outcome, Refused, Send, WriteBack, Written

log = logging.getLogger(__name__)

Fields = Mapping[str, str | None]
CHUNK = 100
_TRIES = 4
NOT_FOUND = "NOT_FOUND"


def update_changed(client: IntacctClient, object_name: str, key_field: str, wanted: Mapping[str, Fields]) -> WriteBack:
    """Make each record's fields what ``wanted`` says (id in ``key_field`` -> field -> text; empty or ``None`` clears).

    Values are ISO dates, decimal text, ``true``/``false``; nested fields have dotted names
    (``DISPLAYCONTACT.MAILADDRESS.CITY``). The current values are read first, one query per 1,000 records, and only
    fields that differ in meaning are sent, 100 records a request, each refused by itself.

    An update says what shall be, not what to add, so sending it twice does no harm. Where an answer is lost, the
    records are read again: those that now are as wanted count as sent, the others are sent again. Raises
    ``OutcomeUnknown`` where after several tries it is still open whether a record was changed, ``Unavailable`` where
    it certainly was not, ``InvariantError`` where an id names two records, and what ``iter_query`` raises. A rerun
    then does what is left.
    """
    if object_name == "VENDOR":
        for fields in wanted.values():
            check_no_bank_fields(fields)
    update = _Update(client, object_name, key_field, wanted)
    differing = update.differing(list(wanted))
    failed: dict[str, Rejected] = dict(update.missing)
    for start in range(0, len(differing), CHUNK):
        failed |= update.send(differing[start : start + CHUNK])
    return WriteBack(
        sent=tuple(one for one in differing if one not in failed),
        unchanged=tuple(one for one in wanted if one not in failed and one not in set(differing)),
        failed=failed,
    )


class _Update:
    """One call of ``update_changed``: what is wanted, and what the records showed when they were last read."""

    def __init__(self, client: IntacctClient, object_name: str, key_field: str, wanted: Mapping[str, Fields]) -> None:
        self._client = client
        self._object = object_name
        self._key_field = key_field
        self._wanted = {
            one: {name: clean_text(text or "", name).strip() for name, text in fields.items()}
            for one, fields in wanted.items()
        }
        self._types = FieldTypes(client, object_name)
        self._changes: dict[str, dict[str, str]] = {}
        self._numbers: dict[str, str] = {}
        self.missing: dict[str, Rejected] = {}

    def differing(self, ids: Sequence[str]) -> list[str]:
        """Read these records; which of them are not as wanted."""
        names = list(dict.fromkeys(name for one in ids for name in self._wanted[one]))
        records = read_by(self._client, self._object, (self._key_field, *names), self._key_field, ids)
        shown: dict[str, Mapping[str, Any]] = {}
        for record in records:
            one = str(record.get(self._key_field, "")).strip()
            if one in shown:
                raise InvariantError(
                    f"Two Sage Intacct {self._object} records have one {self._key_field}.", system=SYSTEM
                )
            shown[one] = record
            self._numbers[one] = str(record["RECORDNO"])
        self.missing |= {one: self._gone(one) for one in ids if one not in shown}
        self._changes = {
            one: {name: text for name, text in self._wanted[one].items() if not self._same(shown[one], name, text)}
            for one in ids
            if one in shown
        }
        return [one for one, changes in self._changes.items() if changes]

    def send(self, ids: Sequence[str]) -> dict[str, Rejected]:
        """Update these records; the refusals. Raises where it stays open whether something happened."""
        failed: dict[str, Rejected] = {}
        waiting = list(ids)
        changes = {one: self._changes[one] for one in ids}
        for attempt in range(_TRIES):
            outcomes = send_functions(self._client, [self._prepared(one, changes[one]) for one in waiting])
            by_id = {key.source_id: outcome for key, outcome in outcomes.items()}
            failed |= {one: self._refusal(one, by_id[one]) for one in waiting if isinstance(by_id[one], Refused)}
            waiting = [one for one in waiting if not isinstance(by_id[one], Written | Refused)]
            if not waiting:
                return failed
            if attempt < _TRIES - 1:
                log.warning("%d updates of %s have no answer; reading them again", len(waiting), self._object)
                self._client.pause(attempt, max((_patience(by_id[one]) for one in waiting), default=0.0))
                waiting = self.differing(waiting)
                changes |= self._changes
                failed |= {one: gone for one, gone in self.missing.items() if one in by_id}
                if not waiting:
                    return failed
        certain = all(isinstance(by_id[one], NotSent) for one in waiting)
        told = f"{len(waiting)} updates of Sage Intacct {self._object} records"
        if certain:
            raise Unavailable(f"{told} could not be sent; try again later.", system=SYSTEM)
        raise OutcomeUnknown(f"{told} were sent and not answered; run it again, which is safe.", system=SYSTEM)

    def _same(self, record: Mapping[str, Any], name: str, wanted: str) -> bool:
        return same_value(str(record.get(name) or "").strip(), wanted, lambda: self._types.of(name))

    def _prepared(self, one: str, changes: Mapping[str, str]) -> Prepared:
        fields: dict[str, Any] = {"RECORDNO": self._numbers[one]}
        for name, text in changes.items():
            *blocks, last = name.split(".")
            place = fields
            for block in blocks:
                place = place.setdefault(block, {})
            place[last] = wire_text(text, lambda name=name: self._types.of(name))  # type: ignore[misc]
        # A control id of its own for every attempt: sending the same again shall be done again, not refused.
        controlid = uuid.uuid4().hex
        key = Key(SYSTEM, self._object, SYSTEM, self._object, one, "update")
        return Prepared(Send(key, fields, controlid), Function(build_update(self._object, fields), controlid))

    def _refusal(self, one: str, outcome: Outcome) -> Rejected:
        assert isinstance(outcome, Refused)  # noqa: S101 - for the type checker
        return Rejected(outcome.message, system=SYSTEM, code=outcome.code or None, record_id=one)

    def _gone(self, one: str) -> Rejected:
        return Rejected(
            f"Sage Intacct has no {self._object} with this {self._key_field}; it may be deleted, or another entity's.",
            system=SYSTEM,
            code=NOT_FOUND,
            record_id=one,
        )


def _patience(outcome: Outcome) -> float:
    return outcome.retry_after or 0.0 if isinstance(outcome, NotSent) else 0.0
