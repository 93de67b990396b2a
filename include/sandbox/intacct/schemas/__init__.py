"""Content models of the typed functions, by area. ``FUNCTIONS`` maps each function element to its model."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas import (
    adjustments,
    attachments,
    cash,
    expenses,
    generic,
    invoices,
    masters,
    orders,
    others,
    payables,
    payments,
    reads,
    recurring,
    revenue,
)
from include.sandbox.intacct.schemas import journals as journal_models

FUNCTIONS: dict[str, Model] = {
    **generic.FUNCTIONS,
    **reads.FUNCTIONS,
    **invoices.FUNCTIONS,
    **payments.FUNCTIONS,
    **adjustments.FUNCTIONS,
    **payables.FUNCTIONS,
    **orders.FUNCTIONS,
    **recurring.FUNCTIONS,
    **journal_models.FUNCTIONS,
    **masters.FUNCTIONS,
    **attachments.FUNCTIONS,
    **expenses.FUNCTIONS,
    **cash.FUNCTIONS,
    **revenue.FUNCTIONS,
    **others.FUNCTIONS,
}
"""Every function the gateway knows; others are schema violations, as they would be there."""
