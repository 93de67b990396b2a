"""What a planned document books: debit and credit by account and entity, for people to read before it happens. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from include.connectors.intacct.lines import Line
from include.core.decisions import Json
from include.core.money import Money, zero

RECEIVABLE = "receivables"


@dataclass(frozen=True, slots=True)
class Posting:
    """``amount`` is positive on the debit side, negative on the credit side; ``account`` a number, a label, or
    ``receivables``, whose account Intacct chooses."""

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
    pairs = [
        (
            str(item.get("defrevaccount") or item.get("glaccountno") or item.get("accountlabel")),
            Money.of(str(item["amount"]), currency),
        )
        for item in items
    ]
    return _postings(pairs, entity, currency)


def postings_of_lines(lines: Sequence[Line], entity: str, *, reverse: bool) -> tuple[Posting, ...]:
    """Of a document in the books, or of its reversal."""
    if not lines:
        return ()
    pairs = [(line.account or line.account_label, -line.amount if reverse else line.amount) for line in lines]
    return _postings(pairs, entity, lines[0].amount.currency)


def _postings(pairs: Sequence[tuple[str, Money]], entity: str, currency: str) -> tuple[Posting, ...]:
    total = zero(currency)
    by_account: dict[str, Money] = {}
    for account, amount in pairs:
        by_account[account] = by_account.get(account, zero(currency)) - amount
        total = total + amount
    booked = [(RECEIVABLE, total), *by_account.items()]
    booked.sort(key=lambda one: one[1].is_negative)  # debits first, as a journal is written
    return tuple(Posting(entity, account, amount) for account, amount in booked if not amount.is_zero)
