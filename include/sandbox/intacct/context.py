"""Who is asking, when, and over which books: handed to every function."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from include.sandbox.intacct.query.counting import Counts
from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.switches import Switches
from include.sandbox.intacct.tenant import Tenant
from include.sandbox.intacct.values import kept_stamp


@dataclass(frozen=True, slots=True)
class Context:
    """``entity`` is the LOCATIONID of the entity the session is in, empty at top level; ``userno`` the user's record
    number; ``now`` aware UTC, ``stamp`` the same as timestamps are kept; ``seeding`` marks bulk loading, which may
    post into closed periods."""

    db: Database
    tenant: Tenant
    switches: Switches
    now: datetime
    userid: str = ""
    userno: int = 1
    entity: str = ""
    session: str = ""
    base_url: str = ""
    denied: frozenset[str] = frozenset()
    seeding: bool = False
    counts: Counts = field(default_factory=Counts)
    stamp: str = field(default="", init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamp", kept_stamp(self.now))

    @property
    def today(self) -> date:
        """The date in the user's zone."""
        return (self.now + timedelta(hours=self.switches.gmt_offset_hours)).date()

    def may_make(self, name: str) -> bool:
        """Whether the user may create and change objects of this name: reading may be allowed alone."""
        return self.denied.isdisjoint({name, f"MAKE {name}"})

    def entity_fields(self) -> dict[str, int | str | None]:
        """The entity that owns what this session creates."""
        if not self.entity:
            return {}
        key = self.db.scalar("SELECT RECORDNO FROM LOCATION WHERE LOCATIONID = ?", (self.entity,))
        return {"MEGAENTITYKEY": key, "MEGAENTITYID": self.entity}
