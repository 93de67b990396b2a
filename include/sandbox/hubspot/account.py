"""The account (portal) and the tokens that may call it, as stored settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

DEFAULT_ACCOUNT: dict[str, Any] = {
    "portalId": 48151623,
    "accountType": "DEVELOPER_TEST",
    "timeZone": "America/New_York",
    "companyCurrency": "USD",
    "additionalCurrencies": [],
    "uiDomain": "app.hubspot.com",
    "dataHostingLocation": "na1",
}

_NO_CENTS = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "UGX", "XAF", "XOF"})


@dataclass(frozen=True, slots=True)
class Account:
    portal_id: int
    time_zone: ZoneInfo
    currency: str
    currencies: tuple[str, ...]
    ui_domain: str
    body: Mapping[str, Any]

    def details(self, now: datetime) -> dict[str, Any]:
        """The answer of ``account-info/details``."""
        offset = now.astimezone(self.time_zone).utcoffset()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        sign, rest = ("-" if seconds < 0 else "+"), abs(seconds)
        return {
            "portalId": self.portal_id,
            "accountType": self.body["accountType"],
            "timeZone": str(self.time_zone),
            "companyCurrency": self.currency,
            "additionalCurrencies": [code for code in self.currencies if code != self.currency],
            "utcOffset": f"{sign}{rest // 3600:02d}:{rest % 3600 // 60:02d}",
            "utcOffsetMilliseconds": seconds * 1000,
            "uiDomain": self.ui_domain,
            "dataHostingLocation": self.body["dataHostingLocation"],
        }


def from_document(body: Mapping[str, Any] | None) -> Account:
    """The account from its settings (the fields of ``account-info``). Raises ``KeyError`` on an unknown time zone."""
    full = {**DEFAULT_ACCOUNT, **(body or {})}
    currency = str(full["companyCurrency"])
    return Account(
        portal_id=int(full["portalId"]),
        time_zone=ZoneInfo(str(full["timeZone"])),
        currency=currency,
        currencies=(currency, *(str(code) for code in full["additionalCurrencies"] if code != currency)),
        ui_domain=str(full["uiDomain"]),
        body=full,
    )


def minor_digits(currency: str) -> int:
    """Decimal places of a currency's amounts."""
    return 0 if currency in _NO_CENTS else 2


@dataclass(frozen=True, slots=True)
class Token:
    """``scopes`` None: all. ``kind``: service_key, private_app, oauth (no daily quota) or user_oauth.
    ``expires_at`` in milliseconds, None: never."""

    value: str
    app_id: str
    scopes: frozenset[str] | None
    kind: str = "service_key"
    app_name: str = ""
    expires_at: int | None = None
    user_id: int | None = None

    def __repr__(self) -> str:
        return f"Token(app_id={self.app_id!r}, kind={self.kind!r})"

    def may(self, alternatives: tuple[str, ...]) -> bool:
        return self.scopes is None or not self.scopes.isdisjoint(alternatives)


def token_from_document(value: str, body: Mapping[str, Any]) -> Token:
    scopes = body.get("scopes", "*")
    expires = body.get("expires_at")
    if isinstance(expires, str):
        expires = int(datetime.fromisoformat(expires).astimezone(UTC).timestamp() * 1000)
    return Token(
        value=value,
        app_id=str(body.get("app_id", "")),
        scopes=None if scopes == "*" else frozenset(map(str, scopes)),
        kind=str(body.get("kind", "service_key")),
        app_name=str(body.get("name", "")),
        expires_at=expires,
        user_id=body.get("user_id"),
    )
