"""Brings the twins to the wanted demo company: the one that is there, or a new one with everything emptied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from include.sandbox.control_client import Control
from include.state.migrate import migrate

USUAL_DEALS = 60


@dataclass(frozen=True, slots=True)
class Company:
    """``deals`` is its size, ``new`` whether it was just made, ``story`` what was done, for a person."""

    deals: int
    new: bool
    story: tuple[str, ...]


def bring_company(control: Control, state_file: Path, deals: int | None, fresh: bool) -> Company:
    """Keep the company that the twins hold if it fits, else begin a new one with an empty memory of ours.

    No task may run meanwhile. Tieout's state goes with the old books: cross-references into books that no longer
    exist would be wrong.
    """
    ready = control.ready()
    there = int(ready["deals"]) if ready["profile"] == "demo" else None
    size = deals or there or USUAL_DEALS
    if there == size and not fresh:
        migrate(f"sqlite:///{state_file}")
        said = f"The twins hold the demo company of an earlier run ({size} deals); going on with it"
        return Company(size, False, (said,))
    why = _why_new(there, size, fresh)
    for file in (
        state_file,
        state_file.with_name(state_file.name + "-wal"),
        state_file.with_name(state_file.name + "-shm"),
    ):
        file.unlink(missing_ok=True)
    migrate(f"sqlite:///{state_file}")
    seeded = control.seed(deals=size)
    records = sum(seeded["records"].values())
    made = (
        f"The twins hold Brightwater Instruments: {size} deals, {records:,} records in all ({seeded['seconds']:.1f} s)"
    )
    return Company(size, True, (*why, made))


def _why_new(there: int | None, size: int, fresh: bool) -> tuple[str, ...]:
    if there is None:
        return ()
    if there == size and fresh:
        return (f"Starting over, as asked: both twins' books and Tieout's own state of {there} deals are emptied",)
    return (f"The twins held a company of {there} deals and {size} were asked for: starting over with empty books",)
