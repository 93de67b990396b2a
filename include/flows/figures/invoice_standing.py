"""How an invoice stands: what was invoiced, and what became of it. A pure function of the books as they are now, so the
order in which payments, credits and reversals came does not matter.

In the invoice's own currency, always: invoiced = paid + credited + written off + balance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from include.connectors.intacct.applications import Application
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.receipts import Payment
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.settlements import INVOICES_AT_ONCE, Settlement, read_settlements
from include.core.decisions import Json
from include.core.money import Money, sum_money, zero
from include.flows.figures.entity_days import Days, days_of_invoices

Status = Literal["open", "partial", "paid", "credited", "overpaid", "written_off", "reversed", "draft"]
STATUSES: tuple[Status, ...] = get_args(Status)
_CASH = frozenset({"cash", "advance", "overpayment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStanding:
    """``paid`` is cash, advances included; ``credited`` is what credit memos and discounts settled without cash;
    ``written_off`` is kept apart from both. A reversed invoice is, with its reversal, nothing: all its figures are 0.
    ``refunded`` is what went back of what was paid, and lowers nothing: ``figures.refunded`` tells it.

    ``base_total``, ``exchange_rate`` and ``rate_date`` are of invoices in another currency than the books: what it was
    booked at, as Intacct computed it; reversed ones are nothing.
    ``last_payment_date`` and ``_method`` are of the money that was applied last and still stands.
    ``last_reversal``: the payment that was taken back last, in words that begin with its date; ``""`` without one.
    """

    record_no: str
    number: str
    customer_id: str
    document_key: str
    module: str
    url: str
    status: Status
    invoiced: Money
    paid: Money
    credited: Money
    written_off: Money
    balance: Money
    refunded: Money
    due_date: date | None
    days_overdue: int
    last_payment_date: date | None = None
    last_payment_method: str = ""
    last_reversal: str = ""
    base_total: Money | None = None
    exchange_rate: Decimal | None = None
    rate_date: date | None = None

    @property
    def currency(self) -> str:
        return self.invoiced.currency

    @property
    def is_live(self) -> bool:
        return self.status not in ("reversed", "draft")

    def to_json(self) -> Json:
        return {
            "record_no": self.record_no,
            "number": self.number,
            "customer_id": self.customer_id,
            "document_key": self.document_key,
            "module": self.module,
            "url": self.url,
            "status": self.status,
            "currency": self.currency,
            **{name: getattr(self, name).text for name in _AMOUNTS},
            **{name: _iso(getattr(self, name)) for name in _DATES},
            "days_overdue": self.days_overdue,
            "last_payment_method": self.last_payment_method,
            "last_reversal": self.last_reversal,
            "base_total": [self.base_total.text, self.base_total.currency] if self.base_total else None,
            "exchange_rate": str(self.exchange_rate) if self.exchange_rate is not None else None,
        }

    @classmethod
    def from_json(cls, data: Json) -> InvoiceStanding:
        fields: dict[str, Any] = {name: value for name, value in data.items() if name != "currency"}
        fields |= {name: Money.of(data[name], data["currency"]) for name in _AMOUNTS}
        fields |= {name: date.fromisoformat(data[name]) if data[name] else None for name in _DATES}
        fields["base_total"] = Money.of(*data["base_total"]) if data["base_total"] else None
        fields["exchange_rate"] = Decimal(data["exchange_rate"]) if data["exchange_rate"] else None
        return cls(**fields)


_AMOUNTS = ("invoiced", "paid", "credited", "written_off", "balance", "refunded")
_DATES = ("due_date", "last_payment_date", "rate_date")


def standing_of(settlement: Settlement, today: date, bad_debt_accounts: Collection[str]) -> InvoiceStanding:
    """The invoice as it stands on ``today`` in its entity. ``bad_debt_accounts``: the GL accounts whose credit memos
    are write-offs, which nothing else tells.

    Total and balance are the header's; what was settled without cash is told by the applications, and the rest of what
    was settled is cash.
    """
    invoice = settlement.invoice
    nothing = zero(invoice.total.currency)
    invoiced, balance = invoice.total, invoice.balance
    if invoice.is_reversed:
        invoiced = balance = nothing
    elif not invoice.is_live:
        balance = invoiced  # Intacct need not count a draft as due
    settled = invoiced - balance
    written_off = _from_memos(settlement, bad_debt_accounts, written_off=True) if not settled.is_zero else nothing
    credited = _without_cash(settlement, bad_debt_accounts) if not settled.is_zero else nothing
    if invoiced.is_negative:
        credited = settled - written_off  # a negative invoice gives credit and is never paid
    received = _last_received(settlement)
    return InvoiceStanding(
        record_no=invoice.record_no,
        number=invoice.number,
        customer_id=invoice.customer_id,
        document_key=invoice.document_key,
        module=invoice.module,
        url=invoice.url,
        status=_status(settlement, settled - credited - written_off, credited, written_off, balance),
        invoiced=invoiced,
        paid=settled - credited - written_off,
        credited=credited,
        written_off=written_off,
        balance=balance,
        refunded=nothing,
        due_date=invoice.due_date,
        days_overdue=_days_overdue(invoice, balance, today),
        last_payment_date=_dated(received, settlement) if received else None,
        last_payment_method=_method(received, settlement) if received else "",
        last_reversal=max(_reversals(settlement), default=""),
        base_total=invoice.base_total if invoice.is_foreign and not invoice.is_reversed else None,
        exchange_rate=invoice.exchange_rate,
        rate_date=invoice.rate_date,
    )


def read_invoice_standings(
    intacct: IntacctClient,
    record_numbers: Iterable[str],
    today: Days,
    bad_debt_accounts: Collection[str],
    *,
    company_currency: str = "",
    document_key: DocumentKey | None = None,
) -> Iterator[InvoiceStanding]:
    """The invoices of these record numbers that exist, as they stand: two requests per 500, of which no more than 500
    are in memory with their payments. Raises what ``iter_query`` raises."""
    for chunk in chunks(record_numbers, INVOICES_AT_ONCE):
        settlements = read_settlements(intacct, chunk, company_currency=company_currency, document_key=document_key)
        days = days_of_invoices(intacct, (one.invoice for one in settlements), today)
        for one in settlements:
            yield standing_of(one, days[one.invoice.record_no], bad_debt_accounts)


def _status(settlement: Settlement, paid: Money, credited: Money, written_off: Money, balance: Money) -> Status:
    if settlement.invoice.is_reversed:
        return "reversed"
    if not settlement.invoice.is_live:
        return "draft"
    if not balance.is_zero:
        return "open" if paid.is_zero and credited.is_zero and written_off.is_zero else "partial"
    if _is_overpaid(settlement):
        return "overpaid"
    if not written_off.is_zero:
        return "written_off"
    return "credited" if paid.is_zero and not credited.is_zero else "paid"


def _is_overpaid(settlement: Settlement) -> bool:
    """Whether a payment that settled nothing but this invoice has money left."""
    given: dict[str, Money] = {}
    for one in settlement.standing:
        if one.source == "cash":
            given[one.payment_id] = given.get(one.payment_id, zero(one.amount.currency)) + one.amount
    payments = ((settlement.payments.get(number), amount) for number, amount in given.items())
    return any(
        payment is not None and not payment.unapplied.is_zero and payment.applied == amount
        for payment, amount in payments
    )


def _from_memos(settlement: Settlement, bad_debt_accounts: Collection[str], *, written_off: bool) -> Money:
    return sum_money(
        (
            one.amount
            for one in settlement.standing
            if one.source == "adjustment" and _writes_off(one, settlement, bad_debt_accounts) is written_off
        ),
        settlement.invoice.total.currency,
    )


def _without_cash(settlement: Settlement, bad_debt_accounts: Collection[str]) -> Money:
    others = (one.amount for one in settlement.standing if one.source not in _CASH and one.source != "adjustment")
    memos = _from_memos(settlement, bad_debt_accounts, written_off=False)
    return memos + sum_money(others, memos.currency)


def _writes_off(one: Application, settlement: Settlement, bad_debt_accounts: Collection[str]) -> bool:
    memo = settlement.adjustments.get(one.source_id)
    return memo is not None and memo.is_write_off(bad_debt_accounts)


def _days_overdue(invoice: Invoice, balance: Money, today: date) -> int:
    if not invoice.is_live or invoice.due_date is None or balance.amount <= 0:
        return 0
    return max((today - invoice.due_date).days, 0)


def _last_received(settlement: Settlement) -> Application | None:
    received = [one for one in settlement.standing if one.source in _CASH]
    return max(received, key=lambda one: (_dated(one, settlement) or date.min, int(one.record_no)), default=None)


def _dated(one: Application, settlement: Settlement) -> date | None:
    payment = settlement.payments.get(one.payment_id)
    return one.applied_on or (payment.received if payment else None)


def _method(one: Application, settlement: Settlement) -> str:
    source = settlement.payments.get(one.source_id) or settlement.payments.get(one.payment_id)
    return source.method if source else ""


def _reversals(settlement: Settlement) -> Iterator[str]:
    """Each payment of this invoice that was taken back, in words; the reversing payment tells when and why."""
    mirrors = {one.parent_id: one for one in settlement.payments.values() if one.parent_id}
    taken: dict[str, Money] = {}
    for one in settlement.applications:
        payment = settlement.payments.get(one.payment_id)
        if payment is not None and payment.is_reversed and not payment.parent_id and one.source in _CASH:
            taken[one.payment_id] = taken.get(one.payment_id, zero(one.amount.currency)) + one.amount
    for number, amount in taken.items():
        payment, mirror = settlement.payments[number], mirrors.get(number)
        yield _in_words(payment, mirror, amount)


def _in_words(payment: Payment, mirror: Payment | None, amount: Money) -> str:
    on = (mirror.received if mirror else None) or payment.received
    why = f": {mirror.description}" if mirror and mirror.description else ""
    return f"{on or ''} payment {payment.reference or payment.record_no} of {amount} was reversed{why}".strip()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
