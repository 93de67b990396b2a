"""Recurring invoices that come up for renewal, from Intacct's books to HubSpot's deals.

The demo's day is 16 November 2026: RECUR-1003 (yearly, C-9003, from 10 December) and RECUR-1005 (quarterly, C-9005,
from 15 January 2027, the sixtieth day) come up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.batch import Link, NewRecord, batch_create, batch_update
from include.core.errors import OutcomeUnknown, SettingsError, Unavailable
from include.flows.intacct_renewal_to_hubspot_deal import FLOW
from include.state.migrate import migrate
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office
from tieout import steps

NINE = datetime(2026, 11, 16, 9, tzinfo=UTC)
TOLLIVER, SKELBY = "20415100151", "20415100185"
RENEWALS, SIGNED, DROPPED, TALKING = "78411290", "186520417", "186520419", "186520411"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=2, at=NINE) as opened:
        yield opened


def run(demo: Office, **options: Any) -> Mapping[str, int]:
    return demo.run_flow(FLOW, **options)


def records(demo: Office, kind: str) -> list[dict[str, Any]]:
    return [one for one in demo.sandbox.control.books("hubspot") if one["type"] == kind and not one["archived"]]


def deals(demo: Office, number: str = "") -> list[dict[str, Any]]:
    """The renewal deals that Tieout made (of one recurring invoice), as HubSpot holds them."""
    ours = [one for one in records(demo, "deals") if one["properties"].get("tieout_source_key")]
    return [one for one in ours if number in {"", one["properties"]["intacct_contract"]}]


def deal(demo: Office, number: str) -> dict[str, Any]:
    (found,) = deals(demo, number)
    return found


def lines(demo: Office, number: str) -> list[dict[str, str]]:
    ids = deal(demo, number)["associations"].get("line_items", [])
    return [one["properties"] for one in records(demo, "line_items") if one["id"] in ids]


def picture(demo: Office) -> list[dict[str, Any]]:
    kept = [*deals(demo), *(one for one in records(demo, "line_items") if one["properties"].get("tieout_source_key"))]
    return [{name: one[name] for name in ("id", "properties", "associations")} for one in kept]


def change(demo: Office, kind: str, record_id: str, **values: str) -> None:
    """What a person does in HubSpot."""
    assert not batch_update(demo.hubspot(), kind, {record_id: values}).failed


def add_deal(demo: Office, company: str, line: Mapping[str, str] | None = None, **values: str) -> str:
    """A deal that a person makes in HubSpot."""
    hubspot = demo.hubspot()
    properties = {"dealname": "By hand", "pipeline": RENEWALS, "dealstage": TALKING, "amount": "100.00", **values}
    (made,) = batch_create(hubspot, "deals", {"one": NewRecord(properties, (Link(company, 341),))}).created.values()
    if line is not None:
        item = NewRecord({"name": "Line", "quantity": "1", "price": "100", **line}, (Link(made.id, 20),))
        assert batch_create(hubspot, "line_items", {"one": item}).created
    return made.id


def in_intacct(demo: Office, number: str, line: Mapping[str, Any] | None = None, **values: Any) -> None:
    """What a person changes of a recurring invoice in Intacct, whose API has no function for it. Amounts in cents."""
    twin = demo.sandbox.sandbox.twins["intacct"]
    with twin._lock, twin._db.transaction():
        (head,) = twin._db.rows("SELECT RECORDNO FROM ARRECURINVOICE WHERE RECORDID = ?", (number,))
        if values:
            twin._db.update("ARRECURINVOICE", head["RECORDNO"], values)
        if line:
            (first, *_) = twin._db.matching("ARRECURINVOICEENTRY", "RECORDKEY", head["RECORDNO"])
            twin._db.update("ARRECURINVOICEENTRY", first["RECORDNO"], line)


def setting(settings: Path, old: str, new: str) -> None:
    file = settings / f"{FLOW.name}.yaml"
    text = file.read_text()
    assert f"\n{old}\n" in text
    file.write_text(text.replace(f"\n{old}\n", f"\n{new}\n"))


def test_what_comes_up_within_sixty_days_gets_a_deal_and_nothing_else_does(demo: Office) -> None:
    note = run(demo)
    assert (note["read"], note["deals_created"], note["line_items_created"], note["held"]) == (2, 2, 2, 0)
    assert sorted(one["properties"]["intacct_contract"] for one in deals(demo)) == ["RECUR-1003", "RECUR-1005"]


def test_the_deal_shows_term_amount_owner_company_and_lines(demo: Office) -> None:
    run(demo)
    found = deal(demo, "RECUR-1005")
    shown = found["properties"]
    assert (shown["pipeline"], shown["dealstage"], shown["dealtype"]) == (RENEWALS, TALKING, "existingbusiness")
    assert (shown["amount"], shown["deal_currency_code"]) == ("3840.00", "GBP")
    assert (shown["intacct_renewal_start"], shown["intacct_renewal_end"]) == ("2027-01-15", "2028-01-14")
    assert shown["closedate"] == "2027-01-15T12:00:00.000Z"
    assert shown["hubspot_owner_id"] == "71530411"
    assert found["associations"]["companies"] == [SKELBY]
    (line,) = lines(demo, "RECUR-1005")
    assert (line["hs_sku"], line["price"], line["quantity"]) == ("SUPPORT-GOLD", "960.00", "1")
    assert (line["recurringbillingfrequency"], line["hs_recurring_billing_period"]) == ("quarterly", "P12M")
    assert (line["hs_recurring_billing_start_date"], line["hs_tcv"]) == ("2027-01-15", "3840")


def test_a_rerun_writes_nothing_to_either_system_and_to_nobody(demo: Office) -> None:
    run(demo)
    before, mails = picture(demo), len(demo.sandbox.control.messages("mail"))
    demo.sandbox.control.forget_calls()
    note = run(demo)
    assert (note["deals_created"], note["updated"], note["owners_told"]) == (0, 0, 0)
    assert [demo.sent("hubspot", label) for label in ("create", "update", "upsert")] == [0, 0, 0]
    assert demo.sent("intacct", "create") == demo.sent("intacct", "update") == 0
    assert (picture(demo), len(demo.sandbox.control.messages("mail"))) == (before, mails)


def test_the_sixty_first_day_waits_for_tomorrow(demo: Office) -> None:
    demo.sandbox.control.set_clock(NINE - timedelta(days=1))
    assert run(demo)["deals_created"] == 1
    demo.sandbox.control.set_clock(NINE)
    assert run(demo)["deals_created"] == 1


def test_what_fell_due_and_was_invoiced_while_no_run_came_is_caught_up(demo: Office) -> None:
    demo.sandbox.control.set_clock(datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert run(demo) == {}
    demo.sandbox.control.set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["intacct_renewal_start"] == "2026-12-10"
    assert deal(demo, "RECUR-1005")
    assert deal(demo, "RECUR-1006")["properties"]["intacct_renewal_start"] == "2027-01-25"


def test_a_backfill_goes_by_the_renewal_date_and_leaves_the_same(demo: Office) -> None:
    day = datetime(2026, 12, 1, tzinfo=UTC)
    parts = [day + timedelta(days=n) for n in (0, 9, 45, 70)]
    for _ in range(2):
        for interval in pairwise(parts):
            run(demo, run_type="backfill", interval=interval)
    by_backfill = sorted(one["properties"]["intacct_contract"] for one in deals(demo))
    assert by_backfill == ["RECUR-1003", "RECUR-1005", "RECUR-1006"]
    before = picture(demo)
    assert run(demo)["deals_created"] == 0
    assert picture(demo) == before
    assert run(demo, date_from="2026-12-10")["read"] == 1


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_record:1", "sync.after_send:2"])
def test_a_kill_in_the_middle_leaves_one_deal_with_its_lines_and_one_mail(demo: Office, place: str) -> None:
    kill_a_run(demo, FLOW, place)
    run(demo, run_id="killed", attempt=2)
    assert len(deals(demo)) == 2
    assert [len(lines(demo, number)) for number in ("RECUR-1003", "RECUR-1005")] == [1, 1]
    assert len(demo.sandbox.control.messages("mail")) == 2


@pytest.mark.parametrize("kind", ["lost_after", "lost_before", "garbage"])
def test_a_lost_answer_makes_neither_a_second_deal_nor_a_lost_one(demo: Office, kind: str) -> None:
    for nth in (1, 2):
        demo.sandbox.control.fault(kind, system="hubspot", label="batch/create", nth=nth)
    for attempt in range(1, 6):
        try:
            run(demo, run_id="one-run", attempt=attempt)
            break
        except (OutcomeUnknown, Unavailable):
            continue
    assert len(deals(demo)) == 2
    assert [len(lines(demo, number)) for number in ("RECUR-1003", "RECUR-1005")] == [1, 1]


def test_a_lost_state_database_makes_nothing_a_second_time(demo: Office, tmp_path: Path) -> None:
    run(demo)
    anew = Office(demo.sandbox, f"sqlite:///{tmp_path / 'anew.db'}")
    migrate(anew.state_url)
    before = picture(demo)
    assert run(anew)["deals_created"] == 0
    assert picture(demo) == before


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


def test_what_was_invoiced_for_a_year_renews_is_invoiced_again_and_renews_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        assert run(demo, date_from="2027-10-12")["deals_created"] == 1
        (found,) = deals(demo)
        shown = found["properties"]
        assert shown["tieout_renewal"].startswith("invoice-")
        assert shown["intacct_contract"].startswith("INV-")
        first = demo.deal(shown["tieout_renews_deal"])
        assert (shown["intacct_renewal_amount"], shown["amount"]) == ("21384.00", "21384.00")
        assert first["intacct_invoice_number"] == shown["intacct_contract"]
        assert found["associations"]["deals"] == [shown["tieout_renews_deal"]]
        demo.sandbox.control.set_clock(datetime(2027, 10, 12, 18, tzinfo=UTC))
        change(demo, "deals", found["id"], dealstage=SIGNED)
        assert demo.invoice_won_deals(record_ids=[found["id"]])["invoices_created"] == 1
        with caplog.at_level("INFO"):
            assert run(demo, date_from="2027-10-12")["skipped"] == 1
        assert "bills the next term" in caplog.text
        assert run(demo, date_from="2028-10-12")["deals_created"] == 1
        (again,) = (one for one in deals(demo) if one["id"] != found["id"])
        assert again["properties"]["tieout_renews_deal"] == found["id"]


@pytest.mark.parametrize("changed", ["6", "0"])
def test_invoices_of_shorter_terms_or_where_the_setting_says_so_renew_nothing(
    tmp_path: Path, settings: Path, changed: str
) -> None:
    setting(settings, "invoice_term_months: 6", f"invoice_term_months: {changed}")
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        # Monthly plans were invoiced for a month each.
        days = {"6": ("2026-09-01", "2026-12-31"), "0": ("2027-10-12", "2027-10-12")}[changed]
        run(demo, date_from=days[0], date_to=days[1])
        assert not [one for one in deals(demo) if one["properties"]["tieout_renewal"].startswith("invoice-")]


def test_an_invoice_that_was_reversed_renews_nothing(tmp_path: Path) -> None:
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        dated = {"date_from": "2027-10-12", "date_to": "2027-10-12"}
        (slice_,) = steps.slices(demo.run(flow=FLOW, **dated))
        twin = demo.sandbox.sandbox.twins["intacct"]
        with twin._lock, twin._db.transaction():
            twin._db.update("ARINVOICE", int(slice_[0].split("-")[1]), {"STATE": "Reversed"})
        assert run(demo, **dated)["read"] == 0
        assert not deals(demo)


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


def recurring(demo: Office, number: str, customer: str, *, start: str, **values: str) -> None:
    """A yearly recurring invoice that a person enters, which ran once."""
    line = {"ACCOUNTNO": "4000", "TRX_AMOUNT": "11880.00", "ENTRYDESCRIPTION": "Plan", "LOCATIONID": "100"}
    fields = {
        "RECORDID": number,
        "CUSTOMERID": customer,
        "TERMNAME": "N30",
        "CURRENCY": "USD",
        "WHENCREATED": start,
        "STARTDATE": start,
        "REPEATBY": "Years",
        "EXECCOUNT": "1",
        **values,
    }
    dimensions = {"DEPARTMENTID": "D10", "CLASSID": "SAAS", "ITEMID": "PLAN-ENT"}
    record = {"object": "ARRECURINVOICE", "fields": fields, "items": [line | dimensions]}
    demo.sandbox.sandbox.twins["intacct"].load([record])


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


def test_the_current_price_counts_where_it_is_higher(demo: Office, settings: Path) -> None:
    setting(settings, "price: contract", "price: current")
    add_deal(
        demo,
        TOLLIVER,
        {"hs_sku": "PLAN-ENT", "quantity": "8", "price": "1188"},
        pipeline="default",
        dealstage="closedwon",
        closedate="2025-12-01T10:00:00Z",
    )
    change(demo, "products", "15203300284", price="1100")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "9504.00"
    change(demo, "products", "15203300284", price="1250")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["amount"] == "10000.00"
    assert [(line["quantity"], line["price"]) for line in lines(demo, "RECUR-1003")] == [("8", "1250.00")]


def test_one_time_lines_are_left_out_and_the_uplift_is_exact(demo: Office, settings: Path) -> None:
    setting(settings, "term_months: 12", "term_months: 6")
    setting(settings, "uplift_percent: 0", "uplift_percent: 3.5")
    run(demo)
    shown = deal(demo, "RECUR-1009")["properties"]
    assert (shown["amount"], shown["intacct_renewal_end"]) == ("2459.16", "2027-06-30")
    assert [(line["hs_sku"], line["price"]) for line in lines(demo, "RECUR-1009")] == [("PLAN-ENT", "2459.16")]


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


def test_a_cancelled_recurring_invoice_renews_nothing(demo: Office) -> None:
    in_intacct(demo, "RECUR-1003", STATUS="inactive")
    assert run(demo)["read"] == 1
    assert run(demo, record_ids=["3"])["skipped"] == 1
    assert not deals(demo, "RECUR-1003")


def test_a_customer_without_company_is_held_until_somebody_names_it_however_late(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, intacct_customer_id="")
    assert run(demo)["held"] == 1
    assert demo.hold_codes(FLOW) == {"3": "no_company_for_customer"}
    demo.sandbox.control.set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
    run(demo)
    assert demo.hold_codes(FLOW) == {"3": "no_company_for_customer"}
    change(demo, "companies", TOLLIVER, intacct_customer_id="C-9003")
    run(demo)
    assert demo.hold_codes(FLOW) == {}
    assert deal(demo, "RECUR-1003")["properties"]["intacct_renewal_start"] == "2026-12-10"


def test_of_several_companies_the_one_that_bought_renews_else_a_person_decides(demo: Office) -> None:
    change(demo, "companies", SKELBY, intacct_customer_id="C-9003")
    run(demo)
    assert demo.hold_codes(FLOW)["3"] == "several_companies_for_customer"
    sold = {"pipeline": "default", "dealstage": "closedwon", "closedate": "2025-12-01T10:00:00Z"}
    add_deal(demo, SKELBY, {"hs_sku": "PLAN-ENT"}, **sold)
    run(demo)
    assert "3" not in demo.hold_codes(FLOW)
    assert deal(demo, "RECUR-1003")["associations"]["companies"] == [SKELBY]


def test_an_owner_who_left_is_replaced_by_the_fallback(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, hubspot_owner_id="71530402")
    run(demo)
    assert deal(demo, "RECUR-1003")["properties"]["hubspot_owner_id"] == "71530411"


def test_each_owner_gets_one_mail_that_lists_the_new_deals(demo: Office) -> None:
    change(demo, "companies", TOLLIVER, hubspot_owner_id="71530411")
    note = run(demo)
    (mail,) = demo.sandbox.control.messages("mail")
    assert note["owners_told"] == 1
    assert "2 contracts come up for renewal" in mail["subject"]
    assert all(text in mail["text"] for text in ("RECUR-1003", "RECUR-1005", "9504.00 USD", "3840.00 GBP"))


def test_a_refused_mail_fails_nothing_and_is_tried_again(demo: Office) -> None:
    fault = demo.sandbox.control.fault("status", system="mail", label="RCPT", status=550)
    assert run(demo)["owners_told"] == 0
    assert len(deals(demo)) == 2
    demo.sandbox.control.lift(fault)
    assert run(demo)["owners_told"] == 2
    assert run(demo)["owners_told"] == 0


def test_a_company_may_have_no_mails_or_no_mail_server(
    demo: Office, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "mail", lambda: None)
    note = run(demo)
    assert (note["deals_created"], note["owners_told"]) == (2, 0)
    monkeypatch.undo()
    setting(settings, "tell_owner: true", "tell_owner: false")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(settings))
    assert run(demo)["owners_told"] == 0
    assert demo.sandbox.control.messages("mail") == []


def test_a_stage_that_is_closed_or_of_another_pipeline_stops_the_run_before_anything_is_sent(
    demo: Office, settings: Path
) -> None:
    setting(settings, f'stage: "{TALKING}"', f'stage: "{SIGNED}"')
    with pytest.raises(SettingsError, match="no open stage of pipeline Renewals and Partners: 186520411"):
        run(demo)
    setting(settings, f'pipeline: "{RENEWALS}"', 'pipeline: "nowhere"')
    with pytest.raises(SettingsError, match="pipeline nowhere is none of HubSpot's"):
        run(demo)


def test_a_dry_run_plans_and_changes_nothing(demo: Office) -> None:
    before = [*demo.sandbox.control.books("hubspot")]
    assert run(demo, post_mode="dry_run")["planned"] == 4
    assert [*demo.sandbox.control.books("hubspot")] == before
    assert demo.store().cursor(FLOW.name) is None


def test_the_number_of_calls_does_not_grow_with_the_contracts(demo: Office) -> None:
    def calls(work: Callable[[], object]) -> int:
        demo.sandbox.control.forget_calls()
        work()
        return demo.sent("hubspot", "") + demo.sent("intacct", "")

    run(demo)
    few = calls(lambda: run(demo))
    for n in range(20):
        recurring(demo, f"MORE-{n}", "C-9003", start="2025-12-20")
    run(demo)
    assert len(deals(demo)) == 22
    assert calls(lambda: run(demo)) <= few + 2
