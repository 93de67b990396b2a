"""Closed periods, per entity and module."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import refused
from include.sandbox.intacct.ledger.places import entity_label

_NAMES = {"AR": "Accounts Receivable", "AP": "Accounts Payable", "GL": "General Ledger"}


def check_open(context: Context, module: str, day: date, entities: Iterable[str]) -> None:
    """Raises Refused where the module is closed on that day for any of the entities. The text is guessed."""
    if context.seeding:
        return
    for entity in sorted(set(entities)):
        through = context.db.scalar(
            "SELECT MAX(through) FROM \"_closed\" WHERE module = ? AND locationid IN (?, '')", (module, entity)
        )
        if through is not None and day.isoformat() <= through:
            raise refused(
                "BL03000018",
                f"The date {day.strftime('%m/%d/%Y')} falls in a closed period for {_NAMES.get(module, module)} "
                f"in {entity_label(context, entity)}.",
                correction="Use a date in an open period.",
            )


def close(context: Context, entity: str, module: str, through: date) -> None:
    context.db.execute(
        'INSERT OR REPLACE INTO "_closed" (locationid, module, through) VALUES (?, ?, ?)',
        (entity, module, through.isoformat()),
    )
