"""Merging two records of a type, and erasing a contact."""

from __future__ import annotations

from dataclasses import replace

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.types import types_between
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import BY_ID, COMPANY, CONTACT, DEAL, TICKET, ObjectType
from include.sandbox.hubspot.errors import Refusal, invalid, not_found
from include.sandbox.hubspot.objects import checking, single, writing
from include.sandbox.hubspot.objects.view import View
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.store import history, links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import Record
from include.sandbox.hubspot.webhooks import events

MERGEABLE = (CONTACT, COMPANY, DEAL, TICKET)
MAX_IDENTITIES = 250


def merge(call: Call, type_name: str) -> Reply:
    """The primary record keeps its values and takes what it lacks from the other, whose id leads to it from now on."""
    kind = call.kind(type_name)
    if kind not in MERGEABLE:
        raise invalid(f"Records of type {kind.singular} cannot be merged")
    sent = call.json()
    ends = [body.required_text(sent, name) for name in ("primaryObjectId", "objectIdToMerge")]
    saved = joined(call, kind, *ends)
    return Reply(200, View(call.world, kind, tuple(saved.props)).one(saved))


def joined(call: Call, kind: ObjectType, primary_id: str, other_id: str) -> Record:
    """The record that stands for both. Raises ``Refusal``."""
    ids = [body.record_id(primary_id), body.record_id(other_id)]
    primary, other = (call.world.records.get(kind.id, record_id) for record_id in ids)
    if primary is None or other is None:
        raise not_found()
    if primary.id == other.id:
        raise invalid("A record cannot be merged with itself")
    merged_ids = _merged_ids(primary, other)
    if len(merged_ids) > MAX_IDENTITIES:
        raise Refusal(414, None, f"A record cannot stand for more than {MAX_IDENTITIES} merged ones")
    kept = _renewed(call, kind, primary) if call.world.switches.merge_makes_new_record else primary
    _move_associations(call, kind, other, kept)
    _retire(call, kind, other, kept.id)
    saved = _fill(call, kind, kept, other, merged_ids)
    gone = [other.id] if kept is primary else [primary.id, other.id]
    events.merged(call.world, kind, primary.id, gone, saved.id, call.source, call.now)
    return saved


def _merged_ids(primary: Record, other: Record) -> list[str]:
    before = [*primary.props.get("hs_merged_object_ids", "").split(";"), str(other.id)]
    before += other.props.get("hs_merged_object_ids", "").split(";")
    return list(dict.fromkeys(part for part in before if part))


def _renewed(call: Call, kind: ObjectType, primary: Record) -> Record:
    """The primary record under a new id (see the switch ``merge_makes_new_record``)."""
    new = replace(primary, id=call.world.db.next_id(), updated=call.now)
    call.world.db.run("UPDATE uniques SET id = ? WHERE type = ? AND id = ?", (new.id, kind.id, primary.id))
    call.world.db.run("UPDATE history SET id = ? WHERE type = ? AND id = ?", (new.id, kind.id, primary.id))
    call.world.records.insert(new)
    _move_associations(call, kind, primary, new)
    _retire(call, kind, primary, new.id)
    return new


def _move_associations(call: Call, kind: ObjectType, old: Record, new: Record) -> None:
    """What the old record was associated with; a second primary company loses the label."""
    db = call.world.db
    start, end = End(kind.id, old.id), End(kind.id, new.id)
    labels = db.documents("label")
    for to_type, to_id, category, type_id in links.all_of(db, start):
        other = End(to_type, to_id)
        known = types_between(labels, kind.id, to_type)
        link = next((one for one in known if (one.category, one.type_id) == (category, type_id)), None)
        if link is None or other == end or (link.primary and _has_primary(call, end, to_type, type_id)):
            continue
        links.add(db, end, other, category, type_id, link.back)
    links.drop_all(db, start)


def _has_primary(call: Call, end: End, to_type: str, type_id: int) -> bool:
    return any(link.type_id == type_id for link in links.of(call.world.db, end, to_type))


def _retire(call: Call, kind: ObjectType, record: Record, survivor: int) -> None:
    call.world.db.run("DELETE FROM uniques WHERE type = ? AND id = ?", (kind.id, record.id))
    call.world.records.save(replace(record, archived_at=call.now, updated=call.now), call.now)
    call.world.db.run("INSERT OR REPLACE INTO merged VALUES (?, ?, ?)", (kind.id, record.id, survivor))


def _fill(call: Call, kind: ObjectType, kept: Record, other: Record, merged_ids: list[str]) -> Record:
    world, now = call.world, call.now
    after = {**other.props, **kept.props, "hs_merged_object_ids": ";".join(merged_ids)}
    if kind is CONTACT and other.props.get("email") and kept.props.get("email"):
        known = kept.props.get("hs_additional_emails", "").split(";")
        after["hs_additional_emails"] = ";".join(dict.fromkeys(filter(None, [*known, other.props["email"]])))
    draft = Draft(kind, kept.id, kept.props, after, now, call.source, kept.created, frozenset(after))
    writing.run_rules(world, draft)
    checking.claim_uniques(world, kind, kept.id, kept.props, draft.after, new=False)
    for name in draft.after:
        if draft.changed(name):
            before = kept.props.get(name, "")
            history.changed(world.db, kept, name, before, draft.after[name], now, call.source)
    saved = replace(kept, props=draft.after, updated=now)
    world.records.save(saved, now)
    return saved


def erase(call: Call) -> Reply:
    """``POST contacts/gdpr-delete``: the contact with all its values, for good."""
    sent = call.json()
    record = single.find(call.world, CONTACT, body.required_text(sent, "objectId"), body.text(sent, "idProperty"))
    if record is None:
        raise not_found()
    writing.archive(call.world, BY_ID["0-1"], record, source=call.source, now=call.now)
    call.world.db.run("DELETE FROM history WHERE type = ? AND id = ?", (CONTACT.id, record.id))
    gone = replace(record, props={}, archived_at=call.now, updated=call.now)
    call.world.records.save(gone, call.now)
    events.erased(call.world, CONTACT, record.id, call.source, call.now)
    return Reply(204)
