"""A deal that is billed bit by bit: each instalment becomes one invoice on its day, and together they are the contract.
Pure: no system is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from include.core.books import Books, Entity
from include.core.decisions import Decision, Hold, Json, Update, Write
from include.core.sync.rows import WriteState, planned_row
from include.flows.deals.documents import DealDocuments, part_key
from include.flows.deals.live import LiveDeal
from include.flows.deals.plan import plan
from include.flows.deals.records import DealRecord
from include.flows.instalments.billed import BilledInstalments, progress
from include.flows.instalments.contract import PLANNED_BY
from include.flows.instalments.first_billed import kept_sources
from include.flows.instalments.settings import InstalmentSettings
from include.flows.instalments.waiting import next_days
from include.flows.sources import SourceSettings
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import BOOKS, KNOWN, PLAN_TEAM, SENSOR, SETTINGS, deal

MONTHLY = {**PLAN_TEAM, "recurringbillingfrequency": "monthly", "hs_recurring_billing_period": "P12M"}


def chosen(**instalments: Any) -> Any:
    section = InstalmentSettings.model_validate({"rest": "invoice_when_due", **instalments})
    return SETTINGS.model_copy(update={"instalments": section})


WHEN_DUE = chosen()


def decide(
    record: DealRecord,
    today: str,
    rows: Sequence[Write] = (),
    settings: Any = WHEN_DUE,
    state: WriteState = WriteState.WRITTEN,
    books: Books = BOOKS,
) -> list[Decision]:
    """The plan of that day; ``rows`` are the documents that the log has of the deal."""
    numbers = [one.key.part.rpartition("-")[2] if one.key.target_object == "reversal" else "" for one in rows]
    logged = [
        replace(planned_row(one), state=state, target_id=numbers[n - 1] or str(n)) for n, one in enumerate(rows, 1)
    ]
    documents = DealDocuments.of(logged)
    known = replace(KNOWN, documents=documents, live={"501": LiveDeal("USD")}, invoiced={one: {} for one in documents})
    now = datetime.fromisoformat(f"{today}T18:00:00+00:00")
    return plan([record], known, settings, books, now=now)


def made(decisions: Sequence[Decision]) -> list[Write]:
    """The invoices among them that are to be sent."""
    return [one for one in decisions if isinstance(one, Write) and one.payload and one.key.target_object == "invoice"]


def days_and_amounts(writes: Sequence[Write]) -> list[tuple[str, str]]:
    return [(one.payload["datecreated"], one.expect["TRX_TOTALENTERED"]) for one in writes]


def sold(*lines: Mapping[str, str], amount: str, **more: str) -> DealRecord:
    return deal(*lines, amount=amount, **more)


YEAR = sold(MONTHLY, amount="1200")


def test_only_what_is_due_is_billed_and_the_deal_amount_is_the_contracts() -> None:
    (first,) = made(decide(YEAR, "2026-11-20"))
    assert days_and_amounts([first]) == [("2026-11-03", "100.00")]
    assert first.key.part == "invoice"
    assert "instalment 1 of 12" in first.summary
    (item,) = first.payload["invoiceitems"]
    assert (item["revrecstartdate"], item["revrecenddate"]) == ("2026-11-03", "2026-12-02")
    (held,) = decide(sold(MONTHLY, amount="100"), "2026-11-20")
    assert isinstance(held, Hold)
    assert held.code == "amount_differs_from_lines"
    by_line = chosen(deal_amount="first_billing")
    assert len(made(decide(sold(MONTHLY, amount="100"), "2026-11-20", settings=by_line))) == 1


def test_each_later_instalment_is_billed_on_its_day_once_and_missed_days_are_caught_up() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    assert made(decide(YEAR, "2026-12-02", first)) == []
    (december,) = made(decide(YEAR, "2026-12-03", first))
    assert december.key.document_key() == "hs-deal-501-b20261203"
    caught_up = made(decide(YEAR, "2027-02-10", [*first, december]))
    assert days_and_amounts(caught_up) == [("2027-01-03", "100.00"), ("2027-02-03", "100.00")]
    assert made(decide(YEAR, "2027-02-10", [*first, december, *caught_up])) == []


def test_a_deal_found_a_year_late_is_billed_whole_and_never_beyond_its_term() -> None:
    writes = made(decide(YEAR, "2028-06-01"))
    assert len(writes) == 12
    assert sum(Decimal(amount) for _, amount in days_and_amounts(writes)) == 1200
    assert days_and_amounts(writes)[-1] == ("2027-10-03", "100.00")


def test_billing_that_starts_later_waits_and_says_until_when() -> None:
    later = sold({**MONTHLY, "hs_recurring_billing_start_date": "2027-01-15"}, amount="1200")
    (waits,) = decide(later, "2026-11-20")
    assert isinstance(waits, Update)
    assert waits.values["tieout_state"] == "waiting"
    assert "until 2027-01-15: 100.00 USD" in str(waits.values["tieout_message"])
    (first,) = made(decide(later, "2027-01-15"))
    assert (first.key.part, first.payload["datecreated"]) == ("invoice", "2027-01-15")
    assert next_days([later], {}, WHEN_DUE, BOOKS) == {"501": date(2027, 1, 15)}


def test_the_day_to_look_again_is_the_first_that_is_not_billed_until_all_is() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    rows = [replace(planned_row(one), state=WriteState.WRITTEN, target_id="1") for one in first]
    assert next_days([YEAR], {}, WHEN_DUE, BOOKS) == {"501": date(2026, 11, 3)}
    assert next_days([YEAR], DealDocuments.of(rows), WHEN_DUE, BOOKS) == {"501": date(2026, 12, 3)}
    every = [replace(planned_row(one), state=WriteState.WRITTEN) for one in made(decide(YEAR, "2028-01-01"))]
    assert next_days([YEAR], DealDocuments.of(every), WHEN_DUE, BOOKS) == {"501": None}
    assert next_days([replace(YEAR, is_won=False)], {}, WHEN_DUE, BOOKS) == {"501": None}
    assert next_days([YEAR], {}, chosen(rest="by_hand"), BOOKS) == {}


def test_lines_of_one_day_share_an_invoice() -> None:
    hardware = sold(MONTHLY, SENSOR, amount="1300.01")
    first, second = made(decide(hardware, "2026-12-03"))
    assert [item["amount"] for item in first.payload["invoiceitems"]] == ["100.00", "100.01"]
    assert [item["amount"] for item in second.payload["invoiceitems"]] == ["100.00"]


def test_a_discount_on_the_whole_is_rounded_once_and_the_instalments_add_up_to_it() -> None:
    plan_ = {**MONTHLY, "price": "33.33"}
    discounted = sold(plan_, amount="371.96", header_discount_percent="7")
    writes = made(decide(discounted, "2027-12-01"))
    assert sum(Decimal(amount) for _, amount in days_and_amounts(writes)) == Decimal("371.96")
    assert {amount for _, amount in days_and_amounts(writes)} == {"30.99", "31.00"}


def test_a_line_without_a_term_is_held_and_one_whose_term_is_no_whole_number_of_billings_too() -> None:
    for line, code in (
        ({**PLAN_TEAM, "recurringbillingfrequency": "monthly"}, "no_term"),
        ({**MONTHLY, "recurringbillingfrequency": "weekly"}, "no_term"),
        ({**MONTHLY, "recurringbillingfrequency": "quarterly", "hs_recurring_billing_period": "P10M"}, "invalid_line"),
        ({**MONTHLY, "hs_recurring_billing_number_of_payments": "6"}, "invalid_line"),
        ({**MONTHLY, "hs_term_in_months": "6"}, "invalid_line"),
        ({**MONTHLY, "hs_recurring_billing_period": "P1W"}, "invalid_line"),
    ):
        (held,) = decide(sold(line, amount="100"), "2026-11-20")
        assert isinstance(held, Hold)
        assert held.code == code, held.message


@pytest.mark.parametrize(
    ("term", "times"),
    [
        ({"hs_recurring_billing_period": "P1Y"}, 12),
        ({"hs_term_in_months": "3"}, 3),
        ({"hs_recurring_billing_number_of_payments": "5"}, 5),
    ],
)
def test_the_term_is_read_however_hubspot_states_it(term: dict[str, str], times: int) -> None:
    line = {**PLAN_TEAM, "recurringbillingfrequency": "monthly", **term}
    assert len(made(decide(sold(line, amount=str(100 * times)), "2028-01-01"))) == times


def test_one_time_lines_are_split_by_the_plan_that_the_deal_names() -> None:
    splits = {
        "thirds": {"shares": [1, 1, 1], "due": [0, 1, 2]},
        "30-70": {"percent": ["30", "70"], "due": [0, "deal.acceptance_date"]},
        "deposit": {"amounts": ["20.00"], "due": [0, 1]},
    }
    settings = chosen(split="deal.payment_plan", splits=splits)

    def billed(plan_: str, today: str, **more: str) -> list[tuple[str, str]]:
        record = sold(SENSOR, amount="100.01", payment_plan=plan_, **more)
        return days_and_amounts(made(decide(record, today, settings=settings)))

    assert billed("thirds", "2027-01-03") == [
        ("2026-11-03", "33.34"),
        ("2026-12-03", "33.34"),
        ("2027-01-03", "33.33"),
    ]
    assert billed("30-70", "2027-06-01") == [("2026-11-03", "30.00")]
    assert billed("30-70", "2027-06-01", acceptance_date="2027-02-28")[1:] == [("2027-02-28", "70.01")]
    assert billed("deposit", "2026-12-03") == [("2026-11-03", "20.00"), ("2026-12-03", "80.01")]
    (held,) = decide(sold(SENSOR, amount="100.01", payment_plan="halves"), "2026-11-20", settings=settings)
    assert isinstance(held, Hold)
    assert "splits in the settings knows 30-70, deposit, thirds" in held.message


def test_one_time_lines_are_due_by_the_rule_and_wait_for_no_other_day() -> None:
    start = {**MONTHLY, "hs_recurring_billing_start_date": "2026-12-01"}
    (both,) = made(decide(sold(start, SENSOR, amount="1300.01"), "2026-12-01", settings=chosen(one_time="start")))
    assert days_and_amounts([both]) == [("2026-12-01", "200.01")]
    delivered = chosen(one_time="delivery", delivery_date="deal.delivered_on")
    (held,) = decide(sold(SENSOR, amount="100.01"), "2026-12-01", settings=delivered)
    assert isinstance(held, Hold)
    assert held.code == "no_invoice_date"
    record = sold(SENSOR, amount="100.01", delivered_on="2026-11-25")
    assert days_and_amounts(made(decide(record, "2026-12-01", settings=delivered))) == [("2026-11-25", "100.01")]


def test_a_change_of_what_is_not_billed_yet_is_just_planned_anew() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    shorter = sold({**MONTHLY, "hs_recurring_billing_period": "P3M"}, amount="300")
    (said,) = decide(shorter, "2026-11-20", first)
    assert isinstance(said, Update)
    assert "1 of 3 over 300.00 USD so far; the next one over 100.00 USD on 2026-12-03" in str(
        said.values["tieout_message"]
    )
    rest = made(decide(shorter, "2028-01-01", first))
    assert [day for day, _ in days_and_amounts(rest)] == ["2026-12-03", "2027-01-03"]
    assert made(decide(shorter, "2028-01-01", [*first, *rest])) == []


def test_a_change_of_what_is_billed_is_for_the_changed_deal_engine() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    dearer = sold({**MONTHLY, "price": "110"}, amount="1320")
    other = sold({**MONTHLY, "hs_sku": "PLAN-ENT"}, amount="1200")
    for changed in (dearer, other, replace(YEAR, is_won=False)):
        (held,) = decide(changed, "2026-12-03", first)
        assert isinstance(held, Hold), changed
        assert not made([held])


def test_a_deal_that_is_no_longer_won_is_billed_no_further() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    assert made(decide(replace(YEAR, is_won=False), "2027-06-01", first)) == []


def test_an_instalment_in_doubt_is_settled_before_anything_else() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    (december,) = made(decide(YEAR, "2026-12-03", first))
    rows = [replace(planned_row(first[0]), state=WriteState.WRITTEN, target_id="1")]
    rows.append(replace(planned_row(december), state=WriteState.UNKNOWN))
    documents = DealDocuments.of(rows)
    known = replace(KNOWN, documents=documents, invoiced={"501": {}})
    for record in (YEAR, replace(YEAR, is_won=False)):
        decisions = plan([record], known, WHEN_DUE, BOOKS, now=datetime(2027, 3, 1, 18, tzinfo=UTC))
        assert [one.key for one in made(decisions)] == [december.key]
    assert isinstance(decisions[-1], Hold)
    assert decisions[-1].code == "change_under_way"


def test_the_choice_of_the_first_bill_stays_whatever_is_chosen_since() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    assert len(made(decide(YEAR, "2026-12-03", first, settings=SETTINGS))) == 1
    once = sold(MONTHLY, amount="100")
    billed = made(decide(once, "2026-11-03", settings=SETTINGS))
    (known,) = decide(once, "2027-06-01", billed)
    assert isinstance(known, Write)
    assert known.payload == {}


def test_a_correction_has_all_instalments_up_to_a_day() -> None:
    first = made(decide(YEAR, "2026-11-03"))
    (december,) = made(decide(YEAR, "2026-12-03", first))
    correction = replace(december, facts={**first[0].facts, "change": 1, "through": "2026-12-03"})
    rows = [*first, replace(correction, key=replace(december.key, part="invoice-2"))]
    (january,) = made(decide(YEAR, "2027-01-10", rows))
    assert january.payload["datecreated"] == "2027-01-03"
    assert january.facts["change"] == 1
    billed = BilledInstalments.of(DealDocuments.of(
        replace(planned_row(one), state=WriteState.WRITTEN, target_id="9") for one in rows
    )["501"])  # fmt: skip
    assert billed.through == date(2026, 12, 3)
    assert progress(first[0].facts, billed).startswith("Billed in instalments: 2 of 12 over 1200.00 USD so far")


def test_an_instalment_that_is_no_invoice_holds_the_deal() -> None:
    credit = {**SENSOR, "quantity": "1", "price": "-100"}
    start = {**MONTHLY, "hs_recurring_billing_start_date": "2026-12-01"}
    (held,) = decide(sold(start, credit, amount="1100"), "2026-12-20")
    assert isinstance(held, Hold)
    assert held.code == "negative_total"


@pytest.mark.parametrize(
    "section",
    [
        {"one_time": "delivery"},
        {"splits": {"x": {"shares": [1], "percent": ["100"], "due": [0]}}},
        {"splits": {"x": {"shares": [1, 1], "due": [0]}}},
        {"splits": {"x": {"amounts": ["-1"], "due": [0, 1]}}},
        {"splits": {"x": {"percent": ["50", "50"], "due": [0, -1]}}},
        {"rest": "whatever"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(section: Json) -> None:
    with pytest.raises(ValidationError):
        InstalmentSettings.model_validate(section)


def test_a_pipeline_of_sales_orders_cannot_be_billed_in_instalments_too() -> None:
    both = chosen().model_copy(update={"sales_orders": {"7": "Sales Order"}})
    assert [key for key, *_ in both.problems(BOOKS)] == ["sales_orders.7"]
    named = chosen(pipelines={"7": "by_hand"}).model_copy(update={"sales_orders": {"7": "Sales Order"}})
    assert named.problems(BOOKS) == []


SUPPORT = {**MONTHLY, "hs_sku": "SUPPORT-GOLD"}
RECURRING = chosen(rest="recurring_invoice")


def recurring(record: DealRecord, today: str, rows: Sequence[Write] = (), settings: Any = RECURRING) -> list[Write]:
    return [
        one
        for one in decide(record, today, rows, settings=settings)
        if isinstance(one, Write) and one.key.target_object == "recurring_invoice" and one.payload
    ]


def test_the_rest_can_be_one_recurring_invoice_that_ends_with_the_contract() -> None:
    year = sold(SUPPORT, amount="1200")
    decisions = decide(year, "2026-11-20", settings=RECURRING)
    (first,), (rest,) = made(decisions), recurring(year, "2026-11-20")
    assert days_and_amounts([first]) == [("2026-11-03", "100.00")]
    assert {name: rest.payload[name] for name in ("startdate", "ending", "modenew", "interval", "RECORDID")} == {
        "startdate": "2026-12-03",
        "ending": {"occurrences": "11"},
        "modenew": "Months",
        "interval": "1",
        "RECORDID": "hs-deal-501-recurring",
    }
    (item,) = rest.payload["recurinvoiceitems"]
    assert (item["amount"], item["memo"]) == ("100.00", "Team plan")
    both = [first, rest]
    assert made(decide(year, "2027-06-01", both, settings=RECURRING)) == recurring(year, "2027-06-01", both) == []
    rows = [replace(planned_row(one), state=WriteState.WRITTEN, target_id="1") for one in both]
    said = progress(first.facts, BilledInstalments.of(DealDocuments.of(rows)["501"]))
    assert said == "Billed: 1 of 12 instalments over 1200.00 USD; from 2026-12-03 on by a recurring invoice in Intacct."


def test_a_deal_found_late_leaves_only_what_is_to_come_to_the_recurring_invoice() -> None:
    year = sold(SUPPORT, amount="1200")
    (rest,) = recurring(year, "2027-01-20")
    assert (rest.payload["startdate"], rest.payload["ending"]) == ("2027-02-03", {"occurrences": "9"})
    assert len(made(decide(year, "2027-01-20", settings=RECURRING))) == 3


def test_what_intacct_could_not_bill_by_one_recurring_invoice_is_held() -> None:
    quarterly = {**SUPPORT, "id": "9", "recurringbillingfrequency": "quarterly"}
    month_end = {**SUPPORT, "hs_recurring_billing_start_date": "2027-01-30"}
    for record in (
        sold(MONTHLY, amount="1200"),  # its product has a revenue template
        sold(SUPPORT, quarterly, amount="1600"),
    ):
        (held,) = decide(record, "2026-11-20", settings=RECURRING)
        assert isinstance(held, Hold)
        assert held.code == "no_recurring_invoice", held.message
    # From 30 January on: 28 February, 30 March. Intacct counts from the first day too, so that it can.
    (rest,) = recurring(sold(month_end, amount="1200"), "2026-11-20")
    assert (rest.payload["startdate"], rest.payload.get("eom")) == ("2027-01-30", None)
    late = recurring(sold(month_end, amount="1200"), "2027-02-01", settings=RECURRING)
    assert late == []  # from 28 February on Intacct would go on with the 28th


def test_a_changed_deal_waits_until_its_recurring_invoice_is_ended() -> None:
    year = sold(SUPPORT, amount="1200")
    both = [*made(decide(year, "2026-11-20", settings=RECURRING)), *recurring(year, "2026-11-20")]
    logged = [replace(planned_row(one), state=WriteState.WRITTEN, target_id=str(n)) for n, one in enumerate(both, 1)]
    documents = DealDocuments.of(logged)
    known = replace(
        KNOWN,
        documents=documents,
        live={"501": LiveDeal("USD")},
        invoiced={one: {} for one in documents},
        recurring={"501": "RECUR-7"},
    )
    now = datetime(2027, 1, 20, 18, tzinfo=UTC)
    for changed in (replace(year, is_won=False), sold({**SUPPORT, "hs_recurring_billing_period": "P6M"}, amount="600")):
        (held,) = plan([changed], known, RECURRING, BOOKS, now=now)
        assert isinstance(held, Hold)
        assert held.code == "recurring_invoice_goes_on"
        assert "recurring invoice RECUR-7 goes on billing it" in held.message


def test_a_lost_deal_that_is_won_again_later_is_billed_from_then_on() -> None:
    """HubSpot dates a deal anew when it is closed again: nothing of it was due on the days that it was billed for."""
    (first,) = made(decide(YEAR, "2026-11-20"))
    unwon = Write(part_key("501", "reversal", "reversal-1-1"), {}, {"deal": "501", "won": False, "change": 1})
    again = replace(YEAR, deal={**YEAR.deal, "closedate": "2027-02-01T15:00:00Z"})
    (waits,) = decide(again, "2027-01-15", [first, unwon])
    assert isinstance(waits, Update)
    assert "until 2027-02-01: 100.00 USD" in str(waits.values["tieout_message"])
    (asks,) = decide(again, "2027-02-01", [first, unwon])
    assert isinstance(asks, Hold)
    assert asks.code == "needs_approval"
    assert "a new invoice over 100.00 USD" in asks.message
    rows = [replace(planned_row(one), state=WriteState.WRITTEN) for one in (first, unwon)]
    assert next_days([again], DealDocuments.of(rows), WHEN_DUE, BOOKS) == {"501": date(2027, 2, 1)}


SPLITS = {"thirds": {"shares": [1, 1, 1], "due": [0, 1, 2]}, "halves": {"shares": [1, 1], "due": [0, "deal.handover"]}}


def test_a_deal_into_which_one_in_instalments_was_merged_says_how_much_of_that_is_billed() -> None:
    (first,) = made(decide(YEAR, "2026-11-20"))
    documents = DealDocuments.of([replace(planned_row(first), state=WriteState.WRITTEN, target_id="1")])
    survivor = sold(MONTHLY, amount="1200", id="502", hs_merged_object_ids="501")
    known = replace(KNOWN, documents=documents, invoiced={"501": documents["501"].facts})
    (held,) = plan([survivor], known, WHEN_DUE, BOOKS, now=datetime(2026, 12, 20, 18, tzinfo=UTC))
    assert isinstance(held, Hold)
    assert (held.source_id, held.code) == ("502", "merged_after_posting")
    assert "1 of 12 over 1200.00 USD so far; the next one over 100.00 USD on 2026-12-03" in held.message
    assert "Nothing of this deal is billed by itself any more" in held.message


@pytest.mark.parametrize("policy", ["hold", "ask"])
def test_a_later_instalment_in_a_closed_period_says_which_it_is_and_when_it_is_due(policy: str) -> None:
    (first,) = made(decide(YEAR, "2026-11-20"))
    periods = {"AR": {"closed_through": "2026-12-31", "when_closed": policy}}
    entity = Entity.model_validate({**BOOKS.entities["100"].model_dump(), "periods": periods})
    closed = BOOKS.model_copy(update={"entities": {**BOOKS.entities, "100": entity}})
    (held,) = decide(YEAR, "2027-01-10", [first], books=closed)
    assert isinstance(held, Hold)
    assert "won" not in held.message
    assert "instalment 2 of 12" in held.message
    assert "2026-12-03" in held.message
    assert "has closed" in held.message
    (corrected,) = decide(YEAR, "2027-01-10", [], books=closed)
    assert isinstance(corrected, Hold)
    assert "instalment 1 of 12" in corrected.message


def test_a_deal_goes_on_by_the_split_that_it_was_planned_with_whatever_the_settings_say_since() -> None:
    settings = chosen(split="deal.payment_plan", splits=SPLITS)
    hardware = sold(SENSOR, amount="100.01", payment_plan="thirds")
    first = made(decide(hardware, "2026-11-20", settings=settings))
    told = "split as “thirds” (shares 1, 1, 1; due 0, 1, 2)"
    assert told in first[0].summary
    whole = days_and_amounts(made(decide(hardware, "2027-03-01", settings=settings)))
    for edited in (
        chosen(split="deal.payment_plan", splits={"thirds": {"shares": [2, 1], "due": [0, 6]}}),
        chosen(split="deal.payment_plan", one_time="start", deal_amount="first_billing", splits=SPLITS),
        chosen(split="deal.another_property", splits={}),
        chosen(one_time="delivery", delivery_date="deal.delivered_on"),
    ):
        later = made(decide(hardware, "2027-03-01", first, settings=edited))
        assert days_and_amounts([*first, *later]) == whole
        rows = [replace(planned_row(one), state=WriteState.WRITTEN, target_id="1") for one in first]
        assert next_days([hardware], DealDocuments.of(rows), edited, BOOKS) == {"501": date(2026, 12, 3)}
        assert made(decide(hardware, "2028-03-01", [*first, *later], settings=edited)) == []
        assert told in progress(first[0].facts, BilledInstalments.of(DealDocuments.of(rows)["501"]))


def test_an_edited_split_is_that_of_new_deals_and_of_those_that_a_rep_gives_it_since() -> None:
    settings = chosen(split="deal.payment_plan", splits=SPLITS)
    edited = chosen(split="deal.payment_plan", splits={**SPLITS, "halves": {"percent": ["75", "25"], "due": [0, 3]}})
    hardware = sold(SENSOR, amount="100.01", payment_plan="halves", handover="2026-12-24")
    assert days_and_amounts(made(decide(hardware, "2027-03-01", settings=edited)))[1] == ("2027-02-03", "25.00")
    first = made(decide(hardware, "2026-11-20", settings=settings))
    assert [one.source for one in kept(first)] == ["deal.payment_plan", "deal.handover"]
    # The start is the same in both, so that only what is not billed yet changes with the name.
    quarters = {"quarters": {"shares": [2, 1, 1], "due": [0, 1, 2]}}
    named = sold(SENSOR, amount="100.01", payment_plan="quarters")
    by_name = chosen(split="deal.payment_plan", splits={**SPLITS, **quarters})
    later = made(decide(named, "2026-12-20", first, settings=by_name))
    assert days_and_amounts(later) == [("2026-12-03", "25.00")]
    other = chosen(split="deal.payment_plan", splits={"quarters": {"shares": [2, 2], "due": [0, 1]}})
    rest = made(decide(named, "2027-03-01", [*first, *later], settings=other))
    assert days_and_amounts(rest) == [("2027-01-03", "25.00")]


def test_a_deal_from_before_splits_were_kept_goes_on_by_the_settings_as_they_are() -> None:
    settings = chosen(split="deal.payment_plan", splits=SPLITS)
    hardware = sold(SENSOR, amount="100.01", payment_plan="thirds")
    new = made(decide(hardware, "2026-11-20", settings=settings))
    first = [replace(one, facts={name: fact for name, fact in one.facts.items() if name != PLANNED_BY}) for one in new]
    (known,) = decide(hardware, "2026-11-20", first, settings=settings)
    assert isinstance(known, Write)
    assert known.payload == {}
    later = made(decide(hardware, "2026-12-20", first, settings=settings))
    assert days_and_amounts(later) == [("2026-12-03", "33.34")]
    assert PLANNED_BY not in later[0].facts
    edited = chosen(split="deal.payment_plan", splits={"thirds": {"shares": [1, 1, 1], "due": [0, 1, 3]}})
    assert days_and_amounts(made(decide(hardware, "2027-03-01", [*first, *later], settings=edited))) == [
        ("2027-02-03", "33.33")
    ]


def kept(writes: Sequence[Write]) -> list[SourceSettings]:
    rows = [replace(planned_row(one), state=WriteState.WRITTEN, target_id="1") for one in writes]
    return kept_sources(DealDocuments.of(rows).values())
