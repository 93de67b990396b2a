"""The back office of the demo: the same fixed records in every company, and books that hold together."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import requests
from lxml import etree

from include.sandbox.clock import Clock
from include.sandbox.company import generate
from include.sandbox.company.catalogue import TODAY
from include.sandbox.observed import read_intacct
from include.sandbox.running import running
from include.sandbox.state import Sandbox
from include.sandbox.twins import close_twins, open_twins
from include.sandbox.verify import compare

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
OURS = {f"C-{number}" for number in range(9001, 9011)}


@pytest.fixture(scope="module")
def books() -> dict[str, list[dict[str, Any]]]:
    """Intacct's books by object, of the demo."""
    twins = open_twins(Clock(NOW))
    Sandbox(twins, Clock(NOW)).seed()
    found = defaultdict(list)
    for row in twins[0].export():
        found[row["object"]].append({**row["record"], "items": row.get("items", [])})
    close_twins(twins)
    return found


def day(text: str) -> date:
    month, dom, year = map(int, text.split("/"))
    return date(year, month, dom)


def ours(books: dict[str, list[dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    return [row for row in books[name] if row.get("CUSTOMERID") in OURS]


@pytest.mark.parametrize(("deals", "seed", "profile"), [(0, 1, "demo"), (60, 1, "demo"), (10, 7, "company")])
def test_it_is_the_same_in_every_company_and_comes_last(deals, seed, profile):
    *_, last = generate(deals, seed, profile=profile).units()
    assert {customer.id for customer in last.customers} == OURS
    assert last == [*generate().units()][-1]
    assert last.deals == ()


def test_the_books_accept_it_in_both_profiles():
    for profile in ("demo", "company"):
        twins = open_twins(Clock(NOW))
        sandbox = Sandbox(twins, Clock(NOW))
        sandbox.seed(profile, 10)
        manifest = generate(10, profile=profile).manifest()
        verdict = compare(sandbox.books("intacct"), sandbox.books("hubspot"), manifest, write_back=False)
        close_twins(twins)
        assert all(problem.endswith(" has no invoice") for problem in verdict.problems)
        assert (verdict.unexpected, verdict.duplicates, verdict.customers_duplicated) == (0, 0, 0)


def test_each_customer_has_its_company_in_hubspot_and_a_contact_to_bill(books):
    companies = {
        record["properties"]["intacct_customer_id"]: record["properties"]
        for record in generate().records("hubspot")
        if record["type"] == "companies" and record["properties"].get("intacct_customer_id") in OURS
    }
    customers = {row["CUSTOMERID"]: row for row in ours(books, "CUSTOMER")}
    assert set(companies) == set(customers) == OURS
    assert all(companies[key]["tax_id"] == row["TAXID"] for key, row in customers.items())
    contacts = {row["RECORDNO"]: row["CONTACTNAME"] for row in books["CONTACT"]}
    assert all(contacts[row["BILLTOKEY"]].endswith(f"({key})") for key, row in customers.items())
    assert len({row["BILLTOKEY"] for row in customers.values()}) == len(OURS)


def test_some_are_on_hold_and_of_those_with_a_limit_some_are_over_it(books):
    due = Counter()
    for row in ours(books, "ARINVOICE"):
        due[row["CUSTOMERID"]] += Fraction(row["TOTALDUE"])
    customers = ours(books, "CUSTOMER")
    on_hold = {row["CUSTOMERID"] for row in customers if row["ONHOLD"] == "true"}
    limits = {row["CUSTOMERID"]: Fraction(row["CREDITLIMIT"]) for row in customers if row.get("CREDITLIMIT")}
    assert all(due[key] for key in on_hold)
    assert len(on_hold) == 3
    assert {key for key, limit in limits.items() if due[key] > limit} == {"C-9003", "C-9007"}
    assert {key for key, limit in limits.items() if 0 < due[key] < limit} == {"C-9004", "C-9010"}


def test_each_entity_has_overdue_invoices_of_several_ages(books):
    ages = defaultdict(set)
    for row in ours(books, "ARINVOICE"):
        late = (TODAY - day(row["WHENDUE"])).days
        if row["TRX_TOTALDUE"] != "0" and late > 0:
            ages[row["items"][0]["LOCATIONID"]].add(min(late // 30, 4))
    assert {entity: len(found) >= 3 for entity, found in ages.items()} == {"100": True, "200": True, "300": True}


def test_money_came_in_every_way(books):
    payments, memos = ours(books, "ARPYMT"), ours(books, "ARADJUSTMENT")
    assert max(len({item["RECORDKEY"] for item in row["items"]}) for row in payments if row["items"]) == 3
    assert sum(row["RECORDTYPE"] == "rr" and row["TRX_TOTALDUE"] != "0" for row in payments) == 2
    assert (
        sum(row["RECORDTYPE"] == "rp" and row["STATE"] == "Complete" and row["TRX_TOTALDUE"] != "0" for row in payments)
        == 1
    )
    assert [row["DOCNUMBER"] for row in payments if row["STATE"] == "Reversed"] == ["FPS-20410"]
    assert Counter(row["STATE"] for row in memos) == {"Paid": 2, "Posted": 1}
    written_off = [row for row in memos if row["items"][0]["ACCOUNTNO"] == "6900"]
    (gone,) = [row for row in ours(books, "ARINVOICE") if row["RECORDID"] == "BW-90801"]
    assert (len(written_off), gone["STATE"], gone["TRX_TOTALDUE"]) == (1, "Paid", "0")
    (again,) = [row for row in ours(books, "ARINVOICE") if row["RECORDID"] == "BW-90503"]
    assert (again["STATE"], again["TRX_TOTALPAID"]) == ("Posted", "0")


def test_recurring_invoices_fall_due_within_and_beyond_sixty_days_and_on_month_ends(books):
    running_ones = {row["RECORDID"]: row for row in books["ARRECURINVOICE"] if row["STATUS"] == "active"}
    due = {key: day(row["NEXTEXECDATE"]) for key, row in running_ones.items()}
    soon = {key for key, found in due.items() if TODAY < found <= TODAY + timedelta(days=60)}
    assert len(soon) >= 6
    assert {"RECUR-1004", "RECUR-1007"} == set(due) - soon
    assert due["RECUR-1001"] == due["RECUR-1008"] == date(2026, 11, 30)
    assert (running_ones["RECUR-1004"]["STARTDATE"], due["RECUR-1004"]) == ("02/29/2024", date(2027, 2, 28))
    assert all(row["TRX_TOTALENTERED"] != "0" and row["items"] for row in running_ones.values())


def test_vendors_have_bills_that_are_open_partly_paid_and_paid_in_three_currencies(books):
    bills = books["APBILL"]
    assert {row["STATE"] for row in bills} == {"Posted", "Partially Paid", "Paid", "Draft"}
    assert {row["CURRENCY"] for row in bills} == {"USD", "GBP", "EUR"}
    vendors = {row["VENDORID"]: row for row in books["VENDOR"]}
    taxes = {row["TAXID"]: row["CUSTOMERID"] for row in ours(books, "CUSTOMER")}
    assert taxes[vendors["V-1001"]["TAXID"]] == "C-9001"
    assert vendors["V-1004"]["NAME"].startswith(vendors["V-1003"]["NAME"].removesuffix(" LLC"))
    assert {row["NAME"] for row in books["APTERM"]} == {"N15", "N30"}


def test_what_the_books_make_themselves_is_no_deals_invoice():
    manifest = generate().manifest()
    with running(60, at=datetime(2027, 3, 1, 9, tzinfo=UTC)) as started:
        assert post(started, "<getAPISession/>")[0] == "success"
        made = [row for row in started.control.books("intacct") if row["object"] == "ARINVOICE"]
        history = frozenset(row["number"] for row in manifest["history"])
        assert len(made) > sum(row["object"] == "ARINVOICE" for row in manifest["history"]) + 10
        assert read_intacct(made, history).invoices == []


def post(started: Any, function: str) -> tuple[str, str]:
    """(status, key or the errors) of one function."""
    access = started.intacct
    body = (
        f"<request><control><senderid>{access.sender_id}</senderid><password>{access.sender_password}</password>"
        "<controlid>c</controlid><uniqueid>false</uniqueid><dtdversion>3.0</dtdversion></control><operation>"
        f"<authentication><login><userid>{access.user_id}</userid><companyid>{access.company_id}</companyid>"
        f"<password>{access.user_password}</password></login></authentication><content>"
        f'<function controlid="f">{function}</function></content></operation></request>'
    )
    with requests.Session() as session:
        session.trust_env = False
        root = etree.fromstring(session.post(access.url, data=body).content)
    result = root.find("operation/result")
    errors = "; ".join(found.findtext("description2") or "" for found in result.iter("error"))
    return result.findtext("status"), result.findtext("key") or errors


def ymd(name: str, found: date) -> str:
    return f"<{name}><year>{found:%Y}</year><month>{found:%m}</month><day>{found:%d}</day></{name}>"


@pytest.mark.parametrize(
    ("entity", "currency", "bank"),
    [
        ("100", "USD", "BW-US-USD"),
        ("100", "EUR", "BW-US-EUR"),
        ("100", "JPY", "BW-US-JPY"),
        ("200", "GBP", "BW-UK-GBP"),
        ("200", "USD", "BW-UK-USD"),
        ("300", "EUR", "BW-DE-EUR"),
        ("300", "GBP", "BW-DE-GBP"),
    ],
)
def test_an_order_is_invoiced_and_paid_in_each_entity_and_currency(entity, currency, bank):
    with running(0, at=NOW) as started:
        rate = f"<currency>{currency}</currency><exchratetype>Intacct Daily Rate</exchratetype>"
        order = (
            f"<create_sotransaction><transactiontype>{{}}</transactiontype>{ymd('datecreated', TODAY)}"
            f"<customerid>C-9001</customerid><termname>N30</termname>{rate}<sotransitems><sotransitem>"
            f"<itemid>SENSOR-1</itemid><quantity>2</quantity><locationid>{entity}</locationid>"
            "<departmentid>D10</departmentid></sotransitem></sotransitems></create_sotransaction>"
        )
        assert post(started, order.format("Sales Order"))[0] == "success"
        status, key = post(started, order.format("Sales Invoice"))
        assert status == "success", key
        records = [row for row in started.control.books("intacct") if row["object"] == "ARINVOICE"]
        (invoice,) = [row["record"] for row in records if f"Sales Invoice-{row['record']['RECORDID']}" == key]
        assert (invoice["TRX_TOTALDUE"], invoice["CURRENCY"]) == ("379", currency)
        payment = (
            "<create_arpayment><customerid>C-9001</customerid><paymentamount>379</paymentamount>"
            f"<bankaccountid>{bank}</bankaccountid>{ymd('datereceived', TODAY)}<paymentmethod>EFT</paymentmethod>{rate}"
            f"<arpaymentitem><invoicekey>{invoice['RECORDNO']}</invoicekey><amount>379</amount></arpaymentitem>"
            "</create_arpayment>"
        )
        status, found = post(started, payment)
        assert status == "success", found
