"""AP bills of mapped partners, from Intacct's books to marked drafts in HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.source_key import SOURCE_KEY
from include.connectors.intacct.bills import Bill
from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.lines import Line
from include.core.decisions import Decision, Hold, Update, Write
from include.core.money import Money
from include.flows.bills.invoice import bill_key, ensure_bill_properties, line_key
from include.flows.bills.plan import Lookups, plan
from include.flows.bills.records import BillRecord, lines_shown
from include.flows.bills.settings import BillSettings
from include.flows.intacct_bill_to_hubspot_invoice import FLOW
from include.sandbox.people import SalesRep
from tests.flows.kill import kill_a_run
from tests.flows.office import Office, office

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
FERRERS, PELL, LOWMOOR = "20415100287", "20415100117", "20415100304"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=1, at=MONDAY) as opened:
        yield opened


@pytest.fixture
def switched_on(settings: Path) -> Path:
    """A company's settings with the flow switched on."""
    return rewrite(settings, "enabled: false", "enabled: true")


def rewrite(folder: Path, old: str, new: str) -> Path:
    file = folder / f"{FLOW.name}.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return folder


def drafts(demo: Office) -> dict[str, dict[str, Any]]:
    """HubSpot's invoices by the bill number that they show."""
    found = [b for b in demo.sandbox.control.books("hubspot") if b["type"] == "invoices" and not b.get("archived")]
    return {b["properties"]["intacct_bill_number"]: b for b in found}


def line_items(demo: Office) -> list[dict[str, Any]]:
    books = demo.sandbox.control.books("hubspot")
    ours = (b for b in books if b["type"] == "line_items")
    return [b["properties"] for b in ours if b["properties"].get("intacct_source_type")]


def bill(demo: Office, number: str) -> dict[str, Any]:
    books = demo.sandbox.control.books("intacct")
    return next(b["record"] for b in books if b["object"] == "APBILL" and b["record"]["RECORDID"] == number)


def test_it_is_off_until_somebody_switches_it_on(demo: Office) -> None:
    note = demo.run_flow(FLOW)
    assert note == {"off": 1}
    assert demo.sandbox.control.counts()["calls"] == 0
    assert demo.store().cursor(FLOW.name) is None  # so that nothing is forgotten when it is switched on


def test_bills_of_mapped_partners_become_marked_drafts_that_nobody_can_take_for_revenue(
    demo: Office, switched_on: Path
) -> None:
    note = demo.run_flow(FLOW)
    made = drafts(demo)
    # By tax id and role: Ferrers (vendor) and Pell (both). Lowmoor has no tax id, the others are no HubSpot companies.
    assert set(made) == {"PH-3310", "FCW-10482", "FCW-10517", "FCW-US-091"}
    assert (note["invoices_created"], note["skipped"], note["held"]) == (4, 7, 0)
    for one in made.values():
        shown = one["properties"]
        assert (shown["hs_invoice_status"], shown["hs_invoice_billable"]) == ("draft", "false")
        assert shown["hs_invoice_payment_collection_method"] == "none"
        assert shown["intacct_source_type"] == "APBILL"
        assert shown["hs_title"].startswith("[AP bill] ")
        assert shown["tieout_source_key"] == f"intacct-bill-{shown['intacct_bill_record']}-invoice"
        assert "deals" not in one["associations"]
    assert made["PH-3310"]["associations"]["companies"] == [PELL]
    assert made["FCW-10517"]["associations"]["companies"] == [FERRERS]
    partial = made["FCW-10482"]["properties"]
    assert (partial["hs_amount_billed"], partial["hs_currency"], partial["intacct_bill_state"]) == (
        "4860",
        "GBP",
        "partial",
    )
    assert (partial["intacct_bill_paid"], partial["intacct_bill_balance"]) == ("2000.00", "2860.00")
    assert partial["hs_due_date"].startswith("2026-10-02")
    two = [one["price"] for one in line_items(demo) if one["name"] in {"Circuit boards", "Carriage"}]
    assert sorted(two) == ["3120.50", "4860.00", "84.00"]


def test_line_items_come_first_in_batches_and_the_invoice_ties_them_when_it_is_made(
    demo: Office, switched_on: Path
) -> None:
    demo.run_flow(FLOW)
    made = [c["path"] for c in demo.sandbox.control.calls("hubspot") if c["path"].endswith("/batch/create")]
    assert [path.split("/")[-3] for path in made] == ["line_items", "invoices"]


def test_a_hundred_records_go_in_one_request(demo: Office, switched_on: Path) -> None:
    line = {"ACCOUNTNO": "5000", "TRX_AMOUNT": "10", "LOCATIONID": "100", "DEPARTMENTID": "D10"}
    more = [
        {"VENDORID": "V-1001", "RECORDID": f"PH-9{n:03}", "WHENCREATED": "11/12/2026", "WHENDUE": "12/12/2026"}
        for n in range(119)
    ]
    functions = [Function(build_create("APBILL", {**one, "APBILLITEMS": {"APBILLITEM": [line]}})) for one in more]
    assert all(done.ok for done in demo.intacct().call(functions[:100]) + demo.intacct().call(functions[100:]))
    demo.run_flow(FLOW, date_from="2026-10-21", date_to="2026-11-16")
    assert len(drafts(demo)) == 121  # and PH-3310 and FCW-10517
    made = [c["path"] for c in demo.sandbox.control.calls("hubspot") if c["path"].endswith("/batch/create")]
    assert [path.split("/")[-3] for path in made] == ["line_items", "line_items", "invoices", "invoices"]


def test_a_rerun_and_a_backfill_over_the_same_days_write_nothing(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    before = list(demo.sandbox.control.books("hubspot"))
    demo.sandbox.control.forget_calls()
    again = demo.run_flow(FLOW)
    assert again.get("invoices_created", 0) == again.get("updated", 0) == again.get("held", 0) == 0
    backfill = demo.run_flow(FLOW, date_from="2026-08-01", date_to="2026-11-16")
    assert backfill["updated"] == 0
    assert demo.sent("hubspot", "batch update") == demo.sent("hubspot", "batch create") == 0
    assert list(demo.sandbox.control.books("hubspot")) == before


def test_a_backfill_goes_by_the_bill_date_and_moves_no_cursor(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW, date_from="2026-10-06", date_to="2026-10-21")
    assert set(drafts(demo)) == {"PH-3310", "FCW-US-091"}
    assert demo.store().cursor(FLOW.name) is None


def test_a_dry_run_makes_nothing_in_hubspot(demo: Office, switched_on: Path) -> None:
    note = demo.run_flow(FLOW, post_mode="dry_run")
    assert note["planned"] >= 4
    assert drafts(demo) == {}
    assert demo.sent("hubspot", "create") == 0


@pytest.mark.parametrize("place", ["sync.after_send:1", "sync.after_intent:2", "sync.after_send:2"])
def test_a_kill_in_the_middle_leaves_one_draft_for_each_bill(demo: Office, switched_on: Path, place: str) -> None:
    kill_a_run(demo, FLOW, place)
    demo.run_flow(FLOW, run_id="killed", attempt=2)
    made = drafts(demo)
    keys = [one["properties"]["tieout_source_key"] for one in made.values()]
    assert len(keys) == len(set(keys)) == 4
    assert len(line_items(demo)) == 5
    assert made["FCW-10517"]["properties"]["hs_amount_billed"] == "3204.5"


def test_a_lost_answer_makes_no_second_draft(demo: Office, switched_on: Path) -> None:
    demo.sandbox.control.fault(
        "lost_after", system="hubspot", path="/objects/2026-09/invoices/batch/create", nth=1, count=1
    )
    demo.run_flow(FLOW)
    invoices = [b for b in demo.sandbox.control.books("hubspot") if b["type"] == "invoices"]
    assert len(invoices) == 4


def pay(demo: Office, number: str, amount: str) -> None:
    record = bill(demo, number)
    payment = {
        "VENDORID": record["VENDORID"],
        "FINANCIALENTITY": "BW-US-USD",
        "PAYMENTMETHOD": "EFT",
        "PAYMENTDATE": "11/16/2026",
        "CURRENCY": "USD",
        "APPYMTDETAILS": {"APPYMTDETAIL": [{"RECORDKEY": record["RECORDNO"], "TRX_PAYMENTAMOUNT": amount}]},
    }
    intacct = demo.intacct()
    (done,) = intacct.call([Function(build_create("APPYMT", payment))])
    assert done.ok, done.failure
    request = done.records[0]["RECORDNO"]
    for step in ("approve", "confirm"):
        keys = f"<appaymentkeys><appaymentkey>{request}</appaymentkey></appaymentkeys>"
        function = etree.fromstring(f"<{step}_appaymentrequest>{keys}</{step}_appaymentrequest>")
        (done,) = intacct.call([Function(function)])
        assert done.ok, done.failure


def test_what_we_pay_shows_on_the_draft(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    pay(demo, "PH-3310", "1000")
    assert demo.run_flow(FLOW)["updated"] > 0
    shown = drafts(demo)["PH-3310"]["properties"]
    assert (shown["intacct_bill_state"], shown["intacct_bill_paid"], shown["intacct_bill_balance"]) == (
        "partial",
        "1000.00",
        "275.00",
    )
    assert (shown["hs_amount_billed"], shown["hs_amount_paid"], shown["hs_invoice_status"]) == ("1275", "0", "draft")
    assert demo.run_flow(FLOW)["updated"] == 0


def test_what_somebody_changed_on_a_draft_is_recomputed_from_the_books(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    (one, _) = drafts(demo)["FCW-10517"]["associations"]["line_items"]
    SalesRep(demo.sandbox).change("line_items", one, price="9", name="Cheaper")
    demo.run_flow(FLOW, record_ids=[bill(demo, "FCW-10517")["RECORDNO"]])
    assert drafts(demo)["FCW-10517"]["properties"]["hs_amount_billed"] == "3204.5"


def changed(*amounts: str) -> list[Decision]:
    """What is decided of a draft with two lines when its bill has these now."""
    keys = {part: line_key("1", part).document_key() for part in ("line-0", "line-1")}
    lines = {key: crm_record(f"9{n}", {SOURCE_KEY: key}) for n, key in enumerate(keys.values())}
    draft = crm_record("7", {"hs_invoice_status": "draft", "hs_currency": "USD"})
    lookups = Lookups(invoices={bill_key("1").document_key(): draft}, lines={"7": lines})
    total = str(sum(map(Decimal, amounts)))
    return plan([BillRecord.of(a_bill(total, *amounts), None)], lookups, (), settings_of_a_test())


def test_a_line_that_a_bill_got_is_added_to_its_draft_and_one_that_it_lost_costs_nothing() -> None:
    invoice, *lines = changed("1", "2", "3")
    assert isinstance(invoice, Update)
    assert invoice.values["intacct_bill_total"] == "6.00"
    assert [(one.target_id, one.values["price"]) for one in lines if isinstance(one, Update)] == [
        ("90", "1.00"),
        ("91", "2.00"),
    ]
    (added,) = [one for one in lines if isinstance(one, Write)]
    assert added.payload["associations"] == [{"to": "invoices", "id": "7"}]
    _, kept, lost = changed("5")
    assert isinstance(kept, Update)
    assert isinstance(lost, Update)
    assert (kept.values["price"], lost.target_id, lost.values) == ("5.00", "91", {"price": "0"})


def test_a_bill_below_zero_is_held() -> None:
    (held,) = changed("-5")
    assert isinstance(held, Hold)
    assert held.code == "negative_total"


def crm_record(record_id: str, properties: dict[str, str | None]) -> CrmRecord:
    return CrmRecord(record_id, properties, MONDAY, MONDAY)


def settings_of_a_test() -> BillSettings:
    return BillSettings.model_validate(
        {"go_live": date(2026, 8, 1), "role": {"from": "company.partner_role", "vendor": ["vendor"]}}
    )


def test_a_reversed_bill_says_so_and_owes_nothing(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    reverse(demo, "FCW-10517")
    demo.run_flow(FLOW)
    shown = drafts(demo)["FCW-10517"]["properties"]
    assert shown["hs_title"].startswith("[AP bill, reversed] FCW-10517")
    assert (shown["intacct_bill_state"], shown["intacct_bill_balance"]) == ("reversed", "0")
    assert shown["hs_amount_billed"] == "0"
    assert len(drafts(demo)) == 4  # the reversal itself is no bill of its own
    assert demo.run_flow(FLOW)["updated"] == 0


def test_a_bill_that_was_reversed_before_is_never_mirrored(demo: Office, switched_on: Path) -> None:
    reverse(demo, "FCW-10517")
    demo.run_flow(FLOW)
    assert "FCW-10517" not in drafts(demo)


def reverse(demo: Office, number: str) -> None:
    function = etree.fromstring(
        f'<reverse_bill key="{bill(demo, number)["RECORDNO"]}"><datereversed><year>2026</year><month>11</month>'
        "<day>16</day></datereversed></reverse_bill>"
    )
    (done,) = demo.intacct().call([Function(function)])
    assert done.ok, done.failure


def test_a_draft_that_somebody_opened_is_held_and_one_that_was_voided_is_left(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    made = drafts(demo)
    rep = SalesRep(demo.sandbox)
    rep.change("invoices", made["PH-3310"]["id"], hs_invoice_status="open")
    rep.change("invoices", made["FCW-US-091"]["id"], hs_invoice_status="voided")
    demo.run_flow(FLOW)
    held = {hold.code: hold for hold in demo.store().open_holds(FLOW.name)}
    assert set(held) == {"bill_invoice_opened"}
    assert "Bill PH-3310 of vendor V-1001" in held["bill_invoice_opened"].message
    assert "Void it in HubSpot" in held["bill_invoice_opened"].message
    rep.change("invoices", made["PH-3310"]["id"], hs_invoice_status="voided")
    demo.run_flow(FLOW)
    assert demo.hold_codes(FLOW) == {}
    assert drafts(demo)["FCW-US-091"]["properties"]["hs_invoice_status"] == "voided"


def test_a_draft_that_was_deleted_is_not_made_again(demo: Office, switched_on: Path) -> None:
    demo.run_flow(FLOW)
    demo.hubspot().request("DELETE", f"/crm/objects/2026-09/invoices/{drafts(demo)['PH-3310']['id']}")
    demo.run_flow(FLOW)
    assert "PH-3310" not in drafts(demo)


def test_the_table_names_partners_first_and_a_company_that_is_not_there_is_held(
    demo: Office, switched_on: Path
) -> None:
    rewrite(switched_on, "partners: {}", f'partners: {{V-1003: "{LOWMOOR}", V-1001: "999"}}')
    demo.run_flow(FLOW)
    made = drafts(demo)
    assert made["LH-7702"]["associations"]["companies"] == [LOWMOOR]
    assert made["LH-7702"]["properties"]["intacct_bill_state"] == "paid"
    assert set(demo.hold_codes(FLOW).values()) == {"unknown_partner"}
    assert "PH-3310" not in made


def test_the_vendors_id_on_a_company_is_enough_and_two_such_companies_are_held(demo: Office, switched_on: Path) -> None:
    ensure_bill_properties(demo.hubspot())
    rep = SalesRep(demo.sandbox)
    rep.change("companies", LOWMOOR, intacct_vendor_id="v-1003")
    demo.run_flow(FLOW)
    assert {"LH-7702", "LH-7791"} <= set(drafts(demo))
    rep.change("companies", PELL, intacct_vendor_id="V-1004")  # its tax id says V-1001; its own word counts
    rep.change("companies", FERRERS, intacct_vendor_id="V-1004")
    demo.run_flow(FLOW, date_from="2026-11-04")
    assert set(demo.hold_codes(FLOW).values()) == {"ambiguous_partner"}


def test_a_company_that_is_no_vendor_is_not_one_by_its_tax_id(demo: Office, switched_on: Path) -> None:
    SalesRep(demo.sandbox).change("companies", FERRERS, partner_role="customer")
    demo.run_flow(FLOW)
    assert set(drafts(demo)) == {"PH-3310"}


def test_the_companys_contact_with_the_vendors_address_is_tied_too(demo: Office, switched_on: Path) -> None:
    rep = SalesRep(demo.sandbox)
    person = rep.create(
        "contacts", {"email": "Accounts@Ferrers-Circuits.example", "lastname": "Bowes"}, [(FERRERS, 279)]
    )
    demo.run_flow(FLOW)
    assert drafts(demo)["FCW-10517"]["associations"]["contacts"] == [person]


def test_nothing_before_go_live_is_mirrored(demo: Office, switched_on: Path) -> None:
    rewrite(switched_on, "go_live: 2026-08-01", "go_live: 2026-10-21")
    demo.run_flow(FLOW)
    assert set(drafts(demo)) == {"PH-3310", "FCW-10517"}


def test_tax_beside_the_lines_is_a_line_of_its_own() -> None:
    shown = lines_shown(a_bill("120.00", "100.00"))
    assert [(one.part, one.amount) for one in shown] == [("line-0", "100.00"), ("line-tax", "20.00")]


@given(st.lists(st.decimals(-1000, 1000, places=2), min_size=1, max_size=8), st.decimals(-50, 50, places=2))
def test_the_lines_always_add_up_to_the_bills_total(amounts: list[Decimal], tax: Decimal) -> None:
    total = sum(amounts, tax)
    shown = lines_shown(a_bill(str(total), *map(str, amounts)))
    assert sum(Decimal(one.amount) for one in shown) == total
    assert len({one.part for one in shown}) == len(shown)
    assert total < 0 or all(Decimal(one.amount) >= 0 for one in shown)  # HubSpot takes no price below zero


def a_bill(total: str, *amounts: str) -> Bill:
    def usd(text: str) -> Money:
        return Money(Decimal(text), "USD")

    lines = tuple(Line(str(n), "1", n, usd(one), usd("0"), memo="Boards") for n, one in enumerate(amounts))
    return Bill(
        record_no="1",
        number="B-1",
        state="Posted",
        posting_date=None,
        due_date=None,
        total=usd(total),
        paid=usd("0"),
        balance=usd(total),
        vendor_id="V-1",
        vendor_name="Vendor",
        bill_date=date(2026, 11, 1),
        on_hold=False,
        lines=lines,
    )
