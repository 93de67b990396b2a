"""Checking the ``properties`` a caller sends against the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot.catalogue import CONTACT, ObjectType
from include.sandbox.hubspot.errors import Refusal, Violation, contact_exists, invalid_properties, taken
from include.sandbox.hubspot.values import InvalidValue, appended, normalise, unique_key
from include.sandbox.hubspot.world import World


def values(world: World, kind: ObjectType, sent: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, str]:
    """The sent properties, normalised. Raises ``Refusal`` (400) that lists every bad one."""
    definitions = world.definitions(kind.id)
    accepted: dict[str, str] = {}
    bad: list[Violation] = []
    for name, raw in sent.items():
        definition = definitions.get(name)
        if definition is None:
            bad.append(Violation(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
            continue
        if definition.read_only:
            message = f'"{name}" is a read only property; its value cannot be set.'
            bad.append(Violation(name, "READ_ONLY_VALUE", message))
            continue
        try:
            accepted[name] = appended(definition, normalise(definition, raw, type_id=kind.id), before.get(name, ""))
            if name == "hubspot_owner_id":
                _owner(world, accepted[name])
        except InvalidValue as problem:
            bad.append(problem.violation)
    if bad:
        raise invalid_properties(world.account.portal_id, bad)
    return accepted


def _owner(world: World, value: str) -> None:
    owners = world.db.documents("owner")
    if value and owners and value not in owners:
        raise InvalidValue(Violation("hubspot_owner_id", "INVALID_OWNER_ID", f"Owner {value} does not exist"))


def required(world: World, kind: ObjectType, given: Mapping[str, str], version: str) -> None:
    """Raises ``Refusal`` (400) when a property needed at creation is missing."""
    binds = world.switches.required_on_create
    if binds == "none" or (binds == "2026-09" and not version >= "2026-09"):
        return
    bad = [
        Violation(group[0], "MISSING_REQUIRED_PROPERTY", f"Required property missing: {' or '.join(group)}")
        for group in kind.required
        if not any(given.get(name) for name in group)
    ]
    if bad:
        raise invalid_properties(world.account.portal_id, bad)


def requirements(
    world: World, kind: ObjectType, before: Mapping[str, str], after: Mapping[str, str], version: str
) -> None:
    """The account's own rules: properties required at creation, or while another property has a certain value.

    They bind writes from 2026-09 on (older paths: see the switch). Raises ``Refusal`` (400)."""
    if not (version >= "2026-09" or world.switches.requirements_bind_old_paths):
        return
    bad = []
    for rule in world.db.documents("requirement").values():
        name, when = rule["name"], rule.get("when")
        if rule["object_type"] != kind.id or after.get(name):
            continue
        if when is None:
            if not before:
                bad.append(Violation(name, "MISSING_REQUIRED_PROPERTY", f"Required property missing: {name}"))
        elif after.get(when["property"], "") in when["values"]:
            message = f"Property {name} is required when {when['property']} is {after[when['property']]}"
            bad.append(Violation(name, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", message))
    if bad:
        raise invalid_properties(world.account.portal_id, bad)


def claim_uniques(
    world: World, kind: ObjectType, record_id: int, before: Mapping[str, str], after: Mapping[str, str], *, new: bool
) -> None:
    """Hold the record's unique values. Raises ``Refusal``: 409 for a new contact's e-mail, else 400."""
    for name, definition in world.definitions(kind.id).items():
        if not is_unique(kind, name, definition.unique):
            continue
        old, value = before.get(name, ""), after.get(name, "")
        if old == value:
            continue
        if old:
            key = key_of(world, kind, name, old)
            world.db.run(
                "DELETE FROM uniques WHERE type = ? AND name = ? AND value = ? AND id = ?",
                (kind.id, name, key, record_id),
            )
        if value:
            key = key_of(world, kind, name, value)
            holder = world.records.holder(kind.id, name, key)
            if holder is not None and holder != record_id:
                raise _clash(world, kind, name, value, record_id, holder, new=new)
            world.db.run(
                "INSERT OR REPLACE INTO uniques VALUES (?, ?, ?, ?, ?)", (kind.id, name, key, record_id, key.casefold())
            )


def _clash(world: World, kind: ObjectType, name: str, value: str, record_id: int, holder: int, *, new: bool) -> Refusal:
    if new and name == "email":
        return contact_exists(holder)
    return taken(world.account.portal_id, kind.legacy, name, value, record_id, holder)


def is_unique(kind: ObjectType, name: str, flagged: bool) -> bool:
    return flagged or (kind is CONTACT and name == "email")


def key_of(world: World, kind: ObjectType, name: str, value: str) -> str:
    folded = kind is CONTACT and name == "email"
    return unique_key(value, case_sensitive=world.switches.upsert_case_sensitive and not folded)
