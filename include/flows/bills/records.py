"""An AP bill with its vendor, as it travels between the flow's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

from include.connectors.intacct.bills import Bill
from include.connectors.intacct.vendors import Vendor
from include.core.decisions import Json
from include.core.money import Money


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line that HubSpot is to show. ``part`` names it among those of its bill: ``line-0``, ``line-tax``."""

    part: str
    name: str = field(repr=False)
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRecord:
    """``state``: open, partial, paid, reversed, or Intacct's own word for what is not in the books (``draft``).
    Amounts are texts in ``currency``, dates ISO texts; ``due_date`` is the bill date where the bill has none."""

    record_no: str
    number: str
    vendor_id: str
    vendor_name: str
    tax_id: str = field(repr=False)
    email: str = field(repr=False)
    state: str
    in_books: bool
    bill_date: str
    due_date: str
    currency: str
    total: str
    paid: str
    balance: str
    lines: tuple[BillLine, ...]

    @property
    def title(self) -> str:
        return f"Bill {self.number or self.record_no} of vendor {self.vendor_id}"

    @property
    def is_reversed(self) -> bool:
        return self.state == "reversed"

    @property
    def day(self) -> date:
        return date.fromisoformat(self.bill_date)

    @classmethod
    def of(cls, bill: Bill, vendor: Vendor | None) -> BillRecord:
        return cls(
            record_no=bill.record_no,
            number=bill.number,
            vendor_id=bill.vendor_id,
            vendor_name=bill.vendor_name or (vendor.name if vendor else ""),
            tax_id=vendor.tax_id if vendor else "",
            email=vendor.email if vendor else "",
            state=_state(bill),
            in_books=bill.is_live,
            bill_date=bill.bill_date.isoformat(),
            due_date=(bill.due_date or bill.bill_date).isoformat(),
            currency=bill.total.currency,
            total=bill.total.text,
            paid=bill.paid.text,
            balance=bill.balance.text,
            lines=lines_shown(bill),
        )

    def to_json(self) -> Json:
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}

    @classmethod
    def from_json(cls, data: Json) -> BillRecord:
        return cls(**{**data, "lines": tuple(BillLine(**line) for line in data["lines"])})


def lines_shown(bill: Bill) -> tuple[BillLine, ...]:
    """The bill's lines in an order of their own, which together are its total.

    What the header has beyond the lines (tax that Intacct keeps apart) is a line too. HubSpot takes no price below
    zero, so a bill with a line below zero, or with less in the header than in its lines, is one line with the total.
    """
    currency = bill.total.currency
    amounts = [line.amount.amount for line in bill.lines]
    rest = bill.total.amount - sum(amounts, Decimal(0))
    if rest < 0 or min(amounts, default=Decimal(0)) < 0:
        return (BillLine("line-0", f"{len(amounts)} lines with credits, in sum", bill.total.text),)
    shown = [
        BillLine(f"line-{n}", line.memo or f"Account {line.account or line.account_label}", line.amount.text)
        for n, line in enumerate(bill.lines)
    ]
    if rest:
        shown.append(BillLine("line-tax", "Tax", Money(rest, currency).text))
    return tuple(shown)


def _state(bill: Bill) -> str:
    if bill.is_reversed or not bill.is_live:
        return bill.state.lower()
    if not bill.balance.amount:
        return "paid"
    return "partial" if bill.paid.amount else "open"


def records_of(bills: list[Bill], vendors: Mapping[str, Vendor]) -> list[BillRecord]:
    return [BillRecord.of(bill, vendors.get(bill.vendor_id)) for bill in bills]
