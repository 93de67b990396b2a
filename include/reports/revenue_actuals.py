"""What happened, from the books: billed, credited, written off, collected, recognised, and what is scheduled. Pure.

Nothing is taken back: a reversed document counts on its own day, its reversal on the reversal's, so that each period
shows what was posted in it (accounting case 29).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from include.connectors.intacct.fields import Wire, day, moment, optional, required
from include.core.decisions import Json
from include.core.money import Money, sum_money
from include.core.rounding import allocate
from include.reports.revenue_books import BooksRead
from include.reports.revenue_facts import Fact, Measure

Shares = Mapping[str, Decimal]
"""Deal id -> its weight; ``""`` is no deal."""
NO_DEAL: Shares = {"": Decimal(1)}
REVERSED_SUFFIX = " - Reversed"
_CASH = ("PAYMENT", "POSTEDADVANCE", "POSTEDOVERPAYMENT")
_ENDED = {"terminated", "on hold"}


@dataclass(frozen=True, slots=True)
class Accounting:
    """How this company books: GL accounts of bad debt (a credit memo on them alone writes off) and of sales tax, and
    the base currency of each entity."""

    bad_debt_accounts: Sequence[str]
    tax_accounts: Sequence[str]
    base_currencies: Mapping[str, str]


@dataclass
class Actuals:
    """The facts of the books. ``deals_of``: record number of an invoice -> the deals it bills, with their weights."""

    books: BooksRead
    accounting: Accounting
    deals_of: Mapping[str, Shares]
    _invoices: dict[str, Wire] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    """Record number of a document -> its entity; filled by ``facts``."""

    def facts(self) -> Iterator[Fact]:
        """In the order: documents, applications, recognised, scheduled."""
        self._invoices = {required(one, "RECORDNO"): one for one in self.books.invoices}
        credited = self._deals_of_credits()
        yield from self._documents(
            "ARINVOICE", self.books.invoices, self.books.invoice_lines, self._deals_of_invoices()
        )
        yield from self._documents("ARADJUSTMENT", self.books.credits, self.books.credit_lines, credited)
        yield from self._applications()
        yield from self._recognised(credited)
        yield from self._scheduled()

    def _deals_of_invoices(self) -> dict[str, Shares]:
        """A reversal bills what the invoice that it reverses did; its number says which one that is."""
        number_of = {optional(one, "RECORDID"): record_no for record_no, one in self._invoices.items()}
        found = dict(self.deals_of)
        for record_no, one in self._invoices.items():
            number = optional(one, "RECORDID")
            if record_no not in found and number.endswith(REVERSED_SUFFIX):
                found[record_no] = self.deals_of.get(number_of.get(number.removesuffix(REVERSED_SUFFIX), ""), NO_DEAL)
        self.deals_of = found
        return found

    def _deals_of_credits(self) -> dict[str, Shares]:
        """A credit memo belongs where it was applied, its rest to the invoice whose number it bears."""
        number_of = {optional(one, "RECORDID"): record_no for record_no, one in self._invoices.items()}
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for detail in self.books.details:
            memo, amount = optional(detail, "ADJUSTMENTKEY"), _amount(detail, "ADJUSTMENTAMOUNT")
            if memo and amount and optional(detail, "STATE").lower() == "complete":
                _add(found[memo], self.deals_of.get(optional(detail, "RECORDKEY"), NO_DEAL), abs(amount))
        for one in self.books.credits:
            record_no = required(one, "RECORDNO")
            rest = abs(_amount(one, "TOTALENTERED")) - sum(found[record_no].values(), Decimal(0))
            if rest > 0:
                invoice = number_of.get(optional(one, "DOCNUMBER"), "")
                _add(found[record_no], self.deals_of.get(invoice, NO_DEAL), rest)
        return {record_no: dict(shares) for record_no, shares in found.items()}

    def _documents(
        self, name: str, heads: Sequence[Wire], lines: Sequence[Wire], deals_of: Mapping[str, Shares]
    ) -> Iterator[Fact]:
        lines_of: dict[str, list[Wire]] = defaultdict(list)
        for line in lines:
            lines_of[required(line, "RECORDKEY")].append(line)
        for head in heads:
            record_no = required(head, "RECORDNO")
            own = lines_of[record_no]
            entity = optional(head, "MEGAENTITYID") or self._place(own)
            self.entities[record_no] = entity
            whole, base = self.money(head, "TOTALENTERED", entity)
            measure, sign = self._measure(name, head, whole, own)
            entered = moment(head, "AUWHENCREATED")
            parts = [(one, *self.money(one, "AMOUNT", entity)) for one in own]
            rest = whole - sum_money((amount for _, amount, _ in parts), whole.currency)
            base_rest = base - sum_money((amount for _, _, amount in parts), base.currency) if parts else base
            if not parts or not rest.is_zero or not base_rest.is_zero:
                parts.append(({}, rest, base_rest))
            for line, amount, in_base in parts:
                is_tax = bool(line) and optional(line, "ACCOUNTNO") in self.accounting.tax_accounts
                counted: list[tuple[Measure, int]] = [(measure, sign)]
                if is_tax:
                    counted.append(("tax", 1))
                for measured, way in counted:
                    yield from self._shared(
                        deals_of.get(record_no, NO_DEAL),
                        measured,
                        amount if way > 0 else -amount,
                        in_base if way > 0 else -in_base,
                        {
                            "day": day(head, "WHENPOSTED") or day(head, "WHENCREATED"),
                            "entered_at": moment(line, "WHENCREATED") or entered,
                            "entity": entity,
                            "object": name,
                            "record_no": record_no,
                            "piece": optional(line, "RECORDNO"),
                            "number": optional(head, "RECORDID"),
                            "url": optional(head, "RECORD_URL"),
                            "customer": optional(head, "CUSTOMERID"),
                            "product": optional(line, "ITEMID"),
                            "why": _state(head),
                        },
                    )

    def _measure(self, name: str, head: Wire, whole: Money, lines: Sequence[Wire]) -> tuple[Measure, int]:
        if name == "ARINVOICE":
            return "billed", 1
        accounts = {optional(line, "ACCOUNTNO") for line in lines}
        if accounts and accounts <= set(self.accounting.bad_debt_accounts):
            return "written_off", -1
        is_reversal = optional(head, "STATE").lower() == "reversal"
        return ("credited", -1) if whole.is_negative != is_reversal else ("billed", 1)

    def _applications(self) -> Iterator[Fact]:
        """What was collected, and discounts taken on payment. A reversed application counts where its mirror does."""
        payments = {required(one, "RECORDNO"): one for one in self.books.payments}
        mirrored = {optional(one, "PARENTPAYMENTKEY") for one in self.books.details}
        items = {required(one, "RECORDNO"): optional(one, "ITEMID") for one in self.books.invoice_lines}
        for detail in self.books.details:
            payment_no = optional(detail, "PAYMENTKEY")
            payment = payments.get(payment_no, {})
            if optional(detail, "STATE").lower() in {"reversed", "voided"} and payment_no not in mirrored:
                continue
            invoice_no = optional(detail, "RECORDKEY")
            target = self._invoices.get(invoice_no, {})
            entity = self.entities.get(invoice_no) or self.entities.get(optional(detail, "POSADJKEY"), "")
            pieces: list[tuple[Measure, str]] = [("collected", f"{name}AMOUNT") for name in _CASH]
            for measure, name in [*pieces, ("credited", "DISCOUNTAMOUNT")]:
                amount, base = self.money(detail, name, entity)
                if amount.is_zero and base.is_zero:
                    continue
                yield from self._shared(
                    self.deals_of.get(invoice_no, NO_DEAL),
                    measure,
                    amount,
                    base,
                    {
                        "day": day(detail, "PAYMENTDATE") or day(payment, "RECEIPTDATE"),
                        "entered_at": moment(detail, "WHENCREATED") or moment(payment, "AUWHENCREATED"),
                        "entity": entity,
                        "object": "ARPYMTDETAIL",
                        "record_no": required(detail, "RECORDNO"),
                        "piece": name,
                        "number": optional(payment, "DOCNUMBER") or payment_no,
                        "url": optional(target, "RECORD_URL"),
                        "customer": optional(target, "CUSTOMERID"),
                        "product": items.get(optional(detail, "ENTRYKEY"), ""),
                        "why": f"applied to {optional(target, 'RECORDID') or invoice_no}{_of_state(detail)}",
                    },
                )

    def _recognised(self, credited: Mapping[str, Shares]) -> Iterator[Fact]:
        """What was posted to revenue accounts, whatever posted it; by its schedule or document to its deal."""
        entered = {required(one, "RECORDNO"): moment(one, "WHENCREATED") for one in self.books.batches}
        invoice_of = {required(one, "RECORDNO"): optional(one, "RECORDKEY") for one in self.books.schedules}
        scheduled = {
            optional(one, "GLBATCHKEY"): invoice_of.get(optional(one, "REVRECSCHEDULEKEY"), "")
            for one in self.books.scheduled
            if optional(one, "GLBATCHKEY")
        }
        for one in self.books.postings:
            batch, source = optional(one, "BATCHKEY"), optional(one, "RECORDKEY")
            invoice_no = scheduled.get(batch, source)
            invoice = self._invoices.get(invoice_no, {})
            entity = self.books.entity_of.get(optional(one, "LOCATIONID"), "")
            amount, base = (self._debit(found, one) for found in self.money(one, "AMOUNT", entity))
            shares = self.deals_of.get(invoice_no) or credited.get(source) or NO_DEAL
            by = "revenue schedule" if batch in scheduled else optional(one, "SYMBOL") or "journal"
            yield from self._shared(
                shares,
                "recognised",
                -amount,
                -base,
                {
                    "day": day(one, "ENTRY_DATE"),
                    "entered_at": entered.get(batch),
                    "entity": entity,
                    "object": "GLDETAIL",
                    "record_no": required(one, "RECORDNO"),
                    "number": optional(invoice, "RECORDID") or batch,
                    "url": optional(invoice, "RECORD_URL"),
                    "customer": optional(invoice, "CUSTOMERID") or optional(one, "CUSTOMERID"),
                    "product": optional(one, "ITEMID"),
                    "why": f"{by}, account {optional(one, 'ACCOUNTNO')}",
                },
            )

    def _scheduled(self) -> Iterator[Fact]:
        """What the revenue schedules have still to recognise."""
        live = {
            required(one, "RECORDNO"): one
            for one in self.books.schedules
            if optional(one, "STATUS").lower() not in _ENDED
        }
        for one in self.books.scheduled:
            schedule = live.get(optional(one, "REVRECSCHEDULEKEY"))
            if schedule is None or optional(one, "POSTED").lower() in {"true", "t"}:
                continue
            entity = self.books.entity_of.get(optional(one, "LOCATIONID"), "")
            amount, base = self.money(one, "AMOUNT", entity)
            invoice = self._invoices.get(optional(schedule, "RECORDKEY"), {})
            yield from self._shared(
                self.deals_of.get(optional(schedule, "RECORDKEY"), NO_DEAL),
                "scheduled",
                amount,
                base,
                {
                    "day": day(one, "POSTINGDATE"),
                    "entered_at": moment(one, "WHENMODIFIED"),
                    "entity": entity,
                    "object": "REVRECSCHEDULEENTRY",
                    "record_no": required(one, "RECORDNO"),
                    "number": optional(schedule, "INVOICENO"),
                    "url": optional(invoice, "RECORD_URL"),
                    "customer": optional(invoice, "CUSTOMERID"),
                    "product": optional(one, "ITEMID"),
                    "why": f"revenue schedule {required(schedule, 'RECORDNO')}, not posted yet",
                },
            )

    def _shared(self, shares: Shares, measure: Measure, amount: Money, base: Money, facts: Json) -> Iterator[Fact]:
        """The amount, shared by the deals of its document to the cent (accounting case 22)."""
        business = facts.pop("day") or date.min
        entered = facts.pop("entered_at") or datetime.combine(business, time(), UTC)
        deals = list(shares)
        parts = zip(allocate(amount, list(shares.values())), allocate(base, list(shares.values())), strict=True)
        for deal_id, (part, in_base) in zip(deals, parts, strict=True):
            if part.is_zero and in_base.is_zero and len(deals) > 1:
                continue
            yield Fact(
                measure=measure, amount=part, base=in_base, day=business, entered_at=entered, system="intacct",
                deal_id=deal_id, **facts,
            )  # fmt: skip

    def money(self, record: Wire, name: str, entity: str) -> tuple[Money, Money]:
        """The amount in the transaction's currency and in the base currency."""
        base = optional(record, "BASECURR") or self.accounting.base_currencies.get(entity, "")
        base = base or self.books.company_currency
        currency = optional(record, "CURRENCY") or base or required(record, "CURRENCY")
        in_base = optional(record, name) or "0"
        return Money.of(optional(record, f"TRX_{name}") or in_base, currency), Money.of(in_base, base or currency)

    def _place(self, lines: Sequence[Wire]) -> str:
        found = (self.books.entity_of.get(optional(line, "LOCATIONID"), "") for line in lines)
        return next((one for one in found if one), "")

    @staticmethod
    def _debit(amount: Money, posting: Wire) -> Money:
        """Signed: a debit is positive, whether or not the record's amount is signed already."""
        return -abs(amount) if optional(posting, "TR_TYPE") == "-1" else abs(amount)


def _add(to: dict[str, Decimal], shares: Shares, weight: Decimal) -> None:
    whole = sum(shares.values(), Decimal(0))
    for deal_id, share in shares.items():
        to[deal_id] += weight * share / whole


def _amount(record: Wire, name: str) -> Decimal:
    return Decimal(optional(record, f"TRX_{name}") or optional(record, name) or "0")


def _state(head: Wire) -> str:
    state = optional(head, "STATE")
    return state.lower() if state.lower() in {"reversed", "reversal"} else ""


def _of_state(detail: Wire) -> str:
    state = _state(detail)
    return f" ({state})" if state else ""
