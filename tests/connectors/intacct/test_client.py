from __future__ import annotations

import json
import logging
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
import requests
from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import Malformed, Unreachable, Unreadable
from include.core.errors import AuthError, RateLimited, SettingsError, TransientError
from tests.connectors.intacct.scripted_gateway import (
    CREDENTIALS,
    Call,
    ScriptedGateway,
    Step,
    answer,
    control_failure,
    drip,
    envelope,
    failed,
    hang_up,
    http,
    results,
    sign_in_failure,
    stall,
    succeeded,
)


def query(controlid: str = "") -> Function:
    return Function(etree.Element("query"), controlid)


def invoice(controlid: str = "c-1") -> Function:
    return Function(etree.Element("create_invoice"), controlid)


TROUBLES = [
    hang_up,
    answer("", 200),
    answer("<html>busy</html>", 200),
    answer("<html>down</html>", 502),
    answer("", 503),
    answer(control_failure("GW-0003", "Unable to process"), 500),
    answer("", 429),
    answer(control_failure("GW-0010", "Rate limit exceeded"), 429),
    answer(control_failure("", "The Service is Temporarily Off-line")),
    results(failed("query", "", "The Service is Temporarily Off-line")),
    results(failed("query", "", "API rate limit exceeded")),
    results(succeeded("query", controlid="somebody-elses")),
    results(),
]


@pytest.mark.parametrize("number", range(len(TROUBLES)))
def test_a_read_is_repeated_until_it_is_answered(gateway: ScriptedGateway, number: int) -> None:
    gateway.script.extend([TROUBLES[number]] * 2)
    assert gateway.client().call([query()])[0].ok
    assert len(gateway.calls) == 3


@pytest.mark.parametrize("number", range(len(TROUBLES)))
def test_a_read_is_given_up_after_five_tries(gateway: ScriptedGateway, number: int) -> None:
    gateway.script.extend([TROUBLES[number]] * 20)
    with pytest.raises(TransientError):
        gateway.client().call([query()])
    assert len(gateway.calls) == 5


@pytest.mark.parametrize("number", range(len(TROUBLES)))
def test_a_write_is_sent_once_whatever_happens(gateway: ScriptedGateway, number: int) -> None:
    gateway.script.extend([TROUBLES[number]] * 2)
    for functions in ([invoice()], [query("q"), invoice()]):
        sent = len(gateway.calls)
        try:
            given = gateway.client().call(functions, unique=True)
        except TransientError:
            given = []
        assert len(gateway.calls) == sent + 1
        assert not any(result.ok for result in given)


def test_an_unknown_function_counts_as_a_write(gateway: ScriptedGateway) -> None:
    gateway.script.append(hang_up)
    with pytest.raises(Unreadable):
        gateway.client().call([Function(etree.Element("some_new_function"))])
    assert len(gateway.calls) == 1


def test_a_doubtful_back_end_error_is_asked_once_more(gateway: ScriptedGateway) -> None:
    trouble = results(failed("query", "DL02000001", "There was an error processing the request."))
    gateway.script.append(trouble)
    assert gateway.client().call([query()])[0].ok
    gateway.script.extend([trouble] * 9)
    assert not gateway.client().call([query()])[0].ok
    assert len(gateway.calls) == 4


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (control_failure("XL03000003", "XML Parse schema error"), Malformed),
        (control_failure("XL03000006", "Incorrect Intacct XML Partner ID or password."), AuthError),
        (control_failure("GW-0011", "Invalid Request"), AuthError),
        (control_failure("PL04000055", "expired"), AuthError),
    ],
)
def test_what_a_person_must_repair_is_not_tried_again(gateway: ScriptedGateway, body: str, error: type) -> None:
    gateway.script.extend([answer(body)] * 9)
    with pytest.raises(error):
        gateway.client().call([query()])
    assert len(gateway.calls) == 1


def test_pauses_grow_are_random_and_stay_within_their_bounds(gateway: ScriptedGateway) -> None:
    pauses: list[float] = []
    gateway.script.extend([answer("", 503)] * 40)
    for _ in range(8):
        with pytest.raises(Unreadable):
            gateway.client(wait=pauses.append, first_pause=1.0, request_deadline=900.0).call([query()])
    for attempt, bound in enumerate((1, 2, 4, 8)):
        assert all(0 <= pause <= bound for pause in pauses[attempt::4])
        assert len(set(pauses[attempt::4])) > 1


def test_a_stated_pause_is_kept(gateway: ScriptedGateway) -> None:
    pauses: list[float] = []
    gateway.script.append(answer("", 429, [("Retry-After", "9")]))
    gateway.client(wait=pauses.append, request_deadline=60.0).call([query()])
    assert len(pauses) == 1
    assert 9 <= pauses[0] < 9.1


def test_a_stated_pause_beyond_the_deadline_is_left_to_the_caller(gateway: ScriptedGateway) -> None:
    gateway.script.append(answer("", 429, [("Retry-After", "3600")]))
    started = time.monotonic()
    with pytest.raises(RateLimited) as limited:
        gateway.client().call([query()])
    assert limited.value.retry_after == 3600
    assert time.monotonic() - started < 1


def test_the_deadline_holds_for_all_tries_together(gateway: ScriptedGateway) -> None:
    gateway.script.extend([drip(http("<response>" + " " * 5000), pause=0.01)] * 20)
    started = time.monotonic()
    with pytest.raises(Unreadable):
        gateway.client(request_deadline=0.6).call([query()])
    assert time.monotonic() - started < 1.2


def test_a_write_is_not_sent_when_too_little_time_is_left(gateway: ScriptedGateway) -> None:
    def slow_sign_in(call: Call, sock: socket.socket) -> None:
        time.sleep(0.9)
        gateway._sign_in(call, sock)

    gateway.login_script.append(slow_sign_in)
    with pytest.raises(Unreachable, match="Too little time"):
        gateway.client(request_deadline=1.0).call([invoice()], unique=True)
    assert gateway.calls == []


def test_answers_are_put_in_the_order_of_the_functions(gateway: ScriptedGateway) -> None:
    def backwards(call: Call, sock: socket.socket) -> None:
        inner = "".join(succeeded("create_invoice", f"<key>{n}</key>", f"c-{n}") for n in (3, 1, 2))
        sock.sendall(http(envelope(call, inner)))

    gateway.script.append(backwards)
    given = gateway.client().call([invoice("c-1"), invoice("c-2"), invoice("c-3")], unique=True)
    assert [result.key for result in given] == ["1", "2", "3"]


def test_a_write_that_the_answer_leaves_out_is_missing_and_not_failed(gateway: ScriptedGateway) -> None:
    gateway.script.append(results(succeeded("create_invoice", "<key>1</key>")))
    given = gateway.client().call([invoice("c-1"), invoice("c-2")], unique=True)
    assert [(result.status, result.controlid) for result in given] == [("success", "c-1"), ("missing", "c-2")]


def test_an_answer_that_names_a_control_id_twice_is_unreadable(gateway: ScriptedGateway) -> None:
    twice = succeeded("create_invoice", "<key>1</key>", "c-1")
    gateway.script.append(results(twice + twice))
    with pytest.raises(Unreadable):
        gateway.client().call([invoice("c-1")], unique=True)


def test_an_answer_to_another_request_is_unreadable(gateway: ScriptedGateway) -> None:
    body = envelope(
        Call({}, b"<request><control><controlid>somebody else's</controlid></control></request>"),
        succeeded("create_invoice", "<key>1</key>", "c-1"),
    )
    gateway.script.append(answer(body))
    with pytest.raises(Unreadable, match="another request"):
        gateway.client().call([invoice("c-1")], unique=True)


def test_a_request_that_was_only_taken_in_is_not_done(gateway: ScriptedGateway) -> None:
    def acknowledge(call: Call, sock: socket.socket) -> None:
        control = call.root.findtext("control/controlid")
        sock.sendall(
            http(
                "<response><acknowledgement><status>success</status></acknowledgement><control><status>success</status>"
                f"<controlid>{control}</controlid></control></response>"
            )
        )

    gateway.script.append(acknowledge)
    with pytest.raises(Unreadable, match="without executing"):
        gateway.client().call([invoice()], unique=True)


def test_a_unique_request_needs_a_control_id_for_every_function(gateway: ScriptedGateway) -> None:
    with pytest.raises(ValueError, match="every function"):
        gateway.client().call([invoice("")], unique=True)


def test_no_functions_are_no_request(gateway: ScriptedGateway) -> None:
    assert gateway.client().call([]) == []
    assert gateway.logins == []


def test_reads_ask_for_no_uniqueness_and_writes_for_it(gateway: ScriptedGateway) -> None:
    client = gateway.client()
    client.call([query()])
    client.call([invoice()], unique=True)
    assert [call.root.findtext("control/uniqueid") for call in gateway.calls] == ["false", "true"]


def test_no_more_requests_are_under_way_at_once_than_allowed(gateway: ScriptedGateway) -> None:
    def slow(call: Call, sock: socket.socket) -> None:
        with gateway.working():
            time.sleep(0.05)
        gateway._succeed(call, sock)

    gateway.script.extend([slow] * 12)
    clients = [gateway.client(concurrency=2) for _ in range(3)]  # three clients of one company share the allowance
    threads = [threading.Thread(target=clients[n % 3].call, args=([query()],)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.calls) == 12
    assert gateway.most_under_way == 2


def test_waiting_for_a_free_place_counts_against_the_deadline(gateway: ScriptedGateway) -> None:
    busy, late = gateway.client(concurrency=1), gateway.client(concurrency=1, request_deadline=0.3)
    busy.call([query()])
    late.login()
    gateway.script.append(stall(1.0))

    def occupy() -> None:
        with suppress(TransientError):
            busy.call([invoice()], unique=True)

    thread = threading.Thread(target=occupy)
    thread.start()
    time.sleep(0.1)
    with pytest.raises(Unreachable, match="none became free"):
        late.call([invoice()], unique=True)
    thread.join()
    assert len(gateway.calls) == 2


def test_an_address_in_clear_over_the_network_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(SettingsError, match="https"):
        IntacctClient(requests.Session(), "http://api.intacct.com/ia/xml/xmlgw.phtml", CREDENTIALS)


def test_cookies_of_the_gateway_are_not_kept(gateway: ScriptedGateway) -> None:
    def with_cookie(call: Call, sock: socket.socket) -> None:
        inner = succeeded("query", "<data/>", "1")
        sock.sendall(http(envelope(call, inner), headers=[("Set-Cookie", "DFT_COOKIE=tracking; Path=/")]))

    gateway.script.append(with_cookie)
    client = gateway.client()
    client.call([query()])
    client.call([query()])
    assert "cookie" not in gateway.calls[1].headers


def repeating(body: str) -> Step:
    """An answer that repeats all our secrets where ``SAID`` stands in it."""

    def step(call: Call, sock: socket.socket) -> None:
        secrets = (CREDENTIALS.user_password, CREDENTIALS.sender_password, call.session_id)
        said = escape(" ".join(filter(None, secrets)))
        control = call.root.findtext("control/controlid") or ""
        sock.sendall(http(body.replace("SAID", said).replace("CONTROL", control)))

    return step


def test_no_secret_is_in_any_log_or_error_or_repr(gateway: ScriptedGateway, caplog: pytest.LogCaptureFixture) -> None:
    """Every trouble there is, at the loudest log level, with a server that repeats our secrets in its errors."""
    refusal = results_text(failed("create_invoice", "BL01001973", "refused SAID").replace("{controlid}", "c-1"))
    troubles = [
        repeating(control_failure("XL03000003", "schema error near SAID")),
        repeating(control_failure("XL03000006", "wrong: SAID")),
        repeating(sign_in_failure("XL03000006", "Invalid session SAID")),
        repeating(refusal),
        repeating("<html>SAID</html>"),
        repeating("<response>SAID"),
        *TROUBLES,
    ]
    shown: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for trouble in troubles:
            client = gateway.client()
            gateway.script.append(trouble)
            try:
                shown.append(repr(client.call([invoice()], unique=True)))
            except Exception as error:
                chain: BaseException | None = error
                while chain is not None:
                    shown += [repr(chain), str(chain)]
                    chain = chain.__context__
            shown.append(repr(client))
    text = caplog.text + " ".join(shown)
    sent = {call.session_id for call in gateway.calls}
    assert len(sent) > 10
    for secret in (CREDENTIALS.user_password, CREDENTIALS.sender_password, *filter(None, sent)):
        for form in (secret, escape(secret), quote(secret), json.dumps(secret)[1:-1]):
            assert form not in text


def results_text(inner: str) -> str:
    call = Call({}, b"<request><control><controlid>CONTROL</controlid></control></request>")
    return envelope(call, inner)
