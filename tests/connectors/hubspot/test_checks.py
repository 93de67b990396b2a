from __future__ import annotations

from collections.abc import Callable

import pytest

from include.connectors.hubspot.checks import check_connection
from include.connectors.hubspot.client import HubSpotClient
from tests.connectors.hubspot.scripted import Answer, ScriptedServer
from tests.connectors.hubspot.twin import Account, account, deal

LIMITED = "pat-na1-limited-key"
NEEDED = {
    "crm.objects.deals.read": "to find won deals",
    "crm.objects.deals.write": "to write balances",
    "crm.objects.contacts.read": "to find people",
    "crm.objects.owners.read": "to know whose deal it is",
    "crm.schemas.deals.write": "to create properties",
    "crm.schemas.invoices.read": "to compare properties",
}


def with_scopes(*scopes: str) -> dict[str, object]:
    return {"type": "_token", "token": LIMITED, "app_id": "9900", "scopes": list(scopes)}


def limited(hubspot: Account) -> HubSpotClient:
    return hubspot.another_client(token=LIMITED)


@pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
def test_a_good_connection_says_which_account_it_is_and_changes_nothing_there(version: str) -> None:
    with account(deal(1), api_version=version) as hubspot:
        before = list(hubspot.twin.export())

        report = check_connection(hubspot.client, NEEDED)

        assert report.ok
        assert report.text() == (
            "Connected to HubSpot account 48151623 (USD, time zone America/New_York). "
            "All 6 scopes that were checked are granted."
        )
        assert list(hubspot.twin.export()) == before


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_each_missing_scope_is_named_with_what_it_is_for(missing: str) -> None:
    with account(with_scopes(*(set(NEEDED) - {missing}))) as hubspot:
        report = check_connection(limited(hubspot), NEEDED)

        assert not report.ok
        assert report.missing == (missing,)
        assert f"The scope {missing} is missing ({NEEDED[missing]})." in report.text()


def test_a_key_without_any_scope_is_told_all_that_it_lacks() -> None:
    with account(with_scopes()) as hubspot:
        assert set(check_connection(limited(hubspot), NEEDED).missing) == set(NEEDED)


def test_a_wrong_token_is_one_sentence() -> None:
    with account() as hubspot:
        report = check_connection(hubspot.another_client(token="pat-na1-not-a-key"), NEEDED)

        assert (report.ok, report.account) == (False, None)
        assert "does not accept the token" in report.text()
        assert len(hubspot.calls()) == 1


def test_an_account_that_cannot_be_reached_is_one_sentence(make_client: Callable[..., HubSpotClient]) -> None:
    report = check_connection(make_client(base_url="http://127.0.0.1:9"), NEEDED)

    assert not report.ok
    assert "could not be reached" in report.text()


def test_a_host_that_is_not_hubspot_is_told(server: ScriptedServer, client: HubSpotClient) -> None:
    server.answers(Answer(404, b"<html>not here</html>"))

    assert "Check the host and api_version" in check_connection(client, NEEDED).text()


def test_an_object_that_this_edition_lacks_is_told_without_ending_the_check() -> None:
    with account(with_scopes("crm.objects.deals.read")) as hubspot:
        needed = {"crm.objects.deals.read": "to find won deals", "crm.objects.spaceships.read": "to fly"}

        report = check_connection(limited(hubspot), needed)

        assert [check.ok for check in report.checks] == [True, False]


def test_a_scope_that_cannot_be_tried_is_said_to_be_so() -> None:
    with account() as hubspot:
        report = check_connection(hubspot.client, {"automation.sequences.read": "to enrol"})

        assert (
            report.checks[0].sentence == "Whether automation.sequences.read (to enrol) is granted cannot be tried out."
        )
