"""Which code answers which function element."""

from __future__ import annotations

from collections.abc import Callable

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element
from include.sandbox.intacct.errors import function_error
from include.sandbox.intacct.functions import (
    adjustments,
    aging,
    approvals,
    attachments,
    bills,
    cash,
    expenses,
    generic,
    invoicechanges,
    invoices,
    journals,
    legacymasters,
    lists,
    metadata,
    newpayments,
    orders,
    paging,
    paymentrequests,
    payments,
    queries,
    reading,
    recurring,
    revenue,
    session,
    subscriptions,
)
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.documents import DocumentLoader

Handler = Callable[[Context, Element], Result]

HANDLERS: dict[str, Handler] = {
    **session.HANDLERS,
    **generic.HANDLERS,
    **invoices.HANDLERS,
    **invoicechanges.HANDLERS,
    **adjustments.HANDLERS,
    **aging.HANDLERS,
    **bills.HANDLERS,
    **approvals.HANDLERS,
    **paymentrequests.HANDLERS,
    **journals.HANDLERS,
    **orders.HANDLERS,
    **recurring.HANDLERS,
    **attachments.HANDLERS,
    **legacymasters.HANDLERS,
    **expenses.HANDLERS,
    **lists.HANDLERS,
    **cash.HANDLERS,
    **revenue.HANDLERS,
    **subscriptions.HANDLERS,
    **payments.HANDLERS,
    **paging.HANDLERS,
    **reading.HANDLERS,
    **metadata.HANDLERS,
    "query": queries.query,
}

LOADERS: dict[str, DocumentLoader] = {
    "ARPYMT": newpayments.load_payment,
    "ARADVANCE": newpayments.load_advance,
    "ARRECURINVOICE": recurring.load_recurring,
    "APPYMT": paymentrequests.load_payment,
    "SODOCUMENT": orders.load_order,
    "GLBATCH": journals.load_batch,
}
"""Seed records of objects with rules of their own, beside the documents."""

generic.CREATORS.update(
    ARPYMT=newpayments.create_payment,
    ARADVANCE=newpayments.create_advance,
    APBILL=bills.create_generic,
    APPYMT=paymentrequests.create_generic,
    GLBATCH=journals.create_batch,
)
generic.UPDATERS.update(
    ARPYMT=newpayments.update_payment,
    ARINVOICE=invoicechanges.update_generic,
    APBILL=bills.update_generic,
    GLBATCH=journals.update_batch,
)
generic.REMOVERS.update(
    ARPYMT=payments.delete_payment,
    ARADVANCE=payments.delete_payment,
    ARINVOICE=invoicechanges.remove_invoice,
    **adjustments.REMOVERS,
    APBILL=bills.remove_bill,
    GLBATCH=journals.delete_batch,
    SODOCUMENT=orders.remove_order,
)


def call(context: Context, name: str, element: Element) -> Result:
    """Raises Refused for what the books do not accept."""
    handler = HANDLERS.get(name)
    if handler is None:
        raise function_error(f"There was an error processing the function. {name} is not imitated by this sandbox.")
    return handler(context, element)
