"""Short ways to write seed records of Intacct by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.sandbox.company.catalogue import BY_SKU

RATE_TYPE = "Intacct Daily Rate"

Record = Mapping[str, Any]


def record(kind: str, *items: Record, **fields: str) -> Record:
    """A record in the shape of the Intacct twin's ``load``."""
    return {"object": kind, "fields": fields, **({"items": list(items)} if items else {})}


def sold(sku: str, amount: str, entity: str, memo: str = "") -> Record:
    """A line of an invoice, credit memo or recurring invoice for one of our products."""
    product = BY_SKU[sku]
    return {
        "ACCOUNTNO": product.account,
        "TRX_AMOUNT": amount,
        "ENTRYDESCRIPTION": memo or product.name,
        "LOCATIONID": entity,
        "DEPARTMENTID": "D20" if product.kind == "Services" else "D10",
        "CLASSID": {"Hardware": "HW", "Services": "SVC"}.get(product.kind, "SAAS"),
        "ITEMID": sku,
    }
