"""What becomes of a won deal: the plan's decisions, one guarantee a test. Pure: no system is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from include.connectors.intacct.records import Customer
from include.core.calendar_terms import Term
from include.core.decisions import Decision, Hold, Json, Skip, Write, decision_from_json, decision_to_json
from include.core.settings import load_flow_settings
from include.core.windows import BusinessDates
from include.flows.deals.plan import Lookups, plan
from include.flows.deals.records import DealRecord
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOOKS, SETTINGS = load_flow_settings(FLOW.name, FLOW.settings)
TERMS = {"N30": Term("N30", 30), "N15": Term("N15", 15)}
ACME = Customer(
    "11", "C-11", "Acme Inc", active=True, on_hold=False, term_name="N15", tax_id="US-11", country="United States"
)
KNOWN = Lookups([ACME], TERMS, {"70": "C-11"})

PLAN_TEAM = {"id": "1", "name": "Team plan", "hs_sku": "PLAN-TEAM", "quantity": "1", "price": "100"}
SENSOR = {"id": "2", "name": "Sensor", "hs_sku": "SENSOR-1", "quantity": "3", "price": "33.335"}


def deal(*lines: Mapping[str, str | None], **more: str | None) -> DealRecord:
    """A won deal of Acme, worth its lines; ``more`` are deal properties."""
    properties = {
        "id": "501",
        "dealname": "Roof plant",
        "amount": "200.01",
        "closedate": "2026-11-03T15:00:00.000Z",
        **more,
    }
    company = {"id": "70", "name": "Acme Inc", "country": "United States", "tax_id": "US-11", "city": "Boston"}
    return DealRecord(properties, True, "USD", company, 1, {}, {}, lines or (PLAN_TEAM, SENSOR))


NO_COMPANY = replace(deal(), company={}, companies=0)
TWO_COMPANIES = replace(deal(), company={}, companies=2)
ABROAD = replace(deal(), company={**deal().company, "country": "Peru"})
BRITISH = replace(deal(closedate="2026-09-15T15:00:00Z", billing_entity="UK"), currency="GBP")


def decide(record: DealRecord, lookups: Lookups = KNOWN, **options: Any) -> list[Decision]:
    return plan([record], lookups, SETTINGS, BOOKS, now=NOW, **options)


def invoice(record: DealRecord, lookups: Lookups = KNOWN, **options: Any) -> Json:
    *_, last = decide(record, lookups, **options)
    assert isinstance(last, Write), last
    return last.payload


def hold(record: DealRecord, lookups: Lookups = KNOWN) -> Hold:
    (decision,) = decide(record, lookups)
    assert isinstance(decision, Hold), decision
    return decision


def test_a_won_deal_becomes_one_whole_invoice() -> None:
    assert invoice(deal(po_number="PO-9")) == {
        "customerid": "C-11",
        "datecreated": "2026-11-03",
        "dateposted": "2026-11-03",
        "datedue": "2026-11-18",
        "termname": "N15",
        "action": "Submit",
        "basecurr": "USD",
        "currency": "USD",
        "exchratedate": "2026-11-03",
        "exchratetype": "Intacct Daily Rate",
        "description": "Roof plant",
        "ponumber": "PO-9",
        "invoiceitems": [
            {
                "glaccountno": "4000",
                "amount": "100.00",
                "locationid": "100",
                "itemid": "PLAN-TEAM",
                "classid": "SAAS",
                "memo": "Team plan",
                "departmentid": "D10",
            },
            {
                "glaccountno": "4100",
                "amount": "100.01",
                "locationid": "100",
                "itemid": "SENSOR-1",
                "classid": "HW",
                "memo": "Sensor",
                "departmentid": "D10",
            },
        ],
    }


def test_drafts_are_planned_as_drafts() -> None:
    assert invoice(deal(), draft=True)["action"] == "Draft"


def test_a_recurring_line_carries_revenue_dates_and_its_billing_period() -> None:
    line = {**PLAN_TEAM, "recurringbillingfrequency": "annually"}
    (item,) = invoice(deal(line, amount="100"))["invoiceitems"]
    assert (item["revrectemplate"], item["defrevaccount"]) == ("12M straight", "2400")
    assert (item["revrecstartdate"], item["revrecenddate"]) == ("2026-11-03", "2027-11-02")
    assert item["memo"] == "Team plan, 2026-11-03 to 2027-11-02"


def test_the_won_date_is_the_entitys_own_calendar_day() -> None:
    """31 October 23:30 in New York is already November in UTC."""
    assert invoice(deal(closedate="2026-11-01T03:30:00.000Z"))["datecreated"] == "2026-10-31"


def test_a_closed_period_moves_the_posting_date_and_keeps_the_invoice_date() -> None:
    planned = invoice(deal(closedate="2026-09-15T15:00:00Z"))
    assert (planned["datecreated"], planned["dateposted"]) == ("2026-09-15", "2026-10-01")


def test_a_new_company_becomes_a_customer_before_its_invoice() -> None:
    customer, bill = decide(deal(), Lookups(terms=TERMS))
    assert isinstance(customer, Write)
    assert isinstance(bill, Write)
    assert customer.payload["CUSTOMERID"] == "HS-70"
    assert bill.payload["customerid"] == {"$ref": ["intacct", "customer", "hubspot", "company", "70", "customer"]}
    assert bill.expect["CUSTOMERID"] == "HS-70"


def test_two_deals_of_one_new_company_make_one_customer() -> None:
    second = replace(deal(), deal={**deal().deal, "id": "502"})
    planned = plan([deal(), second], Lookups(terms=TERMS), SETTINGS, BOOKS, now=NOW)
    assert [d.key.target_object for d in planned if isinstance(d, Write)] == ["customer", "invoice", "invoice"]


def test_a_held_deal_creates_no_customer() -> None:
    (decision,) = decide(deal(amount="1"), Lookups(terms=TERMS))
    assert isinstance(decision, Hold)


def test_a_deal_that_is_not_won_is_skipped() -> None:
    (decision,) = decide(replace(deal(), is_won=False))
    assert decision == Skip("501", "not won")


def test_a_deal_that_was_invoiced_and_is_no_longer_won_is_shown_to_a_person() -> None:
    held = hold(replace(deal(), is_won=False), replace(KNOWN, invoiced={"501": {}}))
    assert held.code == "changed_after_posting"


def test_an_invoiced_deal_is_compared_by_its_facts_whatever_was_closed_or_held_since() -> None:
    known = Lookups([replace(ACME, on_hold=True)], {}, invoiced={"501": {}})
    (planned,) = decide(BRITISH, known)
    assert isinstance(planned, Write)
    assert planned.facts["total"] == "200.01"


def test_an_invoiced_deal_that_can_no_longer_be_billed_is_a_changed_deal() -> None:
    assert hold(replace(deal(), lines=()), replace(KNOWN, invoiced={"501": {}})).code == "changed_after_posting"


def test_nothing_won_before_go_live_is_invoiced() -> None:
    (decision,) = decide(deal(closedate="2026-07-31T15:00:00Z"))
    assert isinstance(decision, Skip)


def test_a_backfill_keeps_what_was_won_in_its_window_by_the_entitys_clock() -> None:
    october = BusinessDates(datetime(2026, 10, 1), datetime(2026, 11, 1))  # noqa: DTZ001
    inside = decide(deal(closedate="2026-11-01T03:30:00Z"), window=october)
    outside = decide(deal(closedate="2026-11-01T04:30:00Z"), window=october)
    assert isinstance(inside[0], Write)
    assert isinstance(outside[0], Skip)


@pytest.mark.parametrize(
    ("record", "code", "words"),
    [
        (NO_COMPANY, "no_company", "has no company"),
        (TWO_COMPANIES, "no_company", "2 companies and none is primary"),
        (replace(deal(), lines=()), "no_lines", "no line items"),
        (deal({**SENSOR, "hs_sku": "LEGACY-ADDON"}, amount="100.01"), "unmapped_product", "SKU LEGACY-ADDON"),
        (ABROAD, "no_entity", "company.country is “Peru”"),
        (deal(billing_entity="FR"), "no_entity", "deal.billing_entity is “FR”"),
        (replace(deal(), company={**deal().company, "country": None}), "no_entity", "fill in"),
        (replace(deal(), currency="CHF"), "unknown_currency", "CHF"),
        (deal(amount="200.00"), "amount_differs_from_lines", "200.00 USD, its lines and discounts add up to"),
        (deal({**SENSOR, "price": "-5"}, amount="-15"), "negative_total", "credit memo"),
        (deal({**SENSOR, "price": "0"}, amount="0"), "zero_total", "zero"),
        (deal({**SENSOR, "price": "x"}), "invalid_line", "“x”"),
        (BRITISH, "closed_period", "closed receivables through 2026-09-30"),
        (deal(closedate=None), "no_won_date", "closedate"),
        (deal(closedate="yesterday"), "no_won_date", "closedate"),
        (deal(header_discount_percent="120"), "invalid_line", "120 %"),
        (deal(department="LEGAL"), "unmapped_value", "“LEGAL”"),
    ],
)
def test_what_cannot_be_invoiced_whole_is_held_with_its_reason(record: DealRecord, code: str, words: str) -> None:
    held = hold(record)
    assert (held.code, held.source_id) == (code, "501")
    assert words in held.message
    assert held.message.startswith("Deal “Roof plant” (501):")


def test_billing_that_starts_later_is_not_due() -> None:
    line = {**PLAN_TEAM, "recurringbillingfrequency": "monthly", "hs_recurring_billing_start_date": "2026-12-01"}
    assert hold(deal(line, amount="100")).code == "billing_starts_later"


@pytest.mark.parametrize(
    ("customers", "code"),
    [
        ([replace(ACME, active=False)], "customer_inactive"),
        ([replace(ACME, on_hold=True)], "customer_on_hold"),
        ([ACME, replace(ACME, record_no="12", customer_id="C-12")], "ambiguous_customer"),
        ([replace(ACME, tax_id="", country="Peru")], "similar_customer"),
    ],
)
def test_a_doubtful_customer_holds_the_invoice(customers: list[Customer], code: str) -> None:
    assert hold(deal(), Lookups(customers, TERMS)).code == code


def test_no_hold_carries_a_contacts_data() -> None:
    contact = {"id": "9", "email": "ada@acme.example", "firstname": "Ada", "lastname": "Byron", "phone": "555-1"}
    held = hold(replace(deal(amount="1"), contact=contact))
    assert not [v for v in contact.values() if len(v) > 2 and v in held.message]


def test_the_facts_name_what_a_person_can_change_and_nothing_that_settings_decide() -> None:
    first, second = decide(deal()), decide(deal(po_number="PO-1", department="SERVICES"))
    assert isinstance(first[0], Write)
    assert isinstance(second[0], Write)
    assert first[0].content_hash == second[0].content_hash
    (changed,) = decide(deal(PLAN_TEAM, SENSOR, {**SENSOR, "id": "3", "price": "1", "quantity": "1"}, amount="201.01"))
    assert isinstance(changed, Write)
    assert changed.content_hash != first[0].content_hash


def test_a_later_period_close_does_not_make_a_posted_deal_look_changed() -> None:
    entity = BOOKS.entities["100"]
    closed = entity.period("AR").model_copy(update={"closed_through": datetime(2026, 11, 30).date()})  # noqa: DTZ001
    later = BOOKS.model_copy(
        update={"entities": {**BOOKS.entities, "100": entity.model_copy(update={"periods": {"AR": closed}})}}
    )
    (now,), (then,) = decide(deal()), plan([deal()], KNOWN, SETTINGS, later, now=NOW)
    assert isinstance(now, Write)
    assert isinstance(then, Write)
    assert then.payload["dateposted"] == "2026-12-01"
    assert now.content_hash == then.content_hash


def test_decisions_survive_their_way_between_tasks() -> None:
    for decision in [*decide(deal(), Lookups(terms=TERMS)), hold(NO_COMPANY), Skip("1", "not won")]:
        assert decision_from_json(decision_to_json(decision)) == decision


def test_the_same_input_gives_the_same_plan() -> None:
    assert decide(deal()) == decide(DealRecord.from_json(deal().to_json()))
