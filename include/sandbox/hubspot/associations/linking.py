"""Making and removing associations, with the rules of the primary company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.associations.types import CATEGORIES, LinkType, types_between
from include.sandbox.hubspot.catalogue import BY_ID, LINE_ITEM, ObjectType
from include.sandbox.hubspot.errors import Refusal, invalid
from include.sandbox.hubspot.objects import writing
from include.sandbox.hubspot.rules import table
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.store.records import Source
from include.sandbox.hubspot.webhooks import events
from include.sandbox.hubspot.world import World

PARENTS_OF_LINE_ITEMS = ("0-3", "0-14", "0-53", "0-123")


class Linker:
    """Writes associations on behalf of one call."""

    def __init__(self, world: World, source: Source, now: int) -> None:
        self.world = world
        self.source = source
        self.now = now

    def end(self, kind: ObjectType, text: str | None) -> End:
        """The existing record meant by an id. Raises ``Refusal`` (404)."""
        survivor = self.world.records.survivor(kind.id, body.record_id(text))
        if self.world.records.get(kind.id, survivor) is None:
            message = f"No {kind.singular} with ID {str(text)[:40]} exists"
            raise Refusal(404, "OBJECT_NOT_FOUND", message, context={"id": [str(text)[:40]], "type": [kind.singular]})
        assert survivor is not None  # noqa: S101 - a record was found
        return End(kind.id, survivor)

    def types(self, start: str, end: str) -> tuple[LinkType, ...]:
        return types_between(self.world.db.documents("label"), start, end)

    def default(self, start: End, end: End) -> LinkType:
        """Associate without a label; the first company becomes the primary one."""
        plain = next((link for link in self.types(start.type_id, end.type_id) if link.label is None), None)
        if plain is None:
            names = f"{BY_ID[start.type_id].singular} and {BY_ID[end.type_id].singular}"
            raise invalid(f"No default association type exists between {names}")
        self._add(start, end, [plain])
        return plain

    def typed(self, start: End, end: End, wanted: Sequence[LinkType]) -> None:
        self._add(start, end, wanted)

    def wanted(self, start: ObjectType, end: ObjectType, specs: Sequence[Mapping[str, Any]]) -> list[LinkType]:
        """The types that ``{associationCategory, associationTypeId}`` objects name. Raises ``Refusal`` (400)."""
        known = {(link.category, link.type_id): link for link in self.types(start.id, end.id)}
        found = []
        for spec in specs:
            category = body.required_text(spec, "associationCategory")
            type_id = body.as_whole("associationTypeId", body.required_text(spec, "associationTypeId"))
            if category not in CATEGORIES:
                raise invalid(f"{category[:60]} was not one of the allowed options: [{', '.join(CATEGORIES)}]")
            link = known.get((CATEGORIES.index(category), type_id))
            if link is None:
                raise invalid(
                    f"Association type {category} {type_id} does not exist between {start.singular} and {end.singular}"
                )
            found.append(link)
        if not found:
            raise invalid("Some required fields were not set: [types]")
        return found

    def remove(self, start: End, end: End) -> None:
        """All types of a pair; nothing happens when there are none."""
        if links.remove(self.world.db, start, end):
            self._after(start, end, removed=True, primary=False)

    def remove_types(self, start: End, end: End, wanted: Sequence[LinkType]) -> None:
        gone = [links.remove(self.world.db, start, end, w.category, w.type_id, w.back) for w in wanted]
        if any(gone):
            self._after(start, end, removed=True, primary=False)

    def _add(self, start: End, end: End, wanted: Sequence[LinkType]) -> None:
        if start == end:
            raise invalid("A record cannot be associated with itself")
        self._single_parent(start, end)
        self._single_parent(end, start)
        plain = next((link for link in self.types(start.type_id, end.type_id) if link.label is None), None)
        chosen = list(wanted) if plain is None or plain in wanted else [*wanted, plain]
        new = not links.between(self.world.db, start, end)
        for link in chosen:
            if self._makes_primary(link, start, end):
                self._demote(start, end)
            links.add(self.world.db, start, end, link.category, link.type_id, link.back)
        primary = any(link.primary for link in chosen) or (new and self._first_is_primary(start, end))
        self._after(start, end, removed=False, primary=primary)

    def _makes_primary(self, link: LinkType, start: End, end: End) -> bool:
        back = self._primary_type(end, start)
        return link.primary or (back is not None and (link.category, link.type_id) == (back.category, back.back))

    def _primary_type(self, start: End, end: End) -> LinkType | None:
        return next((link for link in self.types(start.type_id, end.type_id) if link.primary), None)

    def _demote(self, start: End, end: End) -> None:
        """A record has one primary company: the earlier one stays associated, without the label."""
        for one, other in ((start, end), (end, start)):
            primary = self._primary_type(one, other)
            if primary is None:
                continue
            for row in links.of(self.world.db, one, other.type_id):
                if (row.category, row.type_id) == (primary.category, primary.type_id) and row.to_id != other.id:
                    old = End(other.type_id, row.to_id)
                    links.remove(self.world.db, one, old, primary.category, primary.type_id, primary.back)

    def _first_is_primary(self, start: End, end: End) -> bool:
        for one, other in ((start, end), (end, start)):
            primary = self._primary_type(one, other)
            if primary is None or not self.world.switches.first_company_becomes_primary:
                continue
            rows = links.of(self.world.db, one, other.type_id)
            if not any((row.category, row.type_id) == (primary.category, primary.type_id) for row in rows):
                links.add(self.world.db, one, other, primary.category, primary.type_id, primary.back)
                return True
        return False

    def _single_parent(self, item: End, parent: End) -> None:
        switched_on = self.world.switches.line_item_single_parent
        if item.type_id != LINE_ITEM.id or parent.type_id not in PARENTS_OF_LINE_ITEMS or not switched_on:
            return
        for type_id in PARENTS_OF_LINE_ITEMS:
            for other in links.linked_ids(self.world.db, item, type_id):
                if End(type_id, other) != parent:
                    raise invalid(
                        f"Line item {item.id} already belongs to {BY_ID[type_id].singular} {other}. "
                        "A line item can be associated with one parent only; clone it instead"
                    )

    def _after(self, start: End, end: End, *, removed: bool, primary: bool) -> None:
        ends = (BY_ID[start.type_id], start.id, BY_ID[end.type_id], end.id)
        events.linked(self.world, ends, removed=removed, primary=primary, source=self.source, now=self.now)
        for one, other in ((start, end), (end, start)):
            if one.type_id in table.TOTALLED.get(other.type_id, ()):
                writing.recalculate(self.world, BY_ID[one.type_id], one.id, self.now)


def attach(linker: Linker, kind: ObjectType, record_id: int, sent: object) -> None:
    """The ``associations`` of a create: ``[{to: {id}, types: [...]}]``. Raises ``Refusal``."""
    if sent is None:
        return
    for item in body.items({"associations": sent}, "associations"):
        target = body.inner(item, "to")
        specs = body.items(item, "types")
        other = _other_end(linker, kind, specs)
        wanted = linker.wanted(kind, other, specs)
        linker.typed(End(kind.id, record_id), linker.end(other, body.required_text(target, "id")), wanted)


def _other_end(linker: Linker, kind: ObjectType, specs: Sequence[Mapping[str, Any]]) -> ObjectType:
    """The type of the other end follows from the association type id."""
    for spec in specs:
        category = body.required_text(spec, "associationCategory")
        type_id = body.as_whole("associationTypeId", body.required_text(spec, "associationTypeId"))
        for other in BY_ID.values():
            for link in linker.types(kind.id, other.id):
                if link.type_id == type_id and CATEGORIES[link.category] == category:
                    return other
        raise invalid(f"Association type {category[:60]} {type_id} does not exist for {kind.singular}")
    raise invalid("Some required fields were not set: [types]")
