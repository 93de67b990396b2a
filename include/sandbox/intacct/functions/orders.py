"""create_sotransaction, update_sotransaction, delete_sotransaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, texts_of
from include.sandbox.intacct.envelope.wire import leaf
from include.sandbox.intacct.errors import Refused, invalid, missing, no_permission, refused
from include.sandbox.intacct.functions import typed
from include.sandbox.intacct.functions.documentkeys import external_key
from include.sandbox.intacct.ledger.orders import Order, OrderLine, delete_order, replace_order, store_order
from include.sandbox.intacct.ledger.storedorders import order_of
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.store.database import Row


def create_sotransaction(context: Context, element: Element) -> Result:
    """``<key>`` is the document id, the type and the number (``Sales Invoice-INV9``)."""
    if not context.may_make("SODOCUMENT"):
        raise no_permission("create", "SODOCUMENT")
    if element.find("subtotals") is not None:
        raise refused("BL01001973", "Subtotals are not supported.")
    group = typed.currency_in(element)
    order = Order(
        type=child_text(element, "transactiontype"),
        customer=child_text(element, "customerid"),
        created=typed.required_date(element, "datecreated"),
        lines=[_line(item) for item in element.iterfind("sotransitems/sotransitem")],
        posted=typed.date_in(element, "dateposted"),
        number=child_text(element, "documentno"),
        reference=child_text(element, "referenceno"),
        term=child_text(element, "termname"),
        due=typed.date_in(element, "datedue"),
        message=child_text(element, "message"),
        billto=typed.contact_in(element, "billto"),
        shipto=typed.contact_in(element, "shipto"),
        external=child_text(element, "externalid"),
        currency=group.currency,
        base=group.base,
        rate=group.rate,
        rate_type=group.rate_type,
        rate_date=group.rate_date,
        state=_state(child_text(element, "state")),
        source=child_text(element, "createdfrom"),
        customer_po=child_text(element, "customerponumber"),
        custom=typed.custom_fields_in(context, element, "SODOCUMENT"),
    )
    try:
        head = store_order(context, order)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not create document record!") from None
    return Result(leaf("key", str(head["DOCID"])))


def _state(text: str) -> str:
    if text not in {"", "Draft", "Pending", "Closed"}:
        raise missing(f"The value '{text}' is not valid for state.")
    return text


def _line(item: Element) -> OrderLine:
    texts = texts_of(item)
    dimensions = {name: value for name, value in typed.dimensions_of(texts).items() if name != "ITEMID"}
    return OrderLine(
        item=texts.get("itemid", ""),
        quantity=typed.decimal_in(texts.get("quantity", ""), "quantity"),
        price=typed.decimal_in(texts["price"], "price") if texts.get("price") else None,
        discount=typed.decimal_in(texts["discountpercent"], "discountpercent")
        if texts.get("discountpercent")
        else Decimal(0),
        text=texts.get("itemdesc", ""),
        unit=texts.get("unit", ""),
        memo=texts.get("memo", ""),
        location=texts.get("locationid", ""),
        department=texts.get("departmentid", ""),
        dimensions=dimensions,
        template=texts.get("revrectemplate", ""),
        revenue_start=typed.date_in(item, "revrecstartdate"),
        revenue_end=typed.date_in(item, "revrecenddate"),
    )


def load_order(context: Context, texts: Mapping[str, str], items: Sequence[Mapping[str, str]]) -> None:
    """A seed record in read field names; CREATEDFROM names the document it was converted from."""
    dimensions = ("CLASSID", "PROJECTID", "CONTRACTID")
    lines = [
        OrderLine(
            item=item.get("ITEMID", ""),
            quantity=Decimal(item["QUANTITY"]),
            price=Decimal(item["PRICE"]) if item.get("PRICE") else None,
            memo=item.get("MEMO", ""),
            location=item.get("LOCATIONID", ""),
            department=item.get("DEPARTMENTID", ""),
            dimensions={name: item[name] for name in dimensions if item.get(name)},
        )
        for item in items
    ]
    order = Order(
        type=texts["DOCPARID"],
        customer=texts["CUSTVENDID"],
        created=date.fromisoformat(texts["WHENCREATED"]),
        lines=lines,
        number=texts.get("DOCNO", ""),
        term=texts.get("TERMNAME", ""),
        message=texts.get("MESSAGE", ""),
        currency=texts.get("CURRENCY", ""),
        rate_type=texts.get("EXCH_RATE_TYPE_ID", ""),
        state=texts.get("STATE", ""),
        source=texts.get("CREATEDFROM", ""),
        customer_po=texts.get("CUSTOMERPONUMBER", ""),
    )
    store_order(context, order)


def update_sotransaction(context: Context, element: Element) -> Result:
    """Lines are counted from 1; the AR invoice of the document is deleted and created anew."""
    head = _head(context, element)
    if element.find("updatesubtotals/*") is not None:
        raise refused("BL01001973", "Subtotals are not supported.")
    order = order_of(context, head)
    texts = {str(child.tag): child_text(element, str(child.tag)) for child in element}
    for name, field in (
        ("referenceno", "reference"),
        ("termname", "term"),
        ("message", "message"),
        ("externalid", "external"),
        ("customerponumber", "customer_po"),
    ):
        if name in texts:
            setattr(order, field, texts[name])
    for name, field in (("datecreated", "created"), ("dateposted", "posted"), ("datedue", "due")):
        day = typed.date_in(element, name)
        if day is not None:
            setattr(order, field, day)
    if "state" in texts:
        order.state = _state(texts["state"])
    for item in element.iterfind("updatesotransitems/*"):
        if item.tag == "sotransitem":
            order.lines.append(_line(item))
        else:
            _change_line(order, item)
    try:
        replaced = replace_order(context, head, order)
    except Refused as error:
        raise error.and_then("BL01001973", "Could not update document record!") from None
    return Result(leaf("key", str(replaced["DOCID"])))


def _change_line(order: Order, item: Element) -> None:
    text = str(item.get("line_num") or "")
    if not text.isdecimal() or not 1 <= int(text[:9]) <= len(order.lines):
        raise invalid("Line", text)
    line = order.lines[int(text) - 1]
    texts = texts_of(item)
    line.item = texts.get("itemid") or line.item
    if texts.get("quantity"):
        line.quantity = typed.decimal_in(texts["quantity"], "quantity")
    if texts.get("price"):
        line.price = typed.decimal_in(texts["price"], "price")
    if texts.get("discountpercent"):
        line.discount = typed.decimal_in(texts["discountpercent"], "discountpercent")
    line.memo = texts.get("memo", line.memo)
    line.location = texts.get("locationid") or line.location
    line.department = texts.get("departmentid") or line.department


def delete_sotransaction(context: Context, element: Element) -> Result:
    delete_order(context, _head(context, element))
    return Result()


def remove_order(context: Context, recordno: int) -> None:
    head = context.db.get("SODOCUMENT", recordno)
    if head is None:
        raise invalid("Document", str(recordno))
    delete_order(context, head)


def _head(context: Context, element: Element) -> Row:
    key, external = str(element.get("key") or ""), external_key(element)
    column, value = ("EXTERNALID", external) if external else ("DOCID", key)
    head = context.db.find("SODOCUMENT", column, value) if value else None
    if head is None:
        raise invalid("Document", value)
    owner = head["MEGAENTITYID"]
    if owner and owner != context.entity:
        raise refused("BL01001973", f"The document belongs to entity {owner} and can only be changed there.")
    return head


HANDLERS = {
    "create_sotransaction": create_sotransaction,
    "update_sotransaction": update_sotransaction,
    "delete_sotransaction": delete_sotransaction,
}
