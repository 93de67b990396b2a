"""Which invoice a card payment settles: by the id that it carries, never by its amount (accounting case 33). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from include.core.money import Money, zero


@dataclass(frozen=True, slots=True)
class Charge:
    """``invoice_id``: what the payment's metadata names, ``""`` where nothing does."""

    customer_id: str
    amount: Money
    invoice_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    id: str
    customer_id: str
    balance: Money


@dataclass(frozen=True, slots=True)
class Matching:
    """``applied`` settles ``invoice_id``; ``unapplied`` stays on the customer. ``review`` says why a person should
    look, ``candidates`` at what; both are empty where nothing is doubtful."""

    invoice_id: str
    applied: Money
    unapplied: Money
    review: str = ""
    candidates: tuple[str, ...] = ()


def match_charge(charge: Charge, invoices: Sequence[OpenInvoice]) -> Matching:
    """What becomes of a charge among the open invoices of everybody."""
    nothing = zero(charge.amount.currency)
    named = next((one for one in invoices if charge.invoice_id and one.id == charge.invoice_id), None)
    if named is not None and (named.customer_id, named.balance.currency) == (
        charge.customer_id,
        charge.amount.currency,
    ):
        applied = min(charge.amount, named.balance)
        return Matching(named.id, applied, charge.amount - applied)
    same = tuple(one.id for one in invoices if one.customer_id == charge.customer_id and one.balance == charge.amount)
    why = (
        "it names no invoice"
        if not charge.invoice_id
        else f"it names {charge.invoice_id}, no open one of this customer"
    )
    return Matching("", nothing, charge.amount, f"{why}; an equal amount is no proof", same)
