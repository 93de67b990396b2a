"""Brightwater Instruments, the demo company: seed records for both twins and the manifest of what must
happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from include.sandbox.company.hubspot_records import hubspot_records
from include.sandbox.company.intacct_records import intacct_records
from include.sandbox.company.manifest import manifest_json, manifest_of
from include.sandbox.company.model import Unit
from include.sandbox.company.story import units
from include.sandbox.company.whole import PROFILES, whole

__all__ = ["PROFILES", "Company", "generate"]


@dataclass(frozen=True, slots=True)
class Company:
    """A company with ``deals`` won deals in scope and, as far as the profile has fewer, ``invoices`` older invoices.
    Each method tells the same story from the start, in a stream; nothing is kept between records."""

    deals: int
    seed: int
    profile: str = "demo"
    invoices: int = 0

    def units(self) -> Iterator[Unit]:
        return whole(units(self.deals, self.seed), self.seed, self.profile, self.invoices)

    def records(self, system: str) -> Iterator[Mapping[str, Any]]:
        """The seed records of ``intacct`` or ``hubspot``, in the shape of that twin's ``load``. Raises
        ``KeyError`` for another system."""
        return {"intacct": intacct_records, "hubspot": hubspot_records}[system](self.units())

    def manifest(self) -> dict[str, Any]:
        """What must become of each deal (shape: ``manifest.manifest_of``)."""
        return manifest_of(self.units(), self.deals, self.seed)

    def manifest_json(self) -> Iterator[bytes]:
        """The same as JSON, in pieces, for companies of any size."""
        return manifest_json(self.units(), self.deals, self.seed)


def generate(deals: int = 60, seed: int = 1, *, profile: str = "demo", invoices: int = 0) -> Company:
    """The company of this size and profile (``whole.PROFILES``). The same numbers always give the same records, byte
    for byte."""
    return Company(deals, seed, profile, invoices)
