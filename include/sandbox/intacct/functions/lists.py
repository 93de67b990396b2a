"""get_list, get and get_invoice: the legacy reads with lower-case field names and year/month/day dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from include.sandbox.intacct.catalogue.definition import ObjectType
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of
from include.sandbox.intacct.envelope.wire import escape, leaf, node
from include.sandbox.intacct.errors import bad_request, invalid, no_permission, unknown_object
from include.sandbox.intacct.query.columns import Column, Columns, visible
from include.sandbox.intacct.query.conditions import Reading, compare
from include.sandbox.intacct.query.sql import Condition, parameters, where
from include.sandbox.intacct.results import Result
from include.sandbox.intacct.values import shower

DEFAULT_ITEMS = 100
MOST_ITEMS = 1000
_OPERATORS = {
    "=": "equalto",
    "!=": "notequalto",
    "<": "lessthan",
    "<=": "lessthanorequalto",
    ">": "greaterthan",
    ">=": "greaterthanorequalto",
    "like": "like",
    "is null": "isnull",
}
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class _Legacy:
    """A legacy list: the object it reads and its fields by legacy name."""

    object: str
    fields: Mapping[str, str]


def _pairs(text: str) -> dict[str, str]:
    return {name: field for name, _, field in (pair.partition("=") for pair in text.split())}


_LISTS = {
    "invoice": _Legacy(
        "ARINVOICE",
        _pairs(
            "key=RECORDNO customerid=CUSTOMERID datecreated=WHENCREATED dateposted=WHENPOSTED datedue=WHENDUE "
            "datepaid=WHENPAID termname=TERMNAME batchkey=PRBATCHKEY invoiceno=RECORDID ponumber=DOCNUMBER "
            "totalamount=TOTALENTERED totalpaid=TOTALPAID totaldue=TOTALDUE totalselected=TOTALSELECTED "
            "description=DESCRIPTION basecurr=BASECURR currency=CURRENCY state=STATE whenmodified=WHENMODIFIED"
        ),
    ),
    "aradjustment": _Legacy(
        "ARADJUSTMENT",
        _pairs(
            "key=RECORDNO customerid=CUSTOMERID datecreated=WHENCREATED dateposted=WHENPOSTED adjustmentno=RECORDID "
            "invoiceno=DOCNUMBER description=DESCRIPTION totalamount=TOTALENTERED totaldue=TOTALDUE "
            "whenmodified=WHENMODIFIED"
        ),
    ),
    "arpayment": _Legacy(
        "ARPYMT",
        _pairs(
            "key=RECORDNO customerid=CUSTOMERID paymentamount=TOTALENTERED refid=DOCNUMBER datereceived=RECEIPTDATE "
            "paymentmethod=PAYMENTMETHOD state=STATE whenmodified=WHENMODIFIED"
        ),
    ),
    "bill": _Legacy(
        "APBILL",
        _pairs(
            "key=RECORDNO vendorid=VENDORID datecreated=WHENCREATED dateposted=WHENPOSTED datedue=WHENDUE "
            "termname=TERMNAME billno=RECORDID ponumber=DOCNUMBER totalamount=TOTALENTERED totalpaid=TOTALPAID "
            "totaldue=TOTALDUE description=DESCRIPTION whenmodified=WHENMODIFIED"
        ),
    ),
    "customer": _Legacy(
        "CUSTOMER",
        _pairs(
            "key=CUSTOMERID customerid=CUSTOMERID name=NAME parentid=PARENTID termname=TERMNAME custtypeid=CUSTTYPE "
            "taxid=TAXID creditlimit=CREDITLIMIT currency=CURRENCY comments=COMMENTS status=STATUS totaldue=TOTALDUE "
            "whenmodified=WHENMODIFIED"
        ),
    ),
    "vendor": _Legacy(
        "VENDOR",
        _pairs(
            "key=VENDORID vendorid=VENDORID name=NAME parentid=PARENTID termname=TERMNAME taxid=TAXID "
            "currency=CURRENCY status=STATUS whenmodified=WHENMODIFIED"
        ),
    ),
    "contact": _Legacy(
        "CONTACT",
        _pairs(
            "key=CONTACTNAME contactname=CONTACTNAME printas=PRINTAS companyname=COMPANYNAME firstname=FIRSTNAME "
            "lastname=LASTNAME phone1=PHONE1 email1=EMAIL1 status=STATUS"
        ),
    ),
    "supdoc": _Legacy(
        "SUPDOC",
        _pairs(
            "recordno=RECORDNO supdocid=SUPDOCID supdocname=SUPDOCNAME folder=FOLDER description=DESCRIPTION "
            "creationdate=WHENCREATED createdby=CREATEDBY"
        ),
    ),
    "supdocfolder": _Legacy(
        "SUPDOCFOLDER", _pairs("recordno=RECORDNO name=NAME description=DESCRIPTION parentfolder=PARENTFOLDER")
    ),
    "location": _Legacy("LOCATION", _pairs("key=LOCATIONID locationid=LOCATIONID name=NAME status=STATUS")),
    "department": _Legacy("DEPARTMENT", _pairs("key=DEPARTMENTID departmentid=DEPARTMENTID title=TITLE status=STATUS")),
    "class": _Legacy("CLASS", _pairs("key=CLASSID classid=CLASSID name=NAME status=STATUS")),
    "glaccount": _Legacy("GLACCOUNT", _pairs("key=ACCOUNTNO glaccountno=ACCOUNTNO title=TITLE status=STATUS")),
    "item": _Legacy("ITEM", _pairs("key=ITEMID itemid=ITEMID itemname=NAME status=STATUS")),
    "project": _Legacy("PROJECT", _pairs("key=PROJECTID projectid=PROJECTID name=NAME status=STATUS")),
}


def get_list(context: Context, element: Element) -> Result:
    """Raises Refused for an unknown object, field or operator."""
    name = str(element.get("object") or "")
    start = _number(element.get("start"), 0)
    most = min(_number(element.get("maxitems"), DEFAULT_ITEMS), MOST_ITEMS)
    if name == "smarteventlog":
        return Result(_listtype(name, 0, 0, 0) + node("data"))
    legacy, item = _legacy(context, name)
    columns = Columns(item, context)
    wanted = [text_of(one) for one in element.iterfind("fields/field")] or list(legacy.fields)
    selected = [(field, _column(columns, legacy, field)) for field in wanted]
    conditions = _filter(context, element.find("filter"), columns, legacy)
    hidden = visible(item, context, private=str(element.get("showprivate")) == "true")
    if hidden:
        conditions.append(Condition(hidden))
    order = _order(element, columns, legacy)
    total = context.counts.total(context.db, columns.source(), conditions)
    expressions = ", ".join(column.sql for _, column in selected)
    limit = f"LIMIT {most} OFFSET {start}"
    sql = " ".join(("SELECT", expressions, "FROM", columns.source(), where(conditions), order, limit))
    rows = context.db.execute(sql, parameters(conditions)).fetchall()
    records = "".join(_record(context, name, selected, row) for row in rows)
    end = start + len(rows) - 1 if rows else start
    return Result(_listtype(name, start, end, total) + node("data", records))


def get(context: Context, element: Element) -> Result:
    return _one(context, str(element.get("object") or ""), str(element.get("key") or ""))


def get_invoice(context: Context, element: Element) -> Result:
    return _one(context, "invoice", str(element.get("key") or ""))


def _one(context: Context, name: str, key: str) -> Result:
    legacy, item = _legacy(context, name)
    columns = Columns(item, context)
    selected = [(field, _column(columns, legacy, field)) for field in legacy.fields]
    identity = _column(columns, legacy, "key" if "key" in legacy.fields else "recordno")
    conditions = [compare(identity, "equalto", [key], Reading())]
    hidden = visible(item, context, private=True)
    if hidden:
        conditions.append(Condition(hidden))
    expressions = ", ".join(column.sql for _, column in selected)
    sql = " ".join(("SELECT", expressions, "FROM", columns.source(), where(conditions), "LIMIT 1"))
    row = context.db.execute(sql, parameters(conditions)).fetchone()
    if row is None:
        raise invalid(item.title, key)
    return Result(node("data", _record(context, name, selected, row)))


def _legacy(context: Context, name: str) -> tuple[_Legacy, ObjectType]:
    legacy = _LISTS.get(name)
    if legacy is None:
        raise unknown_object(name)
    if legacy.object in context.denied:
        raise no_permission("get_list", legacy.object)
    return legacy, context.db.catalogue.objects[legacy.object]


def _column(columns: Columns, legacy: _Legacy, name: str) -> Column:
    field = legacy.fields.get(name)
    column = columns.find(field) if field else None
    if column is None:
        raise bad_request()
    return column


def _filter(context: Context, element: Element | None, columns: Columns, legacy: _Legacy) -> list[Condition]:
    if element is None:
        return []
    return [_condition(context, child, columns, legacy, 0) for child in element]


def _condition(context: Context, element: Element, columns: Columns, legacy: _Legacy, depth: int) -> Condition:
    if depth > _DEEPEST:
        raise bad_request()
    if element.tag == "logical":
        word = str(element.get("logical_operator") or "and").lower()
        if word not in {"and", "or"}:
            raise bad_request()
        parts = [_condition(context, child, columns, legacy, depth + 1) for child in element]
        joined = f" {word.upper()} ".join(part.sql for part in parts)
        return Condition(f"({joined})", tuple(value for part in parts for value in part.parameters))
    operator = _OPERATORS.get(child_text(element, "operator").lower())
    if operator is None:
        raise bad_request()
    column = _column(columns, legacy, child_text(element, "field"))
    return compare(column, operator, [child_text(element, "value")], Reading(context.switches.gmt_offset_hours))


def _order(element: Element, columns: Columns, legacy: _Legacy) -> str:
    parts = [
        f"{_column(columns, legacy, text_of(sort)).sql} {'DESC' if sort.get('order') == 'desc' else 'ASC'}"
        for sort in element.iterfind("sorts/sortfield")
    ]
    return "ORDER BY " + ", ".join([*parts, "t.RECORDNO"])


def _record(context: Context, name: str, selected: list[tuple[str, Column]], row: tuple[int | str | None, ...]) -> str:
    parts = []
    for (field, column), value in zip(selected, row, strict=True):
        if value is None:
            parts.append(leaf(field))
        elif column.kind == "D":
            year, month, day = str(value).split("-")
            parts.append(node(field, leaf("year", year), leaf("month", month), leaf("day", day)))
        else:
            parts.append(leaf(field, shower(column.kind, context.switches.gmt_offset_hours)(value)))
    return node(name, *parts)


def _listtype(name: str, start: int, end: int, total: int) -> str:
    return f'<listtype start="{start}" end="{end}" total="{total}">{escape(name)}</listtype>'


def _number(text: str | bytes | None, default: int) -> int:
    if text is None or text == "":
        return default
    shown = str(text)
    if not shown.isdecimal() or len(shown) > 12:
        raise bad_request()
    return int(shown)


HANDLERS = {"get_list": get_list, "get": get, "get_invoice": get_invoice}
