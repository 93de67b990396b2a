"""Batch read, create, update, upsert and archive: at most 100 inputs, partial success by trace ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import CONTACT, ObjectType
from include.sandbox.hubspot.errors import Refusal, invalid, too_many_inputs
from include.sandbox.hubspot.objects import checking, single, writing
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.replies import batch
from include.sandbox.hubspot.store.records import Record

MAX_INPUTS, MAX_WITH_HISTORY = 100, 50
Row = Mapping[str, Any]


def read(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    sent = call.json()
    with_history = body.texts(sent, "propertiesWithHistory")
    rows = _inputs(sent, history=bool(with_history))
    id_property = body.text(sent, "idProperty")
    archived = call.flag("archived") or body.flag(sent, "archived")
    ids = list(dict.fromkeys(body.required_text(row, "id") for row in rows))
    found, missing = _read_all(call, kind, ids, id_property, archived=archived)
    view = View(call.world, kind, body.texts(sent, "properties"), with_history)
    errors = [_missing(kind, missing).row()] if missing else []
    if missing and not found and call.world.switches.missing_batch_read == "404":
        raise _missing(kind, missing, 404)
    return batch(call, 200, view.show(found), errors)


def _read_all(
    call: Call, kind: ObjectType, ids: list[str], id_property: str | None, *, archived: bool
) -> tuple[list[Record], list[str]]:
    if id_property and id_property != "hs_object_id":
        by_text = {text: single.holder_of(call.world, kind, id_property, text) for text in ids}
    else:
        by_text = {text: body.record_id(text) for text in ids}
        if not archived and call.world.switches.merged_ids == "redirect":
            by_text = {text: call.world.records.survivor(kind.id, number) for text, number in by_text.items()}
    wanted = [number for number in by_text.values() if number is not None]
    records = call.world.records.fetch(kind.id, wanted, archived=archived)
    missing = [text for text, number in by_text.items() if number not in records]
    return [records[number] for number in sorted(records)], missing


def _missing(kind: ObjectType, ids: list[str], status: int = 207) -> Refusal:
    message = f"Could not get some {kind.legacy} objects, they may be deleted or not exist. Check that ids are valid."
    return Refusal(status, "OBJECT_NOT_FOUND", message, context={"ids": ids})


def create(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)

    def one(row: Row) -> dict[str, Any]:
        record = single.made(call, kind, dict(row))
        return View(call.world, kind, tuple(record.props)).one(record)

    return _write(call, kind, _inputs(call.json()), one, 201)


def update(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    rows = _inputs(call.json())
    _no_repeats(rows)

    def one(row: Row) -> dict[str, Any]:
        text = body.required_text(row, "id")
        record = single.find(call.world, kind, text, body.text(row, "idProperty"))
        if record is None:
            raise _missing(kind, [text], 404)
        properties = body.inner(row, "properties")
        saved = writing.update(call.world, kind, record, properties, call.author)
        return View(call.world, kind, tuple(properties)).one(saved)

    return _write(call, kind, rows, one, 200)


def upsert(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    rows = _inputs(call.json())
    _no_repeats(rows)
    for row in rows:
        _check_id_property(call, kind, body.text(row, "idProperty") or "hs_object_id")

    def one(row: Row) -> dict[str, Any]:
        name, text = body.required_text(row, "idProperty"), body.required_text(row, "id")
        properties = {name: text, **body.inner(row, "properties")}
        holder = single.holder_of(call.world, kind, name, text)
        record = call.world.records.get(kind.id, holder)
        if record is None:
            saved = single.made(call, kind, {"properties": properties})
        else:
            saved = writing.update(call.world, kind, record, properties, call.author)
        return {**View(call.world, kind, tuple(properties)).one(saved), "new": record is None}

    whole = any(body.text(row, "idProperty") == "email" for row in rows) and kind is CONTACT
    return _write(call, kind, rows, one, 200, partial=not whole)


def archive(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    rows = _inputs(call.json())
    ids = [body.required_text(row, "id") for row in rows]
    for text in dict.fromkeys(ids):
        record = call.world.records.get(kind.id, body.record_id(text))
        if record is not None:
            writing.archive(call.world, kind, record, source=call.source, now=call.now)
    return Reply(204)


def _inputs(sent: Mapping[str, Any], *, history: bool = False) -> list[dict[str, Any]]:
    rows = body.items(sent)
    most = MAX_WITH_HISTORY if history else MAX_INPUTS
    if len(rows) > most:
        raise too_many_inputs(most, history=history)
    return rows


def _no_repeats(rows: list[dict[str, Any]]) -> None:
    """The same id twice rejects the batch."""
    seen: set[tuple[str | None, str]] = set()
    repeated: dict[str, None] = {}
    for row in rows:
        key = (body.text(row, "idProperty"), body.required_text(row, "id"))
        if key in seen:
            repeated[key[1]] = None
        seen.add(key)
    if repeated:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(repeated)}]. IDs must be unique")


def _check_id_property(call: Call, kind: ObjectType, name: str) -> None:
    definition = call.world.definitions(kind.id).get(name)
    if definition is None or not checking.is_unique(kind, name, definition.unique):
        raise single.non_unique(call.world, kind, name)


def _write(
    call: Call,
    kind: ObjectType,
    rows: list[dict[str, Any]],
    one: Callable[[Row], dict[str, Any]],
    status: int,
    *,
    partial: bool = True,
) -> Reply:
    """Each row by itself when every row has a trace id (and missing records anyway), else all or nothing."""
    traced = partial and bool(rows) and all(body.text(row, "objectWriteTraceId") for row in rows)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    absent: list[str] = []
    for row in rows:
        trace = body.text(row, "objectWriteTraceId")
        try:
            with call.world.db.savepoint():
                shown = one(row)
        except Refusal as refusal:
            if refusal.status == 404 and refusal.context and "ids" in refusal.context and not traced:
                absent.extend(refusal.context["ids"])
                continue
            if not traced:
                raise
            errors.append(refusal.row(trace))
            continue
        if trace:
            shown["objectWriteTraceId"] = trace
        results.append(shown)
    if absent:
        errors.append(_missing(kind, absent).row())
    return batch(call, status, results, errors)
