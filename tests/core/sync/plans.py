"""Writes as the flows plan them, small."""

from __future__ import annotations

from dataclasses import replace

from include.core.decisions import Key, Ref, Write


def customer_key(company: str) -> Key:
    return Key("intacct", "customer", "hubspot", "company", company, "customer")


def invoice_key(deal: str) -> Key:
    return Key("intacct", "invoice", "hubspot", "deal", deal, "invoice")


def customer(company: str) -> Write:
    return Write(customer_key(company), {"number": f"C-{company}", "name": company}, {"name": company})


def invoice(
    deal: str, company: str | None = None, *, total: str = "100.00", memo: str = "", bad: bool = False
) -> Write:
    """``total`` can be seen on the record in the target, ``memo`` cannot; both are facts of the deal."""
    payload = {"number": f"I-{deal}", "total": total, "memo": memo, "bad": bad}
    if company is not None:
        payload["customer"] = Ref(customer_key(company)).to_json()
    return Write(invoice_key(deal), payload, {"total": total, "memo": memo}, {"total": total}, f"deal {deal}")


def edited(write: Write, **changes: str) -> Write:
    """The same invoice after somebody has changed the deal."""
    payload, facts = {**write.payload, **changes}, {**write.facts, **changes}
    return replace(write, payload=payload, facts=facts, expect={name: payload[name] for name in write.expect})
