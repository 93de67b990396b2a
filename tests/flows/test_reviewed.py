"""Found by hostile review, each once a way to lose, double or misstate an invoice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from include.core.decisions import Hold, Skip, Write
from include.core.errors import SettingsError, Unmapped
from include.core.settings import SettingsProblems, load
from include.flows.deals.plan import Lookups, plan
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from include.flows.sources import SourceSettings
from tests.flows.office import Office
from tests.flows.test_a_persons_day import edit
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import (
    ACME,
    BOOKS,
    KNOWN,
    NOW,
    PLAN_TEAM,
    SETTINGS,
    TERMS,
    deal,
    decide,
    hold,
)

MONTHLY = {**PLAN_TEAM, "recurringbillingfrequency": "monthly"}


def test_a_run_over_other_days_neither_closes_a_hold_nor_loses_the_deal(demo: Office, settings: Path) -> None:
    row = demo.first("held", "unmapped_product")
    demo.invoice_won_deals(date_from=row["invoice_date"])
    day = int(row["invoice_date"][-2:])
    for near in (day - 1, day + 1):
        demo.invoice_won_deals(date_from=f"{row['invoice_date'][:-2]}{near:02}")
    assert demo.hold_codes()[row["deal_id"]] == "unmapped_product"
    new = '  LEGACY-ADDON: {account: "4300", item: SUPPORT-GOLD, class: SVC}\n  SUPPORT-GOLD:'
    edit(settings / f"{FLOW.name}.yaml", "  SUPPORT-GOLD:", new)
    demo.invoice_won_deals()
    assert demo.deal(row["deal_id"])["tieout_state"] == "posted"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ponumber: deal.po_number", "customerid: deal.po_number"),
        ("ponumber: deal.po_number", "currency: deal.po_number"),
        ("ponumber: deal.po_number", "nogl: deal.po_number"),
        ("ponumber: deal.po_number", "shipvia: deal.po_number"),
        ("memo: line.name", "amount: line.price"),
        ("memo: line.name", "glaccountno: line.name"),
        ("memo: line.name", "locationid: line.name"),
        ("  fields: {}", "  fields: {CUSTOMERID: company.name}"),
    ],
)
def test_no_mapping_may_touch_money_books_or_customer_or_misspell_a_field(settings: Path, old: str, new: str) -> None:
    file = settings / f"{FLOW.name}.yaml"
    edit(file, old, new)
    with pytest.raises(SettingsProblems, match=r"filled by Tieout|not a field|upper-case"):
        load(file, FLOW.settings)


@pytest.mark.parametrize(
    "record",
    [
        deal(
            {**MONTHLY, "hs_recurring_billing_start_date": "9999-12-31"},
            amount="100",
        ),
        deal(
            {**MONTHLY, "hs_billing_start_delay_months": "1000000"},
            amount="100",
        ),
        deal({**MONTHLY, "hs_billing_start_delay_days": "1E400"}, amount="100"),
        deal(closedate="9999-12-31T23:59:59Z"),
        deal(closedate="0001-01-01"),
    ],
)
def test_one_impossible_date_holds_its_deal_and_not_the_slice(record: object) -> None:
    (decision,) = decide(record)  # type: ignore[arg-type]
    assert isinstance(decision, Hold | Skip)


def test_a_deal_into_which_an_invoiced_one_was_merged_is_not_billed_again() -> None:
    record = deal(hs_merged_object_ids="499;498")
    assert hold(record, replace(KNOWN, invoiced={"498": {}})).code == "merged_after_posting"


def test_a_company_merge_does_not_make_an_invoiced_deal_look_changed() -> None:
    (first,) = decide(deal())
    assert isinstance(first, Write)
    merged = replace(deal(), company={**deal().company, "id": "71", "hs_merged_object_ids": "70"})
    (again,) = decide(merged, replace(KNOWN, invoiced={"501": first.facts}))
    assert isinstance(again, Write)
    assert again.content_hash == first.content_hash


def test_a_customer_id_that_a_person_wrote_is_obeyed_or_questioned_never_ignored() -> None:
    other = replace(ACME, record_no="12", customer_id="C-12", tax_id="")
    named = replace(deal(), company={**deal().company, "intacct_customer_id": "c-12", "tax_id": None})
    (planned,) = decide(named, Lookups([ACME, other], TERMS, {"70": "C-11"}))
    assert isinstance(planned, Write)
    assert planned.payload["customerid"] == "C-12"
    unknown = replace(deal(), company={**deal().company, "intacct_customer_id": "C-99"})
    assert hold(unknown).code == "unknown_customer_id"


def test_two_company_records_of_one_legal_person_do_not_become_two_customers() -> None:
    twin = replace(
        deal(), deal={**deal().deal, "id": "502"}, company={**deal().company, "id": "71", "name": "Acme Incorporated"}
    )
    planned = plan([deal(), twin], Lookups(terms=TERMS), SETTINGS, BOOKS, now=NOW)
    assert [d.code for d in planned if isinstance(d, Hold)] == ["similar_customer"]
    assert sum(d.key.target_object == "customer" for d in planned if isinstance(d, Write)) == 1


def test_what_is_won_in_the_future_waits() -> None:
    assert hold(deal(closedate="2027-01-05T12:00:00Z")).code == "won_in_future"


def test_a_contacts_value_is_not_told_when_a_table_lacks_it() -> None:
    source = SourceSettings.model_validate({"from": "contact.email", "values": {"a": "b"}})
    with pytest.raises(Unmapped) as caught:
        source.value({"contact": {"email": "ada@acme.example"}})
    assert "ada" not in str(caught.value)


def test_a_reprocessed_run_asks_its_own_question(demo: Office) -> None:
    row = demo.first()
    demo.invoice_won_deals(run_id="scheduled__1", run_type="scheduled", post_mode="dry_run")
    note = demo.invoice_won_deals(run_id="scheduled__1", record_ids=[row["deal_id"]])
    assert (note["read"], note["invoices_created"]) == (1, 1)


def test_limited_runs_go_on_where_the_last_one_stopped(demo: Office) -> None:
    posted = [demo.invoice_won_deals(limit=20).get("invoices_created", 0) for _ in range(3)]
    assert all(posted)


def test_a_won_deal_without_won_date_is_held_not_lost(demo: Office) -> None:
    row = demo.first()
    body = {"properties": {"closedate": ""}}
    demo.hubspot().request("PATCH", f"/crm/v3/objects/deals/{row['deal_id']}", body=body)
    demo.invoice_won_deals()
    assert demo.hold_codes()[row["deal_id"]] == "no_won_date"


def test_a_pipeline_that_does_not_exist_is_a_settings_error(demo: Office, settings: Path) -> None:
    edit(settings / f"{FLOW.name}.yaml", "pipelines: all", "pipelines: [default, typo]")
    with pytest.raises(SettingsError, match=r"typo.*78411290"):
        demo.invoice_won_deals()
