"""Documents of order entry: a quote, an open order, and an order that was converted into an invoice."""

from __future__ import annotations

from include.sandbox.company.backoffice.records import RATE_TYPE, Record, record
from include.sandbox.company.catalogue import BY_SKU


def _document(kind: str, number: str, customer: str, currency: str, dated: str, *lines: Record, **more: str) -> Record:
    return record(
        "SODOCUMENT",
        *lines,
        DOCPARID=kind,
        DOCNO=number,
        CUSTVENDID=customer,
        WHENCREATED=dated,
        CURRENCY=currency,
        EXCH_RATE_TYPE_ID=RATE_TYPE,
        **more,
    )


def _line(sku: str, quantity: str, price: str, entity: str) -> Record:
    product = BY_SKU[sku]
    return {
        "ITEMID": sku,
        "QUANTITY": quantity,
        "PRICE": price,
        "LOCATIONID": entity,
        "DEPARTMENTID": "D20" if product.kind == "Services" else "D10",
        "CLASSID": {"Hardware": "HW", "Services": "SVC"}.get(product.kind, "SAAS"),
    }


_CONVERTED = (_line("SENSOR-1", "6", "189.5", "100"), _line("GATEWAY-2", "1", "745", "100"))

ORDERS: tuple[Record, ...] = (
    _document(
        "Sales Quote", "90001", "C-9004", "USD", "2026-11-03", _line("GATEWAY-2", "4", "745", "100"), STATE="Pending"
    ),
    _document(
        "Sales Order", "90001", "C-9005", "GBP", "2026-11-10", _line("SENSOR-1", "20", "172", "200"), STATE="Pending"
    ),
    _document(
        "Sales Order", "90002", "C-9001", "USD", "2026-11-02", *_CONVERTED, STATE="Pending", CUSTOMERPONUMBER="PH-4471"
    ),
    _document(
        "Sales Invoice",
        "BW-95001",
        "C-9001",
        "USD",
        "2026-11-05",
        *_CONVERTED,
        CREATEDFROM="Sales Order-90002",
        TERMNAME="N30",
        MESSAGE="Order 90002",
        CUSTOMERPONUMBER="PH-4471",
    ),
)
