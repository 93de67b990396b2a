"""Order entry documents; those whose definition posts make an AR invoice, and editing them makes it anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from include.sandbox.intacct.catalogue.orders import SODOCUMENT, SODOCUMENTENTRY
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.errors import already_exists, invalid, refused
from include.sandbox.intacct.ledger import periods
from include.sandbox.intacct.ledger.dimensions import usable
from include.sandbox.intacct.ledger.documentrows import rate_of
from include.sandbox.intacct.ledger.documents import store_document
from include.sandbox.intacct.ledger.drafts import Draft, DraftLine
from include.sandbox.intacct.ledger.journal import batches_of
from include.sandbox.intacct.ledger.kinds import INVOICE
from include.sandbox.intacct.ledger.places import base_currency, entity_of
from include.sandbox.intacct.ledger.rates import rate_for
from include.sandbox.intacct.store.audit import created, modified, trail
from include.sandbox.intacct.store.database import Row
from include.sandbox.intacct.values import Native, convert, decimal_text

_POSTING = {"A", "S", "true"}


@dataclass(slots=True)
class OrderLine:
    item: str
    quantity: Decimal
    price: Decimal | None = None
    discount: Decimal = Decimal(0)
    text: str = ""
    unit: str = ""
    memo: str = ""
    location: str = ""
    department: str = ""
    dimensions: dict[str, str] = field(default_factory=dict)
    template: str = ""
    revenue_start: date | None = None
    revenue_end: date | None = None

    def amount(self) -> int:
        """Hundredths: the extended price is rounded once, half away from zero."""
        price = self.price or Decimal(0)
        extended = self.quantity * price * (1 - self.discount / 100)
        return int((extended * 100).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(slots=True)
class Order:
    type: str
    customer: str
    created: date
    lines: list[OrderLine]
    posted: date | None = None
    number: str = ""
    reference: str = ""
    term: str = ""
    due: date | None = None
    message: str = ""
    billto: str = ""
    shipto: str = ""
    external: str = ""
    currency: str = ""
    base: str = ""
    rate: Decimal | None = None
    rate_type: str = ""
    rate_date: date | None = None
    state: str = ""
    source: str = ""
    customer_po: str = ""
    custom: dict[str, Native] = field(default_factory=dict)


def store_order(context: Context, order: Order, recordno: int | None = None) -> Row:
    """The stored SODOCUMENT. Raises Refused."""
    definition = usable(context, "SODOCUMENTPARAMS", "DOCID", order.type, "Transaction definition")
    if definition["UPDATES_GL"] in _POSTING and not order.due and not order.term:
        customer = usable(context, "CUSTOMER", "CUSTOMERID", order.customer, "Customer")
        order.term = customer["TERMNAME"] or ""
    _convert_source(context, order)
    _fill_prices(context, order)
    number = _number(context, order, definition)
    head = _head(context, order, number)
    if recordno is not None:
        head = {"RECORDNO": recordno, **head}
    key = context.db.insert("SODOCUMENT", head)
    head["RECORDNO"] = key
    _store_lines(context, order, head)
    if definition["UPDATES_GL"] in _POSTING and order.state not in {"Draft", "Pending"}:
        invoice = store_document(context, INVOICE, _invoice(context, order, number))
        context.db.update("SODOCUMENT", key, {"PRRECORDKEY": invoice})
        head["PRRECORDKEY"] = invoice
    trail(context, "SODOCUMENT", key, "C")
    return head


def _number(context: Context, order: Order, definition: Row) -> str:
    number = order.number
    if not number:
        if not definition["SEQUENCE"]:
            raise refused("PL01000127", "The document number is missing.")
        number = f"{definition['PREFIX'] or ''}{context.db.next_number('so:' + order.type)}"
    if context.db.exists("SODOCUMENT", "DOCID", f"{order.type}-{number}"):
        raise already_exists("document", f"{order.type}-{number}")
    return number


def _fill_prices(context: Context, order: Order) -> None:
    for line in order.lines:
        item = usable(context, "ITEM", "ITEMID", line.item, "Item")
        if line.price is None:
            line.price = Decimal(item["BASEPRICE"] or "0")
        line.text = line.text or str(item["NAME"])
        if line.template == "" and item["DEFAULTREVRECTEMPLATE"]:
            line.template = str(item["DEFAULTREVRECTEMPLATE"])


def _convert_source(context: Context, order: Order) -> None:
    if not order.source:
        return
    source = context.db.find("SODOCUMENT", "DOCID", order.source)
    if source is None:
        raise invalid("Document", order.source)
    if source["STATE"] == "Converted":
        raise refused("BL01001973", f"The document {order.source} is already converted.")
    context.db.update("SODOCUMENT", source["RECORDNO"], {"STATE": "Converted", **modified(context)})


def _head(context: Context, order: Order, number: str) -> dict[str, Native]:
    entity = entity_of(context, order.lines[0].location) or context.entity
    base = base_currency(context, entity)
    rate = rate_for(
        context,
        base,
        order.currency or base,
        order.rate_date or order.created,
        type_name=order.rate_type,
        explicit=order.rate,
    )
    usable(context, "CUSTOMER", "CUSTOMERID", order.customer, "Customer")
    total = sum(line.amount() for line in order.lines)
    return {
        "DOCNO": number,
        "DOCID": f"{order.type}-{number}",
        "DOCPARID": order.type,
        "CREATEDFROM": order.source or None,
        "STATE": order.state or "Closed",
        "WHENCREATED": order.created.isoformat(),
        "WHENPOSTED": (order.posted or order.created).isoformat(),
        "WHENDUE": order.due.isoformat() if order.due else None,
        "CUSTVENDID": order.customer,
        "PONUMBER": order.reference or None,
        "CUSTOMERPONUMBER": order.customer_po or None,
        "MESSAGE": order.message or None,
        "TERMNAME": order.term or None,
        **rate.fields(),
        "SUBTOTAL": convert(total, rate.rate),
        "TOTAL": convert(total, rate.rate),
        "TRX_SUBTOTAL": total,
        "TRX_TOTAL": total,
        "EXTERNALID": order.external or None,
        "_ENTITY": entity or None,
        **created(context, SODOCUMENT),
        **context.entity_fields(),
        **order.custom,
    }


def _store_lines(context: Context, order: Order, head: Row) -> None:
    rate = rate_of({**head, "EXCH_RATE_TYPE_ID": head["EXCH_RATE_TYPE_ID"]}).rate
    for position, line in enumerate(order.lines):
        amount = line.amount()
        price = decimal_text(line.price or Decimal(0))
        context.db.insert(
            "SODOCUMENTENTRY",
            {
                "DOCHDRNO": head["RECORDNO"],
                "DOCHDRID": head["DOCID"],
                "LINE_NO": position,
                "ITEMID": line.item,
                "ITEMDESC": line.text,
                "QUANTITY": decimal_text(line.quantity),
                "UIQTY": decimal_text(line.quantity),
                "UNIT": line.unit or "Each",
                "PRICE": price,
                "UIPRICE": price,
                "TRX_PRICE": price,
                "DISCOUNTPERCENT": decimal_text(line.discount),
                "TRX_VALUE": amount,
                "UIVALUE": amount,
                "VALUE": convert(amount, rate),
                "TOTAL": convert(amount, rate),
                "MEMO": line.memo or None,
                "LOCATIONID": line.location or None,
                "DEPARTMENTID": line.department or None,
                "REVRECTEMPLATE": line.template or None,
                "REVRECSTARTDATE": line.revenue_start.isoformat() if line.revenue_start else None,
                "REVRECENDDATE": line.revenue_end.isoformat() if line.revenue_end else None,
                **{name: value for name, value in line.dimensions.items() if name != "ITEMID" and value},
                **created(context, SODOCUMENTENTRY),
            },
        )


def _invoice(context: Context, order: Order, number: str) -> Draft:
    revenue = context.tenant["order_revenue_account"]
    lines = []
    for line in order.lines:
        item = usable(context, "ITEM", "ITEMID", line.item, "Item")
        lines.append(
            DraftLine(
                amount=line.amount(),
                account=str(item["ARACCOUNT"] or revenue),
                memo=line.memo or line.text,
                location=line.location,
                department=line.department,
                dimensions={**line.dimensions, "ITEMID": line.item},
                template=line.template,
                revenue_start=line.revenue_start,
                revenue_end=line.revenue_end,
            )
        )
    return Draft(
        party=order.customer,
        created=order.created,
        posted=order.posted,
        due=order.due,
        term=order.term,
        number=number,
        reference=order.customer_po or order.reference,
        description=order.message,
        billto=order.billto,
        shipto=order.shipto,
        currency=order.currency,
        base=order.base,
        rate=order.rate,
        rate_type=order.rate_type,
        rate_date=order.rate_date,
        module="8.SO",
        system_generated=True,
        lines=lines,
    )


def remove_invoice_of(context: Context, head: Row) -> None:
    """Take back the document's AR invoice with its postings. Raises Refused where money was applied to it."""
    key = head["PRRECORDKEY"]
    invoice = context.db.get("ARINVOICE", key) if key else None
    if invoice is None:
        return
    if invoice["TRX_TOTALPAID"] or invoice["STATE"] in {"Reversed", "Reversal"}:
        raise refused("BL01001973", f"The invoice of {head['DOCID']} has payments applied and cannot be changed.")
    lines = context.db.matching("ARINVOICEITEM", "RECORDKEY", key)
    day = date.fromisoformat(invoice["WHENPOSTED"])
    periods.check_open(context, "AR", day, {line["_ENTITY"] or "" for line in lines})
    for batch in batches_of(context, key):
        context.db.remove_where("GLENTRY", "BATCHNO", [batch])
        context.db.delete("GLBATCH", batch)
    for schedule in context.db.matching("REVRECSCHEDULE", "RECORDKEY", key):
        context.db.remove_where("REVRECSCHEDULEENTRY", "REVRECSCHEDULEKEY", [schedule["RECORDNO"]])
        context.db.delete("REVRECSCHEDULE", schedule["RECORDNO"])
    context.db.remove_where("ARINVOICEITEM", "RECORDKEY", [key])
    context.db.delete("ARINVOICE", key)
    trail(context, "ARINVOICE", key, "D")


def replace_order(context: Context, head: Row, order: Order) -> Row:
    """Store the changed document under its own record number; its AR invoice gets a new one. Raises Refused."""
    remove_invoice_of(context, head)
    _erase(context, head)
    return store_order(context, order, head["RECORDNO"])


def delete_order(context: Context, head: Row) -> None:
    if head["STATE"] in {"Converted", "Partially Converted"}:
        raise refused("BL01001973", f"The document {head['DOCID']} is converted and cannot be deleted.")
    remove_invoice_of(context, head)
    _erase(context, head)
    trail(context, "SODOCUMENT", head["RECORDNO"], "D")


def _erase(context: Context, head: Row) -> None:
    context.db.remove_where("SODOCUMENTENTRY", "DOCHDRNO", [head["RECORDNO"]])
    context.db.delete("SODOCUMENT", head["RECORDNO"])
