from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from lxml import etree

from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import Unreachable
from include.connectors.intacct.query import count
from include.connectors.intacct.sessions import MemorySessionCache
from include.core.errors import SettingsError
from include.state.migrate import migrate
from include.state.store import StateStore, open_store
from tests.connectors.intacct.scripted_gateway import scripted_gateway
from tests.connectors.intacct.small_books import KEY_FIELD, Books, small_books
from tieout.hooks.intacct import EncryptedSessionCache, IntacctHook, state_session_cache

Connect = Callable[..., IntacctHook]
GOOD = {"company_id": "brightwater-demo", "sender_id": "tieout_sender", "sender_password": "demo-sender-secret"}


@pytest.fixture(scope="module")
def _twin() -> Iterator[Books]:
    with small_books() as company:
        yield company


@pytest.fixture
def books(_twin: Books) -> Books:
    _twin.refill()
    return _twin


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, airflow_db: object) -> Connect:
    """A hook on a connection of these fields; ``extra`` is added to what signs in to the twin."""

    def define(extra: dict[str, Any] | None = None, **fields: Any) -> IntacctHook:
        connection = {
            "conn_type": "sage_intacct",
            "login": "tieout_ws",
            "password": "demo-user-secret",
            **fields,
            "extra": {name: value for name, value in {**GOOD, **(extra or {})}.items() if value is not None},
        }
        monkeypatch.setenv("AIRFLOW_CONN_BOOKS", json.dumps(connection))
        return IntacctHook("books")

    return define


def test_a_connection_becomes_a_client(connect: Connect, books: Books) -> None:
    client = connect(host=books.running.intacct.url).get_client()
    assert count(client, "CUSTOMER") == 2
    assert (client.company_id, client.user_id, client.entity_id) == ("brightwater-demo", "tieout_ws", None)


def test_none_of_our_extras_is_sent_as_a_header(connect: Connect, books: Books) -> None:
    ours = {"entity_id": "100", "request_deadline": 987, "concurrency": 1}
    unknown = {"x-sneaked-in": "sneaked", "headers": {"x-other": "sneaked"}, "api_token": "sneaked-secret"}
    hook = connect({**ours, **unknown}, host=books.running.intacct.url)
    books.forget()
    count(hook.get_client(), "CUSTOMER")
    hook.test_connection()
    hook.get_conn().post(books.running.intacct.url, data=b"<request/>")

    received = books.running.control.calls("intacct")
    assert len(received) > 4
    allowed = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-type", "content-length"}
    for call in received:
        assert {name.lower() for name in call["request_headers"]} <= allowed
        headers = json.dumps(call["request_headers"])
        for word in ("sneaked", "demo-sender-secret", "demo-user-secret", "tieout_ws", "987", "brightwater"):
            assert word not in headers
        assert "sneaked" not in call["request_body"]


def test_an_unknown_extra_is_named_in_the_log_and_no_secret_is(
    connect: Connect, books: Books, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hook = connect({"sender_pasword": "slip-of-the-pen"}, host=books.running.intacct.url)
    client = hook.get_client()
    hook.test_connection()
    printed = capfd.readouterr()
    said = caplog.text + printed.out + printed.err + repr(client) + repr(hook)
    assert "unknown extras are ignored: sender_pasword" in said
    for secret in ("slip-of-the-pen", "demo-sender-secret", "demo-user-secret"):
        assert secret not in said


@pytest.mark.parametrize(
    ("fields", "extra", "says"),
    [
        ({}, {"company_id": ""}, "company_id is empty"),
        ({}, {"company_id": None}, "company_id is empty"),
        ({}, {"sender_id": " "}, "sender_id is empty"),
        ({}, {"sender_password": None}, "sender_password is empty"),
        ({"login": ""}, {}, "login .the web services user. is empty"),
        ({"password": ""}, {}, "password is empty"),
        ({"host": "api.intacct.com"}, {}, "whole one"),
        ({"host": "http://api.intacct.com/ia/xml/xmlgw.phtml"}, {}, "must be addressed by https"),
        ({}, {"request_deadline": "soon"}, "request_deadline is not a number"),
        ({}, {"request_deadline": 0}, "request_deadline is not a number"),
        ({}, {"request_deadline": "nan"}, "request_deadline is not a number"),
        ({}, {"concurrency": "many"}, "concurrency is not a number"),
        ({}, {"concurrency": -2}, "concurrency is not a number"),
    ],
)
def test_a_field_that_cannot_be_right_is_named_with_its_connection(
    connect: Connect, fields: dict[str, Any], extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=f"Airflow connection books: .*{says}") as refused:
        connect(extra, **fields).get_client()
    assert "secret" not in str(refused.value)


def test_a_connection_that_is_missing_is_named(airflow_db: object) -> None:
    with pytest.raises(SettingsError, match="no Airflow connection nowhere; create one of type Sage Intacct"):
        IntacctHook("nowhere").get_client()


def test_without_a_host_it_is_sages_own_gateway(connect: Connect) -> None:
    hook = connect()
    hook.get_client()
    hook.get_conn()
    assert hook.base_url == "https://api.intacct.com/ia/xml/xmlgw.phtml"


def test_proxies_and_certificates_of_the_connection_are_used(connect: Connect) -> None:
    network = {"verify": "/etc/ssl/company.pem", "proxies": {"https": "http://proxy.example:3128"}, "trust_env": False}
    session = connect(network).get_conn()
    assert session.verify == "/etc/ssl/company.pem"
    assert session.proxies == {"https": "http://proxy.example:3128"}
    assert session.trust_env is False
    assert session.auth is None


def test_deadline_and_entity_come_from_the_connection_unless_the_caller_says_otherwise(connect: Connect) -> None:
    hook = connect({"entity_id": " 100 ", "request_deadline": "45"})
    assert hook.get_client().entity_id == "100"
    assert hook.get_client("300").entity_id == "300"
    assert hook.get_client().request_deadline == 45
    assert connect().get_client().request_deadline == 300


def test_the_test_button_says_what_works(connect: Connect, books: Books) -> None:
    ok, said = connect(host=books.running.intacct.url).test_connection()
    assert ok
    assert "signed in to company brightwater-demo" in said
    assert "looked up by TIEOUT_KEY" in connect(host=books.running.intacct.url).test_connection(KEY_FIELD)[1]


def test_the_test_button_says_what_is_wrong_in_a_sentence(connect: Connect, books: Books) -> None:
    hook = connect(host=books.running.intacct.url, password="wrong-secret")
    ok, said = hook.test_connection()
    assert not ok
    assert "refused the user" in said
    assert "wrong-secret" not in said
    ok, said = connect({"company_id": ""}).test_connection()
    assert (ok, said) == (False, "Airflow connection books: company_id is empty.")


# -- sessions shared by tasks


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    migrate(url)
    return open_store(url)


def query() -> list[Function]:
    return [Function(etree.Element("query"))]


def test_tasks_share_one_session_that_stands_nowhere_in_clear(store: StateStore, tmp_path: Path) -> None:
    fernet = Fernet(Fernet.generate_key())
    with scripted_gateway() as gateway:
        for _ in range(3):  # three tasks: new processes, new clients, the same state
            gateway.client(sessions=EncryptedSessionCache(store, fernet)).call(query())
        assert len(gateway.logins) == 1
        assert {call.session_id for call in gateway.calls} == {"session-1.."}
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert len(stored) > 1000
    assert b"session-1.." not in stored
    assert b"xmlgw" not in stored


def test_threads_of_several_tasks_sign_in_once(store: StateStore) -> None:
    fernet = Fernet(Fernet.generate_key())
    with scripted_gateway() as gateway:
        clients = [gateway.client(sessions=EncryptedSessionCache(store, fernet)) for _ in range(6)]
        threads = [threading.Thread(target=client.call, args=(query(),)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(gateway.calls) == 6
        assert len(gateway.logins) == 1


def test_a_session_of_another_key_counts_as_none(store: StateStore) -> None:
    with scripted_gateway() as gateway:
        for _ in range(2):
            gateway.client(sessions=EncryptedSessionCache(store, Fernet(Fernet.generate_key()))).call(query())
        assert len(gateway.logins) == 2


def test_a_holder_that_died_stops_nobody_for_long(store: StateStore) -> None:
    cache = EncryptedSessionCache(store, Fernet(Fernet.generate_key()))
    assert store.lease_session("k", "a dead task", 0.3)
    with cache.lock("k", 5.0):
        cache.put("k", b"blob", datetime.now(UTC) + timedelta(hours=1))
    assert cache.get("k") == b"blob"


def test_waiting_for_a_sign_in_has_an_end(store: StateStore) -> None:
    cache = EncryptedSessionCache(store, Fernet(Fernet.generate_key()), wait=lambda seconds: None)
    assert store.lease_session("k", "a busy task", 20.0)
    with pytest.raises(Unreachable, match="too long"), cache.lock("k", 20.0):
        pass


def test_a_failed_sign_in_gives_the_turn_to_the_next(store: StateStore) -> None:
    cache = EncryptedSessionCache(store, Fernet(Fernet.generate_key()))
    with pytest.raises(RuntimeError), cache.lock("k", 600):
        raise RuntimeError
    assert store.lease_session("k", "the next", 600)


def test_airflows_own_key_encrypts_shared_sessions(store: StateStore, airflow_db: object) -> None:
    cache = state_session_cache(store)
    assert isinstance(cache, EncryptedSessionCache)
    cache.put("k", b"in clear", datetime.now(UTC) + timedelta(hours=1))
    assert b"in clear" not in (store.session("k") or b"in clear")
    assert cache.get("k") == b"in clear"


def test_without_a_key_nothing_is_shared(
    store: StateStore, airflow_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.crypto import get_fernet

    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "")
    get_fernet.cache_clear()
    try:
        assert isinstance(state_session_cache(store), MemorySessionCache)
    finally:
        get_fernet.cache_clear()
