"""One deal's story: won, invoiced, half paid, paid, and the payment taken back."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tieout.local.story.scene import Chapter, Check, Record, Scene, amount, only

INVOICES = "hubspot_closed_won_to_intacct_invoice"
PAYMENTS = "intacct_payment_to_hubspot_deal"
NAME = "Larkfield Observatory"
_BANK = "BW-US-USD"


def _a_deal_is_won(scene: Scene) -> str:
    company = scene.rep.create(
        "companies",
        {
            "name": NAME,
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
    deal = scene.rep.wins(f"{NAME}: dome sensors", company, lines, ("default", "closedwon"), scene.now)
    scene.cast |= {"company": company, "deal": deal}
    return f"A rep wins {NAME}: 5 sensors at 240.00 and a gateway at 800.00, 2,000.00 in all."


def _it_is_invoiced(scene: Scene) -> Iterable[Check]:
    invoice, shown = _invoice(scene), _deal(scene)
    yield Check("The deal has one invoice in Intacct, over 2,000.00", amount(invoice, "TRX_TOTALENTERED") == 2000)
    yield Check("The deal shows its number", shown.get("intacct_invoice_number") == invoice["RECORDID"])
    customers = [one for one in scene.intacct("CUSTOMER") if one["NAME"] == NAME]
    yield Check("The customer was created, once", len(customers) == 1)


def _half_is_paid(scene: Scene) -> str:
    payment = scene.book_keeper("100").pay(_invoice(scene), Decimal(1000), scene.today, bank=_BANK)
    scene.cast["first payment"] = payment
    return "The customer pays 1,000.00."


def _half_shows(scene: Scene) -> Iterable[Check]:
    return _figures(scene, "partial", paid=1000, balance=1000)


def _the_rest_is_paid(scene: Scene) -> str:
    payment = scene.book_keeper("100").pay(_invoice(scene), Decimal(1000), scene.today, bank=_BANK)
    scene.cast["second payment"] = payment
    return "The customer pays the other 1,000.00."


def _paid_shows(scene: Scene) -> Iterable[Check]:
    return _figures(scene, "paid", paid=2000, balance=0)


def _the_bank_takes_it_back(scene: Scene) -> str:
    scene.book_keeper("100").reverse_payment(scene.cast["second payment"], scene.today, "NSF")
    return "The bank takes the second payment back: no funds."


DEAL_CHAPTERS = (
    Chapter("A deal is won", _a_deal_is_won, [INVOICES], _it_is_invoiced),
    Chapter("Half of it is paid", _half_is_paid, [PAYMENTS], _half_shows),
    Chapter("The rest is paid", _the_rest_is_paid, [PAYMENTS], _paid_shows),
    Chapter("A payment is taken back", _the_bank_takes_it_back, [PAYMENTS], _half_shows),
)


def _invoice(scene: Scene) -> Record:
    return only(scene.invoices_of_deal(scene.cast["deal"]), "invoice of the deal")


def _deal(scene: Scene) -> Record:
    return scene.hubspot("deals")[scene.cast["deal"]]


def _figures(scene: Scene, status: str, *, paid: int, balance: int) -> Iterable[Check]:
    """The deal against the books, both read from the systems themselves."""
    invoice, deal = _invoice(scene), _deal(scene)
    company = scene.hubspot("companies")[scene.cast["company"]]
    yield Check(f"The deal's invoice is {status}", deal.get("intacct_invoice_status") == status)
    yield Check(f"The deal shows {paid:,}.00 paid", amount(deal, "intacct_invoice_paid") == paid)
    yield Check(f"The deal shows {balance:,}.00 open", amount(deal, "intacct_invoice_balance") == balance)
    yield Check(f"Its company shows {balance:,}.00 open", amount(company, "intacct_open_balance") == balance)
    yield Check("Intacct's own balance is the same", amount(invoice, "TRX_TOTALDUE") == balance)
