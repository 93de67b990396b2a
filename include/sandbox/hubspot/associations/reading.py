"""Reading associations: batches, one record's, labels."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.types import CATEGORIES, types_between, v3_name
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import Refusal, not_found, too_many_inputs
from include.sandbox.hubspot.replies import batch, next_link, page
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End, Link

MAX_READ = 1_000
PAGE = 500


def read(call: Call, from_name: str, to_name: str) -> Reply:
    """Up to 1,000 records; those without associations make the answer a 207."""
    kind, other = call.kind(from_name), call.kind(to_name)
    rows = body.items(call.json())
    if len(rows) > MAX_READ:
        raise too_many_inputs(MAX_READ)
    wanted = _wanted(rows)
    found = _found(call, kind, list(wanted), other)
    show = _Shown(call, kind, other)
    results, errors = [], []
    for text, after in wanted.items():
        to, following = show.page([link for link in found.get(text, ()) if link.to_id >= after], PAGE)
        if not to:
            errors.append(_none(kind, other, text).row())
            continue
        entry: dict[str, Any] = {"from": {"id": text}, "to": to}
        if following is not None:
            entry["paging"] = {"next": next_link(call, following)}
        results.append(entry)
    return batch(call, 200, results, errors)


def _found(call: Call, kind: ObjectType, texts: list[str], other: ObjectType) -> dict[str, list[Link]]:
    """The associations of each record, by the id it was asked by."""
    numbers = {text: number for text in texts if (number := body.record_id(text)) is not None}
    survivors = call.world.records.survivors(kind.id, numbers.values())
    rows = links.of_many(call.world.db, kind.id, list(dict.fromkeys(survivors.values())), other.id)
    return {text: rows.get(survivors[number], []) for text, number in numbers.items()}


def _wanted(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Ids (each once) and where to go on."""
    wanted: dict[str, int] = {}
    for row in rows:
        after = body.text(row, "after")
        wanted.setdefault(body.required_text(row, "id"), body.as_whole("after", after) if after else 0)
    return wanted


def _none(kind: ObjectType, other: ObjectType, text: str) -> Refusal:
    return Refusal(
        207,
        "OBJECT_NOT_FOUND",
        f"No {other.singular} is associated with {kind.singular} {text[:40]}.",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [text[:40]], "fromObjectType": [kind.singular], "toObjectType": [other.singular]},
    )


class _Shown:
    """Associations from one type to another in v4 form: ``[{toObjectId, associationTypes}]``."""

    def __init__(self, call: Call, kind: ObjectType, other: ObjectType) -> None:
        known = types_between(call.world.db.documents("label"), kind.id, other.id)
        self._labels = {(link.category, link.type_id): link.label for link in known}

    def page(self, found: list[Link], limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """One page and where the next begins. ``toObjectId`` is a number."""
        by_id: dict[int, list[Link]] = {}
        for link in found:
            by_id.setdefault(link.to_id, []).append(link)
        ids = list(by_id)
        shown = [{"toObjectId": to_id, "associationTypes": self._types(by_id[to_id])} for to_id in ids[:limit]]
        return shown, str(ids[limit]) if len(ids) > limit else None

    def _types(self, found: list[Link]) -> list[dict[str, Any]]:
        """The label Primary need not come first: the order differs from record to record."""
        return [
            {
                "category": CATEGORIES[link.category],
                "typeId": link.type_id,
                "label": self._labels.get((link.category, link.type_id)),
            }
            for link in (found if found[0].to_id % 2 else found[::-1])
        ]


def of_record(call: Call, from_name: str, record_id: str, to_name: str) -> Reply:
    """``GET .../{id}/associations/{type}``: v4 form, or on v3 paths ``{id, type}``."""
    kind, other = call.kind(from_name), call.kind(to_name)
    limit = call.number("limit", PAGE, most=PAGE)
    after = call.number("after", 0, least=0)
    number = call.world.records.survivor(kind.id, body.record_id(record_id))
    if number is None or call.world.records.get(kind.id, number) is None:
        raise not_found()
    links_from = links.of(call.world.db, End(kind.id, number), other.id, after=after)
    found, following = _Shown(call, kind, other).page(links_from, limit)
    if call.version == "v3":
        found = [{"id": str(row["toObjectId"]), "type": v3_name(kind, other)} for row in found]
    return page(call, found, following)


def labels(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other = call.kind(from_name), call.kind(to_name)
    found = types_between(call.world.db.documents("label"), kind.id, other.id)
    results = [
        {"category": CATEGORIES[link.category], "typeId": link.type_id, "label": link.label}
        for link in sorted(found, key=lambda link: (link.category, link.type_id))
    ]
    return Reply(200, {"results": results})


def read_v3(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other = call.kind(from_name), call.kind(to_name)
    rows = body.items(call.json())
    if len(rows) > MAX_READ:
        raise too_many_inputs(MAX_READ)
    wanted = list(_wanted(rows))
    found = _found(call, kind, wanted, other)
    results, errors = [], []
    for text in wanted:
        ids = dict.fromkeys(link.to_id for link in found.get(text, ()))
        if ids:
            to = [{"id": str(to_id), "type": v3_name(kind, other)} for to_id in ids]
            results.append({"from": {"id": text}, "to": to})
        else:
            errors.append(_none(kind, other, text).row())
    return batch(call, 200, results, errors)


def types_v3(call: Call, from_name: str, to_name: str) -> Reply:
    kind, other = call.kind(from_name), call.kind(to_name)
    found = types_between(call.world.db.documents("label"), kind.id, other.id)
    results = [
        {"id": str(link.type_id), "name": v3_name(kind, other) + ("" if link.label is None else f"_{link.type_id}")}
        for link in found
    ]
    return Reply(200, {"results": results})
