"""The invoice that a priced deal becomes, in the words of Intacct's ``create_invoice``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from include.core.books import Books
from include.core.calendar_terms import Term, due_date
from include.core.decisions import Json
from include.core.errors import Unmapped
from include.flows.customers.company_customer import KnownCustomer, customer_reference
from include.flows.deals.bill import Bill, HoldThis
from include.flows.deals.document_lines import tax_entries
from include.flows.deals.invoice_lines import PricedLine
from include.flows.deals.records import DealRecord, Sheet
from include.flows.deals.settings import ProductSettings, WonDealSettings


def invoice_payload(
    record: DealRecord,
    bill: Bill,
    products: Sequence[ProductSettings],
    found: KnownCustomer | None,
    terms: Mapping[str, Term],
    settings: WonDealSettings,
    books: Books,
) -> Json:
    """Everything but posting date and action. ``found`` is the customer, ``None`` for one that is created with it.

    Raises ``Unmapped`` where a lookup table or Intacct's terms lack a value.
    """
    header = _header(record, found, terms, settings, books, bill)
    header["invoiceitems"] = [
        _line_item(record, line, product, bill.entity_id, settings, books)
        for line, product in zip(bill.lines, products, strict=True)
    ]
    return header


def product_of(line: Sheet, settings: WonDealSettings) -> ProductSettings:
    """What the settings make of a line's product: by SKU, else by product type. Raises ``HoldThis``."""
    sku, kind = line.get("hs_sku"), line.get("hs_product_type")
    if sku and sku in settings.products:
        return settings.products[sku]
    if kind and kind in settings.product_types:
        return settings.product_types[kind]
    name = line.get("name") or line.get("id")
    raise HoldThis(
        "unmapped_product",
        f"line “{name}” (SKU {sku or 'none'}) is a product without an account. Add its SKU under products in the "
        "flow's settings.",
    )


def _header(
    record: DealRecord,
    found: KnownCustomer | None,
    terms: Mapping[str, Term],
    settings: WonDealSettings,
    books: Books,
    bill: Bill,
) -> Json:
    term_name = (found.customer.term_name if found else None) or settings.customer.term.value(record.sheets)
    if not term_name:
        raise Unmapped("the customer has no payment term, and the settings name no default")
    header: Json = {
        "customerid": found.customer.customer_id if found else customer_reference(record.company_id),
        "datecreated": bill.invoice_date.isoformat(),
        "termname": term_name,
        "basecurr": bill.entity.base_currency,
        "currency": bill.currency,
        "exchratedate": bill.invoice_date.isoformat(),
        "exchratetype": books.exchange_rate_type,
    }
    if term_name not in terms:
        raise Unmapped(f"payment term “{term_name}” is not an active AR term in Intacct")
    header["datedue"] = due_date(terms[term_name], bill.invoice_date).isoformat()
    solution = settings.tax.entities[bill.entity_id].solution if bill.entity_id in settings.tax.entities else ""
    if bill.tax and solution:
        header["taxsolutionid"] = solution
    for name, source in settings.fields.header.items():
        _put(header, name, source.value(record.sheets))
    return header


def _line_item(
    record: DealRecord,
    line: PricedLine,
    product: ProductSettings,
    entity_id: str,
    settings: WonDealSettings,
    books: Books,
) -> Json:
    item: Json = {
        "glaccountno" if books.line_accounts == "account" else "accountlabel": product.account,
        "amount": line.net.text,
        "locationid": line.entity_id or entity_id,
    }
    optional = {
        "itemid": product.item,
        "classid": product.class_,
        "projectid": product.project,
        "revrectemplate": product.revenue_template if line.starts else None,
        "defrevaccount": product.deferred_account if line.starts and product.revenue_template else None,
        "revrecstartdate": line.starts.isoformat() if line.starts and product.revenue_template else None,
        "revrecenddate": line.ends.isoformat() if line.ends and product.revenue_template else None,
    }
    item |= {name: value for name, value in optional.items() if value}
    sheets = record.sheets | {"line": line.sheet}
    for name, source in settings.fields.line.items():
        _put(item, name, source.value(sheets))
    if product.department:
        item["departmentid"] = product.department
    if entries := tax_entries(line, settings.tax):
        item["taxentries"] = list(entries)
    if line.starts and line.ends:
        period = f"{line.starts.isoformat()} to {line.ends.isoformat()}"
        item["memo"] = f"{item['memo']}, {period}" if item.get("memo") else period
    return item


def _put(target: Json, name: str, value: str | None) -> None:
    if value is None:
        return
    if name.startswith("customfields."):
        target.setdefault("customfields", {})[name.removeprefix("customfields.")] = value
    else:
        target[name] = value
