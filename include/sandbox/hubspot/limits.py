"""Rate limits: per token in ten seconds, search per account and second, the day's quota; on the twin's clock.

Counters live in memory: a restart forgets them.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from include.sandbox.hubspot.account import Account, Token
from include.sandbox.hubspot.errors import Refusal
from include.sandbox.hubspot.switches import Switches
from include.sandbox.hubspot.times import to_ms

WINDOW_MS = 10_000
_BURST = {"free": 100, "starter": 100, "professional": 190, "enterprise": 190}
_DAILY = {"free": 250_000, "starter": 250_000, "professional": 625_000, "enterprise": 1_000_000}
_ASSOCIATION_BURST = {"free": 100, "starter": 100, "professional": 150, "enterprise": 200}
_ASSOCIATION_DAILY = 500_000
_OAUTH_BURST, _ADD_ON_BURST, _ADD_ON_DAILY = 110, 250, 1_000_000


class Limits:
    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        self._recent: dict[str, deque[int]] = {}
        self._day = ""
        self._used: dict[str, int] = {}

    def reset(self) -> None:
        self._recent.clear()
        self._used.clear()

    def burst(self, token: Token) -> int:
        """Calls a token may make in ten seconds."""
        if self.switches.burst is not None:
            return self.switches.burst
        if token.kind in {"oauth", "user_oauth"}:
            return _OAUTH_BURST
        return _ADD_ON_BURST if self.switches.add_ons else _BURST[self.switches.tier]

    @property
    def daily(self) -> int:
        """Calls the account may make in a day."""
        if self.switches.daily is not None:
            return self.switches.daily
        return _DAILY[self.switches.tier] + self.switches.add_ons * _ADD_ON_DAILY

    def used_today(self, account: Account, moment: datetime) -> int:
        self._turn_day(account, moment)
        return self._used.get("general", 0)

    def take(self, account: Account, token: Token, allowance: str, moment: datetime) -> dict[str, str]:
        """Count one call; the headers that tell what is left. Raises ``Refusal`` (429)."""
        if allowance == "none":
            return {}
        self._turn_day(account, moment)
        now = to_ms(moment)
        counted = token.kind not in {"oauth", "user_oauth"}
        day = "associations" if allowance == "associations" else "general"
        most_today = _ASSOCIATION_DAILY if day == "associations" and self.switches.daily is None else self.daily
        if self.switches.limits:
            if counted and self._used.get(day, 0) >= most_today:
                raise self._refuse(account, "daily", "DAILY", self._until_midnight(account, moment))
            self._burst(account, token, allowance, now)
        if counted:
            self._used[day] = self._used.get(day, 0) + 1
        return {} if allowance == "search" else self._headers(token, allowance, most_today, day, counted)

    def _burst(self, account: Account, token: Token, allowance: str, now: int) -> None:
        key, most, window = self._bucket(token, allowance)
        recent = self._recent.setdefault(key, deque())
        while recent and not now - window < recent[0] <= now:
            recent.popleft()
        if len(recent) >= most:
            wait = max(1, recent[len(recent) - most] + window - now)
            name = ("secondly", "SECONDLY") if window == 1000 else ("ten_secondly_rolling", "TEN_SECONDLY_ROLLING")
            raise self._refuse(account, *name, wait)
        recent.append(now)

    def _bucket(self, token: Token, allowance: str) -> tuple[str, int, int]:
        # A key has its own window; an OAuth app has one, however often it gets a new token.
        caller = f"app {token.app_id}" if token.kind in {"oauth", "user_oauth"} else token.value
        if allowance == "search":
            return "search", self.switches.search_per_second, 1000
        if allowance == "associations":
            most = _ASSOCIATION_BURST[self.switches.tier] if self.switches.burst is None else self.switches.burst
            return f"associations {caller}", most, WINDOW_MS
        return f"general {caller}", self.burst(token), WINDOW_MS

    def _headers(self, token: Token, allowance: str, most_today: int, day: str, counted: bool) -> dict[str, str]:
        key, most, _ = self._bucket(token, allowance)
        left = most - len(self._recent.get(key, ()))
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(WINDOW_MS),
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, left)),
            "X-HubSpot-RateLimit-Secondly": str(most // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, min(most // 10, left))),
        }
        if counted:
            headers["X-HubSpot-RateLimit-Daily"] = str(most_today)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, most_today - self._used.get(day, 0)))
        return headers

    def _refuse(self, account: Account, words: str, policy: str, wait_ms: int) -> Refusal:
        headers: dict[str, str] = {}
        if self.switches.retry_after == "s":
            headers["Retry-After"] = str(-(-wait_ms // 1000))
        elif self.switches.retry_after == "ms":
            headers["Retry-After"] = str(wait_ms)
        slug = policy.lower().replace("_rolling", "").replace("_", "-")
        extra = {
            "errorType": "RATE_LIMIT",
            "policyName": policy,
            **({"requestId": "00000000-0000-4000-8000-000000000000"} if policy == "DAILY" else {}),
            "groupName": f"publicapi:private-apps-api-calls-{slug}:{account.portal_id}",
        }
        return Refusal(429, None, f"You have reached your {words} limit.", extra=extra, headers=headers)

    def _turn_day(self, account: Account, moment: datetime) -> None:
        day = moment.astimezone(account.time_zone).date().isoformat()
        if day != self._day:
            self._day = day
            self._used.clear()

    def _until_midnight(self, account: Account, moment: datetime) -> int:
        local = moment.astimezone(account.time_zone)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return max(1, to_ms(midnight) - to_ms(moment))
