from __future__ import annotations

from typing import Any

import pytest

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.owners import iter_owners
from include.connectors.hubspot.paging import iter_pages, own_link
from include.connectors.hubspot.wire import BadShape
from include.core.errors import Unavailable
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.scripted import Answer, ScriptedServer, Seen, record, scripted_server

HOSTILE = [
    "http://evil.example/crm/v3/objects/deals?after=2",
    "https://evil.example/crm/v3/objects/deals?after=2",
    "https://api.hubapi.com.evil.example/crm?after=2",
    "https://evilapi.hubapi.com/crm?after=2",
    "https://hubapi.com/crm?after=2",
    "https://api.hubapi.com@evil.example/crm?after=2",
    "https://user:pw@api.hubapi.com/crm?after=2",
    "https://api.hubapi.com:8443/crm?after=2",
    "https://api.hubapi.com:80/crm?after=2",
    "http://api.hubapi.com/crm?after=2",
    "//evil.example/crm?after=2",
    "//api.hubapi.com/crm?after=2",
    "/crm/v3/objects/deals?after=2",
    "crm?after=2",
    "?after=2",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://api.hubapi.com/crm?after=2",
    "https://api.hubapi.com\\@evil.example/crm",
    "https:\\\\api.hubapi.com\\crm",
    "https://api.hubapi.com/\\evil.example/crm",
    "https://api.hubapi.com//evil.example/crm",
    "https://api.hubapi.com/crm/../../etc?after=2",
    "https://api.hubapi.com/./crm?after=2",
    "https://api.hubapi.com/%2e%2e/crm?after=2",
    "https://api.hubapi.com/crm%2f..?after=2",
    "https://api.hubapi.com/crm?after=2#@evil.example",
    "https://api.hubapi.com",
    "https://api.hubapi.com ",
    " https://api.hubapi.com/crm?after=2",
    "https://api.hubapi.com/crm?after=2\r\nX-Injected: 1",
    "https://api.hubapi.com/crm\t?after=2",
    "https://\u0430pi.hubapi.com/crm?after=2",
    "https://api\u3002hubapi\u3002com/crm?after=2",
    "https://api.hubapi.com\u2044crm?after=2",
    "https://[::1]/crm?after=2",
    "https://[api.hubapi.com]/crm?after=2",
    "https://2130706433/crm?after=2",
    "https://127.0.0.1/crm?after=2",
    "https://0x7f.1/crm?after=2",
    "https://api.hubapi.com:99999/crm?after=2",
    "https://api.hubapi.com:abc/crm?after=2",
    "https:///crm?after=2",
    "https:api.hubapi.com/crm?after=2",
    "https://API.HUBAPI.COM.evil.example/crm?after=2",
    "https://api.hubapi.com./crm?after=2",
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_link_off_the_connections_origin_is_refused(link: str) -> None:
    with pytest.raises(BadShape):
        own_link("https://api.hubapi.com", link)


@pytest.mark.parametrize(
    ("base", "link", "path", "query"),
    [
        (
            "https://api.hubapi.com",
            "https://api.hubapi.com/crm/v3/owners?after=2&limit=100",
            "/crm/v3/owners",
            {"after": "2", "limit": "100"},
        ),
        ("https://api.hubapi.com", "https://API.hubapi.com:443/crm?after=a%2Fb", "/crm", {"after": "a/b"}),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765/crm", "/crm", {}),
        ("https://proxy.example/hubspot", "https://proxy.example/hubspot/crm?after=2", "/crm", {"after": "2"}),
    ],
)
def test_a_link_on_the_connections_origin_is_its_path_and_query(
    base: str, link: str, path: str, query: dict[str, str]
) -> None:
    assert own_link(base, link) == (path, query)


def test_a_link_beside_the_connections_path_is_refused() -> None:
    for link in ("https://proxy.example/crm?after=2", "https://proxy.example/hubspot-of-others/crm"):
        with pytest.raises(BadShape):
            own_link("https://proxy.example/hubspot", link)


@pytest.mark.parametrize("hostile", [False, True])
def test_only_links_to_our_own_server_get_the_token(
    server: ScriptedServer, client: HubSpotClient, hostile: bool
) -> None:
    with scripted_server() as other:
        other.answers(Answer(200, {"results": [{"stolen": True}]}))
        link = f"{other.url if hostile else server.url}/crm/next?page=2"
        server.answers(Answer(200, {"results": [1], "paging": {"next": {"link": link}}}), Answer(200, {"results": [2]}))

        pages = iter_pages(client, "/crm/first", {"limit": "1"})
        assert next(pages) == [1]
        if hostile:
            with pytest.raises(Unavailable):
                next(pages)
            assert len(server.seen) == 1
        else:
            assert list(pages) == [[2]]
            assert (server.seen[1].path, server.seen[1].query) == ("/crm/next", {"page": "2"})
            assert server.seen[1].headers["authorization"] == f"Bearer {TOKEN}"
        assert other.seen == []


def test_a_cursor_is_preferred_to_a_link(server: ScriptedServer, client: HubSpotClient) -> None:
    following = {"after": "7", "link": "https://evil.example/crm?after=7"}
    server.answers(Answer(200, {"results": [1], "paging": {"next": following}}), Answer(200, {"results": [2]}))

    assert list(iter_pages(client, "/crm/first", {"limit": "1"})) == [[1], [2]]
    assert server.seen[1].query == {"limit": "1", "after": "7"}


def test_a_listing_that_turns_in_a_circle_is_left(server: ScriptedServer, client: HubSpotClient) -> None:
    cursors = {None: "a", "a": "b", "b": "a"}

    def script(request: Seen) -> Answer:
        return Answer(200, {"results": [], "paging": {"next": {"after": cursors[request.query.get("after")]}}})

    server.script = script
    with pytest.raises(BadShape):
        list(iter_pages(client, "/crm/first", {}))
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "paging", [[], "x", 1, {"next": []}, {"next": {}}, {"next": {"after": None}}, {"next": {"after": True}}]
)
def test_paging_of_another_shape_is_not_taken_for_the_end(
    server: ScriptedServer, client: HubSpotClient, paging: Any
) -> None:
    server.answers(Answer(200, {"results": [], "paging": paging}))

    with pytest.raises(BadShape):
        list(iter_pages(client, "/crm/first", {}))


def test_listing_reads_all_pages_and_asks_for_fewer_with_history(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(
        Answer(200, {"results": [record(1, dealname="A")], "paging": {"next": {"after": "2"}}}),
        Answer(200, {"results": [record(2, dealname="B")]}),
    )

    found = list(iter_all(client, "deals", ["dealname"], with_history=["dealstage"]))

    assert [one.properties["dealname"] for one in found] == ["A", "B"]
    assert server.seen[0].query == {
        "limit": "50",
        "properties": "dealname",
        "propertiesWithHistory": "dealstage",
        "archived": "false",
    }


def test_owners_are_the_active_and_then_the_archived_ones(server: ScriptedServer, client: HubSpotClient) -> None:
    def script(request: Seen) -> Answer:
        archived = request.query["archived"] == "true"
        return Answer(
            200,
            {
                "results": [
                    {"id": "302", "email": "old@example.example", "userId": None, "archived": True}
                    if archived
                    else {"id": "301", "email": "a@example.example", "firstName": "A", "userId": 77, "archived": False}
                ]
            },
        )

    server.script = script

    owners = list(iter_owners(client))

    assert [(one.owner_id, one.user_id, one.archived) for one in owners] == [("301", "77", False), ("302", None, True)]
    assert "example.example" not in repr(owners)
