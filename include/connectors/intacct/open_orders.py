"""What customers have ordered and nobody has invoiced yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.filters import all_of, is_in
from include.connectors.intacct.lines import chunks, read_by
from include.connectors.intacct.orders import SalesOrder
from include.connectors.intacct.query import iter_query
from include.core.money import Money, sum_money

_OVER = frozenset({"draft", "declined", "closed", "converted"})
"""States in which nothing is left to deliver, or was never agreed. Others, also those waiting for approval, are open;
what is converted in part is open as far as its documents do not bill it."""
_PARTLY = "partially converted"


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """``open`` is what is not invoiced yet, in the order's currency."""

    customer_id: str
    document_id: str
    open: Money


def get_open_orders(
    client: IntacctClient, customer_ids: Iterable[str], kinds: Sequence[str], *, company_currency: str = ""
) -> list[OpenOrder]:
    """These customers' open documents of these transaction definitions (``Sales Order``). One query per 1,000
    customers and 2,000 documents, one more where some are converted in part. Raises what ``iter_query`` raises."""
    if not kinds:
        return []
    orders = [
        order
        for group in chunks(customer_ids)
        for record in iter_query(
            client, "SODOCUMENT", SalesOrder.FIELDS, all_of(is_in("CUSTVENDID", group), is_in("DOCPARID", kinds))
        )
        if (order := SalesOrder.from_wire(record, company_currency=company_currency)).state.lower() not in _OVER
    ]
    partly = [order.document_id for order in orders if order.state.lower() == _PARTLY]
    made = defaultdict[str, list[Money]](list)
    for record in read_by(client, "SODOCUMENT", SalesOrder.FIELDS, "CREATEDFROM", partly):
        order = SalesOrder.from_wire(record, company_currency=company_currency)
        if order.state.lower() not in _OVER - {"closed", "converted"}:
            made[order.created_from].append(order.total)
    return [
        OpenOrder(one.customer_id, one.document_id, rest)
        for one in orders
        if (rest := one.total - sum_money(made[one.document_id], one.total.currency)).amount > 0
    ]
