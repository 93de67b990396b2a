"""The manifest agrees with itself and with what the two systems are seeded with."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from include.sandbox.company import generate

ZONES = {"100": "America/New_York", "200": "Europe/London", "300": "Europe/Berlin"}
CLOSED = {"100": date(2026, 9, 30), "200": date(2026, 9, 30), "300": date(2026, 6, 30)}


def cents(value: Decimal, currency: str) -> Decimal:
    return value.quantize(Decimal(1) if currency == "JPY" else Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture(scope="module", params=[1, 2, 3])
def story(request):
    """(manifest rows by deal id, seeded deals by id, seeded line items by deal id) of three companies."""
    company = generate(150, request.param)
    rows = {row["deal_id"]: row for row in company.manifest()["deals"]}
    records = list(company.records("hubspot"))
    lines = {record["id"]: record["properties"] for record in records if record["type"] == "line_items"}
    deals = {record["id"]: record["properties"] for record in records if record["type"] == "deals"}
    of_deal = {
        record["id"]: [lines[to["to_id"]] for to in record["associations"] if to["to_type"] == "line_items"]
        for record in records
        if record["type"] == "deals"
    }
    return rows, deals, of_deal


def test_lines_add_up_to_the_net_of_their_deal(story):
    for row in story[0].values():
        assert sum(Decimal(line["net"]) for line in row["lines"]) == Decimal(row["net"])
        assert Decimal(row["net"]) * (1 if row["currency"] == "JPY" else 100) == row["net_minor"]


def test_totals_are_the_sums_of_the_posted_deals(manifest):
    posted = [row for row in manifest["deals"] if row["expect"] == "posted"]
    net, invoices = Counter(), Counter(row["currency"] for row in posted)
    for row in posted:
        net[row["currency"]] += row["net_minor"]
    assert {currency: total["net_minor"] for currency, total in manifest["totals"].items()} == net
    assert {currency: total["invoices"] for currency, total in manifest["totals"].items()} == invoices
    assert set(net) == {"USD", "GBP", "EUR", "JPY"}


def test_nets_are_what_the_line_items_in_hubspot_amount_to(story):
    rows, deals, lines = story
    for deal_id, row in rows.items():
        nets = []
        for line in lines[deal_id]:
            unit = Decimal(line["price"]) - Decimal(line.get("discount", "0"))
            rest = 1 - Decimal(line.get("hs_discount_percentage", "0")) / 100
            nets.append(cents(Decimal(line["quantity"]) * unit * rest, row["currency"]))
            assert Decimal(line["amount"]) == nets[-1]
        percent = Decimal(deals[deal_id].get("header_discount_percent", "0"))
        assert cents(sum(nets, Decimal(0)) * (1 - percent / 100), row["currency"]) == Decimal(row["net"])
        if not percent:
            assert [Decimal(line["net"]) for line in row["lines"]] == nets


def test_a_header_discount_is_shared_the_same_however_the_exact_shares_are_taken(story):
    """In proportion to the nets, or each net less the percentage: the demo's figures must not depend on it."""
    rows, deals, lines = story
    seen = 0
    for deal_id, row in rows.items():
        percent = deals[deal_id].get("header_discount_percent")
        if not percent:
            continue
        exact = [Fraction(line["amount"]) * 100 * (1 - Fraction(percent) / 100) for line in lines[deal_id]]
        shares = [int(part) for part in exact]
        order = sorted(range(len(exact)), key=lambda n, e=exact, s=shares: (s[n] - e[n], n))
        for n in order[: row["net_minor"] - sum(shares)]:
            shares[n] += 1
        assert [Fraction(line["net"]) * 100 for line in row["lines"]] == shares
        seen += 1
    assert seen >= 2


def test_the_amount_of_a_deal_equals_its_net_unless_that_is_why_it_is_held(story):
    rows, deals, _ = story
    for deal_id, row in rows.items():
        differs = Decimal(deals[deal_id]["amount"]) != Decimal(row["net"])
        assert differs == (row["reason"] in {"amount_differs_from_lines", "no_lines"})


def test_the_invoice_date_is_the_close_date_in_the_entitys_calendar(story):
    rows, deals, _ = story
    moved = 0
    for deal_id, row in rows.items():
        if row["entity"] is None:
            assert row["reason"] == "no_entity"
            continue
        closed = datetime.fromisoformat(deals[deal_id]["closedate"])
        won = closed.astimezone(ZoneInfo(ZONES[row["entity"]])).date()
        assert row["invoice_date"] == won.isoformat()
        moved += won != closed.date()
    assert moved >= 4


def test_posting_dates_lie_in_open_periods_and_move_only_from_closed_ones(story):
    moved = 0
    for row in story[0].values():
        if row["expect"] != "posted":
            continue
        won, posting = date.fromisoformat(row["invoice_date"]), date.fromisoformat(row["posting_date"])
        assert posting > CLOSED[row["entity"]]
        if won > CLOSED[row["entity"]]:
            assert posting == won
        else:
            assert (row["entity"], posting) == ("100", date(2026, 10, 1))
            moved += 1
    assert moved >= 2


def test_only_the_holding_entity_holds_closed_periods(story):
    held = [row for row in story[0].values() if row["reason"] == "closed_period"]
    assert held
    assert all((row["entity"], row["posting_date"]) == ("200", None) for row in held)


def test_deals_in_scope_were_won_on_or_after_the_first_day_that_counts(story):
    rows, deals, _ = story
    won = {"closedwon", "186520417"}
    for deal_id, row in rows.items():
        before = (row["invoice_date"] or "2026-08-01") < "2026-08-01"
        assert (row["expect"] == "ignored") == (before or deals[deal_id]["dealstage"] not in won)


def test_every_posted_deal_has_all_that_an_invoice_needs(story):
    for row in story[0].values():
        if row["expect"] == "posted":
            assert row["net_minor"] > 0
            assert row["reason"] is None
            assert all(row[name] for name in ("customer", "customer_name", "entity", "due_date", "lines"))
            assert {line["location"] for line in row["lines"]} == {row["entity"]}


def test_the_manifest_lists_every_customer_that_may_exist_and_each_once(manifest):
    customers = {row["id"]: row for row in manifest["customers"]}
    assert len(customers) == len(manifest["customers"])
    new = {row["customer"] for row in manifest["deals"] if row["expect"] == "posted" and row["customer"][:3] == "HS-"}
    assert {key for key, row in customers.items() if row["origin"] == "new"} == new


def test_as_json_it_says_the_same_in_memory_that_does_not_grow_with_the_company():
    company = generate(60, invoices=20_000)
    tracemalloc.start()
    size = sum(len(piece) for piece in company.manifest_json())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 3_000_000
    assert peak < 2_500_000
    assert len(company.manifest()["history"]) >= 20_000


def test_a_company_without_deals_has_nothing_but_its_back_office():
    manifest = json.loads(b"".join(generate(0).manifest_json()))
    assert manifest["deals"] == []
    assert {row["id"] for row in manifest["customers"]} == {f"C-{number}" for number in range(9001, 9011)}
    assert {row["customer"] for row in manifest["history"]} <= {row["id"] for row in manifest["customers"]}
    assert (manifest["totals"], manifest["counts"]) == ({}, {})
