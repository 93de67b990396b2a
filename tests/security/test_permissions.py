"""Each scope of HubSpot and each permission of Intacct taken away in turn, for every flow that needs it: what is
missing is named, and once it is granted the books become what they would have been. Nothing is needed that is not
listed, and nothing is listed that is not needed.

Some of them in the ordinary run; all with ``TIEOUT_PERMISSIONS=all bin/test tests/security -k granted``.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from include.connectors.hubspot.checks import check_connection as check_hubspot
from include.connectors.intacct.checks import check_connection as check_intacct
from include.core.errors import AuthError, TieoutError
from include.core.settings import SHIPPED
from include.flows.checks.needs import NEEDS
from include.flows.checks.permissions import is_used, makes_of, reads_of, scopes_of
from tests.flows.office import Office
from tests.security.company import everything_switched_on
from tests.security.lives import LIVES, nothing
from tests.security.permissions import CASES, Case, books, company, granted, run

MAIN = "hubspot_closed_won_to_intacct_invoice"
READERS = {"tie_out", "revenue_report"}  # they write nothing, and take longest
CHOSEN = (
    CASES if os.environ.get("TIEOUT_PERMISSIONS") == "all" else [one for one in CASES if one.flow not in READERS][3::29]
)


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(everything_switched_on(tmp_path / "settings")))
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))


def named(demo: Office, case: Case, error: TieoutError | None) -> bool:
    """Whether a person is told what is missing: by the run's error or, where Intacct refused one kind of record and
    took the others, by the holds of those."""
    if error is not None:
        assert isinstance(error, AuthError), error
        assert case.named_in(str(error))
        return True
    holds = [one.message for one in demo.store().open_holds(case.flow)]
    return case.kind == "make" and any("lacks a permission" in one and case.named_in(one) for one in holds)


def life(demo: Office, flow: str, case: Case | None = None) -> bool:
    """The flow's life in this company; without one thing until somebody was told of it, and granted it. Whether anybody
    was."""
    missing = case
    for step in LIVES.get(flow, (nothing,)):
        params = step(demo)
        error = run(granted(demo, flow, missing), flow, params)
        if missing is None:
            assert error is None
        elif named(demo, missing, error):
            missing = None
            assert run(granted(demo, flow), flow, params) is None
    return missing is not case


@cache
def unrestricted(flow: str) -> Counter[str]:
    """The books after a life with just what is listed, and one more run."""
    with company() as demo:
        life(demo, flow)
        assert run(granted(demo, flow), flow) is None
        return books(demo)


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_what_is_missing_is_named_and_once_granted_the_books_are_as_if_it_had_never_been(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    with company() as demo:
        with caplog.at_level(logging.WARNING):
            told = life(demo, case.flow, case)
        warned = any(case.named_in(one.getMessage()) for one in caplog.records if one.levelno == logging.WARNING)
        assert warned if case.kind == "warn" else told
        assert not (case.kind == "warn" and told)
        assert run(granted(demo, case.flow), case.flow) is None
        assert books(demo) - unrestricted(case.flow) == Counter()
        assert unrestricted(case.flow) - books(demo) == Counter()


def test_what_a_setting_asks_for_is_needed_just_where_it_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = everything_switched_on(tmp_path / "chosen")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(folder))
    options = {option for needs in NEEDS.values() for option in needs.options}
    assert {option for option in options if is_used(option)} == set()
    before = reads_of([MAIN]), makes_of([MAIN]), scopes_of([MAIN])
    file = folder / f"{MAIN}.yaml"
    text = file.read_text()
    for old, new in (
        ("sales_orders: {}", 'sales_orders: {"default": "Sales Invoice"}'),
        ("  rest: by_hand", "  rest: recurring_invoice"),
        ('finance_owner: ""', 'finance_owner: "ann@sales.example"'),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    reads, makes, scopes = reads_of([MAIN]), makes_of([MAIN]), scopes_of([MAIN])
    assert makes.keys() - before[1].keys() == {"SODOCUMENT", "ARRECURINVOICE"}
    assert reads.keys() - before[0].keys() == {"SODOCUMENT", "ARRECURINVOICE", "ARRECURINVOICEENTRY"}
    assert scopes.keys() - before[2].keys() == {"crm.objects.owners.read"}
    assert all((SHIPPED / f"{option.partition(':')[0]}.yaml").exists() for option in options)


@pytest.fixture(scope="module")
def demo() -> Iterator[Office]:
    with company(6) as opened:
        yield opened


def test_the_check_of_connections_names_each_missing_scope(demo: Office) -> None:
    wanted = scopes_of(NEEDS)
    for name in wanted:
        flow = next(flow for flow, needs in NEEDS.items() if name in needs.scopes)
        report = check_hubspot(granted(demo, flow, Case(flow, "scope", name)).hubspot(), scopes_of([flow]))
        assert report.missing == (name,)
        assert name in report.text()
    assert len(wanted) > 15


def test_the_check_of_connections_names_each_object_that_may_not_be_read(demo: Office) -> None:
    for name, word in reads_of(NEEDS).items():
        flow = next(flow for flow, needs in NEEDS.items() if name in needs.reads)
        found = check_intacct(granted(demo, flow, Case(flow, "read", name)).intacct(), reads_of([flow]))
        (problem,) = [one for one in found if one.state == "problem"]
        assert problem.subject == f"read {name}"
        assert word in problem.message
    assert len(reads_of(NEEDS)) > 20
