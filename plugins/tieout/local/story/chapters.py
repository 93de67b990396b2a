"""The chapters of the demo's story, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from include.sandbox.people import Coding
from tieout.local.story.scene import Chapter, Check, Scene

MAIN = "hubspot_closed_won_to_intacct_invoice"
PAYMENTS = "intacct_payment_to_hubspot_deal"

US_BANK = "BW-US-USD"
SAAS = Coding("4000", "100", "SAAS")


def _a_deal_is_won(scene: Scene) -> str:
    company = scene.rep.create(
        "companies",
        {
            "name": "Larkfield Observatory",
            "domain": "larkfield-observatory.example",
            "country": "United States",
            "address": "4 Summit Road",
            "city": "Flagstaff",
            "state": "AZ",
            "zip": "86001",
            "payment_terms": "N30",
        },
    )
    lines = [
        {"name": "Sensor", "hs_sku": "SENSOR-1", "price": "240.00", "quantity": "5"},
        {"name": "Gateway", "hs_sku": "GATEWAY-2", "price": "800.00", "quantity": "1"},
    ]
    deal = scene.rep.wins("Larkfield Observatory: dome sensors", company, lines, ("default", "closedwon"))
    scene.cast |= {"company": company, "deal": deal}
    return "A rep wins Larkfield Observatory: 5 sensors at 240.00 and a gateway at 800.00, 2,000.00 in all."


def _the_deal_is_invoiced(scene: Scene) -> Iterable[Check]:
    invoices = scene.invoices_of_deal(scene.cast["deal"])
    yield Check("The deal has one invoice in Intacct", len(invoices) == 1)
    yield Check("It is over 2,000.00 USD", [_amount(i, "TRX_TOTALENTERED") for i in invoices] == [Decimal(2000)])
    shown = _deal(scene)
    yield Check("The deal shows its number", shown.get("intacct_invoice_number") == invoices[0]["RECORDID"])
    yield Check("The customer exists once", _customers_of(scene, "Larkfield Observatory") == 1)


def _half_is_paid(scene: Scene) -> str:
    payment = scene.book_keeper("100").pay(_invoice(scene), Decimal(1000), scene.today, bank=US_BANK)
    scene.cast["first payment"] = payment
    return "The customer pays 1,000.00."


def _deal_shows_half(scene: Scene) -> Iterable[Check]:
    yield from _deal_figures(scene, "partial", paid=Decimal(1000), balance=Decimal(1000))


def _the_rest_is_paid(scene: Scene) -> str:
    payment = scene.book_keeper("100").pay(_invoice(scene), Decimal(1000), scene.today, bank=US_BANK)
    scene.cast["second payment"] = payment
    return "The customer pays the other 1,000.00."


def _deal_shows_paid(scene: Scene) -> Iterable[Check]:
    yield from _deal_figures(scene, "paid", paid=Decimal(2000), balance=Decimal(0))


def _the_bank_takes_it_back(scene: Scene) -> str:
    scene.book_keeper("100").reverse_payment(scene.cast["second payment"], scene.today, "NSF")
    return "The bank takes the second payment back."


CHAPTERS = (Chapter("A deal is won", _a_deal_is_won, [MAIN], _the_deal_is_invoiced),)


def _invoice(scene: Scene) -> dict[str, str]:
    (invoice,) = scene.invoices_of_deal(scene.cast["deal"])
    return dict(invoice)


def _deal(scene: Scene) -> dict[str, str | None]:
    return dict(scene.hubspot("deals")[scene.cast["deal"]])


def _deal_figures(scene: Scene, status: str, *, paid: Decimal, balance: Decimal) -> Iterable[Check]:
    """The deal against the books, which are read from Intacct itself."""
    invoice, shown = _invoice(scene), _deal(scene)
    yield Check(f"The deal's payment status is {status}", shown.get("intacct_payment_status") == status)
    yield Check(f"It shows {paid:,.2f} paid", _number(shown.get("intacct_paid")) == paid)
    yield Check(f"It shows {balance:,.2f} open", _number(shown.get("intacct_invoice_balance")) == balance)
    yield Check("Intacct's own balance is the same", _amount(invoice, "TRX_TOTALDUE") == balance)


def _amount(record: dict[str, str] | object, field: str) -> Decimal:
    return Decimal(str(record[field] or 0))  # type: ignore[index]


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _customers_of(scene: Scene, name: str) -> int:
    return sum(customer["NAME"] == name for customer in scene.intacct("CUSTOMER"))


_ = timedelta
