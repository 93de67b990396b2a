"""What happens to an invoice when its deal changes after the win: one table, to be read by finance.

A row is what stands in Intacct *now* and whether its period is open; a column is what changed on the deal. A cell names
actions in the order in which they are carried out, joined by ``+``. Where it has two answers, ``|`` parts them and a
setting chooses (``Choices``). Posted documents are never edited and never deleted.

What changed is told by comparing the deal with the version of it that was carried out last; an unwon version counts as
zero, so a deal that is won again is ``amount_up``. What finance did in Intacct by hand is no change of the deal. A deal
with several documents is in the state of all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from include.core.money import Money, zero

State = Literal["none", "draft", "posted_unpaid", "partly_paid", "paid", "reversed", "written_off"]
"""``none``: nothing stands in Intacct. ``posted_unpaid``: nothing is applied to it, neither money nor credit.
``partly_paid``: something is applied and something is open. ``paid``: nothing is open, by money or by credit.
``written_off``: nothing is open, and a part was given up as bad debt."""

Change = Literal["amount_up", "amount_down", "unwon", "company_changed", "currency_changed", "lines_changed_same_total"]
"""Where several hold, the strongest counts, in the order ``unwon``, ``currency_changed``, ``company_changed``, then the
amount, then the lines. ``unwon``: no longer won, lost, or deleted."""

Action = Literal[
    "replan",
    "drop_plan",
    "edit_draft",
    "delete_draft",
    "reverse",
    "reverse_and_recreate",
    "supplementary_invoice",
    "credit_memo_open_part",
    "credit_memo_full",
    "refund_decision_task",
    "reclass_task",
    "nothing",
]
"""``replan``: the deal as it is now is planned as if nothing had been billed (after a credit memo: beside it).
``drop_plan``: nothing will be billed.
``edit_draft``, ``delete_draft``: of the draft in Intacct.
``reverse``: the whole document, by Intacct's own reversal, in the document's open period.
``reverse_and_recreate``: the same, and a new document with a new number for the deal as it is now.
``supplementary_invoice``: a second invoice for the difference, in an open period.
``credit_memo_open_part``: a credit memo for the decrease (for ``unwon``: the total), at most what is open, applied.
``credit_memo_full``: a credit memo for the decrease (for ``unwon`` and a change of customer, currency or lines: the
total); applied to what is open, the rest stays unapplied on the customer.
``refund_decision_task``: a person decides about money received: refund it, keep it as credit, move it. Left out where
``credit_split`` leaves no rest.
``reclass_task``: the customer owes the same; a person moves revenue between accounts by a journal.
``nothing``: no document changes; the deal goes on showing that it differs."""

STATES: tuple[State, ...] = get_args(State)
CHANGES: tuple[Change, ...] = get_args(Change)
ACTIONS: tuple[Action, ...] = get_args(Action)

# fmt: off
TABLE: Mapping[tuple[State, str], Mapping[Change, str]] = {
    ("none", "any"): {
        "amount_up":                "replan",
        "amount_down":              "replan",
        "unwon":                    "drop_plan",
        "company_changed":          "replan",
        "currency_changed":         "replan",
        "lines_changed_same_total": "replan",
    },
    ("draft", "any"): {
        "amount_up":                "edit_draft",
        "amount_down":              "edit_draft",
        "unwon":                    "delete_draft",
        "company_changed":          "delete_draft + replan",
        "currency_changed":         "delete_draft + replan",
        "lines_changed_same_total": "edit_draft",
    },
    ("posted_unpaid", "open"): {
        "amount_up":                "reverse_and_recreate | supplementary_invoice",
        "amount_down":              "reverse_and_recreate | credit_memo_open_part",
        "unwon":                    "reverse",
        "company_changed":          "reverse_and_recreate",
        "currency_changed":         "reverse_and_recreate",
        "lines_changed_same_total": "reverse_and_recreate",
    },
    ("posted_unpaid", "closed"): {
        "amount_up":                "supplementary_invoice",
        "amount_down":              "credit_memo_open_part",
        "unwon":                    "credit_memo_full",
        "company_changed":          "credit_memo_full + replan",
        "currency_changed":         "credit_memo_full + replan",
        "lines_changed_same_total": "reclass_task",
    },
    ("partly_paid", "any"): {
        "amount_up":                "supplementary_invoice",
        "amount_down":              "credit_memo_open_part + refund_decision_task",
        "unwon":                    "credit_memo_open_part + refund_decision_task",
        "company_changed":          "refund_decision_task",
        "currency_changed":         "refund_decision_task",
        "lines_changed_same_total": "reclass_task",
    },
    ("paid", "any"): {
        "amount_up":                "supplementary_invoice",
        "amount_down":              "credit_memo_full | credit_memo_full + refund_decision_task",
        "unwon":                    "credit_memo_full + refund_decision_task",
        "company_changed":          "refund_decision_task",
        "currency_changed":         "refund_decision_task",
        "lines_changed_same_total": "reclass_task",
    },
    ("reversed", "any"): {
        "amount_up":                "replan",
        "amount_down":              "nothing",
        "unwon":                    "nothing",
        "company_changed":          "replan",
        "currency_changed":         "replan",
        "lines_changed_same_total": "nothing",
    },
    ("written_off", "any"): {
        "amount_up":                "supplementary_invoice",
        "amount_down":              "nothing",
        "unwon":                    "nothing",
        "company_changed":          "nothing",
        "currency_changed":         "nothing",
        "lines_changed_same_total": "nothing",
    },
}
# fmt: on

ALWAYS_APPROVED: frozenset[State] = frozenset({"reversed", "written_off"})
"""Somebody in finance has ended these: whatever follows needs consent, of any amount."""


@dataclass(frozen=True, slots=True)
class Choices:
    """``unpaid_open_period``: reverse and bill anew, or add a document for the difference. ``paid_decrease``: what a
    paid invoice is too much stays unapplied, or a person decides about a refund."""

    unpaid_open_period: Literal["reverse", "adjust"] = "reverse"
    paid_decrease: Literal["unapplied", "refund"] = "unapplied"


@dataclass(frozen=True, slots=True)
class CreditSplit:
    """A decrease: ``credit`` is what a credit memo over the open part takes, ``rest`` what a person decides about."""

    credit: Money
    rest: Money


def actions(state: State, period_open: bool, change: Change, choices: Choices | None = None) -> tuple[Action, ...]:
    """What to do, in this order. ``period_open``: whether the standing document's own posting date is open."""
    chosen = choices or Choices()
    row = TABLE.get((state, "any")) or TABLE[state, "open" if period_open else "closed"]
    first, *other = (_parsed(text) for text in row[change].split("|"))
    takes_other = chosen.paid_decrease == "refund" if state == "paid" else chosen.unpaid_open_period == "adjust"
    return other[0] if other and takes_other else first


def moved(change: Change, before: Money, after: Money | None) -> Money:
    """How much money a change is about: the difference of a changed amount, the whole of it for all else.

    ``before``: the total of the version that was carried out last. ``after``: the deal's new total, in the same
    currency; not looked at where the whole counts.
    """
    if change in ("amount_up", "amount_down") and after is not None:
        return abs(after - before)
    return abs(before)


def needs_approval(state: State, planned: tuple[Action, ...], size: Money, thresholds: Mapping[str, Money]) -> bool:
    """Whether a person must consent first: anything that is more than nothing and about more than the threshold of its
    currency. A currency without one, and what finance has ended already, always needs consent."""
    if set(planned) <= {"nothing"}:
        return False
    limit = thresholds.get(size.currency)
    return state in ALWAYS_APPROVED or limit is None or size > limit


def credit_split(decrease: Money, still_open: Money) -> CreditSplit:
    """How much of a decrease (positive) can be credited against what is open (accounting table 5.2, partly paid)."""
    credit = min(decrease, max(still_open, zero(still_open.currency)))
    return CreditSplit(credit, decrease - credit)


def _parsed(text: str) -> tuple[Action, ...]:
    known: dict[str, Action] = {action: action for action in ACTIONS}
    return tuple(known[word.strip()] for word in text.split("+"))
