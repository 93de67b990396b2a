"""Each scope of HubSpot and each permission of Intacct taken away in turn, for every flow that needs it: the error
names what is missing, nothing is left half done, and once it is granted the books become what they would have been.

Some of them in the ordinary run; all with ``TIEOUT_PERMISSIONS=all bin/test tests/security -k granted``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from include.connectors.hubspot.checks import check_connection as check_hubspot
from include.connectors.intacct.checks import check_connection as check_intacct
from include.core.errors import AuthError, TieoutError
from include.flows.checks.needs import NEEDS, OBJECTS, reads_of, scopes_of
from tests.flows.office import Office, office
from tests.security.company import everything_switched_on

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    flow: str
    kind: str  # scope, read, make
    name: str

    def __str__(self) -> str:
        return f"{self.flow} without {self.kind} {self.name}"


CASES = [
    Case(flow, kind, name)
    for flow, needs in sorted(NEEDS.items())
    for kind, names in (("scope", needs.scopes), ("read", needs.reads), ("make", needs.makes))
    for name in names
]


@contextmanager
def company() -> Iterator[Office]:
    with TemporaryDirectory() as folder, office(Path(folder), deals=6, at=AT) as opened:
        yield opened


def granted(demo: Office, flow: str, without: Case | None = None) -> Office:
    """The company as a token and a user see it that have what this flow needs, without one thing."""
    scopes = [*scopes_of([flow]), "oauth"]
    denied = []
    if without and without.kind == "scope":
        scopes.remove(without.name)
    elif without:
        denied = [without.name]
    token = f"pat-na1-{flow.replace('_', '-')}-{'all' if without is None else without.name.replace('.', '-')}"
    twins, access = demo.sandbox.sandbox.twins, demo.sandbox.intacct
    twins["hubspot"].load([{"type": "_token", "token": token, "app_id": 3141591, "scopes": scopes}])
    user = {"user_id": access.user_id, "user_password": access.user_password, "denied": denied}
    twins["intacct"].load([{"object": "_USER", "fields": user}])
    return replace(demo, sandbox=replace(demo.sandbox, hubspot=replace(demo.sandbox.hubspot, token=token)))


def run(demo: Office, flow: str) -> TieoutError | None:
    try:
        demo.run_flow(import_module(f"include.flows.{flow}").FLOW)
    except TieoutError as error:
        return error
    return None


def books(demo: Office) -> Counter[str]:
    """What stands in both systems, without numbers and moments that depend on when it was written."""
    hubspot = (
        (b["type"], sorted((k, v) for k, v in b.get("properties", {}).items() if _settled(k)))
        for b in demo.sandbox.control.books("hubspot")
    )
    intacct = (
        (b["object"], sorted((k, v) for k, v in b["record"].items() if k in _TOLD_BY_INTACCT))
        for b in demo.sandbox.control.books("intacct")
    )
    return Counter(repr(one) for one in (*hubspot, *intacct) if not one[0].startswith("_"))


_TOLD_BY_INTACCT = {"CUSTOMERID", "VENDORID", "CONTACTNAME", "TOTALENTERED", "TOTALDUE", "STATE", "STATUS", "NAME"}


def _settled(name: str) -> bool:
    return not name.startswith("hs_") and not name.endswith(("date", "_at", "_id", "synced", "_url"))


@cache
def unrestricted(flow: str) -> Counter[str]:
    """The books after two runs of the flow with everything granted."""
    with company() as demo:
        everything = granted(demo, flow)
        assert run(everything, flow) is None
        assert run(everything, flow) is None
        return books(demo)


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(everything_switched_on(tmp_path / "settings")))
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))


READERS = {"tie_out", "revenue_report"}  # they write nothing, and take longest
CHOSEN = (
    CASES if os.environ.get("TIEOUT_PERMISSIONS") == "all" else [one for one in CASES if one.flow not in READERS][5::29]
)


@pytest.mark.parametrize("case", CHOSEN, ids=str)
def test_what_is_missing_is_named_and_once_granted_the_books_are_as_if_it_had_never_been(case: Case) -> None:
    with company() as demo:
        error = run(granted(demo, case.flow, case), case.flow)
        # Without an error the flow can do without it, at least with these records.
        if error is not None:
            assert isinstance(error, AuthError)
            assert case.name in str(error) or OBJECTS.get(case.name, "?") in str(error)
        assert run(granted(demo, case.flow), case.flow) is None
        assert books(demo) - unrestricted(case.flow) == Counter()
        assert unrestricted(case.flow) - books(demo) == Counter()


@pytest.fixture(scope="module")
def demo() -> Iterator[Office]:
    with company() as opened:
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
    everything = reads_of(NEEDS)
    for name, word in everything.items():
        restricted = granted(demo, "tie_out", Case("tie_out", "read", name))
        found = check_intacct(restricted.intacct(), everything)
        (problem,) = [one for one in found if one.state == "problem"]
        assert problem.subject == f"read {name}"
        assert word in problem.message
    assert len(everything) > 20
