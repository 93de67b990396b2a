"""The ten risks of OWASP's API Security Top 10 of 2023, each as it can meet Tieout: a client of two APIs that opens
none of its own, and is worked through Airflow's."""

from __future__ import annotations

import gzip
import importlib
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from include.connectors.hubspot.batch import batch_update
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.paging import own_link
from include.connectors.hubspot.paths import DEFAULT_VERSION, VERSIONS
from include.connectors.hubspot.transport import open_session
from include.connectors.hubspot.wire import BadShape
from include.connectors.intacct.endpoint import check_url, trusted_endpoint
from include.connectors.intacct.errors import Unreadable
from include.core.errors import SettingsError, TieoutError
from include.core.settings import SHIPPED, load_flow_settings
from include.flows.checks.flows_in_use import settings_model
from include.flows.checks.needs import NEEDS
from tests.connectors.hubspot.scripted import Answer, record, scripted_server
from tests.connectors.intacct.scripted_gateway import CREDENTIALS, Call, answer, http, scripted_gateway
from tests.security.test_redirections import READ
from tieout.local.environment import Home

ROOT = Path(__file__).resolve().parents[2]
FLOWS = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
TOKEN = "pat-na1-of-a-test"


def test_api1_a_session_of_one_entity_or_company_is_never_used_for_another() -> None:
    """Object level authorisation: sessions are shared, so their names must tell whose they are."""
    url = "https://api.intacct.com/ia/xml/xmlgw.phtml"
    names = {
        CREDENTIALS.session_key(url, None),
        CREDENTIALS.session_key(url, "100"),
        CREDENTIALS.session_key(url, "200"),
        CREDENTIALS.session_key("https://na12.intacct.com/", "100"),
        *(
            type(CREDENTIALS)(company, user, "p", sender, "q").session_key(url, "100")
            for company, user, sender in (("b", "u", "s"), ("a", "bu", "s"), ("a", "b", "us"))
        ),
    }
    assert len(names) == 7


@pytest.mark.parametrize(
    "url", ["http://api.intacct.com/", "http://gw.example/", "https://u:p@api.intacct.com/", "http://10.0.0.7/"]
)
def test_api2_credentials_travel_encrypted_and_certificates_are_checked(url: str) -> None:
    """Broken authentication; Airflow's own is in ``test_views``."""
    with pytest.raises(SettingsError):
        check_url(url)
    with pytest.raises(SettingsError):
        HubSpotClient(open_session(), url.replace("intacct", "hubapi"), TOKEN)
    with scripted_gateway() as gateway, scripted_server() as server:
        client = gateway.client(request_deadline=1.0)
        client.call([READ])
        assert "authorization" not in gateway.calls[0].headers
        HubSpotClient(open_session(), server.url, TOKEN).request("GET", "/crm")
        assert server.seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert open_session().verify is True
    assert requests.Session().verify is True


@pytest.mark.parametrize("flow", FLOWS)
def test_api3_a_key_that_nobody_defined_is_refused_in_every_settings_file(flow: str, tmp_path: Path) -> None:
    """Object property level authorisation: nothing can be slipped into what a flow is told to write."""
    for file in SHIPPED.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    model = settings_model(flow)
    assert model is not None
    load_flow_settings(flow, model, tmp_path)
    file = tmp_path / f"{flow}.yaml"
    told = yaml.safe_load(file.read_text()) or {}
    file.write_text(yaml.safe_dump({**told, "is_admin": True}))
    with pytest.raises(SettingsError, match="is_admin"):
        load_flow_settings(flow, model, tmp_path)


def test_api4_no_answer_can_take_more_than_its_share_of_time_and_memory() -> None:
    """Unrestricted resource consumption: bombs and dribbles; the tests of both connectors go into detail."""
    bomb = gzip.compress(b"<response>" + b" " * 200_000_000)
    started = time.monotonic()
    with scripted_gateway() as gateway, scripted_server() as server:
        gateway.login_script.append(answer(bomb, headers=[("Content-Encoding", "gzip")]))
        with pytest.raises(TieoutError):
            gateway.client(tries=1, request_deadline=5.0).call([READ])
        server.answers(Answer(200, bomb, {"Content-Encoding": "gzip"}))
        with pytest.raises(TieoutError):
            HubSpotClient(open_session(), server.url, TOKEN, request_deadline=3.0).request("GET", "/crm")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("flow", ["check_connections", "tie_out", "revenue_report"])
def test_api5_what_only_reads_needs_no_right_to_write(flow: str) -> None:
    """Function level authorisation: a token and a user for these can be made that cannot change a thing."""
    assert not NEEDS[flow].makes
    assert [scope for scope in NEEDS[flow].scopes if not scope.endswith(".read")] == []


def test_api6_what_must_not_run_by_itself_waits_for_a_person(
    airflow_db: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unrestricted access to sensitive flows: vendors are made after approval alone, bills are mirrored only where it
    is switched on, and before a company goes live nothing is sent at all."""
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("TIEOUT_MODE", "dry_run")
    dags = DagBag(dag_folder=str(ROOT / "dags"), bundle_name="dags-folder").dags
    modes = {name: dag.params["post_mode"] for name, dag in dags.items() if "post_mode" in dag.params}
    assert len(modes) >= 10
    assert set(modes.values()) == {"dry_run"}
    assert not dags["hubspot_company_to_intacct_vendor"].params["approve"]
    bills = yaml.safe_load((SHIPPED / "intacct_bill_to_hubspot_invoice.yaml").read_text())
    assert bills["enabled"] is False
    assert all(dag.is_paused_upon_creation is not False for dag in dags.values())


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://metadata.google.internal/",
        "file:///etc/passwd",
        "//evil.example",
    ],
)
def test_api7_no_address_in_an_answer_leads_anywhere_else(url: str) -> None:
    """Server side request forgery; ``test_redirections`` has all addresses and looks who is called."""
    with pytest.raises(SettingsError):
        trusted_endpoint(url, "https://api.intacct.com/ia/xml/xmlgw.phtml")
    with pytest.raises(BadShape):
        own_link("https://api.hubapi.com", url)


def test_api8_airflow_is_set_up_so_that_it_keeps_what_it_is_given(tmp_path: Path) -> None:
    """Security misconfiguration: of the Airflow that ``bin/*`` start, and of what it must not be set to."""
    home = Home(folder=tmp_path / "home")
    home.prepare()
    told = home.environment(inherited={})
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert len(told["AIRFLOW__CORE__FERNET_KEY"]) == 44
    keys = {told[f"AIRFLOW__{name}"] for name in ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")}
    assert len(keys) == 3
    assert told["AIRFLOW__CORE__XCOM_BACKEND"].endswith("XComObjectStorageBackend")
    assert told["AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_THRESHOLD"] == "0"
    assert told["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    for name in ("API__EXPOSE_CONFIG", "API__ENABLE_XCOM_DESERIALIZE_SUPPORT", "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"):
        assert told.get(f"AIRFLOW__{name}", "False") == "False"
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (home.folder, home.folder / "xcom"))
    other = Home(folder=tmp_path / "other")
    other.prepare()
    assert other.environment(inherited={})["AIRFLOW__CORE__FERNET_KEY"] not in keys


def test_api9_every_flow_and_every_version_of_an_api_is_known() -> None:
    """Improper inventory management: what needs which right is listed for every DAG, and no unsupported version of
    HubSpot's API is called by default. The software itself: ``test_supply_chain``."""
    assert set(FLOWS) <= set(NEEDS)
    assert all(importlib.import_module(f"include.flows.{flow}") for flow in FLOWS)
    assert DEFAULT_VERSION == VERSIONS[0] == max(version for version in VERSIONS if version != "v3")


def test_api10_an_answer_is_believed_only_as_far_as_it_fits_the_question() -> None:
    """Unsafe consumption of APIs; ``test_mutated_replies`` sends thousands."""

    def of_another(call: Call, sock: Any) -> None:
        told = b"<response><control><status>success</status><controlid>another</controlid></control><operation>"
        told += b"<authentication><status>success</status></authentication></operation></response>"
        sock.sendall(http(told))

    with scripted_gateway() as gateway, scripted_server() as server:
        gateway.script.append(of_another)
        with pytest.raises(Unreadable, match="another request"):
            gateway.client(tries=1).call([READ])
        server.answers(Answer(200, {"status": "COMPLETE", "results": [record(1), record(999)]}))
        client = HubSpotClient(open_session(), server.url, TOKEN, request_deadline=0.3)
        try:
            written = set(batch_update(client, "deals", {"1": {"a": "b"}}).updated)
        except TieoutError:
            written = set()
        assert written <= {"1"}
