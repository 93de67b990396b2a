"""Creating a recurring invoice, whose invoices Intacct makes itself from its first day on.

The gateway has no function to change or end one: that is done in Intacct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from include.connectors.intacct.invoice_schema import LINE, elements
from include.connectors.intacct.typed_payload import PayloadReader, check_currency, line_adder, refuse
from include.connectors.intacct.xmltext import append

HEADER = elements(
    "customerid datecreated:date recordid docnumber description contractid contractdesc termname currency "
    "exchratedate:date exchratetype exchrate:amount status supdocid billtocontactname shiptocontactname startdate:date "
    "ending:lines modenew interval eom:flag taxsolutionid recurinvoiceitems:lines paymethod"
)
"""The elements in the order of the gateway's schema (DTD 3.0)."""
KEY = "RECORDID"
"""Where Tieout's key stands, by which one is found: in the payload, and in the record."""


def build_create_recurringinvoice(payload: Mapping[str, Any]) -> etree._Element:
    """A ``create_recurringinvoice`` from a JSON payload in the schema's names, with the key under ``KEY``; ``ending``
    is ``{"occurrences": "11"}``. Raises as ``build_create_invoice``."""
    root = etree.Element("create_recurringinvoice")
    sent = {"recordid" if name == KEY else name: value for name, value in payload.items()}
    lines = line_adder("lineitem", "the recurring invoice", LINE, _check_line)
    adders = {"recurinvoiceitems": lines, "ending": _add_ending}
    PayloadReader("the recurring invoice", HEADER, adders).write(root, sent)
    check_currency("the recurring invoice", sent)
    if not sent.get("startdate") or not sent.get("ending"):
        refuse("the recurring invoice needs its first day and how often it comes: one without an end is never made.")
    return root


def _add_ending(parent: etree._Element, value: Any) -> None:
    times = str(value.get("occurrences", "")) if isinstance(value, Mapping) else ""
    if not times.isdecimal() or int(times) < 1:
        refuse("ending of the recurring invoice is how often it comes, at least once.")
    append(parent, "occurrences", times)


def _check_line(where: str, line: Mapping[str, Any]) -> None:
    if bool(line.get("accountlabel")) == bool(line.get("glaccountno")):
        refuse(f"{where} needs an account label or a GL account, not both.")
    if not line.get("amount"):
        refuse(f"{where} needs an amount.")
