"""Exchange rates of the account, as deals use them."""

from __future__ import annotations

from include.sandbox.hubspot.times import parse_instant
from include.sandbox.hubspot.world import World


def rate_text(world: World, currency: str, at: int) -> str | None:
    """The rate from ``currency`` to the company's, as it stood at an instant; None when there is none."""
    best: tuple[int, str] | None = None
    for rate in world.db.documents("exchange_rate").values():
        if rate["fromCurrencyCode"] != currency or rate["toCurrencyCode"] != world.account.currency:
            continue
        since = parse_instant(str(rate["effectiveAt"])) or 0
        if since <= at and (best is None or since >= best[0]):
            best = (since, str(rate["conversionRate"]))
    return best[1] if best else None
