"""The standard objects of a tenant."""

from __future__ import annotations

from include.sandbox.intacct.catalogue import books, cash, masters, orders, payables, platform, receivables
from include.sandbox.intacct.catalogue.definition import Catalogue


def standard_catalogue() -> Catalogue:
    """A fresh catalogue without custom fields."""
    areas = (masters, receivables, payables, books, orders, platform, cash)
    return Catalogue({item.name: item for area in areas for item in area.OBJECTS})
