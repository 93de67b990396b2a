"""What is wrong with a customer's credit: on hold, over its limit, overdue beyond a limit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.core import credit_exposure
from include.core.credit_exposure import Exposure
from include.core.money import Money
from include.flows.credit.records import CustomerCredit
from include.flows.credit.settings import CreditSettings
from include.flows.figures.customer_standing import Balance, Standing

OK, ON_HOLD, OVER_LIMIT, OVERDUE = STATUSES = ("ok", "on_hold", "over_limit", "overdue")


@dataclass(frozen=True, slots=True)
class Assessment:
    """``causes``: flag -> why, in the order of ``STATUSES``. ``unknown``: why nobody can say whether the credit limit
    holds; empty where that is known."""

    causes: dict[str, str]
    unknown: str = ""


def exposure(standing: Standing, currency: str, settings: CreditSettings, orders: Sequence[Money] = ()) -> Exposure:
    """Open less unapplied, currency by currency, in ``currency`` at the settings' rates, each rounded once; and open
    ``orders``, each by itself.

    Credit in one currency does not lower what is owed in another: it cannot be applied there.
    """
    return credit_exposure.exposure((one.net for one in standing.balances), currency, settings.rate, orders)


def assess(customer: CustomerCredit, settings: CreditSettings) -> Assessment:
    """What to flag. Reasons name no number of days that grows, so that they change only when the books do."""
    causes = {ON_HOLD: "On credit hold in Sage Intacct."} if customer.on_hold else {}
    unknown = "nothing tells the currency of its credit limit" if customer.limit_unclear else ""
    if customer.limit is not None:
        owed = exposure(customer.standing, customer.limit.currency, settings, customer.orders)
        if owed.known > customer.limit:
            causes[OVER_LIMIT] = _over(customer, owed, customer.limit, settings)
        elif owed.unknown:
            pairs = " and ".join(f"{one} to {customer.limit.currency}" for one in owed.unknown)
            unknown = f"the settings state no rate from {pairs}, to compare what it owes with its credit limit"
    if late := [told for one in customer.standing.balances if (told := _overdue(one, settings))]:
        causes[OVERDUE] = f"Overdue: {', '.join(late)}."
    return Assessment(causes, unknown)


def _over(customer: CustomerCredit, owed: Exposure, limit: Money, settings: CreditSettings) -> str:
    ordered = exposure(Standing(customer.customer_id), limit.currency, settings, customer.orders).known
    over = f"more than its credit limit of {_shown(limit)}."
    if ordered.is_zero:
        return f"Owes {_shown(owed.known)}, {over}"
    return f"Owes {_shown(owed.known - ordered)} and has open orders of {_shown(ordered)}, together {over}"


def _overdue(balance: Balance, settings: CreditSettings) -> str:
    """Which rule a currency's balance breaks, the one with the most days; empty for none."""
    broken = [
        rule.days
        for rule in settings.overdue
        if not balance.overdue.is_zero
        and balance.oldest_overdue_days > rule.days
        and ((least := rule.least(balance.currency)) is None or balance.overdue >= least)
    ]
    return f"{_shown(balance.overdue)}, the oldest more than {max(broken)} days late" if broken else ""


def _shown(money: Money) -> str:
    return f"{money.amount:,} {money.currency}"
