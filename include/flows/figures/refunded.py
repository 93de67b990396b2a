"""What was given back, by invoice and by customer, for every flow that shows it (accounting case 31)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.refunds import Refund, get_refunds
from include.core.books import RefundSettings
from include.core.money import Money, zero
from include.flows.figures.invoice_standing import InvoiceStanding


@dataclass(frozen=True, slots=True)
class Refunds:
    """``by_invoice``: customer and invoice number -> currency -> amount; ``by_customer``: customer -> currency
    -> amount, those of invoices included. What was taken back is taken off."""

    by_invoice: Mapping[tuple[str, str], Mapping[str, Money]] = field(default_factory=dict)
    by_customer: Mapping[str, Mapping[str, Money]] = field(default_factory=dict)

    @classmethod
    def of(cls, refunds: Iterable[Refund]) -> Refunds:
        invoices: dict[tuple[str, str], dict[str, Money]] = defaultdict(dict)
        customers: dict[str, dict[str, Money]] = defaultdict(dict)
        for one in refunds:
            currency = one.amount.currency
            for sums in (invoices[one.customer_id, one.invoice_number], customers[one.customer_id]):
                sums[currency] = sums.get(currency, zero(currency)) + one.amount
        return cls(invoices, customers)

    def on(self, invoice: InvoiceStanding) -> Money:
        """Of what was paid on the invoice, in its currency."""
        own = self.by_invoice.get((invoice.customer_id, invoice.number), {})
        return own.get(invoice.currency, zero(invoice.currency))

    def to(self, customer_id: str, currency: str) -> Money:
        return self.by_customer.get(customer_id, {}).get(currency, zero(currency))


def read_refunds(
    intacct: IntacctClient, settings: RefundSettings, customer_ids: Iterable[str], company_currency: str = ""
) -> Refunds:
    """Nothing is asked where the books name no method."""
    if settings.method == "none":
        return Refunds()
    customers = sorted(set(customer_ids))
    return Refunds.of(
        get_refunds(intacct, settings.method, settings.accounts, customers, company_currency=company_currency)
    )


def with_refunds(
    intacct: IntacctClient, settings: RefundSettings, invoices: Sequence[InvoiceStanding], company_currency: str = ""
) -> list[InvoiceStanding]:
    """These invoices with what was given back of each."""
    found = read_refunds(intacct, settings, {one.customer_id for one in invoices}, company_currency)
    return [replace(one, refunded=found.on(one)) for one in invoices]
