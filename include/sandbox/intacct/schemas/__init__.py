"""Content models of the typed functions, by area. ``FUNCTIONS`` maps each function element to its model."""

from __future__ import annotations

from include.sandbox.intacct.envelope.content_model import Model
from include.sandbox.intacct.schemas import (
    adjustments,
    attachments,
    expenses,
    generic,
    invoices,
    masters,
    orders,
    payables,
    payments,
    reads,
    recurring,
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
}
"""Every function the twin knows; others are schema violations, as they would be at the gateway."""
