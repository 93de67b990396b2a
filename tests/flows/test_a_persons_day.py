"""What a person meets: dry runs, drafts, repaired settings, wrong credentials, changed deals."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.core.errors import AuthError, SettingsError
from include.core.settings import SettingsProblems
from include.flows.hubspot_closed_won_to_intacct_invoice import FLOW
from tests.flows.office import Office
from tieout import steps


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_dry_run_plans_everything_and_changes_nothing(demo: Office) -> None:
    before = [*demo.sandbox.control.books("intacct")], [*demo.sandbox.control.books("hubspot")]
    note = demo.invoice_won_deals(post_mode="dry_run")
    assert (note["planned"], note["held"]) == (44, 16)
    assert ([*demo.sandbox.control.books("intacct")], [*demo.sandbox.control.books("hubspot")]) == before
    assert demo.store().cursor(FLOW.name) is None
    assert demo.hold_codes() == {}


def test_drafts_wait_in_intacct_for_a_person(demo: Office) -> None:
    before = len(demo.invoices())
    note = demo.invoice_won_deals(post_mode="draft")
    drafts = [invoice for invoice in demo.invoices() if invoice["STATE"] == "Draft"]
    assert len(drafts) == note["invoices_created"] == len(demo.invoices()) - before


def test_a_limited_run_takes_so_many_and_leaves_the_cursor(demo: Office) -> None:
    assert demo.invoice_won_deals(limit=5)["read"] == 5
    assert demo.store().cursor(FLOW.name) is None
    demo.invoice_won_deals()
    assert demo.verdict().problems == ()


def test_named_deals_alone_are_looked_at(demo: Office) -> None:
    row = demo.first()
    note = demo.invoice_won_deals(record_ids=[row["deal_id"]])
    assert (note["read"], note["invoices_created"]) == (1, 1)


def test_a_repaired_mapping_posts_the_held_deal_with_nothing_else_touched(demo: Office, settings: Path) -> None:
    row = demo.first("held", "unmapped_product")
    demo.invoice_won_deals()
    assert demo.hold_codes()[row["deal_id"]] == "unmapped_product"
    edit(
        settings / f"{FLOW.name}.yaml",
        "  SUPPORT-GOLD:",
        '  LEGACY-ADDON: {account: "4300", item: SUPPORT-GOLD, class: SVC}\n  SUPPORT-GOLD:',
    )
    note = demo.invoice_won_deals()
    assert note["invoices_created"] >= 1
    assert row["deal_id"] not in demo.hold_codes()
    deal = demo.deal(row["deal_id"])
    assert (deal["tieout_state"], deal.get("tieout_message")) == ("posted", None)


def test_bad_settings_stop_the_first_task_with_every_problem_and_nothing_is_sent(demo: Office, settings: Path) -> None:
    edit(settings / "books.yaml", "time_zone: Europe/Berlin", "time_zone: Middle-earth/Shire")
    edit(settings / "books.yaml", "closed_through: 2026-06-30", "closed_through: 2026-06-31")
    edit(settings / f"{FLOW.name}.yaml", "go_live: 2026-08-01", "go_live: soon\ngolive: 2026-08-01")
    with pytest.raises(SettingsProblems) as caught:
        steps.slices(demo.run())
    told = str(caught.value)
    assert all(word in told for word in ("Middle-earth/Shire", "2026-06-31", "go_live", "golive"))
    assert demo.sandbox.control.counts()["calls"] == 0


def test_an_entity_that_the_books_do_not_know_is_a_settings_problem(demo: Office, settings: Path) -> None:
    edit(settings / f"{FLOW.name}.yaml", 'UK: "200"', 'UK: "222"')
    with pytest.raises(SettingsError, match="222"):
        steps.slices(demo.run())


def test_a_wrong_intacct_password_is_said_so_and_not_tried_again(demo: Office) -> None:
    access = demo.sandbox.intacct
    wrong = Credentials(access.company_id, access.user_id, "not-it", access.sender_id, access.sender_password)
    run = demo.run()
    run.open_intacct = lambda store: IntacctClient(requests.Session(), access.url, wrong)
    (ids,) = steps.slices(run)
    with pytest.raises(AuthError, match=r"(?i)sign-in|password|user") as caught:
        steps.plan(run, steps.extract(run, ids))
    assert "not-it" not in str(caught.value)
    assert demo.sent("intacct", "getAPISession") == 1


def test_a_missing_scope_is_named(demo: Office) -> None:
    run = demo.run()
    run.open_hubspot = lambda: HubSpotClient(open_session(), demo.sandbox.hubspot.url, "pat-na1-demo-readonly")
    with pytest.raises(AuthError, match=r"crm\.schemas\.deals\.write"):
        steps.slices(run)
    assert demo.sent("intacct", "create") == 0


def test_a_deal_that_changes_after_posting_is_held_and_its_invoice_stays(demo: Office) -> None:
    row = demo.first()
    demo.invoice_won_deals()
    invoices = demo.invoices()
    demo.hubspot().request(
        "PATCH",
        f"/crm/v3/objects/deals/{row['deal_id']}",
        body={"properties": {"closedate": "2026-10-07T12:00:00.000Z"}},
    )
    demo.invoice_won_deals(record_ids=[row["deal_id"]])
    assert demo.hold_codes()[row["deal_id"]] == "changed_after_posting"
    assert demo.invoices() == invoices
    assert demo.deal(row["deal_id"])["tieout_state"] == "held"


def test_a_deal_that_is_no_longer_won_is_shown_to_a_person(demo: Office) -> None:
    row = demo.first()
    demo.invoice_won_deals()
    demo.hubspot().request(
        "PATCH",
        f"/crm/v3/objects/deals/{row['deal_id']}",
        body={"properties": {"dealstage": "contractsent", "pipeline": "default"}},
    )
    demo.invoice_won_deals(record_ids=[row["deal_id"]])
    assert demo.hold_codes()[row["deal_id"]] == "needs_approval"


def test_what_intacct_refuses_is_held_with_its_own_reason_and_the_rest_is_posted(demo: Office, settings: Path) -> None:
    edit(
        settings / f"{FLOW.name}.yaml",
        'ONBOARD: {account: "4200", item: ONBOARD',
        'ONBOARD: {account: "4999", item: ONBOARD',
    )
    note = demo.invoice_won_deals()
    refused = [deal for deal, code in demo.hold_codes().items() if code == "rejected_by_intacct"]
    assert refused
    assert note["invoices_created"] == 44 - len(refused)
    assert all("4999" in str(demo.deal(deal)["tieout_message"]) for deal in refused)


def test_a_document_key_that_cannot_be_looked_up_stops_the_run_before_anything_is_sent(
    demo: Office, settings: Path
) -> None:
    edit(settings / "books.yaml", "name: TIEOUT_KEY", "name: NO_SUCH_FIELD")
    with pytest.raises(SettingsError, match=r"cannot look invoices up by NO_SUCH_FIELD.*choose another document_key"):
        demo.invoice_won_deals()
    assert demo.sent("intacct", "create") == 0
