"""What must become of each deal: the demo's answer key, which checks read and flows never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from include.sandbox.company.arithmetic import DIGITS, decimal_text, due_date
from include.sandbox.company.catalogue import GO_LIVE
from include.sandbox.company.deals import net_of
from include.sandbox.company.model import Company, Customer, Deal, Document, Unit

_NOBODY = {"no_company", "ambiguous_customer", "similar_customer"}


def manifest_of(units: Iterable[Unit], deals: int, seed: int) -> dict[str, Any]:
    """``{"company", "deals_wanted", "seed", "go_live", "deals": [...], "totals": {currency: {"net",
    "net_minor", "invoices"}}, "counts": {expect: number}, "customers": [{"id", "name", "origin"}], "history":
    [...]}``.

    ``customers`` are all that may exist after the run: ``seeded`` ones and the ``new`` ones that posted deals
    need. ``history`` are the documents that were there before.
    """
    rows: list[dict[str, Any]] = []
    customers: dict[str, dict[str, str]] = {}
    history: list[dict[str, Any]] = []
    for unit in units:
        for customer in unit.customers:
            customers[customer.id] = {"id": customer.id, "name": customer.name, "origin": "seeded"}
        for deal in unit.deals:
            row = row_of(deal)
            rows.append(row)
            if deal.expect == "posted" and deal.customer is None:
                identity, name = row["customer"], row["customer_name"]
                customers.setdefault(identity, {"id": identity, "name": name, "origin": "new"})
        history += [_history_row(document) for document in unit.documents]
    return {
        "company": "Brightwater Instruments",
        "deals_wanted": deals,
        "seed": seed,
        "go_live": GO_LIVE.isoformat(),
        "deals": rows,
        "totals": _totals(rows),
        "counts": dict(Counter(row["expect"] for row in rows)),
        "customers": list(customers.values()),
        "history": history,
    }


def row_of(deal: Deal) -> dict[str, Any]:
    """One deal's row. Where a deal is held, the amounts, dates and customer are those it would have once
    its reason is gone, as far as they can be known."""
    nets = net_of(deal)
    customer_id, customer_name = _billed(deal)
    entity = deal.entity
    due = due_date(deal.invoice_date, deal.term).isoformat() if deal.invoice_date else None
    return {
        "deal_id": deal.id,
        "deal_name": deal.name,
        "case": deal.case,
        "expect": deal.expect,
        "reason": deal.reason,
        "company_id": deal.company.id if deal.company else None,
        "currency": deal.currency,
        "net": decimal_text(sum(nets), deal.currency),
        "net_minor": sum(nets),
        "customer": customer_id,
        "customer_name": customer_name,
        "entity": entity,
        "invoice_date": deal.invoice_date.isoformat() if deal.invoice_date else None,
        "posting_date": deal.posting_date.isoformat() if deal.posting_date else None,
        "due_date": due,
        "po_number": deal.po_number or None,
        "lines": list(_lines(deal, nets)),
    }


def _lines(deal: Deal, nets: list[int]) -> Iterator[dict[str, Any]]:
    for line, net in zip(deal.lines, nets, strict=True):
        yield {"item": line.sku, "net": decimal_text(net, deal.currency), "location": deal.entity}


def _billed(deal: Deal) -> tuple[str | None, str | None]:
    customer: Customer | None = deal.customer
    company: Company | None = deal.company
    if customer is not None:
        return customer.id, customer.name
    if company is None or deal.reason in _NOBODY:
        return None, None
    if company.customer_id:
        return company.customer_id, None
    return f"HS-{company.id}", company.name


def _history_row(document: Document) -> dict[str, Any]:
    total = sum(amount for _, amount in document.lines)
    return {
        "object": document.kind,
        "number": document.number,
        "customer": document.customer.id,
        "currency": document.currency,
        "net": decimal_text(total, document.currency),
        "net_minor": total,
        "paid_minor": document.paid + sum(amount for amount, _ in document.also_paid),
        "date": document.dated.isoformat(),
    }


def _totals(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    net: Counter[str] = Counter()
    invoices: Counter[str] = Counter()
    for row in rows:
        if row["expect"] == "posted":
            net[row["currency"]] += row["net_minor"]
            invoices[row["currency"]] += 1
    return {
        currency: {
            "net": decimal_text(net[currency], currency),
            "net_minor": net[currency],
            "invoices": invoices[currency],
        }
        for currency in sorted(invoices, key=list(DIGITS).index)
    }
