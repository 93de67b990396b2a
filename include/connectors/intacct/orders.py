"""Order entry documents (sales orders, order entry invoices): creating one, and reading what the books show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import Wire, amount, currencies, day, moment, optional, required, required_day
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.order_schema import HEADER, LINE, STATES, SUBTOTAL
from include.connectors.intacct.typed_payload import PayloadReader, check_currency, line_adder, refuse
from include.core.money import Money


def build_create_sotransaction(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create_sotransaction`` from a JSON payload in the schema's own lower-case names, in the schema's order.

    Values as in ``invoices.build_create_invoice``; ``sotransitems`` and ``subtotals`` are lists of objects,
    ``quantity`` and ``price`` decimal text. Inventory details of lines are not there.

    Raises ``SettingsError`` for a name that the schema does not have, ``Rejected`` for a value or combination that it
    cannot take.
    """
    root = etree.Element("create_sotransaction")
    lines = {
        "sotransitems": line_adder("sotransitem", "the order", LINE, _check_line),
        "subtotals": line_adder("subtotal", "the order", SUBTOTAL, _check_subtotal),
    }
    PayloadReader("the order", HEADER, lines).write(root, payload)
    for name in ("transactiontype", "customerid", "datecreated", "sotransitems"):
        if not payload.get(name):
            refuse(f"An order needs its {name}.")
    if payload.get("state") and payload["state"] not in STATES:
        refuse(f"An order's state is one of {', '.join(STATES)}.")
    check_currency("An order", payload)
    return root


def _check_line(where: str, line: Mapping[str, Any]) -> None:
    for name in ("itemid", "quantity"):
        if line.get(name) in (None, ""):
            refuse(f"{where} needs its {name}.")


def _check_subtotal(where: str, line: Mapping[str, Any]) -> None:
    for name in ("description", "total"):
        if line.get(name) in (None, ""):
            refuse(f"The subtotal in {where} needs its {name}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesOrder:
    """A SODOCUMENT. ``document_id`` is its DOCID, the definition's name (``kind``) and the number together; other
    documents refer to it by that. ``invoice_id`` is the record number of the AR invoice that it made (``""``: none);
    editing the document makes that invoice anew under another one."""

    record_no: str
    document_id: str
    number: str
    kind: str
    state: str
    customer_id: str
    order_date: date
    due_date: date | None
    total: Money
    base_currency: str = ""
    reference: str = field(default="", repr=False)
    term_name: str = ""
    invoice_id: str = ""
    created_from: str = ""
    document_key: str = ""
    entity_id: str = ""
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "DOCID",
        "DOCNO",
        "DOCPARID",
        "STATE",
        "CUSTVENDID",
        "WHENCREATED",
        "WHENDUE",
        "CURRENCY",
        "BASECURR",
        "TOTAL",
        "TRX_TOTAL",
        "PONUMBER",
        "TERMNAME",
        "PRRECORDKEY",
        "CREATEDFROM",
        "MEGAENTITYID",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "", document_key_field: str = "") -> SalesOrder:
        """``company_currency`` stands in where the company has one currency only and its orders name none."""
        currency, base = currencies(record, company_currency)
        return cls(
            record_no=required(record, "RECORDNO"),
            document_id=required(record, "DOCID"),
            number=optional(record, "DOCNO"),
            kind=optional(record, "DOCPARID"),
            state=required(record, "STATE"),
            customer_id=required(record, "CUSTVENDID"),
            order_date=required_day(record, "WHENCREATED"),
            due_date=day(record, "WHENDUE"),
            total=amount(record, "TOTAL", currency),
            base_currency=base,
            reference=optional(record, "PONUMBER"),
            term_name=optional(record, "TERMNAME"),
            invoice_id=optional(record, "PRRECORDKEY"),
            created_from=optional(record, "CREATEDFROM"),
            document_key=optional(record, document_key_field) if document_key_field else "",
            entity_id=optional(record, "MEGAENTITYID"),
            modified_at=moment(record, "WHENMODIFIED"),
        )


def get_orders(
    client: IntacctClient,
    document_ids: Iterable[str],
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> list[SalesOrder]:
    """The order entry documents of these DOCIDs that exist, one query per 1,000.

    ``document_key`` says in which field Tieout's key stands, for whoever wants it back.
    """
    key_field = document_key.field_of("SODOCUMENT") if document_key else ""
    fields = (*SalesOrder.FIELDS, key_field) if key_field else SalesOrder.FIELDS
    return [
        SalesOrder.from_wire(record, company_currency=company_currency, document_key_field=key_field)
        for record in read_by(client, "SODOCUMENT", fields, "DOCID", document_ids)
    ]
