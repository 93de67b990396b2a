"""What the bank and the book-keepers do in a generated month: payments, bounces, credits, write-offs, reversals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from include.sandbox.people import BookKeeper, Coding, Refused
from tests.flows.month_sales import BANKS, CENT, Diary, Sold


class BackOffice:
    """``deals``: deal id -> deal, those whose invoices it works on."""

    def __init__(self, diary: Diary, deals: Mapping[str, Sold]) -> None:
        self.diary, self.deals = diary, deals
        self.keeper = BookKeeper(diary.demo.sandbox)
        self._payments: dict[str, str] = {}
        self._on_hold: set[str] = set()

    @property
    def events(self) -> Sequence[Callable[[], None]]:
        """What may happen; what is common stands in it more than once."""
        often = (self.pays_part, self.pays, self._reverses_payment)
        rare = (self._overpays, self._credits, self._writes_off, self._reverses_invoice, self._holds_or_releases)
        return *often, *often, *rare

    def _open_invoice(self) -> tuple[dict[str, Any], Sold] | None:
        found = [
            (one, self.deals[one["TIEOUT_KEY"].split("-")[2]])
            for one in self.diary.demo.invoices()
            if one.get("TIEOUT_KEY", "").startswith("hs-deal-")
            and one["STATE"] in ("Posted", "Partially Paid")
            and one["TIEOUT_KEY"].split("-")[2] in self.deals
        ]
        return self.diary.random.choice(found) if found else None

    def _share(self, due: Decimal, currency: str) -> Decimal:
        part = due * self.diary.random.randint(10, 90) / 100
        return max(part.quantize(CENT.get(currency, Decimal("0.01"))), CENT.get(currency, Decimal("0.01")))

    def _pay(self, *, share: bool = False, extra: Decimal = Decimal(0)) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            due = Decimal(invoice["TRX_TOTALDUE"])
            currency = invoice["CURRENCY"]
            applied = self._share(due, currency) if share else due
            made = self.keeper.pay(
                invoice,
                applied + extra,
                self.diary.today,
                bank=BANKS[sold.entity, currency],
                reference=f"BANK-{self.diary.seed}-{len(self.diary.log)}",
                applied=applied,
            )
            self._payments[made] = sold.deal
            self.diary.tell(f"{applied + extra} {currency} come for {invoice['RECORDID']} of deal {sold.deal}")

    def pays(self) -> None:
        self._pay()

    def pays_part(self) -> None:
        self._pay(share=True)

    def _overpays(self) -> None:
        self._pay(extra=Decimal(self.diary.random.randint(5, 500)))

    def _reverses_payment(self) -> None:
        if self._payments and self.diary.random.random() < 0.6:
            payment = self.diary.random.choice(list(self._payments))
            deal = self._payments.pop(payment)
            self.keeper.reverse_payment(payment, self.diary.today, "NSF")
            self.diary.tell(f"payment {payment} of deal {deal} bounces")

    def _memo(self, account: str, *, apply: bool) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            amount = self._share(Decimal(invoice["TRX_TOTALDUE"]), invoice["CURRENCY"])
            memo = self.keeper.credit(invoice, amount, self.diary.today, coding=Coding(account, sold.entity, "HW"))
            if apply:
                self.keeper.apply(invoice, memo, amount, self.diary.today, account="1090")
            sold.by_hand = True
            self.diary.tell(
                f"{amount} {invoice['CURRENCY']} of {invoice['RECORDID']} are credited on {account}, applied: {apply}"
            )

    def _credits(self) -> None:
        self._memo("4100", apply=self.diary.random.random() < 0.6)

    def _writes_off(self) -> None:
        self._memo("6900", apply=True)

    def _reverses_invoice(self) -> None:
        if found := self._open_invoice():
            invoice, sold = found
            try:
                self.keeper.reverse_invoice(invoice["RECORDNO"], self.diary.today, "entered by mistake")
            except Refused:
                return  # a part of it is paid
            sold.by_hand = True
            self.diary.tell(f"{invoice['RECORDID']} of deal {sold.deal} is reversed by hand")

    def _holds_or_releases(self) -> None:
        if self._on_hold and self.diary.random.random() < 0.6:
            customer = self._on_hold.pop()
            self.keeper.change_customer(customer, ONHOLD="false")
            self.diary.tell(f"{customer} is released")
        elif found := self._open_invoice():
            customer = found[0]["CUSTOMERID"]
            self._on_hold.add(customer)
            self.keeper.change_customer(customer, ONHOLD="true")
            self.diary.tell(f"{customer} is put on hold")
