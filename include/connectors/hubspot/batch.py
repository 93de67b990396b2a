"""Many records in one call: read, update, upsert, create."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.errors import NotFound
from include.connectors.hubspot.isolate import send_isolating
from include.connectors.hubspot.partial import Partial, named_ids, read_partial
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.wire import BadShape, Json, as_list, as_object
from include.core.errors import OutcomeUnknown, Rejected, SettingsError

CHUNK = 100
CHUNK_WITH_HISTORY = 50

Properties = Mapping[str, str | None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BatchRead:
    """``records`` in the order asked for; ``missing`` are ids that HubSpot does not have (or has
    archived). ``survivors``: records that came under another id than the one asked for, which was merged into them
    (and is among ``missing``)."""

    records: tuple[CrmRecord, ...]
    missing: tuple[str, ...]
    survivors: tuple[CrmRecord, ...] = ()

    def by_id(self) -> dict[str, CrmRecord]:
        return {record.id: record for record in self.records}


@dataclass(frozen=True, slots=True)
class BatchResult:
    """By the key each input had (record id, or the unique value of an upsert): what was written, what was
    refused.

    ``updated`` holds the records as HubSpot answered them; ``created`` the keys of those that an upsert made.
    """

    updated: Mapping[str, CrmRecord] = field(default_factory=dict)
    failed: Mapping[str, Rejected] = field(default_factory=dict)
    created: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """An association of a record to be made: to which record, by which association type."""

    to_id: str
    type_id: int
    category: str = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to be made."""

    properties: Properties = field(repr=False)
    associations: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchCreated:
    """By the caller's trace id. ``unknown`` are those about which the answer says nothing: never send them
    again before they were looked for."""

    created: Mapping[str, CrmRecord]
    failed: Mapping[str, Rejected]
    unknown: frozenset[str]


def batch_read(
    client: HubSpotClient,
    object_type: str,
    ids: Iterable[str],
    properties: Sequence[str],
    with_history: Sequence[str] = (),
    id_property: str | None = None,
) -> BatchRead:
    """Read records by id: 100 a call, 50 with history. An id named twice is read once.

    With ``id_property`` (a unique one) ``ids`` are its values. Raises ``SettingsError`` where it is not unique.
    """
    path = client.paths.objects(object_type, "batch", "read")
    asked = list(dict.fromkeys(ids))
    found: dict[str, CrmRecord] = {}
    for chunk in chunks(asked, CHUNK_WITH_HISTORY if with_history else CHUNK):
        body: Json = {"inputs": [{"id": one} for one in chunk], "properties": list(properties)}
        if id_property is not None:
            body |= {"idProperty": id_property, "properties": list(dict.fromkeys((id_property, *properties)))}
        if with_history:
            body["propertiesWithHistory"] = list(with_history)
        try:
            reply = client.request("POST", path, body=body, repeat=Repeat.ALWAYS)
        except NotFound:
            continue  # none of them exists; HubSpot answers that with 404 or with an empty 207
        for row in as_list(reply.body.get("results"), "results"):
            record = CrmRecord.from_wire(row)
            found[record.id if id_property is None else record.properties.get(id_property) or ""] = record
        _check_read_errors(reply.body, path)
    return BatchRead(
        tuple(found[one] for one in asked if one in found),
        tuple(one for one in asked if one not in found),
        tuple(record for one, record in found.items() if one not in set(asked)),
    )


def batch_update(client: HubSpotClient, object_type: str, updates: Mapping[str, Properties]) -> BatchResult:
    """Set properties of existing records: record id -> property -> value (``None`` or an empty text clears
    it).

    Sent again after a lost answer, because twice is the same as once. A record that HubSpot refuses never
    takes the others down: it is singled out, if need be by halving the batch.
    """

    def inputs(chunk: Sequence[str]) -> list[Json]:
        return [{"id": one, "properties": _cleared(updates[one]), "objectWriteTraceId": one} for one in chunk]

    send = _sender(client, client.paths.objects(object_type, "batch", "update"), inputs, known_ids=True)
    return _written(send, updates)


def batch_upsert(
    client: HubSpotClient, object_type: str, id_property: str, records: Iterable[Properties]
) -> BatchResult:
    """Create or update by the unique property ``id_property``, which each record carries. Results are keyed
    by its value. Records with the same value become one, later values winning: HubSpot refuses a batch that
    names one twice.

    Safe to repeat: the unique value keeps a second sending from making a second record. Raises
    ``SettingsError`` where a record lacks the value, or the property is not unique.
    """
    merged: dict[str, dict[str, str | None]] = {}
    for record in records:
        key = (record.get(id_property) or "").strip()
        if not key:
            raise SettingsError(
                f"A record to upsert has no value of {id_property}, which identifies it.", system="hubspot"
            )
        merged.setdefault(key, {}).update({**record, id_property: key})
    traces = {key: f"row-{number}" for number, key in enumerate(merged)}

    def inputs(chunk: Sequence[str]) -> list[Json]:
        return [
            {
                "id": key,
                "idProperty": id_property,
                "properties": _cleared(merged[key]),
                "objectWriteTraceId": traces[key],
            }
            for key in chunk
        ]

    send = _sender(client, client.paths.objects(object_type, "batch", "upsert"), inputs, known_ids=False)
    return _written(send, merged)


def batch_create(
    client: HubSpotClient, object_type: str, records: Mapping[str, NewRecord], *, seconds: float | None = None
) -> BatchCreated:
    """Make up to 100 records in one call: trace id -> record. Trace ids are the caller's, unique in the call.

    One call only, because a create must not be repeated blindly: the caller writes down what it answered
    before it sends the next. Raises ``OutcomeUnknown`` where no readable answer came back (any of them may
    exist), and ``Rejected`` where HubSpot refused the whole call (none does). ``seconds`` may shorten the deadline.
    """
    if len(records) > CHUNK:
        raise SettingsError(f"At most {CHUNK} records can be made in one call.", system="hubspot")
    if not records:
        return BatchCreated({}, {}, frozenset())
    inputs = [
        {
            "properties": {name: text for name, text in record.properties.items() if text is not None},
            "associations": [_association(link) for link in record.associations],
            "objectWriteTraceId": trace,
        }
        for trace, record in records.items()
    ]
    path = client.paths.objects(object_type, "batch", "create")
    reply = client.request("POST", path, body={"inputs": inputs}, seconds=seconds)
    try:
        partial = read_partial(reply, dict.fromkeys(records))
    except (BadShape, SettingsError) as error:
        raise OutcomeUnknown(
            f"{error.message} Which records were made is not known.", system="hubspot", request_id=reply.request_id
        ) from None
    return BatchCreated(partial.done, partial.refused, frozenset(partial.silent))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _sender(
    client: HubSpotClient, path: str, inputs: Callable[[Sequence[str]], list[Json]], *, known_ids: bool
) -> Callable[[Sequence[str]], Partial]:
    """Sends a chunk of keys and tells what became of each, by key."""

    def send(chunk: Sequence[str]) -> Partial:
        wire = inputs(chunk)
        keys = {row["objectWriteTraceId"]: row["id"] for row in wire}
        reply = client.request("POST", path, body={"inputs": wire}, repeat=Repeat.ALWAYS)
        partial = read_partial(reply, keys if known_ids else dict.fromkeys(keys))
        return Partial(
            {keys[trace]: record for trace, record in partial.done.items()},
            {keys[trace]: error for trace, error in partial.refused.items()},
            tuple(keys[trace] for trace in partial.silent),
            frozenset(keys[trace] for trace in partial.new),
        )

    return send


def _written(send: Callable[[Sequence[str]], Partial], wanted: Mapping[str, Properties]) -> BatchResult:
    updated: dict[str, CrmRecord] = {}
    failed: dict[str, Rejected] = {}
    created: set[str] = set()
    for chunk in chunks(list(wanted), CHUNK):
        for partial in send_isolating(send, chunk, wanted):
            updated.update(partial.done)
            failed.update(partial.refused)
            created |= partial.new
    return BatchResult(updated, failed, frozenset(created))


def _check_read_errors(body: Json, path: str) -> None:
    """Of a batch read's errors only "no such record" is expected; anything else would pass for missing
    records."""
    for error in as_list(body.get("errors") or [], "errors"):
        error = as_object(error, "an error")
        if error.get("category") != "OBJECT_NOT_FOUND" and not named_ids(error, "ids", "id"):
            raise BadShape(f"an error of {path}", "about records that do not exist")


def _cleared(properties: Properties) -> dict[str, str]:
    """HubSpot clears a property that is set to an empty text."""
    return {name: "" if text is None else text for name, text in properties.items()}


def _association(link: Link) -> dict[str, Any]:
    types = [{"associationCategory": link.category, "associationTypeId": link.type_id}]
    return {"to": {"id": link.to_id}, "types": types}
