"""The call log: what it shows, what it hides, and that it stays small."""

from __future__ import annotations

import json

import pytest

from include.sandbox.calls import CallLog
from include.sandbox.control_client import ControlError
from include.sandbox.masking import masked_body, masked_headers, masked_query

LOGIN = """<request><control><senderid>s</senderid><password>demo-sender-secret</password></control>
<operation><authentication><login><userid>u</userid><password>demo-user-secret</password></login></authentication>
</operation></request>"""


def entry(number: int, **changes):
    fields = {
        "system": "intacct",
        "label": f"query {number % 3}",
        "method": "POST",
        "path": "/ia/xml/xmlgw.phtml",
        "query": "",
        "request_headers": {},
        "request_body": "x" * 1000,
        "status": 200,
        "response_headers": {},
        "response_body": "",
        "received_at": f"2026-11-16T09:00:{number % 60:02d}.000+00:00",
        "ms": 1.5,
    }
    return fields | changes


def test_a_call_is_logged_with_everything_but_its_secrets(sandbox, http):
    http.post(
        f"{sandbox.url}/crm/v3/objects/deals/search?limit=1&access_token=very-secret",
        data=json.dumps({"limit": 1, "client_secret": "very-secret"}),
        headers={"Authorization": "Bearer very-secret", "X-Request": "visible"},
    )
    (call,) = sandbox.control.calls()
    assert (call["seq"], call["system"], call["label"]) == (1, "hubspot", "POST search")
    assert (call["method"], call["path"]) == ("POST", "/crm/v3/objects/deals/search")
    assert (call["status"], call["fault"], call["executed"]) == (200, None, True)
    assert call["query"] == "limit=1&access_token=***"
    assert call["request_headers"]["authorization"] == "***"
    assert call["request_headers"]["x-request"] == "visible"
    assert json.loads(call["request_body"]) == {"limit": 1, "client_secret": "***"}
    assert call["response_headers"]["X-Twin"] == "hubspot"
    assert call["ms"] > 0
    assert call["received_at"].endswith("+00:00")
    assert "very-secret" not in json.dumps(call)


@pytest.mark.parametrize(
    "body",
    [
        LOGIN,
        LOGIN.replace("<password>", "<password\n>").replace("</password>", "</password >"),
        LOGIN.replace("demo-user-secret", "<![CDATA[demo-user-secret]]>"),
        LOGIN.replace("demo-user-secret", "demo-<!-- x -->user-secret"),
        LOGIN.replace("<password>", '<a:password xmlns:a="u">').replace("</password>", "</a:password>"),
        "xmlrequest=" + LOGIN.replace("<", "%3C").replace(">", "%3E").replace("/", "%2F"),
        "xmlrequest=" + LOGIN.replace("<", "%3c").replace(">", "%3e"),
        "xmlrequest=" + LOGIN,
    ],
)
def test_passwords_in_xml_are_masked_however_they_are_written(body):
    shown = masked_body(body.encode(), 4096)
    assert "secret" not in shown
    assert "***" in shown


@pytest.mark.parametrize("limit", range(20, 200, 7))
def test_a_password_that_the_cut_goes_through_is_masked(limit):
    shown = masked_body(LOGIN.encode(), limit)
    assert "demo" not in shown


def test_session_ids_are_masked_in_answers_and_in_errors():
    answer = "<api><sessionid>abc123..</sessionid><endpoint>http://127.0.0.1/</endpoint></api>"
    assert masked_body(answer.encode(), 999) == answer.replace("abc123..", "***")
    error = "<error><description2>Invalid session abc123..</description2></error>"
    assert masked_body(error.encode(), 999) == error.replace("abc123..", "***")


def test_tokens_in_json_and_forms_are_masked():
    shown = masked_body(b'{"access_token": "a\\"b", "refresh_token":"c", "expires_in": 1800}', 999)
    assert json.loads(shown) == {"access_token": "***", "refresh_token": "***", "expires_in": 1800}
    form = masked_body(b"grant_type=refresh_token&client_secret=abc&refresh_token=def", 999)
    assert form == "grant_type=refresh_token&client_secret=***&refresh_token=***"


def test_a_body_that_cannot_be_read_as_text_is_described_not_shown():
    assert masked_body(LOGIN.encode("utf-16"), 4096) == f"[{len(LOGIN.encode('utf-16'))} bytes, binary]"
    assert masked_body(b"\x1f\x8b123", 4096, "gzip") == "[5 bytes, gzip]"


def test_headers_that_speak_of_secrets_are_masked_by_name():
    shown = masked_headers([("sender_password", "x"), ("x-api-key", "x"), ("accept", "a"), ("accept", "b")])
    assert shown == {"sender_password": "***", "x-api-key": "***", "accept": "a, b"}
    assert masked_query("hapikey=1&a=b") == "hapikey=***&a=b"


def test_bodies_are_kept_up_to_the_setting(serving, http):
    with serving(body_limit=10) as sandbox:
        http.post(f"{sandbox.url}/crm/x", data=b'"' + b"a" * 5000 + b'"')
        (call,) = sandbox.control.calls()
    assert call["request_body"] == '"aaaaaaaaa... [5002 bytes]'
    assert call["response_body"] == '"aaaaaaaaa... [5002 bytes]'


def test_calls_can_be_chosen_by_system_number_and_label(sandbox, http):
    for path in ("/crm/a", "/ia/b", "/crm/ab"):
        http.get(sandbox.url + path)
    control = sandbox.control
    assert [call["path"] for call in control.calls("hubspot")] == ["/crm/a", "/crm/ab"]
    assert [call["path"] for call in control.calls(since=1)] == ["/ia/b", "/crm/ab"]
    assert [call["path"] for call in control.calls(label="GET a")] == ["/crm/a", "/crm/ab"]
    assert [call["path"] for call in control.calls(limit=1)] == ["/crm/ab"]


def test_the_log_keeps_the_newest_calls_within_its_bounds_and_counts_all():
    log = CallLog(max_calls=50)
    for number in range(200):
        log.add(**entry(number))
    kept = list(log.calls())
    assert [call.seq for call in kept] == list(range(151, 201))
    assert log.counts()["calls"] == 200
    assert log.counts()["systems"]["intacct"]["labels"] == {"query 0": 67, "query 1": 67, "query 2": 66}

    small = CallLog(max_bytes=10_000)
    for number in range(200):
        small.add(**entry(number))
    assert 3 <= len(list(small.calls())) <= 10


def test_counts_come_in_windows_of_ten_seconds():
    log = CallLog()
    for second in (0, 9, 10, 25):
        log.add(**entry(0, received_at=f"2026-11-16T09:00:{second:02d}.500+00:00"))
    windows = log.counts()["systems"]["intacct"]["windows"]
    assert [(window["start"][17:19], window["calls"]) for window in windows] == [("00", 2), ("10", 1), ("20", 1)]


def test_labels_without_end_are_counted_together():
    log = CallLog()
    for number in range(2_500):
        log.add(**entry(0, label=f"label {number}"))
    labels = log.counts()["systems"]["intacct"]["labels"]
    assert len(labels) == 2_001
    assert labels["(other)"] == 500


def test_a_cleared_log_goes_on_with_its_numbers(sandbox, http):
    http.get(f"{sandbox.url}/crm/a")
    sandbox.control.forget_calls()
    assert sandbox.control.calls() == []
    http.get(f"{sandbox.url}/crm/b")
    assert [call["seq"] for call in sandbox.control.calls()] == [2]
    assert sandbox.control.counts()["calls"] == 1


def test_a_call_is_one_line_of_json_with_the_promised_fields(sandbox, http):
    http.post(f"{sandbox.url}/crm/x?a=1", data=b'{"b":2}', headers={"Authorization": "Bearer very-secret"})
    sandbox.control.fault("lost_before", count=1)
    with pytest.raises(OSError, match="Connection"):
        http.post(f"{sandbox.url}/ia/gw", data=b"<x/>")
    lines = http.get(f"{sandbox.control.url}/calls").text.splitlines()
    answered, lost = map(json.loads, lines)
    promised = [
        "seq", "system", "method", "path", "query", "request_headers", "request_body", "status", "response_headers",
        "response_body", "received_at", "ms",
    ]  # fmt: skip
    for call in (answered, lost):
        assert [name for name in call if name in promised] == promised
        assert set(call) - set(promised) == {"label", "fault", "executed"}
    assert (answered["request_body"], answered["response_body"]) == ('{"b":2}', '{"b":2}')
    assert (answered["method"], answered["path"], answered["query"]) == ("POST", "/crm/x", "a=1")
    assert (lost["status"], lost["response_headers"], lost["response_body"]) == (None, {}, "")


def test_how_much_is_kept_of_bodies_can_be_set(sandbox, http):
    body = json.dumps({"x": "y" * 10_000})
    http.post(f"{sandbox.url}/crm/x", data=body)
    sandbox.control.keep_bodies(20_000)
    http.post(f"{sandbox.url}/crm/x", data=body)
    sandbox.control.keep_bodies(0)
    http.post(f"{sandbox.url}/crm/x", data=body)
    cut, whole, none = (call["response_body"] for call in sandbox.control.calls())
    assert len(cut) < 5_000
    assert whole == body
    assert none == f"... [{len(body)} bytes]"
    for wrong in (-1, "many"):
        with pytest.raises(ControlError, match="body_limit must be a whole number of bytes"):
            sandbox.control.keep_bodies(wrong)
