"""Card payments: charges gross into a clearing account, fees into expense, payouts out of it. Pure.

Accounting case 32. Charges debit the clearing account when they settle invoices, refunds and disputes credit it; the
payout clears what is left, so that at the close nothing stands on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from include.core.errors import TotalsDiffer
from include.core.journal import JournalLine, line
from include.core.money import Money


class PayoutDiffers(TotalsDiffer):
    """The bank got something else than charges less fees and refunds, and disputes."""


@dataclass(frozen=True, slots=True)
class Payout:
    """What a processor paid out at once, all in its currency. ``fees`` and ``refunds`` are positive; ``disputes`` is
    negative for what was taken back, positive for what was won back."""

    gross: Money
    fees: Money
    refunds: Money
    disputes: Money
    net: Money

    @property
    def expected(self) -> Money:
        return self.gross - self.fees - self.refunds + self.disputes


@dataclass(frozen=True, slots=True)
class PayoutAccounts:
    entity_id: str
    bank: str
    clearing: str
    fees: str


def payout_journal(payout: Payout, accounts: PayoutAccounts) -> tuple[JournalLine, ...]:
    """Net to the bank, fees to expense, both out of clearing. Raises ``PayoutDiffers``."""
    if payout.net != payout.expected:
        raise PayoutDiffers(
            f"the payout is {payout.net}, but charges less fees and refunds, and disputes, come to {payout.expected}"
        )
    cleared = payout.gross - payout.refunds + payout.disputes
    parts = ((accounts.bank, payout.net), (accounts.fees, payout.fees), (accounts.clearing, -cleared))
    return tuple(line(accounts.entity_id, account, amount) for account, amount in parts if not amount.is_zero)


def clearing_balance(payout: Payout, accounts: PayoutAccounts) -> Money:
    """What is left on clearing after charges, refunds, disputes and the payout: zero, or an item to explain."""
    booked = payout.gross - payout.refunds + payout.disputes
    for one in payout_journal(payout, accounts):
        booked = booked + one.amount if one.account == accounts.clearing else booked
    return booked
