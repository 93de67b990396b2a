"""The twins' exported books as plain rows, for checks that know nothing of the product's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from include.sandbox.control_client import Control

Row = Mapping[str, Any]
ENTITY = {"USD": "100", "GBP": "200", "EUR": "300"}
"""By base currency: the demo's three entities have one each."""
CONTROL_ACCOUNT, BAD_DEBT = "1100", "6900"
NOT_POSTED = ("Draft", "Submitted", "Partially Approved", "Declined")
REVERSED = ("Reversed", "Reversal")


def amount(row: Row, name: str) -> Decimal:
    return Decimal(str(row.get(name) or 0))


def day(text: str) -> date:
    return datetime.strptime(text[:10], "%m/%d/%Y").date()  # noqa: DTZ007


@dataclass(frozen=True)
class Application:
    """What one line of a payment took from an invoice. ``kind``: cash, memo or other."""

    invoice: str
    payment: str
    kind: str
    memo: str
    amount: Decimal


@dataclass(frozen=True)
class TwinBooks:
    """``intacct``: object -> rows with ``items``; ``hubspot``: type -> id -> properties of what is not archived."""

    intacct: Mapping[str, list[Row]]
    hubspot: Mapping[str, Mapping[str, Mapping[str, str]]]

    @classmethod
    def of(cls, control: Control) -> TwinBooks:
        intacct: dict[str, list[Row]] = defaultdict(list)
        for one in control.books("intacct"):
            intacct[one["object"]].append({**one["record"], "items": one.get("items", [])})
        hubspot: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
        for one in control.books("hubspot"):
            if not one["type"].startswith("_") and not one.get("archived"):
                hubspot[one["type"]][one["id"]] = one["properties"]
        return cls(intacct, hubspot)

    def rows(self, name: str) -> list[Row]:
        return self.intacct.get(name, [])

    @property
    def receivables(self) -> list[Row]:
        """Invoices and adjustments that are in the books, reversed ones and their mirrors too."""
        both = [*self.rows("ARINVOICE"), *self.rows("ARADJUSTMENT")]
        return [row for row in both if row["STATE"] not in NOT_POSTED]

    @cached_property
    def applications(self) -> list[Application]:
        """Those that stand, of invoices (debit memos have none in the demo)."""
        found = []
        for payment in self.rows("ARPYMT"):
            for line in payment["items"]:
                if line["STATE"] == "Complete" and line.get("RECORDKEY"):
                    kind, value = _what(line)
                    memo = str(line.get("ADJUSTMENTKEY") or "")
                    found.append(Application(line["RECORDKEY"], payment["RECORDNO"], kind, memo, value))
        return found

    @cached_property
    def applications_of(self) -> Mapping[str, list[Application]]:
        """Record number of an invoice -> its applications."""
        found: dict[str, list[Application]] = defaultdict(list)
        for one in self.applications:
            found[one.invoice].append(one)
        return found

    @cached_property
    def settled_alone(self) -> set[str]:
        """Invoices that a payment settled which has money left, and settled no other."""
        left = {row["RECORDNO"] for row in self.rows("ARPYMT") if amount(row, "TRX_TOTALDUE") > 0}
        by_payment: dict[str, list[Application]] = defaultdict(list)
        for one in self.applications:
            by_payment[one.payment].append(one)
        return {
            its[0].invoice
            for payment, its in by_payment.items()
            if payment in left and len({one.invoice for one in its}) == 1 and its[0].kind == "cash"
        }

    @cached_property
    def write_offs(self) -> set[str]:
        """Memos whose lines are all on bad debt."""
        return {
            row["RECORDNO"]
            for row in self.rows("ARADJUSTMENT")
            if row["items"] and all(line["ACCOUNTNO"] == BAD_DEBT for line in row["items"])
        }


def _what(line: Row) -> tuple[str, Decimal]:
    """Every column of money that is filled; a line has one."""
    columns = {name: amount(line, name) for name in line if name.startswith("TRX_") and name.endswith("AMOUNT")}
    filled = {name: value for name, value in columns.items() if value}
    assert len(filled) == 1, line
    ((name, value),) = filled.items()
    if name in ("TRX_PAYMENTAMOUNT", "TRX_POSTEDADVANCEAMOUNT", "TRX_POSTEDOVERPAYMENTAMOUNT"):
        return "cash", value
    return ("memo" if name == "TRX_ADJUSTMENTAMOUNT" else "other"), value
