"""Ordered faults, over real sockets: what the client sees and what the twin did."""

from __future__ import annotations

import time

import pytest
import requests

from include.sandbox.faults import FaultBook, FaultError, Rule


def last_call(sandbox):
    return sandbox.control.calls(limit=1)[0]


def test_lost_before_closes_the_connection_and_executes_nothing(sandbox, http, intacct):
    sandbox.control.fault("lost_before", system="intacct", count=1)
    with pytest.raises(requests.ConnectionError):
        http.post(f"{sandbox.url}/ia/gw", data=b"<x/>")
    assert intacct.executed == []
    call = last_call(sandbox)
    assert (call["fault"], call["status"], call["executed"]) == ("lost_before", None, False)
    assert http.post(f"{sandbox.url}/ia/gw", data=b"<x/>").status_code == 200


def test_lost_after_executes_the_call_and_gives_no_answer(sandbox, http, intacct):
    sandbox.control.fault("lost_after", nth=1)
    with pytest.raises(requests.ConnectionError):
        http.post(f"{sandbox.url}/ia/gw", data=b"<x/>")
    assert intacct.executed == ["/ia/gw"]
    call = last_call(sandbox)
    assert (call["fault"], call["status"], call["executed"]) == ("lost_after", None, True)


def test_cut_at_sends_the_full_length_but_only_the_first_bytes(sandbox, intacct):
    sandbox.control.fault("cut_at", at=5, count=1)
    with requests.post(f"{sandbox.url}/ia/gw", data=b"<abcdefgh/>", stream=True, timeout=5) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Length"] == "11"
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            answer.content  # noqa: B018
    assert intacct.executed == ["/ia/gw"]
    assert last_call(sandbox)["response_body"] == "<abcd"


def test_cut_at_beyond_the_end_still_cuts(sandbox, http):
    sandbox.control.fault("cut_at", at=100_000)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        http.post(f"{sandbox.url}/ia/gw", data=b"<abc/>")


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/ia/gw", 429, "GW-0010"),
        ("/ia/gw", 503, "<!DOCTYPE html>"),
        ("/crm/x", 429, '"policyName": "SECONDLY"'),
        ("/crm/x", 502, "<!DOCTYPE html>"),
    ],
)
def test_a_status_fault_answers_in_the_services_own_words(sandbox, http, path, status, expected, intacct, hubspot):
    sandbox.control.fault("status", status=status, policy="SECONDLY")
    answer = http.post(sandbox.url + path, data=b"{}")
    assert answer.status_code == status
    assert expected in answer.text
    assert intacct.executed == hubspot.executed == []


def test_a_status_fault_may_have_executed_the_call(sandbox, http, hubspot):
    sandbox.control.fault("status", status=504, executed=True)
    assert http.post(f"{sandbox.url}/crm/x").status_code == 504
    assert hubspot.executed == ["/crm/x"]


def test_html_with_status_200_takes_the_answers_place(sandbox, http):
    sandbox.control.fault("html_200")
    answer = http.post(f"{sandbox.url}/ia/gw", data=b"<x/>")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_garbage_is_unreadable_and_the_same_every_time(sandbox, http, hubspot):
    sandbox.control.fault("garbage")
    first, second = (http.post(f"{sandbox.url}/crm/x", data=b"{}").content for _ in range(2))
    assert first == second
    with pytest.raises(UnicodeDecodeError):
        first.decode()
    assert len(hubspot.executed) == 2


@pytest.mark.parametrize("kind", ["slow", "slow_body"])
def test_slow_answers_are_late_but_whole(sandbox, http, kind):
    sandbox.control.fault(kind, ms=200)
    started = time.monotonic()
    assert http.post(f"{sandbox.url}/crm/x", data=b'{"a":1}').json() == {"a": 1}
    assert time.monotonic() - started >= 0.2


def test_a_stalled_call_is_silent_until_its_time_is_over(sandbox, http, hubspot):
    sandbox.control.fault("stall", seconds=0.3)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        http.post(f"{sandbox.url}/crm/x", timeout=5)
    assert time.monotonic() - started >= 0.3
    assert hubspot.executed == ["/crm/x"]


def test_a_client_that_gives_up_ends_its_stalled_call(sandbox, http):
    sandbox.control.fault("stall", seconds=60, executed=False)
    with pytest.raises(requests.ReadTimeout):
        http.post(f"{sandbox.url}/crm/x", timeout=0.1)
    deadline = time.monotonic() + 5
    while not sandbox.control.calls() and time.monotonic() < deadline:
        http.close()
        time.sleep(0.02)
    assert last_call(sandbox)["executed"] is False


def test_stalled_calls_do_not_keep_the_server_from_stopping(serving):
    with serving() as sandbox:
        sandbox.control.fault("stall", seconds=60)
        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{sandbox.url}/crm/x", timeout=0.1)
        started = time.monotonic()
    assert time.monotonic() - started < 5


def test_an_expired_session_answers_as_the_service_does(sandbox, http, intacct, hubspot):
    sandbox.control.fault("session_expired", count=2)
    assert "Invalid session" in http.post(f"{sandbox.url}/ia/gw", data=b"<x/>").text
    answer = http.get(f"{sandbox.url}/crm/x")
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert intacct.executed == hubspot.executed == []


def test_a_twin_that_can_end_its_own_sessions_is_asked_to(sandbox, http, intacct):
    expired = []
    intacct.end_sessions = lambda: expired.append(True)
    sandbox.control.fault("session_expired", system="intacct", count=1)
    assert http.post(f"{sandbox.url}/ia/gw", data=b"<x/>").text == "<x/>"
    assert expired == [True]


def test_a_lifted_fault_no_longer_fires(sandbox, http):
    with sandbox.control.faulty("status", status=500):
        assert http.get(f"{sandbox.url}/crm/x").status_code == 500
    assert http.get(f"{sandbox.url}/crm/x").status_code == 200
    assert sandbox.control.faults() == []


def hits(rule, calls=12, label="create_invoice x1"):
    book = FaultBook()
    book.add(Rule.from_json(rule))
    return [n for n in range(1, calls + 1) if book.pick("intacct", label, "POST", "/ia/gw")]


def test_nth_hits_one_call():
    assert hits({"kind": "lost_after", "nth": 3}) == [3]


def test_every_hits_each_kth_call_up_to_count():
    assert hits({"kind": "lost_after", "every": 4}) == [4, 8, 12]
    assert hits({"kind": "lost_after", "every": 4, "count": 2}) == [4, 8]


def test_probability_hits_the_same_calls_for_the_same_seed():
    drawn = hits({"kind": "lost_after", "probability": 0.3, "seed": 5}, 200)
    assert drawn == hits({"kind": "lost_after", "probability": 0.3, "seed": 5}, 200)
    assert drawn != hits({"kind": "lost_after", "probability": 0.3, "seed": 6}, 200)
    assert 30 <= len(drawn) <= 90


@pytest.mark.parametrize(
    "rule",
    [{"system": "hubspot"}, {"label": "^query"}, {"path": "/crm/"}, {"method": "GET"}],
)
def test_a_rule_for_other_calls_does_not_fire(rule):
    assert hits({"kind": "lost_after", **rule}) == []


def test_every_rule_counts_for_itself_and_the_first_that_fires_is_applied():
    book = FaultBook()
    book.add(Rule.from_json({"kind": "slow", "nth": 2}))
    book.add(Rule.from_json({"kind": "lost_after", "nth": 3}))
    kinds = [getattr(book.pick("intacct", "x", "POST", "/"), "kind", None) for _ in range(4)]
    assert kinds == [None, "slow", "lost_after", None]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "explode"}, "unknown kind 'explode'"),
        ({"kind": "slow", "speed": 3}, "unknown field 'speed'"),
        ({"kind": "slow", "nth": 0}, "nth must be at least 1"),
        ({"kind": "slow", "every": "2"}, "every must be a whole number"),
        ({"kind": "status", "status": 200}, "from 400 to 599"),
        ({"kind": "slow", "probability": 2}, "between 0 and 1"),
        ({"kind": "slow", "label": "("}, "no regular expression"),
        ({"kind": "stall", "seconds": -1}, "between 0 and 3600"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(rule, words):
    with pytest.raises(FaultError, match=words):
        Rule.from_json(rule)
