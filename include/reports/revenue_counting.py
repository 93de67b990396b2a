"""From what was read to facts in DuckDB, a part at a time: first the books, then the deals, which need to know what the
books say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from include.reports.revenue_actuals import Actuals
from include.reports.revenue_ageing import COLUMNS, ageing
from include.reports.revenue_books import BooksRead
from include.reports.revenue_floor import Floor
from include.reports.revenue_ground import Accounting, Shares
from include.reports.revenue_pipeline import Calendars, EntityOf, Sales
from include.reports.revenue_staging import Staging
from include.reports.revenue_table import FactStore
from include.reports.revenue_unapplied import unapplied
from include.reports.tables import Table, append, create, stored


def count_books(
    staging: Staging,
    facts: FactStore,
    accounting: Accounting,
    deals_of: Callable[[BooksRead], Mapping[str, Shares]],
    as_of: date,
) -> Table:
    """Add the facts of all staged records; the ageing as of that day."""
    store = facts.store
    create(store, "late", COLUMNS)
    for part in staging.parts():
        actuals = Actuals(part, accounting, deals_of(part))
        facts.add(actuals.facts())
        late = ageing(part, as_of, actuals.money, actuals.entities, actuals.deals_of)
        append(store, "late", COLUMNS, late.rows)
    append(store, "late", COLUMNS, unapplied(staging, accounting, as_of))
    store.execute(
        "CREATE OR REPLACE TABLE ageing AS SELECT * FROM late ORDER BY entity, currency, days_overdue DESC, number"
    )
    return stored(store, "ageing", COLUMNS, "AR ageing")


def count_deals(
    floors: Iterable[Floor], facts: FactStore, calendars: Calendars, entity_of: EntityOf, as_of: date
) -> None:
    """Add the deals and their facts; the facts of the books are there already."""
    facts.sum_up_billed()
    for floor in floors:
        ids = [deal.id for deal in floor.deals]
        sales = Sales(floor, calendars, entity_of, facts.entities_of(ids), facts.billed_of(ids), as_of)
        facts.add_deals(sales.deals())
        facts.add(sales.facts())
