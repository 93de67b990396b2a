"""A small company that lives through a generated history: deals won, changed and lost, money in and out, closes.

Everything that decides is the product's own code (tax, exchange, periods, journal, the table of changed deals); this
file only keeps the books that it decides about.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Literal

from include.core.books import Entity
from include.core.changed_deal_table import Action, State, actions, credit_split
from include.core.exchange import Applied, Balance, Payment, Rate, applied, booked, converted
from include.core.journal import JournalLine, check_balance
from include.core.money import Money, sum_money, zero
from include.core.periods import dates_for, still_open
from include.core.rounding import allocate
from include.core.tax import Backed, tax_out_of
from tests.accounting.amounts import D

AR, CASH, REVENUE, TAX, FX, ROUNDING, BAD_DEBT = "1100", "1000", "4000", "2100", "7900", "7950", "6900"
BASES = {"100": "USD", "200": "EUR", "300": "JPY"}
RATES = {"USD": D("1"), "EUR": D("1.0847"), "JPY": D("0.006712"), "KWD": D("3.2587")}
Kind = Literal["paid", "credited", "written_off"]


@dataclass
class Document:
    """``lines``: gross amounts with their net and tax; ``settled`` what of it is no longer open, and how."""

    number: str
    deal: str
    is_memo: bool
    lines: list[Backed]
    balance: Balance
    posting: date
    state: Literal["draft", "posted", "reversed"] = "posted"
    settled: list[tuple[Kind, Applied]] = field(default_factory=list)
    base: Money | None = None

    @property
    def total(self) -> Money:
        return sum_money((one.net + one.tax for one in self.lines), self.balance.open.currency)

    def part(self, kind: Kind) -> Money:
        return sum_money((one.payment.settled for how, one in self.settled if how == kind), self.total.currency)

    @property
    def is_standing(self) -> bool:
        return self.state == "posted" and not self.is_memo


@dataclass
class Deal:
    """``handled``: the total of the version that was carried out last. ``undecided``: what a person must decide about
    before the documents bill what the deal says."""

    id: str
    entity_id: str
    currency: str
    lines: list[int]
    is_won: bool = True
    handled: Money | None = None
    undecided: Money | None = None
    touched_by_hand: bool = False

    @property
    def total(self) -> Money:
        return Money.from_minor(sum(self.lines) if self.is_won else 0, self.currency)


@dataclass
class Company:
    closed: dict[str, date | None] = field(default_factory=dict)
    day: date = date(2026, 1, 15)
    market: int = 0
    drafts: bool = False
    deals: dict[str, Deal] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    journals: list[tuple[date, date | None, tuple[JournalLine, ...]]] = field(default_factory=list)
    unapplied: dict[tuple[str, str], tuple[Money, Money]] = field(default_factory=dict)
    ever_posted: set[str] = field(default_factory=set)

    def entity(self, entity_id: str) -> Entity:
        return _entity(entity_id, self.closed.get(entity_id))

    def rate(self, deal: Deal) -> Rate:
        base = BASES[deal.entity_id]
        value = RATES[deal.currency] / RATES[base] * (1 + D(self.market) / 100) if deal.currency != base else D(1)
        return Rate("daily", deal.currency, base, self.day, value.quantize(D("0.000001")))

    # What the flows do.

    def sync(self, deal: Deal) -> tuple[Action, ...]:
        """Carry out what the table says about the deal as it is now; nothing where that was done before."""
        before = deal.handled if deal.handled is not None else zero(deal.currency)
        if deal.total == before:
            return ()
        state, is_open = self.state_of(deal)
        change = "unwon" if deal.total.is_zero else "amount_up" if deal.total > before else "amount_down"
        planned = actions(state, is_open, change)
        for action in planned:
            self._carry_out(action, deal, deal.total - before)
        deal.handled = deal.total
        return planned

    def state_of(self, deal: Deal) -> tuple[State, bool]:
        own = [one for one in self.documents if one.deal == deal.id and not one.is_memo]
        standing = [one for one in own if one.is_standing]
        closed = self.closed.get(deal.entity_id)
        is_open = all(closed is None or one.posting > closed for one in standing)
        if any(one.state == "draft" for one in own):
            return "draft", is_open
        if not standing:
            return ("reversed" if own else "none"), is_open
        if not any(one.settled for one in standing):
            return "posted_unpaid", is_open
        if any(not one.balance.open.is_zero for one in standing):
            return "partly_paid", is_open
        return (
            "written_off" if any(how == "written_off" for one in standing for how, _ in one.settled) else "paid"
        ), is_open

    def _carry_out(self, action: Action, deal: Deal, difference: Money) -> None:
        own = [one for one in self.documents if one.deal == deal.id]
        whole = [Money.from_minor(minor, deal.currency) for minor in deal.lines]
        if action in ("delete_draft", "edit_draft"):
            self.documents = [one for one in self.documents if one.deal != deal.id or one.state != "draft"]
        if action in ("reverse", "reverse_and_recreate"):
            for one in own:
                if one.is_standing:
                    self.reverse(one)
        if action in ("replan", "reverse_and_recreate", "edit_draft"):
            self.bill(deal, whole, draft=self.drafts or action == "edit_draft")
        elif action == "supplementary_invoice":
            self.bill(deal, [difference])
        elif action in ("credit_memo_open_part", "credit_memo_full"):
            still_open = sum_money((one.balance.open for one in own if one.is_standing), deal.currency)
            split = credit_split(-difference, still_open)
            self.credit(deal, -difference if action == "credit_memo_full" else split.credit)
            if action == "credit_memo_open_part":
                deal.undecided = (deal.undecided or zero(deal.currency)) + split.rest

    def bill(self, deal: Deal, grosses: list[Money], *, draft: bool = False) -> None:
        lines = tax_out_of(grosses, D("8.875"), deal.currency)
        dates = dates_for(self.entity(deal.entity_id), "AR", self.day)
        still_open(self.entity(deal.entity_id), "AR", dates)
        number = f"{deal.id}-{sum(one.deal == deal.id for one in self.documents) + 1}"
        balance = booked(sum_money(grosses, deal.currency), self.rate(deal))
        made = Document(number, deal.id, False, lines, balance, dates.posting, "draft", base=balance.base)
        self.documents.append(made)
        if not draft:
            self.post_draft(made)

    def credit(self, deal: Deal, amount: Money) -> None:
        """A credit memo, applied to what is open, oldest first; the rest stays unapplied."""
        if amount.is_zero:
            return
        lines = tax_out_of([amount], D("8.875"), deal.currency)
        dates = dates_for(self.entity(deal.entity_id), "AR", self.day)
        number = f"{deal.id}-{sum(one.deal == deal.id for one in self.documents) + 1}"
        balance = booked(amount, self.rate(deal))
        self.documents.append(Document(number, deal.id, True, lines, balance, dates.posting, base=balance.base))
        self.ever_posted.add(number)
        self._journal(deal, dates.posting, [(AR, -amount, -balance.base), *self._revenue(lines, balance.base, +1)])
        self._apply(deal, amount, balance.base, dates.posting, "credited", AR)

    # What people do.

    def post_draft(self, one: Document) -> None:
        deal = self.deals[one.deal]
        one.state = "posted"
        one.posting = dates_for(self.entity(deal.entity_id), "AR", max(one.posting, self.day)).posting
        self.ever_posted.add(one.number)
        assert one.base is not None
        self._journal(deal, one.posting, [(AR, one.total, one.base), *self._revenue(one.lines, one.base, -1)])

    def pay(self, deal: Deal, amount: Money) -> None:
        posting = dates_for(self.entity(deal.entity_id), "AR", self.day).posting
        self._apply(deal, amount, converted(amount, self.rate(deal)), posting, "paid", CASH)

    def write_off(self, deal: Deal) -> None:
        for one in self._open(deal):
            payment = Payment(one.balance.open, one.balance.open, one.balance.base)
            posting = dates_for(self.entity(deal.entity_id), "AR", self.day).posting
            self._settle(one, payment, posting, "written_off", BAD_DEBT)
            deal.touched_by_hand = True

    def reverse(self, one: Document) -> None:
        deal = self.deals[one.deal]
        assert one.base is not None
        lines = [(AR, -one.total, -one.base), *self._revenue(one.lines, one.base, +1)]
        self._journal(deal, one.posting, lines)
        one.state = "reversed"
        one.balance = replace(one.balance, open=zero(deal.currency), base=zero(one.base.currency))

    def bounce(self, deal: Deal) -> None:
        """The last payment comes back: its application is undone, and the money leaves."""
        for one in reversed([one for one in self.documents if one.deal == deal.id and one.is_standing]):
            if one.settled and one.settled[-1][0] == "paid":
                _, last = one.settled.pop()
                before = one.balance
                one.balance = replace(
                    before, open=before.open + last.payment.settled, base=before.base + last.relieved + last.residue
                )
                posting = dates_for(self.entity(deal.entity_id), "AR", self.day).posting
                self._journal(deal, posting, [(a, -m, -b) for a, m, b in _settling(last, CASH)])
                return

    def _open(self, deal: Deal) -> list[Document]:
        return [
            one for one in self.documents if one.deal == deal.id and one.is_standing and not one.balance.open.is_zero
        ]

    def _apply(self, deal: Deal, amount: Money, base: Money, posting: date, how: Kind, account: str) -> None:
        for one in self._open(deal):
            part = min(amount, one.balance.open)
            if part.is_zero:
                continue
            worth = base if part == amount else converted(part, self.rate(deal))
            self._settle(one, Payment(part, part, worth), posting, how, account)
            amount, base = amount - part, base - worth
        if amount.is_zero and base.is_zero:
            return
        if account == CASH:
            self._journal(deal, posting, [(CASH, amount, base), (AR, -amount, -base)])
        key = (deal.entity_id, deal.currency)
        had = self.unapplied.get(key, (zero(deal.currency), zero(base.currency)))
        self.unapplied[key] = (had[0] + amount, had[1] + base)

    def _settle(self, one: Document, payment: Payment, posting: date, how: Kind, account: str) -> None:
        done = applied(one.balance, payment)
        one.balance = done.after
        one.settled.append((how, done))
        self._journal(self.deals[one.deal], posting, _settling(done, account))

    def _revenue(self, lines: list[Backed], base: Money, sign: int) -> list[tuple[str, Money, Money]]:
        parts = [(REVENUE, one.net) for one in lines] + [(TAX, one.tax) for one in lines]
        shares = allocate(base, [amount.amount for _, amount in parts])
        return [
            (account, amount if sign > 0 else -amount, share if sign > 0 else -share)
            for (account, amount), share in zip(parts, shares, strict=True)
        ]

    def _journal(self, deal: Deal, posting: date, lines: list[tuple[str, Money, Money]]) -> None:
        made = tuple(
            JournalLine(deal.entity_id, account, amount, base)
            for account, amount, base in lines
            if not (amount.is_zero and base.is_zero)
        )
        if made:
            check_balance(made)
            self.journals.append((posting, self.closed.get(deal.entity_id), made))


@cache
def _entity(entity_id: str, closed: date | None) -> Entity:
    return Entity.model_validate({
        "name": entity_id, "base_currency": BASES[entity_id], "time_zone": "UTC", "currencies": list(RATES),
        "periods": {"AR": {"closed_through": closed, "when_closed": "first_open_day"}},
    })  # fmt: skip


def _settling(done: Applied, account: str) -> list[tuple[str, Money, Money]]:
    """Money or credit against receivables, with what the rates gained and what rounding left."""
    amount, nothing = done.payment.settled, zero(done.payment.settled.currency)
    return [
        (account, amount, done.payment.base),
        (AR, -amount, -(done.relieved + done.residue)),
        (FX, nothing, -done.gain),
        (ROUNDING, nothing, done.residue),
    ]
