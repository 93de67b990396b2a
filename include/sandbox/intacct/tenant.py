"""The company behind the gateway: its settings, senders and users, as seeded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from include.sandbox.intacct.store.database import Database

DEFAULTS = {
    "company_id": "",
    "base_currency": "USD",
    "ar_account": "1100",
    "ap_account": "2000",
    "undeposited_account": "1090",
    "cash_account": "1000",
    "deferred_account": "2400",
    "advance_account": "",
    "order_revenue_account": "4100",
    "inter_entity_account": "",
    "fx_account": "7900",
    "rounding_account": "7910",
    "retained_rate_type": "Intacct Daily Rate",
    "invoice_prefix": "INV-",
    "endpoint": "/ia/xml/xmlgw.phtml",
    "inactive": "",
    "expired_demo": "",
    "xml_gateway": "true",
}


@dataclass(frozen=True, slots=True)
class User:
    userid: str
    number: int
    denied: frozenset[str]


class Tenant:
    """Reads and writes the company's settings; a value not set has the default of ``DEFAULTS``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self._db.setting(name, DEFAULTS.get(name, ""))
        return self._known[name]

    def forget(self) -> None:
        """Settings changed behind our back (reset)."""
        self._known.clear()

    def configure(self, fields: Mapping[str, Any]) -> None:
        """Take a ``_COMPANY`` seed record: settings, the sender and the web services user."""
        values = {str(key).lower(): _text(value) for key, value in fields.items()}
        sender, user = values.get("sender_id"), values.get("user_id")
        if sender:
            self.add_sender(sender, values.get("sender_password", ""), authorised=True)
        if user:
            self.add_user(user, values.get("user_password", ""), [])
        for name, value in values.items():
            if not name.endswith("password"):
                self._db.set_setting(name, value)
        self._known.clear()

    def add_sender(self, sender: str, password: str, *, authorised: bool) -> None:
        self._db.set_setting(f"sender:{sender}", json.dumps({"password": password, "authorised": authorised}))

    def add_user(self, userid: str, password: str, denied: list[str]) -> None:
        """``denied`` are the objects the user has no permission for."""
        self._db.execute(
            'INSERT OR REPLACE INTO "_user" (userid, password, denied) VALUES (?, ?, ?)',
            (userid, password, json.dumps([name.upper() for name in denied])),
        )
        if not self._db.exists("USERINFO", "LOGINID", userid):
            self._db.insert("USERINFO", {"LOGINID": userid, "DESCRIPTION": "Web Services user", "STATUS": "active"})

    def sender(self, sender: str) -> dict[str, Any] | None:
        """``password`` and ``authorised`` of a known sender."""
        text = self._db.setting(f"sender:{sender}")
        return None if not text else dict(json.loads(text))

    def user(self, userid: str, password: str | None = None) -> User | None:
        """The user if known and, where a password is given, it is the right one."""
        row = self._db.execute('SELECT password, denied FROM "_user" WHERE userid = ?', (userid,)).fetchone()
        if row is None or (password is not None and row[0] != password):
            return None
        number = self._db.scalar("SELECT RECORDNO FROM USERINFO WHERE LOGINID = ?", (userid,))
        return User(userid, int(number or 1), frozenset(json.loads(row[1] or "[]")))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)
