"""Invoices: draft, open, paid, voided; numbers; balances from line items and payments.

What is needed to open an invoice is documented, the texts of the refusals are ours.
"""

from __future__ import annotations

from decimal import Decimal

from include.sandbox.hubspot.errors import invalid
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.store import links
from include.sandbox.hubspot.store.links import End
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.values import decimal, plain
from include.sandbox.hubspot.world import World

_MOVES = {
    "draft": {"draft", "open", "voided"},
    "open": {"open", "voided", "paid"},
    "paid": {"paid"},
    "voided": {"voided"},
}


def apply(world: World, draft: Draft) -> None:
    """Raises ``Refusal`` (400) for a status that may not be reached."""
    if draft.is_new:
        _begin(world, draft)
    _totals(world, draft)
    if draft.changed("hs_invoice_status") and not draft.loading:
        _move(world, draft)


def _begin(world: World, draft: Draft) -> None:
    if not draft.value("hs_due_date"):
        draft.set("hs_due_date", wire(draft.now))
    draft.set("hs_invoice_status", draft.value("hs_invoice_status") or "draft")
    draft.set("hs_invoice_billable", draft.value("hs_invoice_billable") or "true")
    draft.set("hs_invoice_source", draft.value("hs_invoice_source") or "HubSpot")
    if not draft.value("hs_number"):
        number = int(world.db.document("counter", "invoice") or 1000) + 1
        world.db.put_document("counter", "invoice", number)
        draft.set("hs_number", f"INV-{number}")


def _totals(world: World, draft: Draft) -> None:
    here = End("0-53", draft.id)
    items = world.records.fetch("0-8", links.linked_ids(world.db, here, "0-8")).values()
    payments = world.records.fetch("0-101", links.linked_ids(world.db, here, "0-101")).values()
    if draft.loading and not items and draft.value("hs_amount_billed"):
        return
    billed = sum(
        (decimal(item.props.get("hs_post_tax_amount") or item.props.get("amount")) for item in items), Decimal(0)
    )
    paid = sum(
        (
            decimal(payment.props.get("hs_initial_amount"))
            for payment in payments
            if payment.props.get("hs_latest_status", "succeeded") == "succeeded"
        ),
        Decimal(0),
    )
    by_hand = draft.value("hs_invoice_status") == "paid" and not payments
    if by_hand:
        paid = billed
    draft.set("hs_amount_billed", plain(billed))
    draft.set("hs_amount_paid", plain(paid))
    draft.set("hs_balance_due", plain(billed - paid))
    if paid and not draft.value("hs_payment_date"):
        dates = sorted(payment.props.get("hs_initiated_date", "") for payment in payments)
        draft.set("hs_payment_date", (dates[-1] if dates else "") or wire(draft.now))
    if payments and draft.before.get("hs_invoice_status") == "open" and billed and paid >= billed:
        draft.set("hs_invoice_status", "paid")


def _move(world: World, draft: Draft) -> None:
    before = draft.before.get("hs_invoice_status", "draft")
    after = draft.value("hs_invoice_status")
    if after not in _MOVES.get(before, set()):
        raise invalid(f"Invoice status cannot be changed from {before} to {after}")
    if after == "open" and draft.value("hs_invoice_billable") != "false":
        _may_open(world, draft)
    if after == "paid" and "hs_invoice_status" in draft.given:
        record_only = draft.value("hs_invoice_billable") == "false"
        if not (record_only and world.switches.billable_false_can_be_paid):
            raise invalid("Invoice status cannot be set to paid: it follows from payments")
    if after == "voided":
        draft.set("hs_voided_date", wire(draft.now))


def _may_open(world: World, draft: Draft) -> None:
    here = End("0-53", draft.id)
    missing = [
        word for word, type_id in (("contact", "0-1"), ("line item", "0-8"))
        if not links.linked_ids(world.db, here, type_id)
    ]  # fmt: skip
    if missing:
        raise invalid(f"Invoice cannot be opened: it has no associated {' and no associated '.join(missing)}")


def may_archive(status: str) -> None:
    """Only drafts and open invoices may be deleted. Raises ``Refusal`` (400)."""
    if status not in {"", "draft", "open"}:
        raise invalid(f"Invoice in status {status} cannot be deleted")
