"""Where the lines of a document for a difference come from: what is billed on each account and dimension, against what
is to be. Pure.

Lines are compared by what they are booked on, not one by one: a HubSpot line item may have been deleted and entered
anew. What Intacct shows on a line is what is credited, whatever the settings map today. A line's tax goes with it:
amounts to be billed or credited include it, and are parted as the line's own net and tax are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.connectors.intacct.lines import Line
from include.core.decisions import Json
from include.core.money import EXACT, Money, round_half_up, sum_money, zero
from include.core.rounding import allocate
from include.flows.deals.live import LiveDeal

Coding = tuple[tuple[str, str], ...]
_DIMENSIONS = ("locationid", "departmentid", "itemid", "classid", "projectid")
_TAX = "taxdetail"
"""In a coding: the tax detail of its lines."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked on one coding: the net of its lines and their tax."""

    net: Money
    tax: Money

    @classmethod
    def nothing(cls, currency: str) -> Booked:
        return cls(zero(currency), zero(currency))

    @property
    def gross(self) -> Money:
        return self.net + self.tax

    @property
    def is_nothing(self) -> bool:
        return self.net.is_zero and self.tax.is_zero

    def __add__(self, other: Booked) -> Booked:
        return Booked(self.net + other.net, self.tax + other.tax)

    def __neg__(self) -> Booked:
        return Booked(-self.net, -self.tax)

    def part(self, gross: Money) -> Booked:
        """``gross`` as net and tax, in the proportion of this."""
        if self.tax.is_zero:
            return Booked(gross, self.tax)
        share = EXACT.divide(EXACT.multiply(gross.amount, self.tax.amount), self.gross.amount)
        tax = round_half_up(share, gross.currency)
        return Booked(gross - tax, tax)


def coding_of_item(item: Mapping[str, object]) -> Coding:
    """What a line to be sent is booked on."""
    account = "accountlabel" if item.get("accountlabel") else "glaccountno"
    coding = tuple((name, str(item[name])) for name in (account, *_DIMENSIONS) if item.get(name))
    entries = _entries(item)
    return (*coding, (_TAX, entries[0]["detailid"])) if entries else coding


def coding_of_line(line: Line, *, by_label: bool) -> Coding:
    """What a line in the books is booked on."""
    account = ("accountlabel", line.account_label) if by_label and line.account_label else ("glaccountno", line.account)
    places = (line.location_id, line.department_id, line.item_id, line.class_id, line.project_id)
    taxed = (_TAX, line.tax_detail)
    return tuple(pair for pair in (account, *zip(_DIMENSIONS, places, strict=True), taxed) if pair[1])


def billed(live: LiveDeal, *, by_label: bool) -> dict[Coding, Booked]:
    """What the standing documents bill on each coding, credit memos taken off."""
    found = _summed((_line(line, by_label) for one in live.standing for line in one.lines), live.currency)
    # A credit memo's lines do not name their tax detail: they are of the lines that they credit.
    invoiced = {untaxed_coding(coding): coding for coding in reversed(found)}
    for memo in live.memos:
        for line in memo.lines:
            coding, booked = _line(line, by_label)
            own = invoiced.get(untaxed_coding(coding), coding)
            found[own] = found.get(own, Booked.nothing(live.currency)) + booked
    return found


def wanted(items: Iterable[Mapping[str, object]], currency: str) -> dict[Coding, Booked]:
    """What the deal as it is now bills on each coding."""
    return _summed(((coding_of_item(item), booked_by(item, currency)) for item in items), currency)


def booked_by(item: Mapping[str, object], currency: str) -> Booked:
    """Net and tax of a line to be sent; no tax where Intacct computes it."""
    taxes = (Money.of(entry["trx_tax"], currency) for entry in _entries(item) if entry.get("trx_tax"))
    return Booked(Money.of(str(item["amount"]), currency), sum_money(taxes, currency))


def added_items(items: Sequence[Json], before: Mapping[Coding, Booked], difference: Money) -> list[Json]:
    """The lines of an invoice over ``difference``: what grew or came new, and what shrank as negative lines.

    Where that does not add up (somebody credited a part by hand), the difference is spread over what the deal bills.
    """
    nothing = Booked.nothing(difference.currency)
    after = wanted(items, difference.currency)
    grown = {
        coding: after.get(coding, nothing) + -before.get(coding, nothing) for coding in dict.fromkeys([*after, *before])
    }
    amounts = {coding: booked for coding, booked in grown.items() if not booked.is_nothing}
    if _gross(amounts, difference.currency) != difference:
        amounts = _spread(difference, after)
    templates = {coding_of_item(item): item for item in reversed(items)}
    return [
        {**templates.get(coding, {"memo": "Taken off"}), **_item(coding, booked)} for coding, booked in amounts.items()
    ]


def credited_items(before: Mapping[Coding, Booked], after: Mapping[Coding, Booked], credit: Money) -> list[Json]:
    """The negative lines of a credit memo over ``credit`` (positive), on what shrank.

    Where other lines grew, or only a part may be credited, the credit is spread over what shrank in proportion.
    """
    nothing, none = zero(credit.currency), Booked.nothing(credit.currency)
    shrunk = {coding: booked + -after.get(coding, none) for coding, booked in before.items()}
    fallen = {coding: booked for coding, booked in shrunk.items() if booked.gross > nothing}
    if _gross(fallen, credit.currency) != credit:
        fallen = _spread(credit, fallen or {coding: one for coding, one in before.items() if one.gross > nothing})
    return [_item(coding, -booked) for coding, booked in fallen.items()]


def _line(line: Line, by_label: bool) -> tuple[Coding, Booked]:
    return coding_of_line(line, by_label=by_label), Booked(line.amount, line.tax or zero(line.amount.currency))


def _item(coding: Coding, booked: Booked) -> Json:
    item: Json = {**dict(untaxed_coding(coding)), "amount": booked.net.text}
    detail = detail_of(coding)
    return item | {"taxentries": [{"detailid": detail, "trx_tax": booked.tax.text}]} if detail else item


def untaxed_coding(coding: Coding) -> Coding:
    """What is booked on, whatever its tax."""
    return tuple(pair for pair in coding if pair[0] != _TAX)


def detail_of(coding: Coding) -> str:
    """The tax detail of its lines, empty without one."""
    return dict(coding).get(_TAX, "")


def _entries(item: Mapping[str, object]) -> Sequence[Mapping[str, str]]:
    entries = item.get("taxentries")
    return entries if isinstance(entries, list) else ()


def _gross(amounts: Mapping[Coding, Booked], currency: str) -> Money:
    return sum_money((booked.gross for booked in amounts.values()), currency)


def _spread(amount: Money, over: Mapping[Coding, Booked]) -> dict[Coding, Booked]:
    weights = [max(booked.gross.amount, Decimal(0)) for booked in over.values()]
    shares = allocate(amount, weights)
    parted = zip(over.items(), shares, strict=True)
    return {coding: booked.part(share) for (coding, booked), share in parted if not share.is_zero}


def _summed(pairs: Iterable[tuple[Coding, Booked]], currency: str) -> dict[Coding, Booked]:
    total: dict[Coding, Booked] = {}
    for coding, booked in pairs:
        total[coding] = total.get(coding, Booked.nothing(currency)) + booked
    return total
