"""Invoices: creating one from a JSON payload, and reading what the books show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.invoice_schema import ACTIONS, HEADER, LINE
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.typed_payload import PayloadReader, refuse
from include.core.errors import SettingsError

KEYS_PER_QUERY = 1000


def build_create_invoice(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create_invoice`` from a JSON payload in the schema's own lower-case names, in the schema's order.

    Dates are ISO text, amounts decimal text (never floats), ``customfields`` an object of name and text,
    ``invoiceitems`` a list of objects, ``billto``/``shipto`` a contact's name. ``None`` and ``""`` are left out.

    Raises ``SettingsError`` for a name that the schema does not have (it lists those it has), ``Rejected`` for a
    value or combination that the schema cannot take.
    """
    root = etree.Element("create_invoice")
    PayloadReader("the invoice", HEADER, lines=_add_lines).write(root, payload)
    _check_header(payload)
    return root


def get_invoices(
    client: IntacctClient, record_numbers: Iterable[str | int], *, company_currency: str = ""
) -> list[Invoice]:
    """The invoices of these record numbers that exist, one query per 1,000. Raises what ``iter_query`` raises."""
    numbers = list(dict.fromkeys(str(number) for number in record_numbers))
    return [
        Invoice.from_wire(record, company_currency=company_currency)
        for start in range(0, len(numbers), KEYS_PER_QUERY)
        for record in iter_query(
            client, "ARINVOICE", Invoice.FIELDS, is_in("RECORDNO", numbers[start : start + KEYS_PER_QUERY])
        )
    ]


def _check_header(payload: Mapping[str, Any]) -> None:
    for name in ("customerid", "datecreated"):
        if not payload.get(name):
            refuse(f"An invoice needs its {name}.")
    if not (payload.get("datedue") or payload.get("termname")):
        refuse("An invoice needs a datedue or a termname.")
    if payload.get("action") and payload["action"] not in ACTIONS:
        refuse(f"An invoice's action is one of {', '.join(ACTIONS)}.")
    rated = bool(payload.get("exchratetype")), bool(payload.get("exchrate"))
    if all(rated):
        refuse("An invoice has an exchratetype or an exchrate, not both.")
    if bool(payload.get("currency")) != any(rated):
        refuse("An invoice with a currency needs an exchratetype or an exchrate, and the other way round.")
    for name, partner in (("basecurr", "currency"), ("exchratedate", "exchratetype")):
        if payload.get(name) and not payload.get(partner):
            refuse(f"An invoice with {name} needs {partner} too.")


def _add_lines(parent: etree._Element, value: Any) -> None:
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
        raise SettingsError("invoiceitems is a list of objects, one for each line.", system=SYSTEM)
    for number, line in enumerate(value, start=1):
        where = f"line {number} of the invoice"
        if not isinstance(line, Mapping):
            raise SettingsError(f"{where} is an object of fields.", system=SYSTEM)
        PayloadReader(where, LINE).write(etree.SubElement(parent, "lineitem"), line)
        _check_line(where, line)
    if not value:
        refuse("An invoice needs at least one line.")


def _check_line(where: str, line: Mapping[str, Any]) -> None:
    if bool(line.get("accountlabel")) == bool(line.get("glaccountno")):
        refuse(f"{where} needs an accountlabel or a glaccountno, and not both.")
    if line.get("amount") in (None, ""):
        refuse(f"{where} needs an amount.")
    for name, partner in (("taskid", "projectid"), ("costtypeid", "taskid")):
        if line.get(name) and not line.get(partner):
            refuse(f"{where} with {name} needs {partner} too.")
