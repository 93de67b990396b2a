"""Intacct as the write path sees it: find our records, send new ones, say for each what is certain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from include.connectors.intacct.canonical import canonical
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.corrections import not_drafts
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.query import Query, read_together
from include.connectors.intacct.replies import Record
from include.connectors.intacct.sending import Prepared, send_functions
from include.connectors.intacct.target_objects import OBJECTS, TargetObject, target_object
from include.core.decisions import Key, Write
from include.core.errors import InvariantError, RecordError, SettingsError
from include.core.target import Found, Outcome, Refused, Send, Written

__all__ = ["DocumentKey", "IntacctTarget"]

CHUNK = 100
GATEWAY_MAX_SECONDS = 900.0  # how long the gateway works on a request at most
# A reversed invoice, and the document that reverses it, keep their key but stand for nothing any more.
_NOT_LIVE = frozenset({"reversed", "reversal"})


class IntacctTarget:
    """``core.target.Target`` for the objects of ``target_objects.OBJECTS``.

    Documents are found by ``document_key``, master records by their natural id, which their payload must therefore
    have.
    """

    def __init__(
        self, client: IntacctClient, document_key: DocumentKey, *, gateway_max_seconds: float = GATEWAY_MAX_SECONDS
    ) -> None:
        self._client = client
        self._key = document_key
        self._settle_seconds = gateway_max_seconds

    @property
    def system(self) -> str:
        return SYSTEM

    @property
    def chunk_size(self) -> int:
        return CHUNK

    @property
    def request_deadline(self) -> float:
        return self._client.request_deadline

    @property
    def settle_seconds(self) -> float:
        return self._settle_seconds

    def check_document_key(self, name: str = "invoice") -> None:
        """Prove that the document key can be looked up. Raises ``SettingsError`` or ``AuthError`` where it cannot."""
        self._read([target_object(name).query(["tieout-check"], (), self._key)])

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Which of these exist: one request, with one query for each kind of object among them.

        An invoice that was reversed is found with its STATE in ``actual``, as its key is taken. Raises
        ``InvariantError`` where two live records carry one key, and what ``iter_query`` raises.
        """
        groups = _by_kind(writes)
        answers = self._read([self._query(kind, group) for kind, group in groups])
        found: dict[Key, Found] = {}
        for (kind, group), records in zip(groups, answers, strict=True):
            found |= self._found(kind, group, records)
        return found

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """Send these records in one request; one outcome for each, in order.

        A payload that cannot be built is refused by itself. Where the gateway refuses the whole request as malformed,
        nothing was executed, and it is sent again in halves until the one record is found. Raises ``AuthError`` and
        ``SettingsError`` only where nothing was executed.
        """
        prepared: list[Prepared] = []
        refused: dict[Key, Outcome] = {}
        for send in sends:
            try:
                prepared.append(Prepared(send, Function(self._build(send), send.controlid)))
            except RecordError as error:
                refused[send.key] = Refused(send.key, error.code or "payload", error.message)
        prepared = self._never_delete_what_is_posted(prepared, refused)
        outcomes = send_functions(self._client, prepared) | refused
        return [_named(outcomes[send.key], send) for send in sends]

    def _never_delete_what_is_posted(self, prepared: list[Prepared], refused: dict[Key, Outcome]) -> list[Prepared]:
        """A person may have posted a draft since it was looked at; Intacct itself would let a posted one be deleted."""
        numbers = {
            one.send.key: one.send.payload["RECORDNO"]
            for one in prepared
            if target_object(one.send.key.target_object).effect == "deleted"
        }
        if not numbers:
            return prepared
        states = not_drafts(self._client, list(numbers.values()))
        for key, number in numbers.items():
            if number in states:
                why = f"Invoice {number} is {states[number] or 'no draft'}: a posted document is never deleted."
                refused[key] = Refused(key, "not_a_draft", why)
        return [one for one in prepared if one.send.key not in refused]

    def _build(self, send: Send) -> etree._Element:
        return target_object(send.key.target_object).element(send.key, send.payload, self._key)

    def _query(self, kind: TargetObject, writes: Sequence[Write]) -> Query:
        needles = [kind.needle(write.key, write.payload) for write in writes]
        return kind.query(needles, {name for write in writes for name in write.expect}, self._key)

    def _read(self, queries: Sequence[Query]) -> list[list[Record]]:
        try:
            return read_together(self._client, queries)
        except SettingsError as error:
            kind = next((kind for kind in OBJECTS.values() if self._was_looked_up(kind, error, queries)), None)
            if kind is None:
                raise
            raise SettingsError(
                f"Sage Intacct cannot look {kind.plural} up by {kind.field(self._key)}, which is to carry Tieout's "
                f"document key; create that field on {_TITLES[kind.object_name]}, or choose another document_key.",
                system=SYSTEM,
                code=error.code,
                request_id=error.request_id,
            ) from None

    @staticmethod
    def _was_looked_up(kind: TargetObject, error: SettingsError, queries: Sequence[Query]) -> bool:
        """Whether the error is about a query of this kind by the document key."""
        asked = any(query.object_name == kind.object_name for query in queries)
        return asked and not kind.id_field and f" {kind.object_name};" in error.message

    def _found(self, kind: TargetObject, writes: Sequence[Write], records: Iterable[Record]) -> dict[Key, Found]:
        field = kind.field(self._key)
        carrying: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            carrying[str(record.get(field, "")).strip()].append(record)
        found = {}
        for write in writes:
            needle = kind.needle(write.key, write.payload)
            if kind.effect != "made":
                if _is_done(kind, carrying.get(needle, ())):
                    found[write.key] = Found(write.key, needle, needle)
                continue
            one = _the_one(carrying.get(needle, ()), f"{kind.plural} carry {field} {needle}")
            if one is not None:
                shown = canonical(one, write.expect)
                if not _is_live(one):
                    shown["STATE"] = str(one["STATE"])
                target_id, natural_id = str(one[kind.target_id]), str(one.get(kind.natural_id, "")).strip()
                found[write.key] = Found(write.key, target_id, natural_id, shown)
        return found


_TITLES = {
    "ARINVOICE": "AR invoices",
    "ARADJUSTMENT": "AR adjustments",
    "SODOCUMENT": "Order Entry transactions",
}


def _is_done(kind: TargetObject, records: Sequence[Record]) -> bool:
    """Whether the record that is to be reversed or deleted is."""
    if kind.effect == "deleted":
        return not records
    return bool(records) and not _is_live(records[0])


def _by_kind(writes: Sequence[Write]) -> list[tuple[TargetObject, list[Write]]]:
    """The writes by kind of object, kinds in the order of the table. Raises ``SettingsError`` for an unknown one."""
    groups: dict[str, list[Write]] = {name: [] for name in OBJECTS}
    for write in writes:
        target_object(write.key.target_object)
        groups[write.key.target_object].append(write)
    return [(OBJECTS[name], group) for name, group in groups.items() if group]


def _named(outcome: Outcome, send: Send) -> Outcome:
    """The outcome with the natural id, where the answer does not tell it but we know."""
    kind = target_object(send.key.target_object)
    if isinstance(outcome, Written) and kind.effect != "made":
        number = kind.needle(send.key, send.payload)  # as `find` tells it, not the reversing record's
        return replace(outcome, target_id=number, natural_id=number)
    if not isinstance(outcome, Written) or outcome.natural_id:
        return outcome
    if kind.natural_id == kind.target_id:
        return replace(outcome, natural_id=outcome.target_id)
    return replace(outcome, natural_id=kind.needle(send.key, send.payload)) if kind.id_field else outcome


def _is_live(record: Record) -> bool:
    return str(record.get("STATE", "")).strip().lower() not in _NOT_LIVE


def _the_one(records: Sequence[Record], what: str) -> Record | None:
    """The live record, else the last reversed one, else nothing. Raises ``InvariantError`` for two live ones."""
    live = [record for record in records if _is_live(record)]
    if len(live) > 1:
        numbers = ", ".join(str(record["RECORDNO"]) for record in live)
        raise InvariantError(
            f"{len(live)} Sage Intacct {what} (record numbers {numbers}); reverse the wrong one before going on.",
            system=SYSTEM,
        )
    if live:
        return live[0]
    return records[-1] if records else None
