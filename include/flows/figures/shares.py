"""A deal's part of an invoice that it shares with other deals. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from include.core.document_links import shared_out
from include.flows.figures.invoice_standing import InvoiceStanding


def share_of(one: InvoiceStanding, weights: Mapping[str, Decimal], deal_id: str) -> InvoiceStanding:
    """The invoice as it stands for this deal. Over all its deals every amount adds up to the invoice's own, to the
    cent, and on each deal invoiced = paid + credited + written off + balance (accounting case 22)."""
    parts = (one.paid, one.credited, one.written_off, one.balance)
    rows = shared_out(parts, list(weights.values()))
    place = list(weights).index(deal_id)
    paid, credited, written_off, balance = rows[place]
    refunded = shared_out((one.refunded,), list(weights.values()))[place][0]
    base = one.base_total and shared_out((one.base_total,), list(weights.values()))[place][0]
    return replace(
        one,
        invoiced=paid + credited + written_off + balance,
        paid=paid,
        credited=credited,
        written_off=written_off,
        balance=balance,
        refunded=refunded,
        base_total=base,
    )
