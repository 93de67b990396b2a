"""What happens around a customer: a renewal comes up, a company becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from include.sandbox.people import Coding
from tieout.local.story.scene import Chapter, Check, Scene, amount

RENEWALS = "intacct_renewal_to_hubspot_deal"
COMPANIES = "hubspot_company_to_intacct_customer"
CUSTOMER, CUSTOMERS_COMPANY = "C-9001", "20415100117"
NEW_COMPANY = "20415200117"
_CODING = Coding("4000", "100", "SAAS")


def _a_renewal_comes_up(scene: Scene) -> str:
    starts = scene.today + timedelta(days=40) - timedelta(days=365)
    scene.cast["recurring"] = scene.book_keeper("100").bill_again(
        CUSTOMER, Decimal("4800.00"), starts, every="Years", coding=_CODING, number=f"RECUR-STORY-{starts:%y%m%d}"
    )
    return f"A yearly invoice of {CUSTOMER} over 4,800.00 USD began on {starts}; its next year is 40 days away."


def _its_deal_is_there(scene: Scene) -> Iterable[Check]:
    deals = [deal for deal in scene.hubspot("deals").values() if _renews(deal, scene.cast["recurring"])]
    yield Check("It has one renewal deal in HubSpot", len(deals) == 1)
    yield Check("Its amount is 4,800.00", [amount(deal, "amount") for deal in deals] == [Decimal(4800)])
    yield Check("It has an owner", all(deal.get("hubspot_owner_id") for deal in deals))
    told = [mail for mail in scene.mails() if "renew" in str(mail["subject"]).lower()]
    yield Check("The owner got a mail", bool(told))


def _renews(deal: object, recurring: str) -> bool:
    return str(dict(deal).get("tieout_renewal") or "").startswith(recurring)  # type: ignore[call-overload]


def _a_company_becomes_a_customer(scene: Scene) -> str:
    name = scene.hubspot("companies")[NEW_COMPANY]["name"]
    return f"{name} has become a customer in HubSpot, without a deal."


def _it_is_in_the_books(scene: Scene) -> Iterable[Check]:
    company = scene.hubspot("companies")[NEW_COMPANY]
    customers = [one for one in scene.intacct("CUSTOMER") if one["NAME"] == company["name"]]
    yield Check("Intacct has that customer, once", len(customers) == 1)
    shown = company.get("intacct_customer_id")
    yield Check("The company shows the customer's id", [one["CUSTOMERID"] for one in customers] == [shown])


CUSTOMER_CHAPTERS = (
    Chapter("A renewal comes up", _a_renewal_comes_up, [RENEWALS], _its_deal_is_there),
    Chapter("A company becomes a customer", _a_company_becomes_a_customer, [COMPANIES], _it_is_in_the_books),
)
