"""The profile `company`, as both twins hold it, and older invoices in bulk."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest

from include.sandbox.clock import Clock
from include.sandbox.company import generate
from include.sandbox.company.catalogue import CLOSED_THROUGH, TODAY
from include.sandbox.company.people import domain_of
from include.sandbox.state import Sandbox, SeedError
from include.sandbox.twins import close_twins, open_twins


@pytest.fixture(scope="module")
def whole():
    return generate(profile="company")


@pytest.fixture(scope="module")
def seeded(whole):
    """(Intacct's books by object, HubSpot's by type) of the profile."""
    twins = open_twins(Clock())
    Sandbox(twins, Clock()).seed("company")
    books, crm = {}, {}
    for row in twins[0].export():
        books.setdefault(row["object"], []).append(row)
    for row in twins[1].export():
        crm.setdefault(row["type"], []).append(row)
    close_twins(twins)
    return books, crm


@pytest.fixture(scope="module")
def books(seeded):
    return {name: [row["record"] for row in rows] for name, rows in seeded[0].items()}


@pytest.fixture(scope="module")
def crm(seeded):
    return seeded[1]


def day(text):
    month, day_, year = map(int, text.split("/"))
    return date(year, month, day_)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(whole):
    for system in ("intacct", "hubspot"):
        once, again = (json.dumps(list(generate(profile="company").records(system))) for _ in range(2))
        assert once == again
        assert once != json.dumps(list(generate(profile="company", seed=2).records(system)))
    assert json.dumps(whole.manifest()) == json.dumps(generate(profile="company").manifest())


def test_the_demo_comes_first_and_is_unchanged_and_the_back_office_last(whole):
    *story, backoffice = generate().units()
    assert list(itertools.islice(whole.units(), len(story))) == story
    assert [*whole.units()][-1] == backoffice
    assert whole.manifest()["counts"]["posted"] == 44
    assert whole.manifest()["counts"]["held"] == 16
    assert whole.manifest()["totals"] == generate().manifest()["totals"]


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_intacct_has_250_customers_each_with_a_name_of_its_own(seed):
    names = [customer.name for unit in generate(profile="company", seed=seed).units() for customer in unit.customers]
    assert (len(names), len(set(names))) == (250, 250)


def test_three_entities_invoice_in_their_own_currencies(seeded, books):
    entities = {row["LOCATIONID"]: row["CURRENCY"] for row in books["LOCATIONENTITY"]}
    assert entities == {"100": "USD", "200": "GBP", "300": "EUR"}
    billing = Counter(line["LOCATIONID"] for row in seeded[0]["ARINVOICE"] for line in row["items"])
    assert min(billing[entity] for entity in entities) > 100


def test_deals_of_two_years_were_won_lost_or_are_open(crm):
    deals = [row["properties"] for row in crm["deals"]]
    won = sorted(deal["closedate"][:10] for deal in deals if deal["hs_is_closed_won"] == "true")
    assert won[0] < "2024-12-16"
    assert won[-1] > "2026-11-01"
    assert {text[:7] for text in won} == {f"{2024 + m // 12}-{m % 12 + 1:02d}" for m in range(10, 35)}
    states = Counter((deal["hs_is_closed"], deal["hs_is_closed_won"]) for deal in deals)
    assert states["true", "true"] > 400
    assert states["true", "false"] > 50
    assert states["false", "false"] > 30


def test_lines_are_one_time_and_recurring_with_and_without_discounts(crm):
    lines = [row["properties"] for row in crm["line_items"]]
    assert {"monthly", "annually", None} <= {line.get("recurringbillingfrequency") for line in lines}
    assert sum(bool(line.get("hs_discount_percentage")) for line in lines) > 100
    assert any(deal["properties"].get("header_discount_percent") for deal in crm["deals"])


def test_companies_have_several_contacts(crm):
    people = Counter(row["associations"]["companies"][0] for row in crm["contacts"])
    assert sum(number >= 5 for number in people.values()) > 10


def test_names_are_nearly_the_same_in_both_systems(books, crm):
    names = {row["properties"]["name"]: row["properties"]["domain"] for row in crm["companies"]}
    doubles = [name for name, domain in names.items() if domain.endswith("-group.example")]
    assert len(doubles) > 5
    for name in doubles:
        assert names[name.rsplit(" ", 1)[0]] == domain_of(name.rsplit(" ", 1)[0])
    works = [row["NAME"] for row in books["CUSTOMER"] if row["NAME"].endswith(" Works")]
    assert len(works) > 5
    everyone = {row["NAME"] for row in books["CUSTOMER"]}
    assert all(any(name.startswith(work.removesuffix(" Works") + " ") for name in everyone - {work}) for work in works)


def test_merged_companies_keep_the_ids_of_what_they_absorbed(crm, books):
    companies = {row["id"]: row for row in crm["companies"]}
    merged = {key: row["properties"].get("hs_merged_object_ids") for key, row in companies.items()}
    absorbed = {gone: companies[key] for key, ids in merged.items() if ids for gone in ids.split(";")}
    customers = {row["NAME"] for row in books["CUSTOMER"]}
    for gone, survivor in absorbed.items():
        assert companies[gone]["archived"]
        assert not survivor["archived"]
    assert sum(companies[gone]["properties"]["name"] in customers for gone in absorbed) > 5


def test_payments_are_whole_partial_and_in_parts_and_credits_are_applied(books):
    states = Counter(row["STATE"] for row in books["ARINVOICE"])
    assert states["Paid"] > 200
    assert states["Partially Paid"] > 15
    assert states["Posted"] > 15
    assert sum(row["DOCNUMBER"].endswith("-2") for row in books["ARPYMT"]) > 5
    applied = [row for row in books["ARADJUSTMENT"] if row["STATE"] == "Paid"]
    assert len(applied) > 10
    for row in books["ARINVOICE"]:
        entered, paid, due = (Fraction(row[f"TRX_TOTAL{name}"]) for name in ("ENTERED", "PAID", "DUE"))
        assert entered == paid + due
        assert due >= 0


def test_customers_are_overdue_and_some_of_them_on_hold(books):
    overdue = {
        row["CUSTOMERID"] for row in books["ARINVOICE"] if row["TRX_TOTALDUE"] != "0" and day(row["WHENDUE"]) < TODAY
    }
    on_hold = {row["CUSTOMERID"] for row in books["CUSTOMER"] if row["ONHOLD"] == "true"}
    assert len(overdue) > 30
    assert len(on_hold & overdue) > 10


def test_contracts_end_within_sixty_days_mostly_with_an_open_renewal(whole):
    due = renewed = 0
    for unit in whole.units():
        for deal in unit.deals:
            if deal.case == "a contract ends within sixty days" and deal.stage == "closedwon":
                starts = [line.starts for line in deal.lines if line.sku == "PLAN-ENT" and line.starts]
                ends = {start.replace(year=start.year + 1) for start in starts}
                due += any(TODAY < end <= TODAY + timedelta(days=60) for end in ends)
            renewed += deal.name.find(" (renewal)") > 0
    assert due > renewed > 5


def test_older_documents_lie_before_the_close_and_new_ones_cannot(whole):
    dates = [document.dated for unit in whole.units() for document in unit.documents]
    assert max(dates) < date(2026, 8, 31)
    assert any(found <= CLOSED_THROUGH["300"] for found in dates)


def test_as_many_older_invoices_as_wanted(company):
    for profile, wanted in (("demo", 500), ("company", 1_000)):
        records = generate(10, 1, profile=profile, invoices=wanted).records("intacct")
        assert Counter(row["object"] for row in records)["ARINVOICE"] == wanted
    assert generate(60, 1, invoices=1) != company
    assert list(generate(60, 1, invoices=1).records("intacct")) == list(company.records("intacct"))


def test_a_million_invoices_are_a_stream():
    records = generate(100_000, 1, invoices=1_000_000).records("intacct")
    tracemalloc.start()
    taken = sum(1 for _ in itertools.islice(records, 3_000))
    _size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken == 3_000
    assert peak < 3_000_000


def test_a_million_is_the_most():
    twins = open_twins(Clock())
    with pytest.raises(SeedError, match="invoices must lie between 0 and 1,000,000"):
        Sandbox(twins, Clock()).seed(invoices=1_000_001)
    close_twins(twins)
