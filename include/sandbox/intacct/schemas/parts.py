"""Content models shared by the typed functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from include.sandbox.intacct.envelope.content_model import Model

DATE = Model("year month day")
CONTACT_NAME = Model("contactname")
CUSTOM_FIELDS = Model("customfield*", children={"customfield": Model("customfieldname customfieldvalue")})
TAX_ENTRIES = Model("taxentry*", children={"taxentry": Model("detailid trx_tax?")})

CURRENCY_GROUP = "(basecurr? currency ((exchratedate? exchratetype) | exchrate))?"

_DATES = [
    "datecreated",
    "dateposted",
    "datedue",
    "exchratedate",
    "revrecstartdate",
    "revrecenddate",
    "datereceived",
    "paymentdate",
    "datereversed",
    "reversedate",
    "startdate",
    "asofdate",
    "origdocdate",
    "needbydate",
    "shipbydate",
    "cancelafterdate",
    "donotshipbeforedate",
    "donotshipafterdate",
    "servicedeliverydate",
    "shippeddate",
]

SHARED: dict[str, Model] = {
    **{name: DATE for name in _DATES},
    "billto": CONTACT_NAME,
    "shipto": CONTACT_NAME,
    "payto": CONTACT_NAME,
    "returnto": CONTACT_NAME,
    "deliverto": CONTACT_NAME,
    "customfields": CUSTOM_FIELDS,
    "taxentries": TAX_ENTRIES,
}


def typed(source: str, children: Mapping[str, Model] | None = None, attributes: Iterable[str] = ()) -> Model:
    """A typed element: dates, contacts and custom fields have their usual inner shape."""
    return Model(source, {**SHARED, **(children or {})}, frozenset(attributes))
