"""Control ids of completed functions: what uniqueid=true checks."""

from __future__ import annotations

from datetime import datetime

from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.switches import Switches


class ControlIds:
    """Keyed by company and sender (or company alone), kept for the switch's retention."""

    def __init__(self, db: Database, switches: Switches, company: str, sender: str, now: datetime) -> None:
        self._db = db
        self._switches = switches
        self._scope = company if switches.controlid_scope == "company" else f"{company}|{sender}"
        self._now = now

    @property
    def scope(self) -> str:
        return self._scope

    def used(self, controlid: str) -> bool:
        at = self._db.scalar('SELECT at FROM "_controlid" WHERE scope = ? AND controlid = ?', (self._scope, controlid))
        if at is None:
            return False
        retention = self._switches.controlid_retention
        return retention is None or self._now.timestamp() - at < retention.total_seconds()

    def burn(self, controlid: str) -> None:
        self._db.execute(
            'INSERT OR REPLACE INTO "_controlid" (scope, controlid, at) VALUES (?, ?, ?)',
            (self._scope, controlid, self._now.timestamp()),
        )
