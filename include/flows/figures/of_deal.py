"""What a HubSpot deal shows of its invoices. Every flow that writes these properties computes them here, so that none
undoes what another one wrote. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from include.connectors.hubspot.properties import PropertyDefinition
from include.core.decisions import Json
from include.core.money import Money, sum_money
from include.flows.figures.invoice_standing import STATUSES, InvoiceStanding, Status

SEPARATOR = ";"
NUMBERS = "intacct_invoice_number"
COUNT = "intacct_invoice_count"
CUSTOMER = "intacct_customer_id"
CUSTOMERS = "intacct_customer_count"
STATUS = "intacct_invoice_status"


def _text(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "string", "text", description)


def _number(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "number", "number", description)


def _date(name: str, label: str, description: str) -> PropertyDefinition:
    return PropertyDefinition(name, label, "date", "date", description)


FIGURE_DEFINITIONS: tuple[PropertyDefinition, ...] = (
    _text(NUMBERS, "Intacct invoice number", f"The numbers of its invoices in Sage Intacct, joined by {SEPARATOR}"),
    _number(COUNT, "Intacct invoice count", "How many invoices it has, reversed ones too"),
    _text(CUSTOMER, "Intacct customer id", "The invoices' customer in Sage Intacct"),
    _number(CUSTOMERS, "Intacct customer count", "How many customers the invoices are to"),
    _text(STATUS, "Intacct invoice status", ", ".join(STATUSES)),
    _text("intacct_invoice_currency", "Intacct invoice currency", "ISO 4217 code of all amounts of the invoice"),
    _number("intacct_invoice_total", "Intacct invoice total", "Paid, credited, written off and balance together"),
    _number("intacct_invoice_paid", "Intacct invoice paid", "Money received and applied"),
    _number("intacct_invoice_credited", "Intacct invoice credited", "Settled by credit memos, without money"),
    _number("intacct_invoice_written_off", "Intacct invoice written off", "Given up as bad debt"),
    _number("intacct_invoice_balance", "Intacct invoice balance", "What is still open"),
    _number(
        "intacct_invoice_refunded", "Intacct invoice refunded", "Given back of what was paid, which it does not lower"
    ),
    _number("intacct_invoice_base_total", "Intacct invoice base total", "The total in the books' own currency"),
    _text(
        "intacct_invoice_base_currency",
        "Intacct invoice base currency",
        "ISO 4217 code of the books of a foreign invoice",
    ),
    _text("intacct_invoice_exchange_rate", "Intacct invoice exchange rate", "At which a foreign invoice was booked"),
    _date("intacct_invoice_rate_date", "Intacct invoice rate date", "The day of the exchange rate"),
    _date("intacct_invoice_due_date", "Intacct invoice due date", "When payment is due; of several the first open one"),
    _number("intacct_invoice_days_overdue", "Intacct invoice days overdue", "Calendar days since the due date"),
    _date("intacct_last_payment_date", "Intacct last payment date", "When money was last received"),
    _text("intacct_last_payment_method", "Intacct last payment method", "How it came"),
    _text("intacct_last_reversal", "Intacct last reversal", "The payment that was taken back last, and why"),
    _text("intacct_invoice_shared", "Intacct invoice shared", "true: several deals share it, each shows its part"),
    _text("intacct_invoice_url", "Intacct invoice link", "Opens the invoice in Sage Intacct"),
)
_MONEY = ("total", "paid", "credited", "written_off", "balance", "refunded")


@dataclass(frozen=True, slots=True)
class DealFigures:
    """``invoices`` are all of the deal's, by record number. ``unknown`` are numbers that a person wrote on the deal and
    that Intacct does not have. ``shared``: other deals have one of the invoices too; the amounts are its part."""

    deal_id: str
    invoices: tuple[InvoiceStanding, ...]
    unknown: tuple[str, ...] = ()
    shared: bool = False

    @property
    def counted(self) -> tuple[InvoiceStanding, ...]:
        """The invoices whose figures are shown: those in the books and standing; where there are none the drafts,
        where there are none either the reversed ones."""
        live = tuple(one for one in self.invoices if one.is_live)
        return live or tuple(one for one in self.invoices if one.status == "draft") or self.invoices

    @property
    def currencies(self) -> tuple[str, ...]:
        """Those of the counted invoices; the figures of more than one cannot be added up."""
        return tuple(sorted({one.currency for one in self.counted}))

    @property
    def customer_ids(self) -> tuple[str, ...]:
        return tuple(sorted({one.customer_id for one in self.counted}))

    @property
    def status(self) -> Status:
        counted = self.counted
        statuses = {one.status for one in counted}
        if len(statuses) == 1:
            return counted[0].status
        if statuses & {"open", "partial"}:
            return "partial"
        return next(one for one in ("overpaid", "written_off", "paid") if one in statuses)

    def values(self) -> dict[str, str]:
        """Property -> text, every one of ``FIGURE_DEFINITIONS``. Amounts are empty where the invoices are in several
        currencies, everything but the unknown numbers where there is no invoice."""
        if not self.invoices:
            return {**{one.name: "" for one in FIGURE_DEFINITIONS}, NUMBERS: SEPARATOR.join(self.unknown)}
        counted = self.counted
        one_currency = len(self.currencies) == 1
        # Of several the one that is due first stands for the date and the link; the paid ones come last.
        first = min(counted, key=lambda one: (one.balance.is_zero, str(one.due_date or "9999"), int(one.record_no)))
        paid = max(counted, key=lambda one: (str(one.last_payment_date or ""), int(one.record_no)))
        amounts = self._amounts() if one_currency else {}
        return {
            NUMBERS: SEPARATOR.join([*(one.number for one in self.invoices if one.number), *self.unknown]),
            COUNT: str(len(self.invoices)),
            CUSTOMER: SEPARATOR.join(self.customer_ids),
            CUSTOMERS: str(len(self.customer_ids)),
            STATUS: self.status,
            "intacct_invoice_currency": self.currencies[0] if one_currency else "",
            **{f"intacct_invoice_{name}": amounts[name].text if name in amounts else "" for name in _MONEY},
            **self._booked(),
            "intacct_invoice_due_date": str(first.due_date or ""),
            "intacct_invoice_days_overdue": str(max(one.days_overdue for one in counted)),
            "intacct_last_payment_date": str(paid.last_payment_date or ""),
            "intacct_last_payment_method": paid.last_payment_method,
            "intacct_last_reversal": max(one.last_reversal for one in counted),
            "intacct_invoice_shared": "true" if self.shared else "",
            "intacct_invoice_url": first.url,
        }

    def to_json(self) -> Json:
        return {
            "deal_id": self.deal_id,
            "invoices": [one.to_json() for one in self.invoices],
            "unknown": list(self.unknown),
            "shared": self.shared,
        }

    @classmethod
    def from_json(cls, data: Json) -> DealFigures:
        invoices = tuple(InvoiceStanding.from_json(one) for one in data["invoices"])
        return cls(data["deal_id"], invoices, tuple(data["unknown"]), data["shared"])

    def _booked(self) -> dict[str, str]:
        """How foreign invoices stand in the books' own currency: their sum where all have one base currency, their rate
        where all have the same."""
        counted = self.counted
        totals = [one.base_total for one in counted if one.base_total]
        whole = len(totals) == len(counted) and len({one.currency for one in totals}) == 1
        rates = {(one.exchange_rate, one.rate_date) for one in counted}
        rate, day = rates.pop() if whole and len(rates) == 1 else (None, None)
        return {
            "intacct_invoice_base_total": sum_money(totals, totals[0].currency).text if whole else "",
            "intacct_invoice_base_currency": totals[0].currency if whole else "",
            "intacct_invoice_exchange_rate": f"{rate.normalize():f}" if rate is not None else "",
            "intacct_invoice_rate_date": str(day or ""),
        }

    def _amounts(self) -> dict[str, Money]:
        counted, currency = self.counted, self.currencies[0]
        return {
            "total": sum_money((one.invoiced for one in counted), currency),
            "paid": sum_money((one.paid for one in counted), currency),
            "credited": sum_money((one.credited for one in counted), currency),
            "written_off": sum_money((one.written_off for one in counted), currency),
            "balance": sum_money((one.balance for one in counted), currency),
            "refunded": sum_money((one.refunded for one in counted), currency),
        }


def numbers_in(text: str | None) -> tuple[str, ...]:
    """The invoice numbers that the property names."""
    parts = ((text or "").split(SEPARATOR)) if text else []
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
