"""Whatever is done, in whatever order: the books add up."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.sandbox.intacct.identities import books, check_books


class Clerk:
    """Does random things, some of which the books refuse."""

    def __init__(self, gateway, xml, seed):
        self.gateway, self.xml, self.random = gateway, xml, random.Random(seed)  # noqa: S311
        self.documents, self.payments, self.memos = [], [], []

    def day(self):
        return f"2026-{self.random.choice(['09', '10', '11', '11'])}-{self.random.randint(1, 28):02d}"

    def money(self, most=30000):
        return f"{self.random.randint(1, most) / 100:.2f}"

    def send(self, function):
        reply = self.gateway.call(function)
        return reply.root.findtext("operation/result/key") if reply.status == "success" else None

    def group(self, currency):
        if currency == "USD":
            return ""
        return f"<currency>EUR</currency><exchrate>1.{self.random.randint(500, 1500):04d}</exchrate>"

    def invoice(self):
        currency = self.random.choice(["USD", "EUR"])
        place = self.random.choice(["100", "100", "400"])
        tail = self.random.choice(["", "<revrectemplate>12M straight</revrectemplate>"])
        lines = [self.xml.line(self.money(), location=place, tail=tail) for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.3:
            lines.append(self.xml.line(f"-{self.money(2000)}", location=place))
        draft = "<action>Draft</action>" if self.random.random() < 0.1 else ""
        key = self.send(self.xml.invoice(*lines, created=self.day(), rest=draft + self.group(currency)))
        if key:
            self.documents.append((key, currency))

    def memo(self):
        currency = self.random.choice(["USD", "EUR"])
        sign = self.random.choice(["-", "-", ""])
        lines = [self.xml.line(f"{sign}{self.money(9000)}", account="6900") for _ in range(self.random.randint(1, 2))]
        key = self.send(self.xml.adjustment(*lines, on=self.day(), rest=self.group(currency)))
        if key:
            self.memos.append((key, currency))

    def payment(self):
        if not self.documents:
            return
        key, currency = self.random.choice(self.documents)
        share = self.money(6000)
        amount = share if self.random.random() < 0.6 else f"{Decimal(share) + Decimal(self.money(5000))}"
        bank = "OPS" if currency == "USD" else "OPS-EUR"
        where = f"<bankaccountid>{bank}</bankaccountid>" if currency == "EUR" or self.random.random() < 0.5 else ""
        items = [(key, share)] if self.random.random() < 0.8 else []
        function = self.xml.payment(amount, *items, on=self.day(), where=where, rest=self.group(currency))
        paid = self.send(function)
        if paid:
            self.payments.append(paid)

    def settle(self):
        """Pay exactly what is open, at a rate of its own."""
        if not self.documents:
            return
        key, currency = self.random.choice(self.documents)
        due = self.gateway.one("ARINVOICE", key, "TRX_TOTALDUE")["TRX_TOTALDUE"]
        where = "<bankaccountid>OPS-EUR</bankaccountid>" if currency == "EUR" else ""
        paid = self.send(self.xml.payment(due, (key, due), on=self.day(), where=where, rest=self.group(currency)))
        if paid:
            self.payments.append(paid)

    def apply(self):
        if self.documents and self.payments:
            target, _ = self.random.choice(self.documents)
            self.send(
                f"<apply_arpayment><arpaymentkey>{self.random.choice(self.payments)}</arpaymentkey>"
                f"{self.xml.day('paymentdate', self.day())}<arpaymentitems><arpaymentitem>"
                f"<invoicekey>{target}</invoicekey><amount>{self.money(4000)}</amount></arpaymentitem></arpaymentitems></apply_arpayment>"
            )

    def credit(self):
        if self.documents and self.memos:
            target, _ = self.random.choice(self.documents)
            memo, _ = self.random.choice(self.memos)
            reply = self.gateway.call(
                "<create><ARPYMT><UNDEPOSITEDACCOUNTNO>1090</UNDEPOSITEDACCOUNTNO><PAYMENTMETHOD>EFT</PAYMENTMETHOD>"
                f"<CUSTOMERID>C-1</CUSTOMERID><RECEIPTDATE>11/{self.random.randint(1, 28)}/2026</RECEIPTDATE>"
                f"<ARPYMTDETAILS><ARPYMTDETAIL><RECORDKEY>{target}</RECORDKEY><ADJUSTMENTKEY>{memo}</ADJUSTMENTKEY>"
                f"<TRX_ADJUSTMENTAMOUNT>{self.money(5000)}</TRX_ADJUSTMENTAMOUNT></ARPYMTDETAIL></ARPYMTDETAILS></ARPYMT></create>"
            )
            if reply.status == "success":
                self.payments.append(reply.data[0].findtext("RECORDNO"))

    def reverse_payment(self):
        if self.payments:
            key = self.random.choice(self.payments)
            self.send(f'<reverse_arpayment key="{key}">{self.xml.day("datereversed", self.day())}</reverse_arpayment>')

    def reverse_invoice(self):
        if self.documents:
            key, _ = self.random.choice(self.documents)
            self.send(f'<reverse_invoice key="{key}">{self.xml.day("datereversed", self.day())}</reverse_invoice>')

    def act(self):
        doings = [self.invoice] * 4 + [self.payment] * 4 + [self.settle, self.memo, self.apply, self.credit]
        self.random.choice([*doings, self.credit, self.reverse_payment, self.reverse_invoice])()


@pytest.mark.parametrize("seed", range(8))
def test_the_books_add_up_after_any_sequence_of_documents_and_payments(gateway, xml, seed):
    gateway.twin.load([{"object": "_CLOSED", "fields": {"LOCATIONID": "400", "MODULE": "AR", "THROUGH": "2026-09-10"}}])
    clerk = Clerk(gateway, xml, seed)
    for _ in range(90):
        clerk.act()
    found = books(gateway)
    check_books(found)
    assert len(found["ARINVOICE"]) >= 8
    assert len(found["ARPYMT"]) >= 4
