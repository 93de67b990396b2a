"""What corrects a posted or drafted invoice: credit memos and their application, reversals, and deletions of drafts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import optional
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.invoice_schema import ACTIONS, LINE, elements
from include.connectors.intacct.lines import read_by
from include.connectors.intacct.typed_payload import PayloadReader, check_currency, line_adder, refuse
from include.connectors.intacct.xmltext import append

ADJUSTMENT = elements(
    "customerid datecreated:date dateposted:date batchkey adjustmentno action invoiceno description externalid "
    "basecurr currency exchratedate:date exchratetype exchrate:amount nogl:flag customfields:customfields "
    "taxsolutionid aradjustmentitems:lines"
)
REVERSAL = elements("datereversed:date description")
_DATES = ("RECEIPTDATE", "PAYMENTDATE", "EXCH_RATE_DATE")


def build_create_aradjustment(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create_aradjustment``; names and values as in ``invoices.build_create_invoice``, lines in
    ``aradjustmentitems``. Negative lines make a credit memo. Raises ``SettingsError`` and ``Rejected`` as there."""
    root = etree.Element("create_aradjustment")
    lines = line_adder("lineitem", "the adjustment", LINE, _check_line)
    PayloadReader("the adjustment", ADJUSTMENT, {"aradjustmentitems": lines}).write(root, payload)
    for name in ("customerid", "datecreated", "aradjustmentitems"):
        if not payload.get(name):
            refuse(f"An adjustment needs its {name}.")
    if payload.get("action") and payload["action"] not in ACTIONS:
        refuse(f"An adjustment's action is one of {', '.join(ACTIONS)}.")
    check_currency("An adjustment", payload)
    return root


def build_reverse_invoice(payload: Mapping[str, Any]) -> etree._Element:
    """A ``reverse_invoice`` of the invoice whose record number is ``RECORDNO``, on the ISO date ``datereversed``."""
    root = etree.Element("reverse_invoice", key=_record_no(payload))
    if not payload.get("datereversed"):
        refuse("A reversal needs its datereversed.")
    rest = {name: value for name, value in payload.items() if name != "RECORDNO"}
    PayloadReader("the reversal", REVERSAL).write(root, rest)
    return root


def build_delete_draft(payload: Mapping[str, Any]) -> etree._Element:
    """A ``delete`` of the invoice ``RECORDNO``. Whether it is a draft still is for ``not_drafts`` to say."""
    root = etree.Element("delete")
    append(root, "object", "ARINVOICE")
    append(root, "keys", _record_no(payload))
    return root


def build_application(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create`` of an ARPYMT that applies credit memos to invoices; dates are ISO text."""
    fields = {
        name: date.fromisoformat(value) if name in _DATES and isinstance(value, str) else value
        for name, value in payload.items()
    }
    return build_create("ARPYMT", fields)


def not_drafts(client: IntacctClient, record_numbers: list[str]) -> dict[str, str]:
    """Those of these invoices that may not be deleted: record number -> state. One query."""
    records = read_by(client, "ARINVOICE", ("RECORDNO", "STATE"), "RECORDNO", record_numbers)
    states = {optional(record, "RECORDNO"): optional(record, "STATE") for record in records}
    return {number: state for number, state in states.items() if state.lower() != "draft"}


def _record_no(payload: Mapping[str, Any]) -> str:
    number = payload.get("RECORDNO")
    if not isinstance(number, str) or not number.isdecimal():
        refuse("What is to be corrected is named by its RECORDNO.")
    return number


def _check_line(where: str, line: Mapping[str, Any]) -> None:
    if bool(line.get("accountlabel")) == bool(line.get("glaccountno")):
        refuse(f"{where} needs an accountlabel or a glaccountno, and not both.")
    if line.get("amount") in (None, ""):
        refuse(f"{where} needs an amount.")
