"""What happens around a customer: it is new, renews, is late, goes on hold, changes its telephone number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from include.sandbox.people import Coding
from tieout.local.story.scene import Chapter, Check, Record, Scene, amount, only

COMPANIES = "hubspot_company_to_intacct_customer"
CREDIT = "intacct_credit_hold_to_hubspot_company"
ONBOARDING = "hubspot_won_deal_onboarding"
OVERDUE = "intacct_overdue_to_hubspot_task"
RENEWALS = "intacct_renewal_to_hubspot_deal"
SYNC = "hubspot_contact_and_intacct_customer_sync"

# Of the demo company: the customer and its HubSpot company.
RENEWING = "C-9001"
LATE, LATE_COMPANY, LATE_INVOICE = "C-9004", "20415100168", "BW-90401"
NEW_COMPANY = "20415200117"
_CODING = Coding("4000", "100", "SAAS")
_BANK = "BW-US-USD"
_NEW_NUMBER = "+1 509 555 0142"


def _nothing_more(scene: Scene) -> str:
    return "The customer of the won deal is new, so it is welcomed."


def _it_is_welcomed(scene: Scene) -> Iterable[Check]:
    deal = scene.hubspot("deals")[scene.cast["deal"]]
    tasks = [
        task for task in scene.hubspot("tasks").values() if "Larkfield Observatory" in str(task["hs_task_subject"])
    ]
    yield Check("Its owner has the tasks of the welcome checklist", len(tasks) >= 3)
    yield Check("The deal shows which steps are done", bool(deal.get("tieout_onboarding")))


def _a_company_becomes_a_customer(scene: Scene) -> str:
    name = scene.hubspot("companies")[NEW_COMPANY]["name"]
    return f"{name} has become a customer in HubSpot, without a deal."


def _it_is_in_the_books(scene: Scene) -> Iterable[Check]:
    company = scene.hubspot("companies")[NEW_COMPANY]
    customers = [one for one in scene.intacct("CUSTOMER") if one["NAME"] == company["name"]]
    yield Check("Intacct has that customer, once", len(customers) == 1)
    shown = company.get("intacct_customer_id")
    yield Check("The company shows the customer's id", [one["CUSTOMERID"] for one in customers] == [shown])


def _a_renewal_comes_up(scene: Scene) -> str:
    starts = scene.today + timedelta(days=40) - timedelta(days=365)
    scene.cast["recurring"] = scene.book_keeper("100").bill_again(
        RENEWING, Decimal("4800.00"), starts, every="Years", coding=_CODING, number=f"RECUR-STORY-{starts:%y%m%d}"
    )
    return f"A yearly invoice of {RENEWING} over 4,800.00 USD began on {starts}; its next year is 40 days away."


def _its_deal_is_there(scene: Scene) -> Iterable[Check]:
    deals = [deal for deal in scene.hubspot("deals").values() if _renews(deal, scene.cast["recurring"])]
    yield Check("It has one renewal deal in HubSpot", len(deals) == 1)
    yield Check("Its amount is 4,800.00", [amount(deal, "amount") for deal in deals] == [Decimal(4800)])
    yield Check("It has an owner", all(deal.get("hubspot_owner_id") for deal in deals))
    yield Check("The owner got a mail", any("renew" in str(mail["subject"]).lower() for mail in scene.mails()))


def _renews(deal: Record, recurring: str) -> bool:
    return str(deal.get("tieout_renewal") or "").startswith(f"{recurring}/")


def _an_invoice_is_late(scene: Scene) -> str:
    return f"Invoice {LATE_INVOICE} of {LATE} is overdue."


def _its_owner_has_a_task(scene: Scene) -> Iterable[Check]:
    is_open = [task["hs_task_status"] != "COMPLETED" for task in _tasks(scene)]
    yield Check("One open task says so", sum(is_open) == 1)
    yield Check(
        "Owners got their list by mail", any("overdue" in str(mail["subject"]).lower() for mail in scene.mails())
    )


def _it_is_paid(scene: Scene) -> str:
    invoice = only((i for i in scene.intacct("ARINVOICE") if i["RECORDID"] == LATE_INVOICE), LATE_INVOICE)
    open_amount = amount(invoice, "TRX_TOTALDUE") or Decimal(0)
    scene.book_keeper("100").pay(invoice, open_amount, scene.today, bank=_BANK)
    return f"The customer pays what is open, {open_amount:,.2f}."


def _the_task_is_closed(scene: Scene) -> Iterable[Check]:
    yield Check("The task closed itself", {task["hs_task_status"] for task in _tasks(scene)} == {"COMPLETED"})


def _tasks(scene: Scene) -> list[Record]:
    return [task for task in scene.hubspot("tasks").values() if LATE_INVOICE in str(task["hs_task_subject"])]


def _it_goes_on_hold(scene: Scene) -> str:
    scene.book_keeper("").change_customer(LATE, ONHOLD="true")
    return f"Finance puts {LATE} on hold."


def _its_company_says_so(scene: Scene) -> Iterable[Check]:
    company = scene.hubspot("companies")[LATE_COMPANY]
    yield Check("Its company shows the hold", "on_hold" in str(company.get("intacct_credit_status")).split(";"))
    yield Check("Somebody was told by mail", any("hold" in _text(mail) for mail in scene.mails()))


def _it_is_released(scene: Scene) -> str:
    scene.book_keeper("").change_customer(LATE, ONHOLD="false")
    return f"Finance releases {LATE}."


def _the_flag_is_gone(scene: Scene) -> Iterable[Check]:
    company = scene.hubspot("companies")[LATE_COMPANY]
    yield Check("The flag is gone", "on_hold" not in str(company.get("intacct_credit_status")).split(";"))


def _a_number_changes(scene: Scene) -> str:
    scene.rep.change("companies", LATE_COMPANY, phone=_NEW_NUMBER)
    return f"A rep enters a new telephone number for {LATE}'s company."


def _the_books_have_it(scene: Scene) -> Iterator[Check]:
    contacts = [one for one in scene.intacct("CONTACT") if str(one["CONTACTNAME"]).endswith(f"(C{LATE})")]
    yield Check("Intacct has the new number", [one["PHONE1"] for one in contacts] == [_NEW_NUMBER])


def _text(mail: Record) -> str:
    return f"{mail['subject']} {mail['text']}".lower()


CUSTOMER_CHAPTERS = (
    Chapter("A new customer is welcomed", _nothing_more, [ONBOARDING], _it_is_welcomed),
    Chapter("A company becomes a customer", _a_company_becomes_a_customer, [COMPANIES], _it_is_in_the_books),
    Chapter("A renewal comes up", _a_renewal_comes_up, [RENEWALS], _its_deal_is_there),
    Chapter("An invoice is late", _an_invoice_is_late, [OVERDUE], _its_owner_has_a_task),
    Chapter("It is paid after all", _it_is_paid, [OVERDUE], _the_task_is_closed),
    Chapter("A customer goes on hold", _it_goes_on_hold, [CREDIT], _its_company_says_so),
    Chapter("The hold is lifted", _it_is_released, [CREDIT], _the_flag_is_gone),
    Chapter("A telephone number changes", _a_number_changes, [SYNC], _the_books_have_it),
)
