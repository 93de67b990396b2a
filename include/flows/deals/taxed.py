"""What a plan, the write log and the books say of a document's tax. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from include.connectors.intacct.target_objects import PLAN
from include.core.decisions import Json, Write
from include.core.money import Money
from include.core.tax import document_tax
from include.flows.deals.bill import Bill
from include.flows.deals.documents import TAX_ON_TOP
from include.flows.deals.tax_settings import TaxSettings

TAXED, TAXED_NETS = "tax", "taxed_nets"
"""In the plan part of an invoice's payload: what was expected of its tax; and, in a hold, of which nets."""


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


def planned_taxes(write: Write) -> Json:
    """Of a document that is written: the tax that was expected, and by tax detail the nets that bear it."""
    expected = write.payload.get(PLAN, {}).get(TAXED)
    if not expected:
        return {}
    items = [item for item in write.payload.get("invoiceitems", ()) if item.get("taxentries")]
    return {TAXED: expected, TAXED_NETS: [[item["taxentries"][0]["detailid"], item["amount"]] for item in items]}


def unlike_in_tax(planned: Json, total: Money, rates: Mapping[str, Decimal]) -> str | None:
    """Of a document whose total in the books is not the planned one: ``""`` where the other way of rounding, or the
    percentages as they are by now, explain it, else what is wrong; ``None`` where no tax was planned."""
    if TAXED not in planned or total.currency != planned["currency"]:
        return None
    net, by_line, by_total = (Money.of(planned[TAXED][name], total.currency) for name in ("net", "by_line", "by_total"))
    booked = total - net
    if booked in (by_line, by_total):
        return ""
    nets = [(detail, Money.of(amount, total.currency)) for detail, amount in planned[TAXED_NETS]]
    if nets and all(detail in rates for detail, _ in nets):
        by_now = document_tax(nets, rates, total.currency, "intacct", "exclusive")
        if by_now.explains(booked):
            return ""
        by_line, by_total = by_now.by_line, by_now.by_total
    expected = f"{by_line} line by line" + (f" or {by_total} by total" if by_total != by_line else "")
    return (
        f"has {booked} of tax on {net} in Intacct, and by the settings it is {expected}. Correct the tax detail in "
        "Intacct or the code's percentage in the settings; correct or reverse the invoice there."
    )
