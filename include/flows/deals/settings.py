"""The settings of ``hubspot_closed_won_to_intacct_invoice`` (its YAML file, checked whole)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from include.connectors.intacct.invoice_schema import HEADER, LINE, Element
from include.core.books import Books, Strict
from include.flows.deals.change_settings import ChangeSettings
from include.flows.deals.order_fields import without_place
from include.flows.deals.tax_settings import TaxSettings
from include.flows.instalments.settings import InstalmentSettings
from include.flows.sources import Source, SourceSettings, properties_used

# What makes the document's money, books, customer and identity is Tieout's to fill; a mapping may not touch it.
# fmt: off
_OWN_HEADER = frozenset({
    "customerid", "datecreated", "dateposted", "datedue", "termname", "batchkey", "action", "invoiceno", "externalid",
    "basecurr", "currency", "exchratedate", "exchratetype", "exchrate", "nogl", "customfields", "invoiceitems",
})
_OWN_LINE = frozenset({
    "accountlabel", "glaccountno", "offsetglaccountno", "amount", "allocationid", "locationid", "key", "totalpaid",
    "totaldue", "customfields", "revrectemplate", "defrevaccount", "revrecstartdate", "revrecenddate",
    "totaltrxamount", "taxentries",
})
_OWN_CUSTOMER = frozenset({
    "CUSTOMERID", "NAME", "DISPLAYCONTACT", "TERMNAME", "TAXID", "DELIVERY_OPTIONS", "CURRENCY", "STATUS",
    "OBJECTRESTRICTION", "RESTRICTEDLOCATIONS", "RECORDNO", "ENTITY",
})
# fmt: on


def _mappable(name: str, elements: Iterable[Element], own: frozenset[str]) -> str:
    allowed = sorted({element.name for element in elements} - own)
    if name not in allowed and not re.fullmatch(r"customfields\.[A-Za-z][A-Za-z0-9_]*", name):
        why = "filled by Tieout itself" if name in own else "not a field of create_invoice"
        raise ValueError(f"{name} is {why}; write customfields.<NAME>, or one of {', '.join(allowed)}")
    return name


def _header_field(name: str) -> str:
    return _mappable(name, HEADER, _OWN_HEADER)


def _line_field(name: str) -> str:
    return _mappable(name, LINE, _OWN_LINE)


def _customer_field(name: str) -> str:
    if name in _OWN_CUSTOMER or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise ValueError(f"{name} is filled by Tieout itself, or no upper-case field of CUSTOMER")
    return name


class ProductSettings(Strict):
    """What one product becomes on an invoice line. ``account`` is a GL account number, or an AR account label where
    the books' ``line_accounts`` is ``label``. ``revenue_template`` makes Intacct recognise the line over its dates."""

    account: str
    item: str | None = None
    department: str | None = None
    class_: str | None = Field(default=None, alias="class")
    project: str | None = None
    revenue_template: str | None = None
    deferred_account: str | None = None


class CustomerSettings(Strict):
    """How a HubSpot company is found among, or becomes one of, Intacct's customers."""

    id_prefix: str = Field(default="HS-", pattern=r"^[A-Za-z0-9_-]*$", max_length=8)
    external_id: Source = SourceSettings.reading("company.intacct_customer_id")
    tax_id: Source = SourceSettings.reading("company.tax_id")
    term: Source
    visibility: Literal["all", "entity"] = "all"
    delivery_options: Literal["Print", "E-Mail", "Print#~#E-Mail"] = "E-Mail"
    public_mail_domains: tuple[str, ...] = ()
    fields: dict[Annotated[str, AfterValidator(_customer_field)], Source] = Field(default_factory=dict)


HoldGuard = Literal["block", "draft", "warn"]
"""What becomes of a won deal whose customer is on credit hold: it is held, its invoice is a draft, or it is posted and
the deal says so."""


class BilledCustomerSettings(CustomerSettings):
    on_hold: HoldGuard = "block"


class FieldSettings(Strict):
    """Further Intacct fields by name, for the invoice's header and for every line."""

    header: dict[Annotated[str, AfterValidator(_header_field)], Source] = Field(default_factory=dict)
    line: dict[Annotated[str, AfterValidator(_line_field)], Source] = Field(default_factory=dict)


class WonDealSettings(Strict):
    go_live: date
    pipelines: Literal["all"] | tuple[str, ...] = "all"
    won_date: str = "closedate"
    entity: tuple[Source, ...] = Field(min_length=1)
    header_discount_percent: Source | None = None
    customer: BilledCustomerSettings
    products: dict[str, ProductSettings] = Field(default_factory=dict)
    product_types: dict[str, ProductSettings] = Field(default_factory=dict)
    fields: FieldSettings = FieldSettings()
    sales_orders: dict[str, str] = Field(default_factory=dict)
    negative_total: Literal["hold", "credit_memo"] = "hold"
    single_line: str = ""
    free_lines: Literal["keep", "drop"] = "keep"
    line_entity: Source | None = None
    lines_of_other_entities: Literal["hold", "inter_entity"] = "hold"
    tax: TaxSettings = TaxSettings()
    changes: ChangeSettings = ChangeSettings()
    instalments: InstalmentSettings = InstalmentSettings()
    look_alike_days: int | None = Field(default=5, ge=0, le=90)

    def sources(self) -> list[SourceSettings]:
        """Every source that the settings name, so that extract asks HubSpot for just what is used."""
        customer = self.customer
        listed = [
            *self.entity,
            customer.external_id,
            customer.tax_id,
            customer.term,
            *customer.fields.values(),
        ]
        listed += [*self.fields.header.values(), *self.fields.line.values()]
        listed += self.instalments.sources()
        listed += self.tax.sources()
        return listed + [one for one in (self.header_discount_percent, self.line_entity) if one]

    def properties(self, sheet: str) -> set[str]:
        return properties_used(self.sources(), sheet)

    def problems(self, books: Books) -> list[tuple[str, str, str]]:
        """What contradicts the books: (key, value, what is allowed)."""
        known = ", ".join(sorted(books.entities))
        entities = [
            (f"entity[{n}].values.{raw}", entity, f"an entity of books.yaml ({known})")
            for n, source in enumerate(self.entity)
            for raw, entity in (source.values or {}).items()
            if entity not in books.entities
        ]
        mapped = {"header": self.fields.header, "line": self.fields.line} if self.sales_orders else {}
        ordered = [pipeline for pipeline in self.sales_orders if self.instalments.rest_of(pipeline) != "by_hand"]
        twice = [
            (f"sales_orders.{pipeline}", pipeline, "a pipeline that is by_hand in instalments: its orders bill all")
            for pipeline in ordered
        ]
        chosen = {"rest": self.instalments.rest, **self.instalments.pipelines}
        untaxed = [
            (f"instalments.{name}", rest, "invoice_when_due or by_hand, as recurring invoices bear no tax of tax.codes")
            for name, rest in chosen.items()
            if self.tax.codes and rest not in ("by_hand", "invoice_when_due")
        ]
        single = [("single_line", self.single_line, f"one of products ({', '.join(self.products)})")]
        return (
            entities
            + twice
            + (single if self.single_line and self.single_line not in self.products else [])
            + self.tax.problems(books)
            + untaxed
            + [
                (
                    f"fields.{part}.{name}",
                    name,
                    "a field that a sales order has too, as some pipelines become sales orders",
                )
                for part, names in mapped.items()
                for name in without_place(names, line=part == "line")
            ]
        )
