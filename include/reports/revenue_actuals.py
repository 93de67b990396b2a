"""What happened, from the books: billed, credited, written off, collected, recognised, and what is scheduled. Pure.

Nothing is taken back: a reversed document counts on its own day, its reversal on the reversal's, so that each period
shows what was posted in it (accounting case 29).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from include.connectors.intacct.fields import Wire, day, moment, optional, required
from include.connectors.intacct.lines import is_tax_line
from include.core.money import Money, sum_money
from include.reports.revenue_facts import Fact, Measure
from include.reports.revenue_ground import NO_DEAL, Ground, Shares, is_filled
from include.reports.revenue_recognised import recognised, scheduled

REVERSED_SUFFIX = " - Reversed"
_CASH = ("PAYMENT", "POSTEDADVANCE", "POSTEDOVERPAYMENT")


@dataclass
class Actuals(Ground):
    """The facts of the books. ``deals_of``: record number of an invoice -> the deals it bills, with their weights."""

    def facts(self) -> Iterator[Fact]:
        """In the order: documents, applications, recognised, scheduled."""
        self.invoices = {required(one, "RECORDNO"): one for one in self.books.invoices}
        credited = self._deals_of_credits()
        yield from self._documents(
            "ARINVOICE", self.books.invoices, self.books.invoice_lines, self._deals_of_invoices()
        )
        yield from self._documents("ARADJUSTMENT", self.books.credits, self.books.credit_lines, credited)
        yield from self._applications()
        yield from recognised(self, credited)
        yield from scheduled(self)

    def _deals_of_invoices(self) -> dict[str, Shares]:
        """A reversal bills what the invoice that it reverses did; its number says which one that is."""
        number_of = {optional(one, "RECORDID"): record_no for record_no, one in self.invoices.items()}
        found = dict(self.deals_of)
        for record_no, one in self.invoices.items():
            number = optional(one, "RECORDID")
            if record_no not in found and number.endswith(REVERSED_SUFFIX):
                found[record_no] = self.deals_of.get(number_of.get(number.removesuffix(REVERSED_SUFFIX), ""), NO_DEAL)
        self.deals_of = found
        return found

    def _deals_of_credits(self) -> dict[str, Shares]:
        """A credit memo belongs where it was applied, its rest to the invoice whose number it bears."""
        number_of = {optional(one, "RECORDID"): record_no for record_no, one in self.invoices.items()}
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
                is_tax = bool(line) and self._is_tax(line)
                counted: list[tuple[Measure, int]] = [(measure, sign)]
                if is_tax:
                    counted.append(("tax", 1))
                for measured, way in counted:
                    yield from self.shared(
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
                            "product": "" if is_tax else optional(line, "ITEMID"),
                            "why": _state(head),
                        },
                    )

    def _is_tax(self, line: Wire) -> bool:
        """Whether it is on an account of sales tax, or the tax entry of another line."""
        return is_tax_line(line) or optional(line, "ACCOUNTNO") in self.accounting.tax_accounts

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
            target = self.invoices.get(invoice_no, {})
            entity = self.entities.get(invoice_no) or self.entities.get(optional(detail, "POSADJKEY"), "")
            # Details name no base currency: it is that of the document they settle.
            settled = {**detail, "BASECURR": optional(target, "BASECURR") or optional(detail, "BASECURR")}
            pieces: list[tuple[Measure, str]] = [("collected", f"{name}AMOUNT") for name in _CASH]
            for measure, name in [*pieces, ("credited", "DISCOUNTAMOUNT")]:
                if not is_filled(settled, name):
                    continue
                amount, base = self.money(settled, name, entity)
                if amount.is_zero and base.is_zero:
                    continue
                yield from self.shared(
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

    def _place(self, lines: Sequence[Wire]) -> str:
        found = (self.books.entity_of.get(optional(line, "LOCATIONID"), "") for line in lines)
        return next((one for one in found if one), "")


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
