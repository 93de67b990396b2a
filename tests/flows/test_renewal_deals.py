"""What becomes of renewal deals: ours as the contract changes, and those that a rep made, won or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office, office
from tests.flows.renewal_floor import (
    DROPPED,
    NINE,
    SIGNED,
    TOLLIVER,
    add_deal,
    change,
    deal,
    deals,
    in_intacct,
    lines,
    records,
    recurring,
    run,
    setting,
)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=2, at=NINE) as opened:
        yield opened


def test_our_open_deal_follows_the_contract(demo: Office) -> None:
    run(demo)
    in_intacct(demo, "RECUR-1003", line={"TRX_AMOUNT": 1200050, "AMOUNT": 1200050})
    assert run(demo)["updated"] == 2
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "12000.50"
    assert [line["price"] for line in lines(demo, "RECUR-1003")] == ["12000.50"]
    assert run(demo)["updated"] == 0


def test_lines_that_the_contract_gets_are_added_and_those_it_loses_cost_nothing(demo: Office) -> None:
    run(demo)
    twin = demo.sandbox.sandbox.twins["intacct"]
    with twin._lock, twin._db.transaction():
        (row,) = twin._db.matching("ARRECURINVOICEENTRY", "RECORDKEY", 3)
        kept = {name: value for name, value in row.items() if name not in {"RECORDNO", "TRX_AMOUNT", "AMOUNT"}}
        twin._db.insert("ARRECURINVOICEENTRY", {**kept, "LINE_NO": 1, "TRX_AMOUNT": 50000, "AMOUNT": 50000})
    assert run(demo)["line_items_created"] == 1
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "10004.00"
    with twin._lock, twin._db.transaction():
        twin._db.delete("ARRECURINVOICEENTRY", row["RECORDNO"])
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "500.00"
    assert sorted(line["price"] for line in lines(demo, "RECUR-1003")) == ["0", "500.00"]
    assert run(demo)["updated"] == 0


def test_what_a_rep_changed_stays_and_the_figures_still_follow(demo: Office) -> None:
    run(demo)
    found = deal(demo, "RECUR-1003")
    change(demo, "deals", found["id"], amount="9000", closedate="2026-12-01T12:00:00Z", dealstage="186520413")
    change(demo, "line_items", found["associations"]["line_items"][0], price="9000")
    in_intacct(demo, "RECUR-1003", line={"TRX_AMOUNT": 1200000, "AMOUNT": 1200000})
    run(demo)
    shown = deal(demo, "RECUR-1003")["properties"]
    assert (shown["amount"], shown["closedate"][:10], shown["dealstage"]) == ("9000", "2026-12-01", "186520413")
    assert shown["intacct_renewal_amount"] == "12000.00"
    assert [line["price"] for line in lines(demo, "RECUR-1003")] == ["9000"]


@pytest.mark.parametrize(("stage", "state"), [(SIGNED, "won"), (DROPPED, "lost")])
def test_our_deal_that_was_won_or_lost_is_left(demo: Office, stage: str, state: str) -> None:
    run(demo)
    change(demo, "deals", deal(demo, "RECUR-1003")["id"], dealstage=stage)
    in_intacct(demo, "RECUR-1003", line={"TRX_AMOUNT": 1200000, "AMOUNT": 1200000})
    note = run(demo)
    assert (note["deals_created"], note["updated"], note["skipped"]) == (0, 0, 1)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "9504.00"


@pytest.mark.parametrize("stage", [SIGNED, DROPPED])
def test_a_correction_of_the_dates_brings_back_no_renewal_that_was_won_or_lost(demo: Office, stage: str) -> None:
    run(demo)
    change(demo, "deals", deal(demo, "RECUR-1003")["id"], dealstage=stage)
    in_intacct(demo, "RECUR-1003", STARTDATE="2025-12-13", NEXTEXECDATE="2026-12-13")
    note = run(demo)
    assert (note["deals_created"], note["updated"], note["skipped"]) == (0, 0, 1)


def test_a_contract_that_was_entered_anew_for_the_next_term_is_renewed_already(demo: Office) -> None:
    over = {"ENDDATE": "2026-12-19", "NEXTEXECDATE": "2026-12-20"}
    recurring(demo, "OLD", "C-9003", start="2025-12-20", **over)
    recurring(demo, "ALONE", "C-9002", start="2025-12-20", **over)
    recurring(demo, "NEW", "C-9003", start="2026-12-20", EXECCOUNT="0", NEXTEXECDATE="2026-12-20")
    run(demo)
    assert deals(demo, "ALONE")
    assert not deals(demo, "OLD") + deals(demo, "NEW")


def test_a_won_renewal_of_a_recurring_invoice_that_goes_on_is_not_invoiced_a_second_time(demo: Office) -> None:
    run(demo)
    won = deal(demo, "RECUR-1003")["id"]
    demo.sandbox.control.set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
    change(demo, "deals", won, dealstage=SIGNED, closedate="2026-12-18T12:00:00Z")
    assert demo.invoice_won_deals(record_ids=[won])["skipped"] == 1
    assert not [one for one in demo.invoices() if one.get("TIEOUT_KEY") == f"hs-deal-{won}-invoice"]
    change(demo, "deals", won, intacct_renewal_billing="ends")
    demo.invoice_won_deals(record_ids=[won])
    assert demo.hold_codes() == {won: "renewal_without_billing"}
    change(demo, "deals", won, intacct_renewal_billing="")
    assert demo.invoice_won_deals(record_ids=[won])["invoices_created"] == 1


def test_our_deal_that_was_deleted_is_not_made_again(demo: Office) -> None:
    run(demo)
    hubspot = demo.hubspot()
    hubspot.request("DELETE", hubspot.paths.objects("deals", deal(demo, "RECUR-1003")["id"]))
    note = run(demo)
    assert (note["deals_created"], note["skipped"]) == (0, 1)
    assert not deals(demo, "RECUR-1003")


BY_HAND: Mapping[str, Any] = {"line": {"hs_sku": "PLAN-ENT", "hs_recurring_billing_start_date": "2026-12-11"}}


def test_a_reps_open_renewal_is_linked_and_keeps_its_own_fields(demo: Office) -> None:
    made = add_deal(demo, TOLLIVER, closedate="2026-12-05T10:00:00Z", **BY_HAND)
    before = demo.deal(made)
    run(demo)
    after = demo.deal(made)
    assert not deals(demo, "RECUR-1003")
    assert (after["intacct_contract"], after["intacct_renewal_amount"]) == ("RECUR-1003", "9504.00")
    added = {name for name in after if after[name] != before.get(name)} - {"hs_lastmodifieddate"}
    assert all(name.startswith(("intacct_", "tieout_")) for name in added)
    demo.sandbox.control.forget_calls()
    run(demo)
    assert demo.sent("hubspot", "update") == demo.sent("hubspot", "create") == 0


def test_a_reps_renewal_of_two_recurring_invoices_stands_for_one_and_keeps_the_other_from_a_deal(demo: Office) -> None:
    recurring(demo, "SECOND", "C-9003", start="2025-12-12")
    made = add_deal(demo, TOLLIVER, closedate="2026-12-05T10:00:00Z", **BY_HAND)
    assert run(demo)["skipped"] == 1
    assert not deals(demo, "RECUR-1003") + deals(demo, "SECOND")
    shown = demo.deal(made)["intacct_contract"]
    note = run(demo)
    assert (note["skipped"], note["updated"], demo.deal(made)["intacct_contract"]) == (1, 0, shown)


@pytest.mark.parametrize("stage", [SIGNED, DROPPED])
def test_a_renewal_that_a_rep_won_or_lost_is_respected(demo: Office, stage: str) -> None:
    add_deal(demo, TOLLIVER, dealstage=stage, closedate="2026-11-06T10:00:00Z", **BY_HAND)
    assert run(demo)["skipped"] == 1
    assert not deals(demo, "RECUR-1003")


@pytest.mark.parametrize(
    "other",
    [
        {"line": {"hs_sku": "SENSOR-1", "hs_recurring_billing_start_date": "2026-12-11"}},
        {"line": {"hs_sku": "PLAN-ENT", "hs_recurring_billing_start_date": "2025-12-10"}},
        {"pipeline": "default", "dealstage": "appointmentscheduled", "dealtype": "newbusiness", **BY_HAND},
    ],
    ids=["another product", "another term", "new business"],
)
def test_a_deal_that_is_another_matter_keeps_no_renewal_away(demo: Office, other: Mapping[str, Any]) -> None:
    add_deal(demo, TOLLIVER, closedate="2026-12-05T10:00:00Z", **other)
    run(demo)
    assert deal(demo, "RECUR-1003")


@pytest.mark.parametrize("stage", ["closedwon", "closedlost"])
def test_a_closed_sale_to_the_customer_that_names_no_product_keeps_no_renewal_away(demo: Office, stage: str) -> None:
    upsell = {"pipeline": "default", "dealstage": stage, "dealtype": "existingbusiness"}
    add_deal(demo, TOLLIVER, closedate="2026-10-05T10:00:00Z", **upsell)
    run(demo)
    assert deal(demo, "RECUR-1003")


def test_the_demos_own_renewals_by_hand_are_respected(tmp_path: Path) -> None:
    with office(tmp_path, deals=12, at=NINE) as demo:
        for deal_id in ("99999994311", "99999994427"):
            seen = next(one for one in records(demo, "deals") if one["id"] == deal_id)
            (company,) = (one for one in records(demo, "companies") if one["id"] in seen["associations"]["companies"])
            customer_id = company["properties"]["intacct_customer_id"]
            recurring(demo, f"BY-HAND-{deal_id[-3:]}", customer_id, start="2025-12-11")
        run(demo)
        assert len(deals(demo)) == 2
        assert demo.deal("99999994311")["intacct_contract"] == "BY-HAND-311"
        assert demo.deal("99999994311")["amount"] == "11880.00"
        assert demo.deal("99999994427").get("intacct_contract") is None


def test_the_won_deal_that_is_renewed_is_named_and_tied(demo: Office) -> None:
    sold = add_deal(
        demo,
        TOLLIVER,
        {"hs_sku": "PLAN-ENT", "quantity": "8", "price": "1188"},
        pipeline="default",
        dealstage="closedwon",
        closedate="2025-12-01T10:00:00Z",
    )
    run(demo)
    found = deal(demo, "RECUR-1003")
    assert found["properties"]["tieout_renews_deal"] == sold
    assert found["associations"]["deals"] == [sold]
    assert [(line["quantity"], line["price"]) for line in lines(demo, "RECUR-1003")] == [("8", "1188.00")]


def test_a_contract_with_an_end_renews_when_it_is_over_and_moves_with_its_end(demo: Office, settings: Path) -> None:
    setting(settings, "days_ahead: 60", "days_ahead: 300")
    run(demo, record_ids=["2"])
    found = deal(demo, "RECUR-1002")
    assert (found["properties"]["intacct_renewal_start"], found["properties"]["amount"]) == ("2027-05-01", "3840.00")
    assert found["properties"]["intacct_renewal_billing"] == "ends"
    in_intacct(demo, "RECUR-1002", ENDDATE="2027-06-30")
    run(demo, record_ids=["2"])
    moved = deal(demo, "RECUR-1002")
    assert moved["id"] == found["id"]
    assert (moved["properties"]["intacct_renewal_start"], moved["properties"]["amount"]) == ("2027-07-01", "4480.00")
    assert moved["properties"]["closedate"][:10] == "2027-07-01"
    assert run(demo, record_ids=["2"])["updated"] == 0


def test_an_owner_who_left_is_replaced_by_the_fallback(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, hubspot_owner_id="71530402")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["hubspot_owner_id"] == "71530411"
