"""Hand-written records as the manifest lists documents that were there before."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from include.sandbox.company.arithmetic import DIGITS, decimal_text, half_up, line_net
from include.sandbox.company.model import Unit


def history_of(unit: Unit) -> Iterator[dict[str, Any]]:
    """A row for each invoice and adjustment among the unit's further records, in the shape of
    ``manifest.manifest_of``; order-entry invoices too."""
    paid = _paid(unit)
    for entry in unit.after:
        fields, items = entry["fields"], entry.get("items", ())
        if entry["object"] in {"ARINVOICE", "ARADJUSTMENT"}:
            total = sum(_minor(line["TRX_AMOUNT"], fields["CURRENCY"]) for line in items)
            number, customer = fields["RECORDID"], fields["CUSTOMERID"]
        elif entry["object"] == "SODOCUMENT" and fields["DOCPARID"] == "Sales Invoice":
            total = sum(line_net(line["QUANTITY"], line["PRICE"], fields["CURRENCY"]) for line in items)
            number, customer = fields["DOCNO"], fields["CUSTVENDID"]
        else:
            continue
        yield {
            "object": "ARADJUSTMENT" if entry["object"] == "ARADJUSTMENT" else "ARINVOICE",
            "number": number,
            "customer": customer,
            "currency": fields["CURRENCY"],
            "net": decimal_text(total, fields["CURRENCY"]),
            "net_minor": total,
            "paid_minor": paid.get(number, 0),
            "date": fields["WHENCREATED"],
        }


def _paid(unit: Unit) -> dict[str, int]:
    """What was settled of each document by money and credits that were not taken back, in minor units."""
    paid: dict[str, int] = {}
    for entry in unit.after:
        if entry["object"] != "ARPYMT" or entry["fields"].get("REVERSED"):
            continue
        for item in entry["items"]:
            text = item.get("TRX_PAYMENTAMOUNT") or item["TRX_ADJUSTMENTAMOUNT"]
            amount = _minor(text, entry["fields"]["CURRENCY"])
            paid[item["RECORDID"]] = paid.get(item["RECORDID"], 0) + amount
            if "ADJUSTMENTID" in item:
                paid[item["ADJUSTMENTID"]] = paid.get(item["ADJUSTMENTID"], 0) - amount
    return paid


def _minor(text: str, currency: str) -> int:
    return half_up(Fraction(text) * 10 ** DIGITS[currency])
