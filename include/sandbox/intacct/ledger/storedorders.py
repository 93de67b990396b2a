"""A stored order entry document as an order again, to be changed and stored anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import missing
from include.sandbox.intacct.ledger.orders import Order, OrderLine
from include.sandbox.intacct.store.database import Row


def order_of(context: Context, head: Row) -> Order:
    """The stored document as an order again."""
    entries = context.db.matching("SODOCUMENTENTRY", "DOCHDRNO", head["RECORDNO"])
    explicit = head["EXCH_RATE_TYPE_ID"] == "-1"
    return Order(
        type=head["DOCPARID"],
        customer=head["CUSTVENDID"],
        created=date.fromisoformat(head["WHENCREATED"]),
        posted=date.fromisoformat(head["WHENPOSTED"]),
        due=date.fromisoformat(head["WHENDUE"]) if head["WHENDUE"] else None,
        number=head["DOCNO"],
        reference=head["PONUMBER"] or "",
        customer_po=head["CUSTOMERPONUMBER"] or "",
        term=head["TERMNAME"] or "",
        message=head["MESSAGE"] or "",
        external=head["EXTERNALID"] or "",
        currency=head["CURRENCY"],
        rate=Decimal(head["EXCHANGE_RATE"]) if explicit else None,
        rate_type="" if explicit else head["EXCH_RATE_TYPE_ID"] or "",
        rate_date=date.fromisoformat(head["EXCH_RATE_DATE"]) if head["EXCH_RATE_DATE"] else None,
        state=head["STATE"],
        lines=[_order_line(entry) for entry in entries],
    )


def _order_line(entry: Row) -> OrderLine:
    names = ("CUSTOMERID", "CLASSID", "PROJECTID", "VENDORID", "EMPLOYEEID", "CONTRACTID")
    start, end = entry["REVRECSTARTDATE"], entry["REVRECENDDATE"]
    if entry["ITEMID"] is None:
        raise missing("A document line needs an item.")
    return OrderLine(
        item=entry["ITEMID"],
        quantity=Decimal(entry["QUANTITY"]),
        price=Decimal(entry["PRICE"]),
        discount=Decimal(entry["DISCOUNTPERCENT"] or "0"),
        text=entry["ITEMDESC"] or "",
        unit=entry["UNIT"] or "",
        memo=entry["MEMO"] or "",
        location=entry["LOCATIONID"] or "",
        department=entry["DEPARTMENTID"] or "",
        dimensions={name: entry[name] for name in names if entry[name]},
        template=entry["REVRECTEMPLATE"] or "",
        revenue_start=date.fromisoformat(start) if start else None,
        revenue_end=date.fromisoformat(end) if end else None,
    )
