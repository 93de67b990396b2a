from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import Unreachable
from include.connectors.intacct.sessions import SKEW, ApiSession, MemorySessionCache
from include.core.errors import AuthError, SessionExpired, SettingsError
from tests.connectors.intacct.scripted_gateway import (
    CREDENTIALS,
    ScriptedGateway,
    answer,
    control_failure,
    failed,
    hang_up,
    results,
    sign_in_failure,
    succeeded,
)

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
INVALID = answer(sign_in_failure("XL03000006", "Invalid session gone.."))


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time


def query() -> list[Function]:
    return [Function(etree.Element("query"))]


def write(controlid: str = "c-1") -> list[Function]:
    return [Function(etree.Element("create_invoice"), controlid)]


def test_signing_in_is_alone_in_its_request_and_happens_once_for_many_calls(gateway: ScriptedGateway) -> None:
    client = gateway.client()
    for _ in range(5):
        client.call(query())
    assert [call.functions for call in gateway.logins] == [["getAPISession"]]
    assert {call.session_id for call in gateway.calls} == {"session-1.."}


def test_a_session_is_renewed_before_it_expires(gateway: ScriptedGateway) -> None:
    clock, client = Hands(), None
    client = gateway.client(now=clock.now)
    client.call(query())
    clock.time = NOON + timedelta(seconds=3600) - SKEW - timedelta(seconds=1)
    client.call(query())
    assert len(gateway.logins) == 1
    clock.time = NOON + timedelta(seconds=3600) - SKEW
    client.call(query())
    assert [call.session_id for call in gateway.calls] == ["session-1..", "session-1..", "session-2.."]


def test_sessions_slide_with_every_answer_that_says_so(gateway: ScriptedGateway) -> None:
    clock = Hands()
    client = gateway.client(now=clock.now)
    two_hours = (
        "<sessiontimestamp>2026-01-01T00:00:00+00:00</sessiontimestamp>"
        "<sessiontimeout>2026-01-01T02:00:00+00:00</sessiontimeout>"
    )
    gateway.script.append(results(succeeded("query"), head=two_hours))
    client.call(query())
    clock.time = NOON + timedelta(minutes=110)
    client.call(query())
    assert len(gateway.logins) == 1


def test_the_servers_clock_may_be_years_off(gateway: ScriptedGateway) -> None:
    clock = Hands()
    clock.time = datetime(2031, 1, 1, tzinfo=UTC)  # the gateway's session ends in March 2026 by its own clock
    client = gateway.client(now=clock.now)
    client.call(query())
    client.call(query())
    assert len(gateway.logins) == 1


def test_an_invalid_session_is_replaced_once_and_the_call_goes_on(gateway: ScriptedGateway) -> None:
    client = gateway.client()
    client.call(query())
    gateway.script.append(INVALID)
    assert client.call(query())[0].ok
    assert [call.session_id for call in gateway.calls] == ["session-1..", "session-1..", "session-2.."]


def test_a_write_goes_out_again_after_an_invalid_session_as_nothing_was_executed(gateway: ScriptedGateway) -> None:
    gateway.script.append(INVALID)
    assert gateway.client().call(write(), unique=True)[0].ok
    assert [call.controlids for call in gateway.calls] == [["c-1"], ["c-1"]]


def test_a_session_that_is_invalid_twice_is_an_error_and_no_loop(gateway: ScriptedGateway) -> None:
    gateway.script.extend([INVALID] * 20)
    with pytest.raises(SessionExpired):
        gateway.client().call(write(), unique=True)
    assert len(gateway.calls) == 2


def test_many_threads_sign_in_once(gateway: ScriptedGateway) -> None:
    client = gateway.client(concurrency=4)
    threads = [threading.Thread(target=client.call, args=(query(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.calls) == 8
    assert len(gateway.logins) == 1


def test_two_clients_share_a_session_through_their_cache_even_when_it_turns_out_invalid(
    gateway: ScriptedGateway,
) -> None:
    cache = MemorySessionCache()
    first, second = gateway.client(sessions=cache), gateway.client(sessions=cache)
    first.call(query())
    second.call(query())
    assert len(gateway.logins) == 1
    gateway.script.extend([INVALID, results(succeeded("query")), INVALID])
    first.call(query())
    second.call(query())  # finds the session that the first one has renewed
    assert len(gateway.logins) == 2


@pytest.mark.parametrize(
    "blob", [b"", b"garbage", b"[]", b'["", "x", "2026-01-01"]', b'{"a": 1}', b"[1, 2, 3]", b"\xff"]
)
def test_a_foreign_blob_in_the_cache_is_ignored(gateway: ScriptedGateway, blob: bytes) -> None:
    cache = MemorySessionCache()
    cache.put(CREDENTIALS.session_key(gateway.url, None), blob, NOON)
    gateway.client(sessions=cache).call(query())
    assert len(gateway.logins) == 1


def test_a_cached_session_at_a_hostile_endpoint_is_not_used(gateway: ScriptedGateway) -> None:
    cache = MemorySessionCache()
    planted = ApiSession("s", "https://evil.example/x", datetime.now(UTC) + timedelta(hours=1))
    cache.put(CREDENTIALS.session_key(gateway.url, None), planted.to_blob(), planted.expires_at)
    with pytest.raises(SettingsError, match="another address"):
        gateway.client(sessions=cache).call(query())
    assert gateway.calls == []


def test_entities_have_sessions_of_their_own(gateway: ScriptedGateway) -> None:
    cache = MemorySessionCache()
    for entity in (None, "100", "200", "100"):
        gateway.client(entity_id=entity, sessions=cache).call(query())
    asked = [call.root.findtext("operation/authentication/login/locationid") for call in gateway.logins]
    assert asked == [None, "100", "200"]


def test_landing_in_another_entity_stops_everything(gateway: ScriptedGateway) -> None:
    api = f"<api><sessionid>s</sessionid><endpoint>{gateway.url}</endpoint><locationid>300</locationid></api>"
    gateway.login_script.append(results(succeeded("getAPISession", f"<data>{api}</data>")))
    with pytest.raises(SettingsError, match=r"100.*300"):
        gateway.client(entity_id="100").call(query())
    assert gateway.calls == []


def test_a_hostile_endpoint_in_the_sign_in_gets_nothing(gateway: ScriptedGateway) -> None:
    api = "<api><sessionid>s</sessionid><endpoint>https://api.intacct.com.evil.example/</endpoint><locationid/></api>"
    gateway.login_script.append(results(succeeded("getAPISession", f"<data>{api}</data>")))
    with pytest.raises(SettingsError, match=r"intacct\.com\.evil\.example"):
        gateway.client().call(query())


def test_a_wrong_password_is_not_tried_again(gateway: ScriptedGateway) -> None:
    gateway.login_script.extend([answer(sign_in_failure("XL03000006", "Sign-in information is incorrect"))] * 9)
    with pytest.raises(AuthError, match="refused the user; check company_id"):
        gateway.client().call(query())
    assert len(gateway.logins) == 1


def test_a_failed_get_session_is_a_matter_for_a_person(gateway: ScriptedGateway) -> None:
    gateway.login_script.append(results(failed("getAPISession", "XL03000006", "Sign-in information is incorrect")))
    with pytest.raises(AuthError):
        gateway.client().call(query())


@pytest.mark.parametrize("status", [301, 302, 404, 405])
def test_an_address_without_a_gateway_is_a_matter_of_settings(gateway: ScriptedGateway, status: int) -> None:
    gateway.login_script.extend([answer("<html>no</html>", status)] * 9)
    with pytest.raises(SettingsError, match="no Sage Intacct XML gateway"):
        gateway.client().call(query())
    assert len(gateway.logins) == 1


def test_a_sign_in_without_a_readable_answer_is_repeated_and_then_the_call_goes_on(gateway: ScriptedGateway) -> None:
    gateway.login_script.extend([hang_up, answer("<html>busy</html>", 503), answer("", 200)])
    assert gateway.client().call(write(), unique=True)[0].ok
    assert len(gateway.logins) == 4


def test_a_sign_in_that_never_works_means_that_nothing_was_sent(gateway: ScriptedGateway) -> None:
    gateway.login_script.extend([answer("<html>busy</html>", 503)] * 99)
    with pytest.raises(Unreachable):
        gateway.client().call(write(), unique=True)
    assert gateway.calls == []
    assert len(gateway.logins) == 5


@pytest.mark.parametrize(
    "inner", ["", "<data/>", "<data><api/></data>", "<data><api><sessionid>s</sessionid></api></data>"]
)
def test_a_sign_in_that_holds_no_session_is_no_sign_in(gateway: ScriptedGateway, inner: str) -> None:
    gateway.login_script.extend([results(succeeded("getAPISession", inner))] * 9)
    with pytest.raises(Unreachable):
        gateway.client().call(query())


def test_login_signs_in_afresh_and_shares_the_session(gateway: ScriptedGateway) -> None:
    client = gateway.client()
    client.call(query())
    client.login()
    client.call(query())
    assert [call.session_id for call in gateway.calls] == ["session-1..", "session-2.."]


def test_a_maintenance_of_the_gateway_is_waited_for(gateway: ScriptedGateway) -> None:
    gateway.login_script.append(answer(control_failure("", "The Service is Temporarily Off-line")))
    assert gateway.client().call(query())[0].ok


def test_a_session_shows_its_id_to_nobody() -> None:
    session = ApiSession("verysecret..", "https://x", NOON)
    assert "verysecret" not in repr(session)
    assert ApiSession.from_blob(session.to_blob()) == session
