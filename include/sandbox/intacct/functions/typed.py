"""Reading the parts that typed (legacy) functions share: dates, money, currency, custom fields, lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope.parsing import Element, child_text, text_of, texts_of
from include.sandbox.intacct.errors import missing
from include.sandbox.intacct.ledger.drafts import DraftLine, TaxEntry
from include.sandbox.intacct.masters.reading import read_value
from include.sandbox.intacct.values import Native, boolean, cents

_DIMENSION_ELEMENTS = {
    "customerid": "CUSTOMERID",
    "vendorid": "VENDORID",
    "employeeid": "EMPLOYEEID",
    "itemid": "ITEMID",
    "classid": "CLASSID",
    "projectid": "PROJECTID",
    "contractid": "CONTRACTID",
    "warehouseid": "WAREHOUSEID",
    "taskid": "TASKID",
}
_TAXED = {"ARINVOICEITEM", "ARADJUSTMENTITEM"}


@dataclass(frozen=True, slots=True)
class CurrencyGroup:
    base: str = ""
    currency: str = ""
    rate_type: str = ""
    rate_date: date | None = None
    rate: Decimal | None = None


def date_in(element: Element, name: str) -> date | None:
    """A year/month/day block; ``None`` where it is absent or empty. Raises Refused for no real date."""
    block = element.find(name)
    if block is None:
        return None
    parts = [child_text(block, part) for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise missing(f"The date in {name} is not valid.") from None


def required_date(element: Element, name: str) -> date:
    found = date_in(element, name)
    if found is None:
        raise missing(f"The required date {name} is missing.")
    return found


def money_in(element: Element, name: str) -> int:
    """Hundredths. Raises Refused where it is missing or no number."""
    return money_of(child_text(element, name), name)


def money_of(text: str, name: str) -> int:
    try:
        return cents(text)
    except ValueError:
        raise missing(f"The value '{text}' is not a valid amount for {name}.") from None


def flag_in(element: Element, name: str) -> bool:
    text = child_text(element, name)
    if not text:
        return False
    try:
        return boolean(text) == "true"
    except ValueError:
        raise missing(f"The value '{text}' is not valid for {name}.") from None


def is_draft(element: Element) -> bool:
    action = child_text(element, "action")
    if action not in {"", "Draft", "Submit"}:
        raise missing(f"The value '{action}' is not valid for action.")
    return action == "Draft"


def currency_in(element: Element) -> CurrencyGroup:
    text = child_text(element, "exchrate")
    return CurrencyGroup(
        child_text(element, "basecurr"),
        child_text(element, "currency"),
        child_text(element, "exchratetype"),
        date_in(element, "exchratedate"),
        decimal_in(text, "exchrate") if text else None,
    )


def decimal_in(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise missing(f"The value '{text}' is not valid for {name}.") from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise missing(f"The value '{text}' is not valid for {name}.")
    return value


def custom_fields_in(context: Context, element: Element, object_name: str) -> dict[str, Native]:
    """Custom fields of the legacy block. Raises Refused for a field that the object does not define."""
    values: dict[str, Native] = {}
    item = context.db.catalogue.objects[object_name]
    for entry in element.iterfind("customfields/customfield"):
        name = child_text(entry, "customfieldname").upper()
        field = item.fields.get(name)
        if field is None or not field.custom:
            raise missing(f"Custom field '{name}' is not defined for {object_name}.")
        values[name] = read_value(context, field, child_text(entry, "customfieldvalue"))
    return values


def contact_in(element: Element, name: str) -> str:
    return text_of(element.find(f"{name}/contactname"))


def lines_in(context: Context, element: Element | None, object_name: str) -> list[DraftLine]:
    return [line_in(context, line, object_name) for line in ([] if element is None else element.findall("lineitem"))]


def line_in(context: Context, line: Element, object_name: str) -> DraftLine:
    texts = texts_of(line)
    return DraftLine(
        amount=money_of(texts.get("amount", ""), "amount"),
        account=texts.get("glaccountno", ""),
        label=texts.get("accountlabel", ""),
        offset=texts.get("offsetglaccountno", ""),
        memo=texts.get("memo", ""),
        location=texts.get("locationid", ""),
        department=texts.get("departmentid", ""),
        dimensions=dimensions_of(texts),
        template=texts.get("revrectemplate", ""),
        deferred=texts.get("defrevaccount", ""),
        revenue_start=date_in(line, "revrecstartdate") if "revrecstartdate" in texts else None,
        revenue_end=date_in(line, "revrecenddate") if "revrecenddate" in texts else None,
        allocation=texts.get("allocationid", ""),
        custom=custom_fields_in(context, line, object_name) if "customfields" in texts else {},
        taxes=tax_entries_in(line) if object_name in _TAXED else [],
    )


def tax_entries_in(line: Element) -> list[TaxEntry]:
    """An empty ``trx_tax`` leaves the tax to the detail's percentage."""
    found = []
    for entry in line.iterfind("taxentries/taxentry"):
        text = child_text(entry, "trx_tax")
        found.append(TaxEntry(child_text(entry, "detailid"), money_of(text, "trx_tax") if text else None))
    return found


def dimensions_of(texts: Mapping[str, str]) -> dict[str, str]:
    return {field: texts[name] for name, field in _DIMENSION_ELEMENTS.items() if texts.get(name)}
