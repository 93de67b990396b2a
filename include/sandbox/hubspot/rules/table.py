"""Which rules apply to which object type."""

from __future__ import annotations

from collections.abc import Callable

from include.sandbox.hubspot.rules import deals, invoices, line_items, small, ticket_stages
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.world import World

RULES: dict[str, Callable[[World, Draft], None]] = {
    "0-1": small.contact,
    "0-3": deals.apply,
    "0-5": ticket_stages.apply,
    "0-8": line_items.apply,
    "0-14": small.quote,
    "0-27": small.task,
    "0-46": small.note,
    "0-53": invoices.apply,
    "0-101": small.payment,
    "0-123": ticket_stages.apply,
}

# Records whose calculated totals depend on associated records of the given type.
TOTALLED = {"0-8": ("0-53", "0-14"), "0-101": ("0-53",)}


def apply(world: World, draft: Draft) -> None:
    rule = RULES.get(draft.kind.id)
    if rule is not None:
        rule(world, draft)
