from __future__ import annotations

import threading

import pytest

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import MissingScopes
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties, get_properties
from include.core.errors import SettingsError, Unavailable
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, refusal
from tests.connectors.hubspot.twin import account

GROUP = ("tieout", "Tieout (Sage Intacct)")
WANTED = (
    PropertyDefinition("tieout_key", "Tieout key", "string", "text", "Marks what Tieout wrote", unique=True),
    PropertyDefinition("invoice_total", "Invoice total", "number", "number"),
    PropertyDefinition("invoice_due", "Due", "date", "date"),
    PropertyDefinition("invoice_state", "State", "enumeration", "select", options=("posted", "held")),
)


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_missing_properties_and_their_group_are_created_once(version: str) -> None:
    with account(api_version=version) as hubspot:
        first = ensure_properties(hubspot.client, "deals", GROUP, WANTED)
        posted = [label for label in hubspot.calls() if label.startswith("POST")]
        second = ensure_properties(hubspot.client, "deals", GROUP, WANTED)

        assert first == [one.name for one in WANTED]
        assert second == []
        assert len(posted) == 5
        assert [label for label in hubspot.calls() if label.startswith("POST")] == posted
        there = get_properties(hubspot.client, "deals")
        assert [(one.type, one.unique) for one in map(there.__getitem__, first)] == [
            ("string", True),
            ("number", False),
            ("date", False),
            ("enumeration", False),
        ]
        assert there["invoice_state"].options == ("posted", "held")


def test_only_what_is_missing_is_created() -> None:
    with account() as hubspot:
        ensure_properties(hubspot.client, "deals", GROUP, WANTED[:2])

        assert ensure_properties(hubspot.client, "deals", GROUP, WANTED) == ["invoice_due", "invoice_state"]


def test_two_callers_at_once_create_each_property_once() -> None:
    with account() as hubspot:
        made: list[str] = []
        clients = [hubspot.another_client() for _ in range(4)]

        def work(client: HubSpotClient) -> None:
            made.extend(ensure_properties(client, "deals", GROUP, WANTED))

        threads = [threading.Thread(target=work, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(made) == sorted(one.name for one in WANTED)


@pytest.mark.parametrize("kind", ["lost_after", "garbage"])
def test_a_property_whose_creation_was_not_answered_counts_as_there(kind: str) -> None:
    with account() as hubspot:
        hubspot.sandbox.control.fault(kind, system="hubspot", label="POST properties/deals$", nth=1)

        ensure_properties(hubspot.client, "deals", GROUP, WANTED)

        assert {one.name for one in WANTED} <= set(get_properties(hubspot.client, "deals"))


def test_new_properties_are_waited_for_until_they_can_be_read(server: ScriptedServer, client: HubSpotClient) -> None:
    reads = 0

    def script(request: Seen) -> Answer:
        nonlocal reads
        if request.method == "POST":
            return Answer(201, {"name": request.body["name"]})
        reads += not request.path.endswith("groups")
        known = [{"name": "invoice_total", "label": "x", "type": "number", "fieldType": "number"}] if reads > 3 else []
        return Answer(200, {"results": known})

    server.script = script
    assert ensure_properties(client, "deals", GROUP, WANTED[1:2]) == ["invoice_total"]
    assert reads == 4


def test_properties_that_never_become_readable_are_not_waited_for_without_end(
    server: ScriptedServer, client: HubSpotClient
) -> None:
    server.script = lambda request: Answer(200, {"results": []}) if request.method == "GET" else Answer(201, {})

    with pytest.raises(Unavailable):
        ensure_properties(client, "deals", GROUP, WANTED[1:2])


def test_an_existing_property_of_another_kind_is_a_settings_error_that_names_it() -> None:
    with account() as hubspot:
        others = (
            PropertyDefinition("invoice_total", "Total", "string", "text"),
            PropertyDefinition("tieout_key", "Key", "string", "text"),
        )
        ensure_properties(hubspot.client, "deals", GROUP, others)

        with pytest.raises(SettingsError) as caught:
            ensure_properties(hubspot.client, "deals", GROUP, WANTED)

        assert "invoice_total is of type string, not number" in caught.value.message
        assert "tieout_key does not have unique values" in caught.value.message


def test_without_the_scope_the_error_names_it() -> None:
    scopes = ["crm.objects.deals.read", "crm.schemas.deals.read"]
    token = {"type": "_token", "token": "pat-na1-reads-only", "app_id": "1", "scopes": scopes}
    with account(token) as hubspot:
        client = hubspot.another_client(token="pat-na1-reads-only")

        with pytest.raises(MissingScopes, match=r"crm\.schemas\.deals\.write"):
            ensure_properties(client, "deals", GROUP, WANTED)


def test_a_refused_definition_is_not_taken_for_an_existing_one(server: ScriptedServer, client: HubSpotClient) -> None:
    server.script = lambda request: Answer(200, {"results": []}) if request.method == "GET" else Answer(400, refusal())

    with pytest.raises(Exception, match="refused"):
        ensure_properties(client, "deals", GROUP, WANTED)
