"""A profile's whole company: the story, then what surrounds it, numbered on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from include.sandbox.company.accounts import CUSTOMERS, accounts
from include.sandbox.company.backoffice import backoffice
from include.sandbox.company.ledger import ledger
from include.sandbox.company.model import Unit

PROFILES = ("demo", "company")


class _Tally:
    """What went by so far."""

    def __init__(self) -> None:
        self.units = 0
        self.customers = 0
        self.invoices = 0

    def of(self, units: Iterable[Unit]) -> Iterator[Unit]:
        for unit in units:
            self.units += 1
            self.customers += len(unit.customers)
            self.invoices += sum(document.kind == "ARINVOICE" for document in unit.documents)
            yield unit


def whole(story: Iterable[Unit], seed: int, profile: str, invoices: int) -> Iterator[Unit]:
    """The story; in the profile ``company`` more customers with their past, until Intacct has 250; then invoices in
    bulk until there are as many as wanted; at the end the back office. Nothing is kept but counts."""
    tally, last = _Tally(), backoffice()
    tally.customers = len(last.customers)
    tally.invoices = sum(row["object"] == "ARINVOICE" for row in last.after)
    yield from tally.of(story)
    if profile == "company":
        yield from tally.of(accounts(tally.units, seed, CUSTOMERS - tally.customers))
    yield from tally.of(ledger(tally.units, seed, invoices - tally.invoices))
    yield last
