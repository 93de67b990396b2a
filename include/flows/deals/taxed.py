"""What a plan, the write log and the books say of a document's tax. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.connectors.intacct.target_objects import PLAN
from include.core.decisions import Json, Write
from include.core.money import Money
from include.flows.deals.bill import Bill
from include.flows.deals.documents import TAX_ON_TOP
from include.flows.deals.tax_settings import TaxSettings

TAXED = "tax"
"""In the plan part of an invoice's payload: what was expected of its tax."""


def untaxed(bill: Bill) -> Money:
    """What a sales order comes to: Order Entry adds its tax by its own schedules."""
    return bill.total - bill.tax.tax if bill.tax else bill.total


def tax_facts(bill: Bill, settings: TaxSettings) -> Json:
    """Among the facts of the document: the tax that the deal's amount does not include."""
    if bill.tax is None or bill.tax.tax.is_zero or settings.prices == "inclusive":
        return {}
    return {TAX_ON_TOP: bill.tax.tax.text}


def tax_in_words(bill: Bill, settings: TaxSettings) -> str:
    """For the plan: the tax, and what the other way of rounding would make of it (accounting case 2)."""
    if bill.tax is None:
        return ""
    tax, by_line, by_total = bill.tax.tax, bill.tax.by_line, bill.tax.by_total
    whose = ", which Intacct computes" if settings.by == "intacct" else ""
    told = f" with {tax} of tax{whose}"
    if by_line == by_total:
        return told
    other = f"by total it would be {by_total}" if tax == by_line else f"line by line it would be {by_line}"
    return f"{told} ({other})"


def planned_tax(bill: Bill) -> Json:
    """For the read-back: the net, and the tax by line and by total."""
    if bill.tax is None:
        raise ValueError("the bill has no tax")
    by_line, by_total = bill.tax.by_line.text, bill.tax.by_total.text
    return {"net": untaxed(bill).text, "by_line": by_line, "by_total": by_total, "tax": bill.tax.tax.text}


def unlike_in_tax(write: Write, total: Money) -> str | None:
    """Of an invoice whose total in the books is not the planned one: ``""`` where the other way of rounding explains
    it, else what is wrong; ``None`` where no tax was planned."""
    planned: Mapping[str, Any] = write.payload.get(PLAN, {}).get(TAXED, {})
    if not planned:
        return None
    if total.currency != write.expect.get("CURRENCY"):
        return None
    net, by_line, by_total = (Money.of(planned[name], total.currency) for name in ("net", "by_line", "by_total"))
    booked = total - net
    if booked in (by_line, by_total):
        return ""
    expected = f"{by_line} line by line" + (f" or {by_total} by total" if by_total != by_line else "")
    return (
        f"has {booked} of tax on {net} in Intacct, and by the settings it is {expected}. Correct the tax detail in "
        "Intacct or the code's percentage in the settings; correct or reverse the invoice there."
    )
