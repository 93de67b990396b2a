"""What can be looked up afterwards, and how a refused write is sent again."""

from __future__ import annotations

from pathlib import Path

from include.flows import hubspot_closed_won_to_intacct_invoice as won_deals
from include.flows import intacct_bill_to_hubspot_invoice as bills
from include.flows.deals.plan import invoice_key
from tests.flows.office import Office
from tieout import steps


def test_the_write_log_tells_for_every_invoice_its_deal_what_it_stands_for_and_its_number(demo: Office) -> None:
    note = demo.invoice_won_deals(run_id="monday")
    posted = [r for r in demo.sandbox.control.manifest()["deals"] if r["expect"] == "posted"]
    log = demo.store().written([invoice_key(r["deal_id"]) for r in posted])
    books = {one["RECORDNO"]: one for one in demo.invoices()}
    for row in posted:
        kept = log[invoice_key(row["deal_id"])]
        assert books[kept.target_id]["TIEOUT_KEY"].split("-")[2] == row["deal_id"]
        assert (kept.facts["total"], kept.facts["invoice_date"]) == (row["net"], row["invoice_date"])
        assert kept.expect["CUSTOMERID"] == row["customer"]
    (kept_note,) = demo.store().notes(won_deals.FLOW.name)
    assert (kept_note.run_id, kept_note.note) == ("monday", note)


def test_a_refused_draft_is_made_by_clearing_its_load_task_and_intacct_is_not_asked_again(
    demo: Office, settings: Path
) -> None:
    file = settings / f"{bills.FLOW.name}.yaml"
    file.write_text(file.read_text().replace("enabled: false", "enabled: true"))
    run = demo.run(flow=bills.FLOW)
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    with demo.sandbox.control.faulty("status", system="hubspot", path="invoices/batch/create", status=400):
        steps.load(run, decisions)
    letters = demo.store().dead_letters()
    assert len(letters) == len([one for one in letters if one.payload]) == 4
    assert set(demo.hold_codes(bills.FLOW).values()) == {"rejected_by_hubspot"}

    demo.sandbox.control.forget_calls()
    again = steps.load(demo.run(flow=bills.FLOW, run_id=run.run_id, attempt=2), decisions)
    assert again["counts"]["invoices_created"] == 4
    assert list(demo.sandbox.control.calls("intacct")) == []
    assert demo.store().dead_letters() == []
    assert demo.hold_codes(bills.FLOW) == {}


def test_a_refused_invoice_is_posted_by_clearing_its_load_task_without_reading_its_deal_again(demo: Office) -> None:
    run = demo.run()
    (ids,) = steps.slices(run)
    decisions = steps.plan(run, steps.extract(run, ids))
    refusal = {"label": "create_invoice", "errorno": "BL01001973", "message": "Subsidiary ledger is locked"}
    with demo.sandbox.control.faulty("refusal", system="intacct", **refusal):
        assert steps.load(run, decisions)["counts"]["invoices_created"] == 0
    assert demo.store().dead_letters()
    demo.sandbox.control.forget_calls()
    again = steps.load(demo.run(run_id=run.run_id, attempt=2), decisions)
    assert again["counts"]["invoices_created"] == demo.verdict().invoices_posted > 0
    # HubSpot is asked only afterwards, which deals show these invoices.
    created = [call["seq"] for call in demo.sandbox.control.calls("intacct") if "create_invoice" in call["label"]]
    assert max(created) < min(call["seq"] for call in demo.sandbox.control.calls("hubspot"))
    steps.write_back(run, again)
    assert demo.verdict().problems == ()
