"""What a deal calculates by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

A, B = "5156001", "5156002"
FLAGS = ("hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost", "hs_deal_stage_probability", "hs_closed_won_date")


def _flags(api: Any, deal: str) -> list[Any]:
    found = api.props("deals", deal, *FLAGS)
    return [found[name] for name in FLAGS]


def test_won_is_what_the_pipeline_says_not_what_the_label_says(api: Any) -> None:
    paper = api.new("deals", dealname="p", dealstage="186520413", closedate="2026-10-01")
    signed = api.new("deals", dealname="s", dealstage="186520417", closedate="2026-10-01")
    assert _flags(api, paper) == ["false", "false", "false", "0.9", None]
    assert _flags(api, signed) == ["true", "true", "false", "1.0", "2026-10-01T00:00:00.000Z"]
    assert api.props("deals", signed, "pipeline")["pipeline"] == "78411290"


def test_the_flags_follow_the_stage(api: Any) -> None:
    path = f"/crm/v3/objects/deals/{A}"
    assert _flags(api, A) == ["true", "true", "false", "1.0", "2026-10-01T07:00:00.000Z"]
    api.patch(path, {"properties": {"dealstage": "closedlost"}})
    assert _flags(api, A) == ["true", "false", "true", "0.0", None]
    api.patch(path, {"properties": {"dealstage": "qualifiedtobuy"}})
    assert _flags(api, A) == ["false", "false", "false", "0.4", None]


def test_calculated_changes_are_marked_as_calculated_in_the_history(api: Any) -> None:
    api.patch(f"/crm/v3/objects/deals/{B}", {"properties": {"dealstage": "closedwon"}})
    history = api.get(f"/crm/v3/objects/deals/{B}", propertiesWithHistory="dealstage,hs_is_closed_won").json
    rows = history["propertiesWithHistory"]
    assert [(row["value"], row["sourceType"]) for row in rows["dealstage"]] == [
        ("closedwon", "INTEGRATION"), ("contractsent", "IMPORT")]  # fmt: skip
    assert (rows["hs_is_closed_won"][0]["value"], rows["hs_is_closed_won"][0]["sourceType"]) == ("true", "CALCULATED")


def test_a_deal_won_again_has_the_latest_entry_and_its_history_the_first(api: Any, clock: Any) -> None:
    path = f"/crm/v3/objects/deals/{B}"
    entered, left = "hs_v2_date_entered_closedwon", "hs_v2_date_exited_closedwon"
    for stage in ("closedwon", "contractsent", "closedwon"):
        clock.advance(3_600)
        api.patch(path, {"properties": {"dealstage": stage}})
    found = api.props("deals", B, entered, left, "hs_v2_latest_time_in_contractsent")
    assert (found[entered], found[left]) == ("2026-10-02T12:30:00.000Z", None)
    assert found["hs_v2_latest_time_in_contractsent"] == "3600000"
    rows = api.get(path, propertiesWithHistory="dealstage").json["propertiesWithHistory"]["dealstage"]
    assert [row["value"] for row in rows] == ["closedwon", "contractsent", "closedwon", "contractsent"]
    assert rows[2]["timestamp"] == "2026-10-02T10:30:00.000Z"


def test_a_deal_closed_without_a_date_gets_the_present_one_unless_switched_off(make: Callable[..., Any]) -> None:
    change = {"properties": {"dealstage": "closedwon"}}
    api = make()
    api.patch(f"/crm/v3/objects/deals/{B}", change)
    assert api.props("deals", B, "closedate")["closedate"] == "2026-10-02T09:30:00.000Z"
    off = make(closing_fills_closedate=False)
    off.patch(f"/crm/v3/objects/deals/{B}", change)
    assert off.props("deals", B, "closedate")["closedate"] is None


def test_stage_and_pipeline_belong_together(api: Any) -> None:
    path = f"/crm/v3/objects/deals/{B}"
    both = {"dealstage": "186520417", "pipeline": "default"}
    assert api.patch(path, {"properties": both}).status == 400
    api.patch(path, {"properties": {"dealstage": "186520417"}})
    assert api.props("deals", B, "pipeline")["pipeline"] == "78411290"
    assert api.patch(path, {"properties": {"pipeline": "default"}}).status == 400


def test_the_amount_in_company_currency_follows_the_rates(make: Callable[..., Any], clock: Any) -> None:
    rates = [
        {"type": "_exchange_rate", "id": "1", "fromCurrencyCode": "USD", "toCurrencyCode": "EUR",
         "conversionRate": "0.9", "effectiveAt": "2026-01-01T00:00:00Z"},
        {"type": "_exchange_rate", "id": "2", "fromCurrencyCode": "USD", "toCurrencyCode": "EUR",
         "conversionRate": "0.95", "effectiveAt": "2026-09-01T00:00:00Z"},
    ]  # fmt: skip
    api = make(*rates)
    names = ("amount_in_home_currency", "hs_exchange_rate")
    given = {"dealname": "d", "amount": "100.01", "deal_currency_code": "USD"}
    opened = api.new("deals", dealstage="contractsent", **given)
    closed = api.new("deals", dealstage="closedwon", closedate="2026-02-01", **given)
    assert [api.props("deals", opened, *names)[name] for name in names] == ["95.01", "0.95"]
    assert [api.props("deals", closed, *names)[name] for name in names] == ["90.01", "0.9"]
    assert api.props("deals", A, *names)["amount_in_home_currency"] == "1250.00"
    new = {"fromCurrencyCode": "USD", "toCurrencyCode": "EUR", "conversionRate": 0.8}
    assert api.post("/settings/v3/currencies/exchange-rates", new).status == 201
    assert api.props("deals", opened, *names)["amount_in_home_currency"] == "80.01"
    assert api.props("deals", closed, *names)["amount_in_home_currency"] == "90.01", "closed deals keep their rate"
    api.patch("/settings/v3/currencies/exchange-rates/1", {"conversionRate": 0.7})
    assert api.props("deals", closed, *names)["amount_in_home_currency"] == "70.01", "unless that rate is edited"


def test_a_deal_adds_up_the_recurring_revenue_of_its_line_items(api: Any) -> None:
    for frequency in ("monthly", "annually", ""):
        item = api.new("line_items", name="i", price="120", quantity="1", recurringbillingfrequency=frequency)
        api.put(f"/crm/v4/objects/deals/{A}/associations/default/line_items/{item}")
    found = api.props("deals", A, "hs_mrr", "hs_arr", "hs_num_of_associated_line_items", "amount")
    assert (found["hs_mrr"], found["hs_arr"], found["hs_num_of_associated_line_items"]) == ("130", "1560", "3")
    assert found["amount"] == "1250.00", "line items written by the API leave the amount alone"
