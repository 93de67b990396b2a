"""Where the lines of a document for a difference come from: what is billed on each account and dimension, against what
is to be. Pure.

Lines are compared by what they are booked on, not one by one: a HubSpot line item may have been deleted and entered
anew. What Intacct shows on a line is what is credited, whatever the settings map today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from include.connectors.intacct.lines import Line
from include.core.decisions import Json
from include.core.money import Money, sum_money, zero
from include.core.rounding import allocate
from include.flows.deals.live import LiveDeal

Coding = tuple[tuple[str, str], ...]
_DIMENSIONS = ("locationid", "departmentid", "itemid", "classid", "projectid")


def coding_of_item(item: Mapping[str, object]) -> Coding:
    """What a line to be sent is booked on."""
    account = "accountlabel" if item.get("accountlabel") else "glaccountno"
    return tuple((name, str(item[name])) for name in (account, *_DIMENSIONS) if item.get(name))


def coding_of_line(line: Line, *, by_label: bool) -> Coding:
    """What a line in the books is booked on."""
    account = ("accountlabel", line.account_label) if by_label and line.account_label else ("glaccountno", line.account)
    places = (line.location_id, line.department_id, line.item_id, line.class_id, line.project_id)
    return tuple(pair for pair in (account, *zip(_DIMENSIONS, places, strict=True)) if pair[1])


def billed(live: LiveDeal, *, by_label: bool) -> dict[Coding, Money]:
    """What the standing documents bill on each coding, credit memos taken off."""
    lines = [line for one in live.standing for line in one.lines] + [line for memo in live.memos for line in memo.lines]
    return _summed(((coding_of_line(line, by_label=by_label), line.amount) for line in lines), live.currency)


def wanted(items: Iterable[Mapping[str, object]], currency: str) -> dict[Coding, Money]:
    """What the deal as it is now bills on each coding."""
    return _summed(((coding_of_item(item), Money.of(str(item["amount"]), currency)) for item in items), currency)


def added_items(items: Sequence[Json], before: Mapping[Coding, Money], difference: Money) -> list[Json]:
    """The lines of an invoice over ``difference``: what grew or came new, and what shrank as negative lines.

    Where that does not add up (somebody credited a part by hand), the difference is spread over what the deal bills.
    """
    currency = difference.currency
    after = wanted(items, currency)
    grown = {
        coding: after.get(coding, zero(currency)) - before.get(coding, zero(currency))
        for coding in dict.fromkeys([*after, *before])
    }
    amounts = {coding: amount for coding, amount in grown.items() if not amount.is_zero}
    if sum_money(amounts.values(), currency) != difference:
        amounts = _spread(difference, after)
    templates = {coding_of_item(item): item for item in reversed(items)}
    return [
        {**templates.get(coding, {**dict(coding), "memo": "Taken off"}), "amount": amount.text}
        for coding, amount in amounts.items()
    ]


def credited_items(before: Mapping[Coding, Money], after: Mapping[Coding, Money], credit: Money) -> list[Json]:
    """The negative lines of a credit memo over ``credit`` (positive), on what shrank.

    Where other lines grew, or only a part may be credited, the credit is spread over what shrank in proportion.
    """
    nothing = zero(credit.currency)
    shrunk = {coding: amount - after.get(coding, nothing) for coding, amount in before.items()}
    fallen = {coding: amount for coding, amount in shrunk.items() if amount > nothing}
    if sum_money(fallen.values(), credit.currency) != credit:
        fallen = _spread(credit, fallen or {coding: amount for coding, amount in before.items() if amount > nothing})
    return [{**dict(coding), "amount": (-amount).text} for coding, amount in fallen.items()]


def _spread(amount: Money, over: Mapping[Coding, Money]) -> dict[Coding, Money]:
    weights = {coding: max(part.amount, Decimal(0)) for coding, part in over.items()}
    shares = allocate(amount, list(weights.values()))
    return {coding: share for coding, share in zip(weights, shares, strict=True) if not share.is_zero}


def _summed(pairs: Iterable[tuple[Coding, Money]], currency: str) -> dict[Coding, Money]:
    total: dict[Coding, Money] = defaultdict(lambda: zero(currency))
    for coding, amount in pairs:
        total[coding] += amount
    return dict(total)
