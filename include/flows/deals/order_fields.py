"""Where the fields of an invoice stand on a sales order. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from include.connectors.intacct.order_schema import HEADER, LINE

_RENAMED = {"description": "message", "ponumber": "referenceno"}
_HEADER = frozenset(element.name for element in HEADER)
_LINE = frozenset(element.name for element in LINE)


def on_order(invoice_field: str) -> str | None:
    """The name of this header field of ``create_invoice`` in ``create_sotransaction``, if it has one."""
    name = _RENAMED.get(invoice_field, invoice_field)
    return name if name in _HEADER else None


def on_order_line(invoice_field: str) -> bool:
    """Whether a sales order's line has this field of an invoice line, under the same name."""
    return invoice_field in _LINE


def without_place(names: Iterable[str], *, line: bool) -> list[str]:
    """Those of these invoice fields that an order has no place for."""
    own = [name for name in names if not name.startswith("customfields.")]
    return [name for name in own if not (on_order_line(name) if line else on_order(name))]
