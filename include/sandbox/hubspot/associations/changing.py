"""Writing associations: batches, one pair, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.linking import Linker
from include.sandbox.hubspot.associations.types import CATEGORIES, LinkType, v3_name
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import Refusal, invalid, invalid_json, too_many_inputs
from include.sandbox.hubspot.replies import batch
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End

MAX_CREATE = 2_000
Row = Mapping[str, Any]


def _linker(call: Call) -> Linker:
    return Linker(call.world, call.source, call.now)


def _inputs(call: Call) -> list[dict[str, Any]]:
    rows = body.items(call.json())
    if len(rows) > MAX_CREATE:
        raise too_many_inputs(MAX_CREATE)
    return rows


def _ends(linker: Linker, kind: ObjectType, other: ObjectType, row: Row) -> tuple[End, End]:
    start = body.required_text(body.inner(row, "from"), "id")
    end = body.required_text(body.inner(row, "to"), "id")
    return linker.end(kind, start), linker.end(other, end)


def create(call: Call, from_name: str, to_name: str) -> Reply:
    """Rows whose records are missing are told apart (207); a bad body refuses all."""
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    results, errors = [], []
    for row in _inputs(call):
        wanted = linker.wanted(kind, other, body.items(row, "types"))
        try:
            with call.world.db.savepoint():
                start, end = _ends(linker, kind, other, row)
                linker.typed(start, end, wanted)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            errors.append(refusal.row())
            continue
        results.append(_created(call, start, end))
    return batch(call, 200 if call.dated and call.version >= "2026-09" else 201, results, errors)


def _created(call: Call, start: End, end: End) -> dict[str, Any]:
    known = {(t.category, t.type_id): t.label for t in _linker(call).types(start.type_id, end.type_id)}
    found = links.between(call.world.db, start, end)
    labels = [known.get((link.category, link.type_id)) for link in found]
    return {
        "fromObjectTypeId": start.type_id,
        "fromObjectId": start.id,
        "toObjectTypeId": end.type_id,
        "toObjectId": end.id,
        "labels": [label for label in labels if label is not None],
    }


def associate_default(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    results: list[dict[str, Any]] = []
    errors = []
    for row in _inputs(call):
        try:
            with call.world.db.savepoint():
                start, end = _ends(linker, kind, other, row)
                results.extend(_both(start, end, linker.default(start, end)))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            errors.append(refusal.row())
    return batch(call, 200, results, errors)


def _both(start: End, end: End, link: LinkType) -> list[dict[str, Any]]:
    """The default result lists both directions."""
    return [
        {
            "from": {"id": str(one.id)},
            "to": {"id": str(other.id)},
            "associationSpec": {"associationCategory": CATEGORIES[link.category], "associationTypeId": type_id},
        }
        for one, other, type_id in ((start, end, link.type_id), (end, start, link.back))
    ]


def archive(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    for row in _inputs(call):
        start = body.record_id(body.required_text(body.inner(row, "from"), "id"))
        targets = row.get("to")
        if isinstance(targets, dict):
            targets = [targets]
        for target in body.items({"to": targets}, "to"):
            end = body.record_id(body.required_text(target, "id"))
            if start is not None and end is not None:
                linker.remove(End(kind.id, start), End(other.id, end))
    return _gone(call)


def archive_labels(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    for row in _inputs(call):
        start = body.record_id(body.required_text(body.inner(row, "from"), "id"))
        end = body.record_id(body.required_text(body.inner(row, "to"), "id"))
        wanted = linker.wanted(kind, other, body.items(row, "types"))
        if start is not None and end is not None:
            linker.remove_types(End(kind.id, start), End(other.id, end), wanted)
    return _gone(call)


def _gone(call: Call) -> Reply:
    """204 on v4, 200 on the dated paths."""
    return batch(call, 200, []) if call.dated else Reply(204)


def put(call: Call, from_name: str, from_id: str, to_name: str, to_id: str) -> Reply:
    """Replaces the labels of a pair."""
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    specs = body.parse_any(call.request.body)
    if not isinstance(specs, list):
        raise invalid_json(1, 1, "Cannot deserialize value: a list is expected")
    wanted = linker.wanted(kind, other, body.items({"types": specs}, "types"))
    start, end = linker.end(kind, from_id), linker.end(other, to_id)
    _replace(call, linker, start, end, wanted)
    return Reply(201, _created(call, start, end))


def _replace(call: Call, linker: Linker, start: End, end: End, wanted: Sequence[LinkType]) -> None:
    kept = {(link.category, link.type_id) for link in wanted}
    types = {(t.category, t.type_id): t for t in linker.types(start.type_id, end.type_id)}
    for link in links.between(call.world.db, start, end):
        old = types.get((link.category, link.type_id))
        if old is not None and old.label is not None and (link.category, link.type_id) not in kept:
            links.remove(call.world.db, start, end, old.category, old.type_id, old.back)
    linker.typed(start, end, wanted)


def put_default(call: Call, from_name: str, from_id: str, to_name: str, to_id: str) -> Reply:
    linker = _linker(call)
    start, end = linker.end(call.kind(from_name), from_id), linker.end(call.kind(to_name), to_id)
    return batch(call, 200, _both(start, end, linker.default(start, end)))


def delete(call: Call, from_name: str, from_id: str, to_name: str, to_id: str) -> Reply:
    kind, other = call.kind(from_name), call.kind(to_name)
    start, end = body.record_id(from_id), body.record_id(to_id)
    if start is not None and end is not None:
        _linker(call).remove(End(kind.id, start), End(other.id, end))
    return Reply(204)


def put_v3(call: Call, from_name: str, from_id: str, to_name: str, to_id: str, type_name: str) -> Reply:
    """``PUT /crm/v3/objects/deals/1/associations/companies/2/deal_to_company`` (or a type id)."""
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    start, end = linker.end(kind, from_id), linker.end(other, to_id)
    _link_v3(linker, kind, other, start, end, type_name)
    return Reply(200, {"id": str(start.id), "associations": {other.plural: {"results": [
        {"id": str(end.id), "type": v3_name(kind, other)}]}}})  # fmt: skip


def _link_v3(linker: Linker, kind: ObjectType, other: ObjectType, start: End, end: End, type_name: str) -> None:
    types = {str(link.type_id): link for link in linker.types(kind.id, other.id)}
    if type_name in types:
        linker.typed(start, end, [types[type_name]])
    elif type_name in {v3_name(kind, other), f"{v3_name(kind, other)}_unlabeled"}:
        linker.default(start, end)
    else:
        raise invalid(f"Association type {type_name[:60]} does not exist between {kind.singular} and {other.singular}")


def delete_v3(call: Call, from_name: str, from_id: str, to_name: str, to_id: str, _type_name: str) -> Reply:
    return delete(call, from_name, from_id, to_name, to_id)


def create_v3(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other, linker = call.kind(from_name), call.kind(to_name), _linker(call)
    results, errors = [], []
    for row in _inputs(call):
        try:
            with call.world.db.savepoint():
                start, end = _ends(linker, kind, other, row)
                type_name = body.text(row, "type") or v3_name(kind, other)
                _link_v3(linker, kind, other, start, end, type_name)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            errors.append(refusal.row())
            continue
        results.append({"from": {"id": str(start.id)}, "to": {"id": str(end.id)}, "type": type_name})
    return batch(call, 201, results, errors)
