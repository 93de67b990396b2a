"""Is everything there that the flows need? Asked of the twins, with things missing one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties, get_properties
from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_update
from include.core.errors import SettingsError
from include.flows.check_connections import FLOW, SYSTEMS, check, report
from include.flows.checks.flows_in_use import flows_in_use, settings_model
from include.flows.checks.needs import NEEDS
from include.flows.checks.object_words import OBJECTS
from include.flows.checks.properties import DEFINED, MADE, wanted_by
from include.flows.deals.order_writeback import ORDER_DEFINITIONS
from tests.flows.office import Office, office

ROOT = Path(__file__).resolve().parents[2]
MAIN = "hubspot_closed_won_to_intacct_invoice.yaml"


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, deals=1) as opened:
        yield opened


def look(demo: Office, **options: Any) -> dict[str, Any]:
    """One whole run of the check, as its DAG does it."""
    run = demo.run(flow=FLOW, **options)
    return report(run, {system: check(run, system) for system in SYSTEMS})


def problems(demo: Office, **options: Any) -> list[str]:
    """The lines of the failure."""
    with pytest.raises(SettingsError) as failed:
        look(demo, **options)
    first, *lines = failed.value.message.split("\n- ")
    assert first.startswith(f"{len(lines)} problem")
    return lines


def rewrite(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def change(demo: Office, object_name: str, **fields: Any) -> None:
    (done,) = demo.intacct().call([Function(build_update(object_name, fields))])
    assert done.ok


def mails(demo: Office) -> list[dict[str, Any]]:
    return demo.sandbox.control.messages("mail")


def test_the_demo_company_is_in_order_and_nobody_is_told(demo: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    before = [list(demo.sandbox.control.books(system)) for system in ("hubspot", "intacct")]
    note = look(demo)
    assert note["problems"] == 0
    assert demo.store().notes(FLOW.name)[0].note == note
    assert mails(demo) == []
    assert "ok       hubspot   sign-in" in caplog.text
    # Looking changes nothing in either system.
    assert [list(demo.sandbox.control.books(system)) for system in ("hubspot", "intacct")] == before
    assert demo.sent("intacct", "create") == demo.sent("intacct", "update") == 0


def test_what_the_settings_name_and_intacct_has_made_inactive_is_told_with_file_line_key_and_remedy(
    demo: Office, settings: Path
) -> None:
    line = next(
        n for n, text in enumerate((settings / MAIN).read_text().splitlines(), 1) if text.strip().startswith("ONBOARD:")
    )
    change(demo, "DEPARTMENT", DEPARTMENTID="D20", STATUS="inactive")
    found = problems(demo)
    assert (
        f"{MAIN} line {line}: products.ONBOARD.department is D20; this department is inactive in Intacct: name an "
        "active one, or make it active again"
    ) in found
    assert len(found) == 3  # two products and the lookup table of lines name it
    assert demo.hold_codes(FLOW) == {"settings": "connection_problem"}
    change(demo, "DEPARTMENT", DEPARTMENTID="D20", STATUS="active")
    look(demo)
    assert demo.hold_codes(FLOW) == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (MAIN, 'ONBOARD: {account: "4200"', 'ONBOARD: {account: "4299"', "4299; Intacct has no GL account of that"),
        (MAIN, "item: ONBOARD", "item: ONBORD", "ONBORD; Intacct has no item of that name"),
        (MAIN, "default: N30", "default: N45", "customer.term.default is N45; Intacct has no AR term"),
        (MAIN, "revenue_template: 12M straight", "revenue_template: 13M", "13M; Intacct has no revenue recognition"),
        (MAIN, "pipelines: all", 'pipelines: ["4711"]', "pipelines.0 is 4711; HubSpot has no such deal pipeline"),
        (MAIN, "from: deal.billing_entity", "from: deal.biling_entity", "biling_entity; HubSpot's deals have no such"),
        (MAIN, "won_date: closedate", "won_date: won_on", "won_date is won_on; HubSpot's deals have no such property"),
        ("books.yaml", '"6900"', '"6999"', "bad_debt_accounts.0 is 6999; Intacct has no GL account"),
        ("books.yaml", "exchange_rate_type: Intacct", "exchange_rate_type: Daily", "Intacct has no exchange rate type"),
        ("books.yaml", "TIEOUT_KEY", "OTHER_KEY", "cannot look invoices up by OTHER_KEY"),
        ("books.yaml", "closed_through: 2026-06-30", "closed_through: 2062-06-30", "which is not over in Brightwater"),
        ("intacct_renewal_to_hubspot_deal.yaml", '"186520411"', '"1"', "has no such stage; it has"),
        ("intacct_renewal_to_hubspot_deal.yaml", '"71530411"', '"71530402"', "no active owner of the HubSpot account"),
        ("hubspot_company_to_intacct_customer.yaml", "[customer]", "[custmer]", "has no such option; it has"),
        ("hubspot_company_to_intacct_customer.yaml", "never: [vendor]", "never: [seller]", "partner_role of HubSpot's"),
        ("hubspot_company_to_intacct_customer.yaml", "became:", "becam:", "did you mean became?"),
    ],
)
def test_each_setting_that_is_not_valid_any_more_is_told(
    demo: Office, settings: Path, file: str, old: str, new: str, says: str
) -> None:
    rewrite(settings, file, old, new)
    found = problems(demo)
    assert any(says in line for line in found), found


def test_partners_that_the_settings_name_are_looked_up_in_one_request(demo: Office, settings: Path) -> None:
    file = "intacct_bill_to_hubspot_invoice.yaml"
    rewrite(settings, file, "enabled: false", "enabled: true")
    rewrite(settings, file, "partners: {}", 'partners: {V-1001: "20415100117", V-1002: "999", V-9: "20415100287"}')
    demo.sandbox.control.forget_calls()
    found = problems(demo)
    assert len(found) == 2
    assert any("partners.V-1002 is 999; HubSpot has no such company" in line for line in found)
    assert any("partners.V-9 is V-9; Intacct has no vendor of that name" in line for line in found)
    assert demo.sent("hubspot", "companies/batch/read") == 1


def test_somebody_is_told_once_a_day_of_the_same_problems(demo: Office, settings: Path) -> None:
    rewrite(settings, MAIN, "item: ONBOARD", "item: ONBORD")
    problems(demo)
    problems(demo)
    (mail,) = mails(demo)
    assert mail["to"] == ["finance-systems@brightwater.example"]
    assert mail["subject"].startswith("Tieout: 1 problem with connections or settings")
    assert "products.ONBOARD.item is ONBORD" in " ".join(mail["text"].split())
    rewrite(settings, MAIN, "item: TRAIN-DAY", "item: TRAINDAY")
    problems(demo)
    assert len(mails(demo)) == 2  # another set of problems
    demo.sandbox.control.advance(86_400)
    problems(demo)
    assert len(mails(demo)) == 3  # another day


def test_a_mail_server_that_is_away_changes_nothing(demo: Office, settings: Path) -> None:
    rewrite(settings, MAIN, "item: ONBOARD", "item: ONBORD")
    demo.sandbox.control.fault("status", system="mail", label="RCPT", status=550)
    assert len(problems(demo)) == 1
    assert mails(demo) == []


def test_an_owner_that_the_settings_name_by_address_is_not_shown(demo: Office, settings: Path) -> None:
    rewrite(settings, "intacct_renewal_to_hubspot_deal.yaml", '"71530411"', "nobody@brightwater.example")
    (line,) = problems(demo)
    assert "fallback_owner is an e-mail address; no active owner" in line


def test_a_property_of_another_type_is_told_and_one_that_is_not_there_yet_is_none_to_worry_about(demo: Office) -> None:
    wrong = PropertyDefinition("intacct_invoice_number", "Number", "number", "number")
    mine = PropertyDefinition("tieout_source_key", "Key", "string", "text")
    ensure_properties(demo.hubspot(), "deals", ("tieout", "Tieout"), [wrong, mine])
    found = problems(demo)
    assert any("intacct_invoice_number is of type number, not string" in line for line in found)
    assert any("tieout_source_key does not have unique values" in line for line in found)
    assert len(found) == 2


def test_a_system_that_is_away_is_a_problem_and_the_other_is_checked_all_the_same(demo: Office) -> None:
    with demo.sandbox.control.faulty("status", system="hubspot", status=401):
        found = problems(demo)
    assert any("does not accept the token" in line for line in found)
    assert demo.hold_codes(FLOW)["hubspot"] == "connection_problem"
    assert "intacct" not in demo.hold_codes(FLOW)


def test_a_check_that_ended_without_an_answer_is_a_problem(demo: Office) -> None:
    run = demo.run(flow=FLOW)
    with pytest.raises(SettingsError, match="The check of intacct did not end"):
        report(run, {"hubspot": check(run, "hubspot"), "intacct": None})


def test_only_what_the_flows_in_use_need_is_checked(demo: Office, settings: Path) -> None:
    rewrite(settings, "intacct_renewal_to_hubspot_deal.yaml", '"186520411"', '"1"')
    rewrite(settings, "check_connections.yaml", "flows: all", "flows: [intacct_payment_to_hubspot_deal]")
    assert look(demo)["problems"] == 0


def test_a_flow_that_is_switched_off_or_has_no_file_is_not_in_use(settings: Path) -> None:
    assert "intacct_bill_to_hubspot_invoice" not in flows_in_use()
    rewrite(settings, "intacct_bill_to_hubspot_invoice.yaml", "enabled: false", "enabled: true")
    assert "intacct_bill_to_hubspot_invoice" in flows_in_use()
    (settings / "intacct_renewal_to_hubspot_deal.yaml").unlink()
    assert "intacct_renewal_to_hubspot_deal" not in flows_in_use()


def test_a_settings_file_of_no_flow_is_told(demo: Office, settings: Path) -> None:
    (settings / "intacct_renewal_to_hubspot_deals.yaml").write_text("days_ahead: 60\n")
    (line,) = problems(demo)
    assert line.startswith("intacct_renewal_to_hubspot_deals.yaml: there is no flow of this name")


def test_the_table_of_needs_names_every_flow_that_there_is() -> None:
    dags = {path.stem for path in (ROOT / "dags").glob("*.py")}
    assert dags <= set(NEEDS)
    assert {*DEFINED, *MADE} <= set(NEEDS)
    assert {name for needs in NEEDS.values() for name in (*needs.reads, *needs.makes, *needs.warns)} <= set(OBJECTS)
    assert all(settings_model(flow) for flow in dags)


@pytest.fixture(scope="module")
def restricted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("restricted"), deals=20, at=datetime(2026, 11, 16, 9, tzinfo=UTC)) as opened:
        yield opened


@pytest.mark.parametrize("flow", sorted(NEEDS.keys() - {FLOW.name}))
def test_each_flow_runs_with_just_what_the_table_says_it_needs(restricted: Office, settings: Path, flow: str) -> None:
    if flow == "intacct_bill_to_hubspot_invoice":
        rewrite(settings, f"{flow}.yaml", "enabled: false", "enabled: true")
    needs, access = NEEDS[flow], restricted.sandbox.intacct
    token = f"pat-na1-just-{flow}".replace("_", "-")
    scopes = [*needs.scopes, "oauth"]
    restricted.sandbox.sandbox.twins["hubspot"].load(
        [{"type": "_token", "token": token, "app_id": 3141591, "scopes": scopes}]
    )
    denied = sorted({*OBJECTS, "EMPLOYEE", "GLBATCH"} - {*needs.reads, *needs.makes})
    user = {"user_id": access.user_id, "user_password": access.user_password, "denied": denied}
    restricted.sandbox.sandbox.twins["intacct"].load([{"object": "_USER", "fields": user}])
    only = replace(restricted.sandbox, hubspot=replace(restricted.sandbox.hubspot, token=token))
    office = replace(restricted, sandbox=only)
    note = office.run_flow(import_module(f"include.flows.{flow}").FLOW)
    assert "off" not in note
    codes = set(office.hold_codes(import_module(f"include.flows.{flow}").FLOW).values())
    # What the flow has made there is what the table says it makes.
    for kind, definitions in wanted_by([flow]).items():
        there = get_properties(restricted.hubspot(), kind)
        assert {one.name for one in definitions} - {*there} <= {one.name for one in ORDER_DEFINITIONS}
    assert not codes & {"rejected_by_hubspot", "rejected_by_intacct", "write_back_refused", "connection_problem"}, codes
