"""``account-info``: the connection test and the day's use; ``tax-rates``."""

from __future__ import annotations

from datetime import timedelta

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.routing import Route, fixed, route
from include.sandbox.hubspot.times import to_ms, wire


def details(call: Call) -> Reply:
    return Reply(200, call.world.account.details(call.moment))


def daily_use(call: Call) -> Reply:
    limits, account = call.world.limits, call.world.account
    local = call.moment.astimezone(account.time_zone)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    row = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits.daily,
        "currentUsage": limits.used_today(account, call.moment),
        "collectedAt": wire(call.now),
        "fetchStatus": "SUCCESS",
        "resetsAt": wire(to_ms(midnight)),
    }
    return Reply(200, {"results": [row]})


def tax_rates(call: Call) -> Reply:
    return Reply(200, {"results": list(call.world.db.documents("tax_rate").values())})


ROUTES: tuple[Route, ...] = (
    route("GET", "account-info", "details", details),
    route("GET", "account-info", "api-usage/daily/private-apps", daily_use),
    route("GET", "tax-rates", "tax-rates", tax_rates, fixed("tax_rates.read")),
)
