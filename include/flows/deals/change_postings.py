"""What a planned document books: debit and credit by account and entity, for people to read before it happens. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.intacct.lines import Line
from include.core.decisions import Json
from include.core.money import Money, sum_money, zero
from include.flows.deals.change_lines import booked_by

RECEIVABLE = "receivables"
TAX = "tax"


@dataclass(frozen=True, slots=True)
class Posting:
    """``amount`` is positive on the debit side, negative on the credit side; ``account`` a number, a label, or
    ``receivables`` or ``tax``, whose account Intacct chooses."""

    entity: str
    account: str
    amount: Money

    @property
    def text(self) -> str:
        side = "credit" if self.amount.is_negative else "debit"
        return f"{side} {self.account} {abs(self.amount)}"

    def to_json(self) -> Json:
        return {"entity": self.entity, "account": self.account, "amount": str(self.amount)}


def postings_of_items(items: Iterable[Mapping[str, object]], entity: str, currency: str) -> tuple[Posting, ...]:
    """Of an invoice or a credit memo that is to be sent. Deferred revenue goes to its deferred account first."""
    pairs = []
    for item in items:
        booked = booked_by(item, currency)
        account = str(item.get("defrevaccount") or item.get("glaccountno") or item.get("accountlabel"))
        pairs += [(account, booked.net), (TAX, booked.tax)]
    return _postings(pairs, entity, currency)


def postings_of_lines(lines: Sequence[Line], total: Money, entity: str, *, reverse: bool) -> tuple[Posting, ...]:
    """Of a document over ``total`` in the books, or of its reversal. What its lines do not add up to is tax."""
    if not lines:
        return ()
    pairs = [(line.account or line.account_label, line.amount) for line in lines]
    pairs.append((TAX, total - sum_money((amount for _, amount in pairs), total.currency)))
    return _postings([(account, -one if reverse else one) for account, one in pairs], entity, total.currency)


def _postings(pairs: Sequence[tuple[str, Money]], entity: str, currency: str) -> tuple[Posting, ...]:
    total = zero(currency)
    by_account: dict[str, Money] = {}
    for account, amount in pairs:
        by_account[account] = by_account.get(account, zero(currency)) - amount
        total = total + amount
    booked = [(RECEIVABLE, total), *by_account.items()]
    booked.sort(key=lambda one: one[1].is_negative)  # debits first, as a journal is written
    return tuple(Posting(entity, account, amount) for account, amount in booked if not amount.is_zero)
