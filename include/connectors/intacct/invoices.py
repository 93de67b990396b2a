"""Invoices: creating one from a JSON payload, and reading what the books show."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from lxml import etree

from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import Wire, optional
from include.connectors.intacct.filters import all_of, between, is_in
from include.connectors.intacct.invoice_schema import ACTIONS, HEADER, LINE
from include.connectors.intacct.lines import Line, by_document, chunks, lines_of, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.reference import get_entity_of_locations
from include.connectors.intacct.typed_payload import PayloadReader, check_currency, line_adder, refuse
from include.core.errors import AuthError, SettingsError

log = logging.getLogger(__name__)


def build_create_invoice(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create_invoice`` from a JSON payload in the schema's own lower-case names, in the schema's order.

    Dates are ISO text, amounts decimal text (never floats), ``customfields`` an object of name and text,
    ``invoiceitems`` a list of objects, ``billto``/``shipto`` a contact's name. ``None`` and ``""`` are left out.

    Raises ``SettingsError`` for a name that the schema does not have (it lists those it has), ``Rejected`` for a
    value or combination that the schema cannot take.
    """
    root = etree.Element("create_invoice")
    lines = line_adder("lineitem", "the invoice", LINE, _check_line)
    PayloadReader("the invoice", HEADER, {"invoiceitems": lines}).write(root, payload)
    _check_header(payload)
    return root


def get_invoices(
    client: IntacctClient,
    record_numbers: Iterable[str | int],
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> list[Invoice]:
    """The invoices of these record numbers that exist, one query per 1,000. Raises what ``iter_query`` raises.

    ``document_key`` says in which field Tieout's key stands, for whoever wants it back.
    """
    return [
        read_invoice(record, company_currency, document_key)
        for record in read_by(client, "ARINVOICE", invoice_fields(document_key), "RECORDNO", record_numbers)
    ]


def iter_invoices_changed(
    client: IntacctClient,
    since: datetime,
    until: datetime,
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> Iterator[Invoice]:
    """The invoices whose headers changed in [since, until); see ``changes.iter_changed``."""
    for record in iter_changed(client, "ARINVOICE", invoice_fields(document_key), since, until):
        yield read_invoice(record, company_currency, document_key)


def iter_invoices_dated(
    client: IntacctClient,
    customer_ids: Iterable[str],
    first: date,
    last: date,
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> Iterator[Invoice]:
    """These customers' invoices, in whatever state, dated from ``first`` to ``last`` (both included). One query per
    2,000 invoices and 1,000 customers."""
    for group in chunks(customer_ids):
        condition = all_of(is_in("CUSTOMERID", group), between("WHENCREATED", first, last))
        for record in iter_query(client, "ARINVOICE", invoice_fields(document_key), condition):
            yield read_invoice(record, company_currency, document_key)


def get_invoice_lines(
    client: IntacctClient, record_numbers: Iterable[str | int], *, company_currency: str = ""
) -> dict[str, tuple[Line, ...]]:
    """The lines of these invoices by the invoice's record number, one query per 2,000 lines and 1,000 invoices; where
    lines are taxed, one more for the names of the tax details, which stay empty where the user may not read them."""
    records = read_by(client, "ARINVOICEITEM", (*Line.TAXABLE_FIELDS, "DETAILKEY"), "RECORDKEY", record_numbers)
    found = lines_of(records, company_currency=company_currency)
    keys = sorted({line.tax_key for lines in found.values() for line in lines if line.tax_key})
    if not keys:
        return found
    try:
        details = read_by(client, "TAXDETAIL", ("RECORDNO", "DETAILID"), "RECORDNO", keys)
    except (AuthError, SettingsError) as error:
        log.warning("The tax details of invoice lines were not read: %s", error.message)
        return found
    name_of = {optional(detail, "RECORDNO"): optional(detail, "DETAILID") for detail in details}
    return {
        number: tuple(replace(line, tax_detail=name_of.get(line.tax_key, "")) for line in lines)
        for number, lines in found.items()
    }


def get_invoice_entities(client: IntacctClient, invoices: Iterable[Invoice]) -> dict[str, str]:
    """The legal entity of each invoice by record number; ``""`` where nothing tells.

    An invoice entered at the top level belongs to the entity of its lines (Intacct lets one invoice's lines have one
    base currency only); its first line decides. Two requests and one query per 1,000 such invoices.
    """
    owners = {invoice.record_no: invoice.entity_id for invoice in invoices}
    ownerless = [number for number, entity in owners.items() if not entity]
    if ownerless:
        entities = get_entity_of_locations(client)
        records = read_by(client, "ARINVOICEITEM", ("RECORDKEY", "LINE_NO", "LOCATIONID"), "RECORDKEY", ownerless)
        for number, lines in by_document(records).items():
            entity = entities.get(optional(lines[0], "LOCATIONID"))
            owners[number] = entity.entity_id if entity else ""
    return owners


def invoice_fields(document_key: DocumentKey | None = None) -> tuple[str, ...]:
    """What ``read_invoice`` reads."""
    return (*Invoice.FIELDS, document_key.queried_field) if document_key else Invoice.FIELDS


def read_invoice(record: Wire, company_currency: str = "", document_key: DocumentKey | None = None) -> Invoice:
    field = document_key.queried_field if document_key else ""
    return Invoice.from_wire(record, company_currency=company_currency, document_key_field=field)


def _check_header(payload: Mapping[str, Any]) -> None:
    for name in ("customerid", "datecreated"):
        if not payload.get(name):
            refuse(f"An invoice needs its {name}.")
    if not (payload.get("datedue") or payload.get("termname")):
        refuse("An invoice needs a datedue or a termname.")
    if payload.get("action") and payload["action"] not in ACTIONS:
        refuse(f"An invoice's action is one of {', '.join(ACTIONS)}.")
    check_currency("An invoice", payload)


def _check_line(where: str, line: Mapping[str, Any]) -> None:
    if bool(line.get("accountlabel")) == bool(line.get("glaccountno")):
        refuse(f"{where} needs an accountlabel or a glaccountno, and not both.")
    if line.get("amount") in (None, ""):
        refuse(f"{where} needs an amount.")
    for name, partner in (("taskid", "projectid"), ("costtypeid", "taskid")):
        if line.get(name) and not line.get(partner):
            refuse(f"{where} with {name} needs {partner} too.")
