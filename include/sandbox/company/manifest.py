"""What must become of each deal: the demo's answer key, which checks read and flows never do."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

from include.sandbox.company.arithmetic import DIGITS, decimal_text, due_date
from include.sandbox.company.backoffice.history import history_of
from include.sandbox.company.catalogue import GO_LIVE
from include.sandbox.company.deals import net_of
from include.sandbox.company.model import Company, Customer, Deal, Document, Unit

_NOBODY = {"no_company", "ambiguous_customer", "similar_customer"}
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


def manifest_of(units: Iterable[Unit], deals: int, seed: int) -> dict[str, Any]:
    """``{"company", "deals_wanted", "seed", "go_live", "deals": [...], "totals": {currency: {"net",
    "net_minor", "invoices"}}, "counts": {expect: number}, "customers": [{"id", "name", "origin"}], "history":
    [...]}``.

    ``customers`` are all that may exist after the run: ``seeded`` ones and the ``new`` ones that posted deals
    need. ``history`` are the documents that were there before.
    """
    manifest: dict[str, Any] = json.loads(b"".join(manifest_json(units, deals, seed)))
    return manifest


def manifest_json(units: Iterable[Unit], deals: int, seed: int) -> Iterator[bytes]:
    """The manifest as JSON, in pieces. However large the company is, memory holds a few of its units: what comes
    after the deals waits in temporary files."""
    totals = _Totals()
    with _waiting() as customers, _waiting() as history:
        about = {"company": "Brightwater Instruments", "deals_wanted": deals, "seed": seed}
        yield _encoded({**about, "go_live": GO_LIVE.isoformat()})[:-1] + b',"deals":['
        before = b""
        for unit in units:
            rows = [row_of(deal) for deal in unit.deals]
            if rows:
                yield before + _listed(rows)
                before = b","
            totals.count(rows)
            _add(customers, _customers_of(unit, rows))
            _add(history, [*map(_history_row, unit.documents), *history_of(unit)])
        yield b'],"totals":%b,"counts":%b' % (_encoded(totals.by_currency()), _encoded(totals.counts))
        yield b',"customers":['
        yield from _pieces(customers)
        yield b'],"history":['
        yield from _pieces(history)
        yield b"]}"


def _customers_of(unit: Unit, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The unit's own customers and those that its posted deals need. No other unit has any of them."""
    found: dict[str, dict[str, Any]] = {
        customer.id: {"id": customer.id, "name": customer.name, "origin": "seeded"} for customer in unit.customers
    }
    for deal, row in zip(unit.deals, rows, strict=True):
        if deal.expect == "posted" and deal.customer is None:
            identity, name = row["customer"], row["customer_name"]
            found.setdefault(identity, {"id": identity, "name": name, "origin": "new"})
    return list(found.values())


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _listed(rows: Iterable[object]) -> bytes:
    """A list's content, without its brackets."""
    return b",".join(_encoded(row) for row in rows)


def _waiting() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def _add(file: IO[bytes], rows: list[dict[str, Any]]) -> None:
    if rows:
        file.write((b"," if file.tell() else b"") + _listed(rows))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


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


class _Totals:
    """What the rows come to."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._net: Counter[str] = Counter()
        self._invoices: Counter[str] = Counter()

    def count(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self.counts[row["expect"]] += 1
            if row["expect"] == "posted":
                self._net[row["currency"]] += row["net_minor"]
                self._invoices[row["currency"]] += 1

    def by_currency(self) -> dict[str, dict[str, Any]]:
        return {
            currency: {
                "net": decimal_text(self._net[currency], currency),
                "net_minor": self._net[currency],
                "invoices": self._invoices[currency],
            }
            for currency in sorted(self._invoices, key=list(DIGITS).index)
        }
