"""HubSpot as the write path sees it: find our records, make new ones, say for each what is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from include.connectors.hubspot.association_types import AssociationTypes
from include.connectors.hubspot.batch import CHUNK, NewRecord, batch_read
from include.connectors.hubspot.body_marker import find_marked, marked
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.creating import Outcomes, Prepared, create
from include.connectors.hubspot.enrolments import ENROLMENT, NOT_ALLOWED, Enrolments
from include.connectors.hubspot.properties import PropertyDefinition, get_properties
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.source_key import OBJECTS, SOURCE_KEY, Identity, identity_of
from include.connectors.hubspot.writeback import same_value
from include.core.decisions import Key, Write
from include.core.errors import Rejected, SettingsError, TransientError
from include.core.sync.order import references
from include.core.target import Found, Lost, NotSent, Outcome, Refused, Send

__all__ = ["ENROLMENT", "NOT_ALLOWED", "SOURCE_KEY", "HubSpotTarget"]

SETTLE_SECONDS = 60.0
"""HubSpot answers when it is done; nothing runs on behind a queue. Its front end gives a request up after 100 seconds
(status 524), which the request deadline of 120 covers; a minute more is for a write that was under way then."""
MARKER_PAUSE = 30.0
"""Seconds to wait after a lost answer where HubSpot would not keep a second record out."""


class HubSpotTarget:
    """``core.target.Target`` for the objects of ``OBJECTS`` and for ``sequence_enrolment``.

    A payload is ``{"properties": {name: text}, "associations": [{"to": "companies", "id": ..., "type": label or type
    id, if not the default}]}``; of an enrolment see ``enrolments``. ``ensure_source_keys`` must have been called once
    for the objects. What the account's definitions say is read once for each ``HubSpotTarget``.
    """

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._types = AssociationTypes(client)
        self._enrolments = Enrolments(client)
        self._identities: dict[str, Identity] = {}
        self._definitions: dict[str, dict[str, PropertyDefinition]] = {}

    @property
    def system(self) -> str:
        return "hubspot"

    @property
    def chunk_size(self) -> int:
        return CHUNK

    @property
    def request_deadline(self) -> float:
        return self._client.request_deadline

    @property
    def settle_seconds(self) -> float:
        return SETTLE_SECONDS

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Which of these exist: one call for each object type among them (by the marker a few, see ``body_marker``; of
        enrolments one for each contact). Archived records are not found.

        Raises ``SettingsError`` where the property is not there or not unique, ``InvariantError`` where two records
        carry one marker, and what the client raises.
        """
        found: dict[Key, Found] = {}
        by_object: dict[str, list[Write]] = {}
        for write in writes:
            by_object.setdefault(write.key.target_object, []).append(write)
        for name, some in by_object.items():
            if name == ENROLMENT:
                found |= self._enrolments.find(some, self._ids(some))
                continue
            properties = sorted({field for write in some for field in write.expect})
            if self._identity(name) == "marker":
                records = find_marked(self._client, name, some, self._ids(some), properties)
            else:
                records = self._by_key(name, [write.key for write in some], properties)
            for write in some:
                if (record := records.get(write.key)) is not None:
                    found[write.key] = Found(write.key, record.id, record.id, self._shown(name, record, write.expect))
        return found

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """Make these records, one request for each object type among them; one outcome for each, in order.

        A payload that is wrong by itself is refused by itself. Everything ends within the client's request deadline.
        Raises ``AuthError`` and ``SettingsError`` only where nothing was made.
        """
        until = self._client.now() + self._client.request_deadline
        outcomes: Outcomes = {}
        enrolments = [send for send in sends if send.key.target_object == ENROLMENT]
        prepared = self._prepared([send for send in sends if send.key.target_object != ENROLMENT], outcomes)
        for name, some in prepared.items():
            create(self._client, OBJECTS[name], some, until, outcomes)
            if self._identity(name) == "marker" and any(isinstance(outcomes[one.key], Lost) for one in some):
                self._client.pause(max(0.0, min(MARKER_PAUSE, until - self._client.now())))
        self._enrolments.send(enrolments, until, outcomes)
        return [outcomes[send.key] for send in sends]

    def _prepared(self, sends: Sequence[Send], outcomes: Outcomes) -> dict[str, list[Prepared]]:
        """By object; what cannot be built or looked up gets its outcome at once."""
        prepared: dict[str, list[Prepared]] = {}
        for send in sends:
            try:
                one = Prepared(send.key, self._record(send))
            except Rejected as error:
                outcomes[send.key] = Refused(send.key, error.code or "payload", error.message)
            except TransientError as error:
                outcomes[send.key] = NotSent(send.key, error.message, error.retry_after)
            else:
                prepared.setdefault(send.key.target_object, []).append(one)
        return prepared

    def _record(self, send: Send) -> NewRecord:
        name = send.key.target_object
        identity = self._identity(name)
        properties = send.payload.get("properties")
        if not isinstance(properties, dict) or not all(isinstance(text, str | None) for text in properties.values()):
            raise Rejected(
                f"The properties of the planned HubSpot {name} are not texts.", system="hubspot", code="payload"
            )
        if identity == "property":
            properties = {**properties, SOURCE_KEY: send.key.document_key()}
        else:
            properties = marked(send.key, properties, send.payload)
        return NewRecord(properties, self._types.links(OBJECTS[name], send.payload))

    def _identity(self, name: str) -> Identity:
        if name not in OBJECTS:
            known = ", ".join((*OBJECTS, ENROLMENT))
            raise SettingsError(f"Tieout makes {known} in HubSpot, not {name!r:.40}.", system="hubspot")
        if name not in self._identities:
            self._identities[name] = identity_of(self._client, name)
        return self._identities[name]

    def _by_key(self, name: str, keys: Iterable[Key], properties: Sequence[str] = ()) -> dict[Key, CrmRecord]:
        wanted = {key.document_key(): key for key in keys}
        read = batch_read(self._client, OBJECTS[name], wanted, properties, id_property=SOURCE_KEY)
        return {wanted[record.properties[SOURCE_KEY] or ""]: record for record in read.records}

    def _ids(self, writes: Sequence[Write]) -> dict[Key, str]:
        """The record ids of what the payloads refer to, as far as the property tells them."""
        by_object: dict[str, list[Key]] = {}
        for key in dict.fromkeys(ref for write in writes for ref in references(write.payload)):
            if key.target_object in OBJECTS and self._identity(key.target_object) == "property":
                by_object.setdefault(key.target_object, []).append(key)
        return {key: record.id for name, keys in by_object.items() for key, record in self._by_key(name, keys).items()}

    def _shown(self, name: str, record: CrmRecord, expected: Mapping[str, str]) -> dict[str, str]:
        """The fields that ``expected`` names, as the record shows them; what means the same reads as expected."""
        shown = {}
        for field, text in expected.items():
            actual = record.properties.get(field) or ""
            same = same_value(actual, text, partial(self._type_of, name, field))
            shown[field] = text if same else actual
        return shown

    def _type_of(self, name: str, field: str) -> str | None:
        if name not in self._definitions:
            self._definitions[name] = get_properties(self._client, OBJECTS[name])
        definition = self._definitions[name].get(field)
        return definition.type if definition else None
