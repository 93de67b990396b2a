"""What settings ask for besides: with a setting and just what it asks for the flow runs, and without each part of that
a person is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from include.connectors.hubspot.associations import read_associations
from include.flows.checks.needs import NEEDS, Needs
from include.flows.checks.permissions import is_used
from include.sandbox.company.backoffice.by_hand import DEALS
from include.sandbox.people import BookKeeper, SalesRep
from include.state.migrate import migrate
from tests.flows.office import Office
from tests.flows.test_billed_when_due import Desk
from tests.flows.test_changed_deals import Desk as Sensors
from tests.security.company import everything_switched_on
from tests.security.lives import DAY, Step, approved, billed, changed, later, nothing, sold
from tests.security.permissions import Case, company, granted, run
from tests.security.test_permissions import named

MAIN = "hubspot_closed_won_to_intacct_invoice"
OLD = DEALS[0].id
JOURNAL = ("refunds: {method: none, accounts: []}", 'refunds: {method: journal, accounts: ["2150"]}')


def ordered(demo: Office) -> None:
    """The main job has made an order of another deal of a company that has one from before the cut-over."""
    (company_id,) = (one.to_id for one in read_associations(demo.hubspot(), "deals", "companies", [OLD])[OLD])
    desk = Sensors(demo, SalesRep(demo.sandbox), BookKeeper(demo.sandbox), company_id)  # type: ignore[arg-type]
    desk.sells()
    desk.run()


def sold_for_months(demo: Office) -> None:
    rep = SalesRep(demo.sandbox)  # type: ignore[arg-type]
    company_id = rep.create("companies", {"name": "Roof Works", "country": "United States", "domain": "roof.example"})
    Desk(demo, rep, company_id).sells(3, hs_sku="SUPPORT-GOLD")


def forgotten(demo: Office) -> None:
    """The state database is lost, a day later, and begun anew."""
    demo.state_url = demo.state_url.replace("tieout.db", "new.db")
    migrate(demo.state_url)
    demo.sandbox.control.advance(86400)


def lost(demo: Office) -> None:
    for deal in demo.sandbox.control.books("hubspot"):
        if deal["type"] == "deals" and deal["properties"].get("dealname") == "3 months":
            SalesRep(demo.sandbox).change("deals", deal["id"], dealstage="closedlost")  # type: ignore[arg-type]
    demo.sandbox.control.advance(600)


def refunded(demo: Office) -> None:
    """Money of a deal's invoice was given back."""
    invoice = next(one for one in demo.invoices() if one.get("TIEOUT_KEY") and one["CURRENCY"] == "USD")
    keeper = BookKeeper(demo.sandbox)  # type: ignore[arg-type]
    keeper.pay(invoice, Decimal(invoice["TRX_TOTALDUE"]), DAY, bank="BW-US-USD")
    keeper.refund(invoice, Decimal("4.25"), DAY, account="2150", bank="1010", location="100")
    demo.sandbox.control.advance(600)


@dataclass(frozen=True)
class Choice:
    """``edit``: what is written in which settings file, in place of what; ``steps``: what then happens."""

    file: str
    edit: tuple[str, str]
    steps: Sequence[Step] = (nothing,)


CHOICES: dict[tuple[str, str], Choice] = {
    (MAIN, f"{MAIN}:sales_orders"): Choice(
        MAIN, ("sales_orders: {}", 'sales_orders: {"default": Sales Order}'), (nothing, later)
    ),
    (MAIN, f"{MAIN}:instalments=recurring_invoice"): Choice(
        MAIN, ("  rest: by_hand", "  rest: recurring_invoice"), (sold_for_months, lost)
    ),
    (MAIN, f"{MAIN}:instalments=invoice_when_due"): Choice(
        MAIN, ("  rest: by_hand", "  rest: invoice_when_due"), (sold_for_months, forgotten)
    ),
    (MAIN, f"{MAIN}:changes.finance_owner"): Choice(
        MAIN, ('finance_owner: ""', "finance_owner: ann@sales.example"), (sold, changed, approved)
    ),
    (MAIN, f"{MAIN}:=owner.*"): Choice(MAIN, ("  external_id: company.intacct_customer_id", "  external_id: owner.id")),
    (MAIN, "books:refunds.method=journal"): Choice("books", JOURNAL, (nothing, refunded)),
    ("intacct_payment_to_hubspot_deal", "books:refunds.method=journal"): Choice("books", JOURNAL, (billed, refunded)),
    ("intacct_credit_hold_to_hubspot_company", "intacct_credit_hold_to_hubspot_company:open_orders"): Choice(
        "intacct_credit_hold_to_hubspot_company", ("open_orders: []", "open_orders: [Sales Order]"), (nothing, later)
    ),
    ("intacct_invoice_to_hubspot_deal", f"{MAIN}:sales_orders"): Choice(
        MAIN, ("sales_orders: {}", 'sales_orders: {"default": Sales Order}'), (ordered,)
    ),
    ("intacct_invoice_to_hubspot_deal", f"{MAIN}:=owner.*"): Choice(
        MAIN, ("  external_id: company.intacct_customer_id", "  external_id: owner.id")
    ),
    ("tie_out", f"{MAIN}:sales_orders"): Choice(MAIN, ("sales_orders: {}", 'sales_orders: {"partner": Sales Order}')),
    ("tie_out", f"{MAIN}:=owner.*"): Choice(
        MAIN, ("  external_id: company.intacct_customer_id", "  external_id: owner.id")
    ),
}


def cases(flow: str, needs: Needs) -> list[Case]:
    parts = (("scope", needs.scopes), ("read", needs.reads), ("make", needs.makes))
    return [Case(flow, kind, name) for kind, names in parts for name in names]


ALL = [
    (flow, option, one)
    for flow, needs in NEEDS.items()
    for option in needs.options
    for one in cases(flow, needs.options[option])
]


def test_every_option_has_its_choice() -> None:
    assert {(flow, option) for flow, option, _ in ALL} == CHOICES.keys()


@pytest.mark.parametrize(("flow", "option", "case"), ALL, ids=str)
def test_with_the_setting_a_person_is_told_what_is_missing_and_nothing_else_is(
    flow: str, option: str, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = everything_switched_on(tmp_path / "settings")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(folder))
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    choice = CHOICES[flow, option]
    file = folder / f"{choice.file}.yaml"
    assert choice.edit[0] in file.read_text()
    file.write_text(file.read_text().replace(*choice.edit))
    assert is_used(option)
    with company() as demo:
        missing: Case | None = case
        for step in choice.steps:
            params = step(demo)
            error = run(granted(demo, flow, missing), flow, params)
            if missing and named(demo, missing, error):
                missing = None
                error = run(granted(demo, flow), flow, params)
            assert error is None
        assert missing is None
