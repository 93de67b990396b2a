"""The controls under /_sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from include.sandbox.company import generate
from include.sandbox.control_client import ControlError


def test_seeding_fills_both_twins_and_says_how_much(sandbox, intacct, hubspot):
    done = sandbox.control.seed(deals=7, seed=3)
    company = generate(7, 3)
    assert intacct.records == list(company.records("intacct"))
    assert hubspot.records == list(company.records("hubspot"))
    assert done["records"] == {"intacct": len(intacct.records), "hubspot": len(hubspot.records)}
    assert sandbox.control.manifest() == company.manifest()
    assert sandbox.control.ready() == {
        "ready": True,
        "systems": ["intacct", "hubspot"],
        "profile": "demo",
        "deals": 7,
        "seed": 3,
        "invoices": 0,
    }


def test_seeding_replaces_what_was_there(sandbox, intacct):
    sandbox.control.seed(deals=5)
    sandbox.control.seed(deals=2)
    assert intacct.records == list(generate(2).records("intacct"))
    sandbox.control.seed(profile="empty")
    assert intacct.records == []
    with pytest.raises(ControlError, match="no demo company"):
        sandbox.control.manifest()


def test_reset_empties_twins_faults_calls_and_clock(sandbox, http, intacct):
    control = sandbox.control
    control.seed(deals=1)
    control.fault("slow", ms=0)
    http.get(f"{sandbox.url}/crm/a")
    control.stop_clock(datetime(2030, 1, 1, tzinfo=UTC))
    control.reset()
    assert (intacct.records, control.faults(), control.calls()) == ([], [], [])
    assert abs(control.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_clock_can_be_stopped_set_advanced_and_started(sandbox):
    control, moment = sandbox.control, datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    control.stop_clock(moment)
    assert control.now() == control.now() == moment
    control.advance(90.5)
    assert control.now() == moment + timedelta(seconds=90.5)
    control.start_clock()
    first = control.now()
    assert moment + timedelta(seconds=90) < first < moment + timedelta(seconds=95)
    assert control.now() > first


def test_books_are_streamed_as_json_lines(sandbox, hubspot):
    hubspot.records = [{"type": "deals", "id": str(n), "name": "Søn " * 50} for n in range(3_000)]
    assert list(sandbox.control.books("hubspot")) == hubspot.records
    assert list(sandbox.control.books("intacct")) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "seed", {"profile": "nonsense"}, "unknown profile 'nonsense'"),
        ("POST", "seed", {"deals": -1}, "deals must lie between"),
        ("POST", "seed", {"deals": "many"}, "deals must be a whole number"),
        ("POST", "seed", {"deal": 1}, "unknown field 'deal'"),
        ("POST", "clock", {"action": "rewind"}, "unknown action 'rewind'"),
        ("POST", "clock", {"action": "set", "to": "tomorrow"}, "tomorrow"),
        ("POST", "clock", {"action": "set", "to": "2026-11-16T09:00:00"}, "aware time"),
        ("POST", "clock", {"action": "advance", "seconds": "soon"}, "soon"),
        ("POST", "faults", {"kind": "explode"}, "unknown kind 'explode'"),
        ("POST", "faults", [], "must be a JSON object"),
        ("GET", "calls?since=x", None, "since must be a whole number"),
        ("GET", "books/salesforce", None, "no twin 'salesforce'"),
    ],
)
def test_a_wrong_use_is_answered_with_400_and_a_sentence(sandbox, http, method, path, body, words):
    answer = http.request(method, f"{sandbox.control.url}/{path}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example:80"}])
def test_a_foreign_website_cannot_use_the_controls(sandbox, http, intacct, headers):
    sandbox.control.seed(deals=1)
    before = list(intacct.records)
    assert http.post(f"{sandbox.control.url}/reset", headers=headers).status_code == 403
    assert intacct.records == before


def test_what_was_seeded_is_remembered_beside_the_twins_files(serving, tmp_path):
    with serving(deals=3, seed=9, data=tmp_path):
        pass
    with serving(data=tmp_path) as sandbox:
        assert sandbox.control.manifest() == generate(3, 9).manifest()
