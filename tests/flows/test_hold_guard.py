"""What becomes of a won deal whose customer is on credit hold: the three choices of ``customer.on_hold``."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.kill import kill_a_run
from tests.flows.office import Office


def guard(settings: Path, choice: str) -> None:
    file = settings / f"{FLOW.name}.yaml"
    text = file.read_text()
    assert "  on_hold: block\n" in text
    file.write_text(text.replace("  on_hold: block\n", f"  on_hold: {choice}\n"))


def invoice_of(demo: Office, deal: str) -> list[dict[str, str]]:
    return [one for one in demo.invoices() if one.get("TIEOUT_KEY") == f"hs-deal-{deal}-invoice"]


@pytest.fixture
def deal(demo: Office) -> str:
    """A won deal whose customer is on credit hold."""
    found = demo.first("held", "customer_on_hold")["deal_id"]
    assert isinstance(found, str)
    return found


def run(demo: Office, deal: str) -> dict[str, int]:
    return dict(demo.invoice_won_deals(record_ids=[deal]))


def test_by_default_the_deal_of_a_customer_on_hold_is_held(demo: Office, deal: str) -> None:
    note = run(demo, deal)
    assert (note["held"], note.get("invoices_created", 0)) == (1, 0)
    assert demo.hold_codes() == {deal: "customer_on_hold"}
    assert demo.deal(deal)["tieout_state"] == "held"


def test_with_draft_the_invoice_waits_as_a_draft_and_the_deal_says_so(demo: Office, deal: str, settings: Path) -> None:
    guard(settings, "draft")
    assert run(demo, deal)["invoices_created"] == 1
    (invoice,) = invoice_of(demo, deal)
    shown = demo.deal(deal)
    assert invoice["STATE"] == "Draft"
    assert shown["tieout_state"] == "draft"
    assert "credit hold" in str(shown["tieout_message"])
    assert "is a draft" in str(shown["tieout_message"])


def test_with_warn_the_invoice_is_posted_and_the_deal_and_the_log_say_so(
    demo: Office, deal: str, settings: Path, caplog: pytest.LogCaptureFixture
) -> None:
    guard(settings, "warn")
    with caplog.at_level("INFO"):
        assert run(demo, deal)["invoices_created"] == 1
    (invoice,) = invoice_of(demo, deal)
    shown = demo.deal(deal)
    assert invoice["STATE"] == "Posted"
    assert shown["tieout_state"] == "posted"
    assert f"Customer {invoice['CUSTOMERID']} was on credit hold" in str(shown["tieout_message"])
    assert "posted all the same" in caplog.text


@pytest.mark.parametrize("choice", ["draft", "warn"])
def test_a_rerun_writes_nothing_whatever_became_of_hold_and_setting(
    demo: Office, deal: str, settings: Path, choice: str
) -> None:
    guard(settings, choice)
    run(demo, deal)
    said = demo.deal(deal)["tieout_message"]
    (settings / f"{FLOW.name}.yaml").write_text(
        (settings / f"{FLOW.name}.yaml").read_text().replace(f"on_hold: {choice}", "on_hold: block")
    )
    before = demo.sent("hubspot", "batch/update") + demo.sent("intacct", "create_invoice")
    note = run(demo, deal)
    assert (note["unchanged"], note["held"], note["written_back"]) == (1, 0, 0)
    assert demo.sent("hubspot", "batch/update") + demo.sent("intacct", "create_invoice") == before
    assert demo.deal(deal)["tieout_message"] == said
    assert demo.hold_codes() == {}


def test_what_was_decided_survives_a_kill_before_it_was_written_back(demo: Office, deal: str, settings: Path) -> None:
    guard(settings, "warn")
    kill_a_run(demo, FLOW, "sync.after_record:1")
    demo.invoice_won_deals(run_id="killed", attempt=2)
    assert len(invoice_of(demo, deal)) == 1
    assert "posted all the same" in str(demo.deal(deal)["tieout_message"])


def test_a_held_deal_is_billed_once_the_setting_allows_it(demo: Office, deal: str, settings: Path) -> None:
    run(demo, deal)
    guard(settings, "warn")
    assert run(demo, deal)["invoices_created"] == 1
    assert demo.hold_codes() == {}


@pytest.mark.parametrize(
    ("choice", "state", "said"), [("draft", "Draft", "is a draft"), ("warn", "Pending", "all the same")]
)
def test_a_deal_that_becomes_a_sales_order_is_guarded_alike(
    demo: Office, deal: str, settings: Path, choice: str, state: str, said: str
) -> None:
    guard(settings, choice)
    file = settings / f"{FLOW.name}.yaml"
    orders = f'sales_orders: {{"{demo.deal(deal)["pipeline"]}": Sales Order}}'
    file.write_text(file.read_text().replace("sales_orders: {}", orders))
    assert run(demo, deal)["sales_orders_created"] == 1
    shown = demo.deal(deal)
    assert shown["intacct_order_status"] == state
    assert said in str(shown["tieout_message"])
    assert run(demo, deal)["written_back"] == 0
