"""What Intacct already holds and HubSpot knows nothing of: older invoices, payments on them, a credit memo
now and then. The flow must leave them alone, and whoever counts its invoices must not count these."""

from __future__ import annotations

from datetime import date, timedelta

from include.sandbox.company.arithmetic import due_date
from include.sandbox.company.catalogue import BY_SKU, PRODUCTS
from include.sandbox.company.customers import Cast
from include.sandbox.company.deals import net_of
from include.sandbox.company.desk import Desk
from include.sandbox.company.model import Customer, Deal, Document

_FIRST_DAY = date(2025, 2, 3)
_DAYS = 500
_SELLABLE = [product.sku for product in PRODUCTS if product.account]


def documents_of(cast: Cast, deals: tuple[Deal, ...], desk: Desk) -> tuple[Document, ...]:
    """Older documents of the customer that these deals bill: for half of the customers."""
    customer = cast.billed
    if customer is None or not deals or deals[0].entity is None or desk.random.randrange(2):
        return ()
    entity = deals[0].entity
    found = [older_invoice(customer, entity, desk) for _ in range(1 + desk.random.randrange(3))]
    if desk.random.randrange(4) == 0:
        found.append(_credit_memo(customer, entity, found[0], desk))
    if deals[0].expect == "posted" and deals[0].currency == customer.currency:
        found.append(_decoy(customer, deals[0], desk))
    return tuple(found)


def older_invoice(customer: Customer, entity: str, desk: Desk) -> Document:
    """An invoice of the past two years: paid, paid in part or open."""
    dated = _FIRST_DAY + timedelta(days=desk.random.randrange(_DAYS))
    lines = tuple(
        (desk.random.choice(_SELLABLE), 5_000 + desk.random.randrange(400_000))
        for _ in range(1 + desk.random.randrange(3))
    )
    total = sum(amount for _, amount in lines)
    paid = (total, total, total // 3, 0)[desk.random.randrange(4)]
    return Document(
        kind="ARINVOICE",
        number=desk.document_number(),
        customer=customer,
        entity=entity,
        currency=customer.currency,
        dated=dated,
        due=due_date(dated, customer.term),
        description=f"{BY_SKU[lines[0][0]].name}, order of {dated:%d %B %Y}",
        lines=lines,
        paid=paid,
        paid_on=dated + timedelta(days=9 + desk.random.randrange(40)) if paid else None,
    )


def _credit_memo(customer: Customer, entity: str, invoice: Document, desk: Desk) -> Document:
    """A tenth of the invoice's first line back."""
    sku, amount = invoice.lines[0]
    dated = invoice.dated + timedelta(days=12)
    return Document(
        kind="ARADJUSTMENT",
        number=desk.document_number(),
        customer=customer,
        entity=entity,
        currency=customer.currency,
        dated=dated,
        due=dated,
        description=f"Returned goods, {invoice.number}",
        lines=((sku, -(amount // 10)),),
    )


def _decoy(customer: Customer, deal: Deal, desk: Desk) -> Document:
    """An unpaid invoice of the same customer over the same amount as a deal, which is not that deal's."""
    dated = date(2026, 7, 1) + timedelta(days=desk.random.randrange(25))
    return Document(
        kind="ARINVOICE",
        number=desk.document_number(),
        customer=customer,
        entity=deal.entity or "100",
        currency=deal.currency,
        dated=dated,
        due=due_date(dated, customer.term),
        description=f"Repeat order of {dated:%d %B %Y}",
        lines=((_SELLABLE[2], sum(net_of(deal))),),
    )
