"""Creating, changing and archiving one record, with everything that follows: rules, history, events, totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from include.sandbox.hubspot.catalogue import BY_ID, INVOICE, QUOTE, ObjectType
from include.sandbox.hubspot.errors import Violation, invalid_properties
from include.sandbox.hubspot.objects import checking
from include.sandbox.hubspot.objects.author import Author
from include.sandbox.hubspot.rules import invoices, table
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.store import history, links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import CALCULATED, Record, Source
from include.sandbox.hubspot.values import InvalidValue
from include.sandbox.hubspot.webhooks import events
from include.sandbox.hubspot.world import World


def create(world: World, kind: ObjectType, sent: Mapping[str, Any], author: Author) -> Record:
    """A new record (associations are the caller's next step). Raises ``Refusal``."""
    source, now = author.source, author.now
    given = checking.values(world, kind, sent, {})
    checking.required(world, kind, given, author.date)
    after = {name: value for name, value in given.items() if value}
    checking.requirements(world, kind, {}, after, author.date)
    if author.app_name:
        after["hs_object_source_detail_1"] = author.app_name
    record_id = world.db.next_id()
    draft = Draft(kind, record_id, {}, after, now, source, now, frozenset(given))
    run_rules(world, draft)
    checking.claim_uniques(world, kind, record_id, {}, draft.after, new=True)
    record = Record(kind.id, record_id, draft.after, now, now, None, source)
    world.records.insert(record)
    events.created(world, kind, record_id, source, now)
    for name, value in record.props.items():
        events.property_changed(world, kind, record_id, name, value, source if name in given else CALCULATED, now)
    return record


def update(world: World, kind: ObjectType, record: Record, sent: Mapping[str, Any], author: Author) -> Record:
    """The record with the sent values; an empty value clears. Unchanged values leave no trace. Raises ``Refusal``."""
    now = author.now
    given = checking.values(world, kind, sent, record.props)
    after = {name: value for name, value in {**record.props, **given}.items() if value}
    checking.requirements(world, kind, record.props, after, author.date)
    draft = Draft(kind, record.id, record.props, after, now, author.source, record.created, frozenset(given))
    run_rules(world, draft)
    saved = _save(world, record, draft)
    if saved is record and world.switches.noop_patch_bumps_modified:
        saved = replace(record, updated=now)
        world.records.save(saved, now)
    retotal(world, kind, record.id, now)
    return saved


def recalculate(world: World, kind: ObjectType, record_id: int, now: int) -> None:
    """Run a record's rules again because something it depends on changed."""
    record = world.records.get(kind.id, record_id)
    if record is not None:
        draft = Draft(kind, record.id, record.props, dict(record.props), now, CALCULATED, record.created)
        run_rules(world, draft)
        _save(world, record, draft)


def retotal(world: World, kind: ObjectType, record_id: int, now: int) -> None:
    """Recalculate the records whose totals depend on this one."""
    for parent_type in table.TOTALLED.get(kind.id, ()):
        for parent_id in links.linked_ids(world.db, End(kind.id, record_id), parent_type):
            recalculate(world, BY_ID[parent_type], parent_id, now)


def archive(world: World, kind: ObjectType, record: Record, *, source: Source, now: int) -> None:
    """Into the recycle bin: hidden, its unique values free, its associations gone. Raises ``Refusal``."""
    if kind is INVOICE:
        invoices.may_archive(record.props.get("hs_invoice_status", ""))
    here = End(kind.id, record.id)
    dependants = links.linked_ids(world.db, here, "0-8") if kind is QUOTE else []
    parents = [
        (parent_type, parent_id)
        for parent_type in table.TOTALLED.get(kind.id, ())
        for parent_id in links.linked_ids(world.db, here, parent_type)
    ]
    links.drop_all(world.db, here)
    world.db.run("DELETE FROM uniques WHERE type = ? AND id = ?", (kind.id, record.id))
    world.records.save(replace(record, archived_at=now, updated=now), now)
    events.deleted(world, kind, record.id, source, now)
    for parent_type, parent_id in parents:
        recalculate(world, BY_ID[parent_type], parent_id, now)
    for item in world.records.fetch("0-8", dependants).values():
        archive(world, BY_ID["0-8"], item, source=source, now=now)


def run_rules(world: World, draft: Draft) -> None:
    try:
        table.apply(world, draft)
    except InvalidValue as problem:
        raise invalid_properties(world.account.portal_id, [problem.violation]) from None


def violation(world: World, name: str, code: str, message: str) -> Exception:
    return invalid_properties(world.account.portal_id, [Violation(name, code, message)])


def _save(world: World, record: Record, draft: Draft) -> Record:
    """Write what changed: history, unique values, events. The same record back when nothing did."""
    names = [name for name in {**draft.before, **draft.after} if draft.changed(name)]
    if not names:
        return record
    checking.claim_uniques(world, draft.kind, record.id, draft.before, draft.after, new=False)
    for name in names:
        source = draft.source if name in draft.given else CALCULATED
        value = draft.after.get(name, "")
        history.changed(world.db, record, name, draft.before.get(name, ""), value, draft.now, source)
        events.property_changed(world, draft.kind, record.id, name, value, source, draft.now)
    saved = replace(record, props=draft.after, updated=max(draft.now, record.updated))
    world.records.save(saved, draft.now)
    return saved
