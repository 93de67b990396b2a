"""Which records belong together. Read in batches: search and batch read never tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from include.connectors.hubspot.batch import chunks
from include.connectors.hubspot.client import HubSpotClient, Repeat
from include.connectors.hubspot.error_facts import ErrorFacts
from include.connectors.hubspot.errors import NotFound, refusal_of
from include.connectors.hubspot.limits import Bucket
from include.connectors.hubspot.wire import BadShape, Json, as_id, as_list, as_object, as_whole
from include.core.errors import Rejected

READ_CHUNK = 1000
WRITE_CHUNK = 100
_PRIMARY_TYPES = frozenset({1, 2, 5, 6, 509})
"""HubSpot's own association types that mean "primary company", in whatever language the label is."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Association:
    """One record and the other record ``to_id``, which may be tied by several types at once."""

    to_id: str
    type_ids: frozenset[int]
    labels: tuple[str, ...]
    primary: bool

    @classmethod
    def from_wire(cls, data: Any) -> Association:
        """``toObjectId`` comes as a number, though the specification says text."""
        wire = as_object(data, "an association")
        types = [
            as_object(one, "an association type") for one in as_list(wire.get("associationTypes"), "associationTypes")
        ]
        own = [one for one in types if one.get("category") == "HUBSPOT_DEFINED"]
        type_ids = frozenset(as_whole(one.get("typeId"), "typeId") for one in types)
        return cls(
            to_id=as_id(wire.get("toObjectId"), "toObjectId"),
            type_ids=type_ids,
            labels=tuple(one["label"] for one in types if isinstance(one.get("label"), str)),
            primary=any(one.get("typeId") in _PRIMARY_TYPES or one.get("label") == "Primary" for one in own),
        )


def read_associations(
    client: HubSpotClient, from_type: str, to_type: str, ids: Iterable[str]
) -> dict[str, list[Association]]:
    """For every id of ``from_type`` its associated records of ``to_type``, an empty list where there are
    none.

    1,000 ids a call; a record with more associations than one page holds is asked for the rest.
    """
    found: dict[str, list[Association]] = {one: [] for one in ids}
    for chunk in chunks(list(found), READ_CHUNK):
        waiting: list[Json] = [{"id": one} for one in chunk]
        asked: set[tuple[str, str]] = set()
        while waiting:
            following = _read(client, from_type, to_type, waiting, found)
            if asked & set(following):
                raise BadShape("paging.next", "a page that was not read before")
            asked |= set(following)
            waiting = [{"id": one, "after": after} for one, after in following]
    return found


def associate_default(
    client: HubSpotClient, from_type: str, to_type: str, pairs: Iterable[Pair]
) -> dict[Pair, Rejected]:
    """Tie each ``(from_id, to_id)`` without a label; what is tied already stays so. Returns the refused
    pairs."""
    path = client.paths.associations(from_type, to_type, "batch", "associate", "default")
    failed: dict[Pair, Rejected] = {}
    for chunk in chunks(list(dict.fromkeys(pairs)), WRITE_CHUNK):
        _associate(client, path, chunk, failed)
    return failed


def _read(
    client: HubSpotClient,
    from_type: str,
    to_type: str,
    inputs: Sequence[Json],
    found: dict[str, list[Association]],
) -> list[tuple[str, str]]:
    """Reads one page for each input into ``found``; the ids that have another page, with its cursor."""
    path = client.paths.associations(from_type, to_type, "batch", "read")
    try:
        reply = client.request(
            "POST", path, body={"inputs": list(inputs)}, repeat=Repeat.ALWAYS, bucket=Bucket.ASSOCIATIONS
        )
    except NotFound:
        if len(inputs) == 1:
            return []
        middle = len(inputs) // 2
        return [
            more
            for half in (inputs[:middle], inputs[middle:])
            for more in _read(client, from_type, to_type, half, found)
        ]
    following: list[tuple[str, str]] = []
    for row in as_list(reply.body.get("results"), "results"):
        result = as_object(row, "a result")
        from_id = as_id(as_object(result.get("from"), "from").get("id"), "from.id")
        if from_id not in found:
            raise BadShape("from.id", "a record that was asked for")
        _add(found[from_id], [Association.from_wire(one) for one in as_list(result.get("to"), "to")])
        paging = result.get("paging")
        after = as_object(paging, "paging").get("next") if paging is not None else None
        if after is not None:
            following.append((from_id, str(as_object(after, "paging.next").get("after"))))
    for error in as_list(reply.body.get("errors") or [], "errors"):
        _check(as_object(error, "an error"), path)
    return following


def _add(known: list[Association], more: Iterable[Association]) -> None:
    ids = {one.to_id for one in known}
    known.extend(one for one in more if one.to_id not in ids)


def _check(error: Json, path: str) -> None:
    """A record without associations makes the whole answer a 207 with this error: it means "none"."""
    found = ErrorFacts.from_wire(error)
    if not (found.sub_category.endswith("NO_ASSOCIATIONS_FOUND") or found.category == "OBJECT_NOT_FOUND"):
        raise BadShape(f"an error of {path}", "about records without associations")


def _associate(client: HubSpotClient, path: str, pairs: Sequence[Pair], failed: dict[Pair, Rejected]) -> None:
    body = {"inputs": [{"from": {"id": from_id}, "to": {"id": to_id}} for from_id, to_id in pairs]}
    try:
        reply = client.request("POST", path, body=body, repeat=Repeat.ALWAYS, bucket=Bucket.ASSOCIATIONS)
        errors = [as_object(one, "an error") for one in as_list(reply.body.get("errors") or [], "errors")]
        if not errors:
            return
        if len(pairs) == 1:
            failed[pairs[0]] = _refused(errors[0], reply.request_id, pairs[0])
            return
    except Rejected as refused:
        if len(pairs) == 1:
            failed[pairs[0]] = refused
            return
    middle = len(pairs) // 2
    for half in (pairs[:middle], pairs[middle:]):
        _associate(client, path, half, failed)


def _refused(error: Json, request_id: str | None, pair: Pair) -> Rejected:
    refusal = refusal_of(error, status=207, request_id=request_id, record_id=pair[0])
    if not isinstance(refusal, Rejected):
        raise refusal
    return refusal
