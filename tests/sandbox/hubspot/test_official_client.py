"""PyPI ``hubspot-api-client``, unmodified but for the address, does real work on the twin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import hubspot
import pytest
from hubspot.crm import (
    associations,
    companies,
    contacts,
    deals,
    lists,
    objects,
    pipelines,
    properties,
)
from hubspot.crm.commerce import invoices
from urllib3.util.retry import Retry

from include.sandbox.clock import Clock


@pytest.fixture
def client(api: Any, serve: Callable[[Any], str]) -> Any:
    return hubspot.Client.create(access_token="pat-na1-all", host=serve(api.twin), retry=Retry(0))


def _deal(**values: str) -> Any:
    return deals.SimplePublicObjectInputForCreate(properties={"dealstage": "contractsent", **values}, associations=[])


def test_a_deal_is_created_read_changed_and_archived(client: Any) -> None:
    made = client.crm.deals.basic_api.create(_deal(dealname="Barn", amount="10.50"))
    assert int(made.id) > 2**31
    assert made.created_at == datetime(2026, 10, 2, 9, 30, tzinfo=UTC)
    client.crm.deals.basic_api.update(made.id, deals.SimplePublicObjectInput(properties={"amount": "11"}))
    read = client.crm.deals.basic_api.get_by_id(made.id, properties=["amount", "dealname"])
    assert read.properties["amount"] == "11"
    client.crm.deals.basic_api.archive(made.id)
    with pytest.raises(deals.exceptions.NotFoundException):
        client.crm.deals.basic_api.get_by_id(made.id)


def test_get_all_walks_every_page(client: Any, api: Any) -> None:
    rows = [{"properties": {"dealname": f"d{n}", "dealstage": "contractsent"}} for n in range(100)]
    for _ in range(2):
        assert api.post("/crm/v3/objects/deals/batch/create", {"inputs": rows}).status == 201
    assert len(client.crm.deals.get_all(properties=["dealname"])) == 202


def test_a_page_carries_history_and_associations(client: Any) -> None:
    page = client.crm.deals.basic_api.get_page(
        limit=1, properties_with_history=["dealstage", "amount"], associations=["companies", "contacts"]
    )
    deal = page.results[0]
    assert deal.associations["companies"].results[0].id == "8801"
    assert deal.properties_with_history["dealstage"][0].value == "closedwon"
    assert page.paging.next.after == "5156002"
    assert page.paging.next.link.startswith(client.config["host"] + "/crm/v3/objects/deals?")


def test_batches_create_read_update_upsert_and_archive(client: Any) -> None:
    api = client.crm.companies.batch_api
    made = api.create(companies.BatchInputSimplePublicObjectBatchInputForCreate(inputs=[
        companies.SimplePublicObjectBatchInputForCreate(properties={"name": f"c{n}"}, associations=[]) for n in range(3)
    ]))  # fmt: skip
    ids = [row.id for row in made.results]
    read = api.read(companies.BatchReadInputSimplePublicObjectId(
        inputs=[companies.SimplePublicObjectId(id=i) for i in [*ids, "999"]], properties=["name"],
        properties_with_history=[],
    ))  # fmt: skip
    assert isinstance(read, companies.BatchResponseSimplePublicObjectWithErrors)
    assert (len(read.results), read.num_errors, read.errors[0].context["ids"]) == (3, 1, ["999"])
    upserted = api.upsert(companies.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[
        companies.SimplePublicObjectBatchInputUpsert(id="A-1", id_property="erp_key", properties={"name": "Alder AG"}),
        companies.SimplePublicObjectBatchInputUpsert(id="A-2", id_property="erp_key", properties={"name": "Ash"}),
    ]))  # fmt: skip
    assert [row.new for row in upserted.results] == [False, True]
    api.update(companies.BatchInputSimplePublicObjectBatchInput(inputs=[
        companies.SimplePublicObjectBatchInput(id=ids[0], properties={"name": "renamed"})]))  # fmt: skip
    api.archive(companies.BatchInputSimplePublicObjectId(inputs=[companies.SimplePublicObjectId(id=ids[0])]))
    with pytest.raises(companies.exceptions.NotFoundException):
        client.crm.companies.basic_api.get_by_id(ids[0])


def test_search_finds_by_filter_and_pages(client: Any) -> None:
    request = deals.PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}]}],
        sorts=["-createdate"], properties=["dealname"], limit=1, after=0,
    )  # fmt: skip
    found = client.crm.deals.search_api.do_search(request)
    assert (found.total, found.results[0].properties["dealname"], found.paging) == (1, "Roof plant", None)


def test_associations_v4_are_read_made_and_removed(client: Any) -> None:
    api = client.crm.associations.v4
    api.basic_api.create_default("deals", "5156002", "companies", "8802")
    answer = api.batch_api.get_page("deals", "companies", associations.v4.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[associations.v4.PublicFetchAssociationsBatchRequest(id=i) for i in ("5156001", "5156002", "404")]
    ))  # fmt: skip
    found = {row._from.id: row.to[0].to_object_id for row in answer.results}
    assert {key: int(value) for key, value in found.items()} == {"5156001": 8801, "5156002": 8802}
    assert answer.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    api.basic_api.archive("deals", "5156002", "companies", "8802")
    assert api.basic_api.get_page("deals", "5156002", "companies").results == []
    labels = api.schema.definitions_api.get_all("deals", "companies").results
    assert {(row.type_id, row.label) for row in labels} == {(5, "Primary"), (341, None)}


def test_properties_and_groups_are_made_and_listed(client: Any) -> None:
    api = client.crm.properties
    api.groups_api.create("deals", properties.PropertyGroupCreate(name="erp_sync", label="ERP", display_order=1))
    made = api.core_api.create("deals", properties.PropertyCreate(
        name="erp_no", label="No", type="string", field_type="text", group_name="erp_sync", has_unique_value=True,
    ))  # fmt: skip
    assert made.has_unique_value is True
    with pytest.raises(properties.exceptions.ApiException) as caught:
        api.core_api.create("deals", properties.PropertyCreate(
            name="erp_no", label="No", type="string", field_type="text", group_name="erp_sync"))  # fmt: skip
    assert caught.value.status == 409
    assert "erp_no" in {row.name for row in api.core_api.get_all("deals").results}
    api.core_api.archive("deals", "erp_no")


def test_pipelines_and_owners_are_read(client: Any) -> None:
    stages = {
        stage.id: stage.metadata
        for pipeline in client.crm.pipelines.pipelines_api.get_all("deals").results
        for stage in pipeline.stages
    }
    assert stages["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert stages["186520413"]["isClosed"] == "false"
    made = client.crm.pipelines.pipelines_api.create("deals", pipelines.PipelineInput(
        label="New", display_order=2,
        stages=[pipelines.PipelineStageInput(label="A", display_order=0, metadata={"probability": "0.5"})],
    ))  # fmt: skip
    assert made.stages[0].metadata["isClosed"] == "false"
    assert [owner.id for owner in client.crm.owners.owners_api.get_page(limit=100, archived=False).results] == ["301"]
    assert client.crm.owners.get_all()[0].email == "ann@sales.example"


def test_generic_objects_serve_tasks_and_invoices(client: Any) -> None:
    made = client.crm.objects.basic_api.create("tasks", objects.SimplePublicObjectInputForCreate(
        properties={"hs_timestamp": "2026-10-05T08:00:00Z", "hs_task_subject": "Call"},
        associations=[{"to": {"id": "8801"}, "types": [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}]}]))  # fmt: skip
    assert client.crm.objects.basic_api.get_by_id("0-27", made.id).properties["hs_createdate"]
    invoice = client.crm.commerce.invoices.basic_api.create(
        invoices.SimplePublicObjectInputForCreate(properties={"hs_currency": "EUR"}, associations=[])
    )
    assert client.crm.commerce.invoices.basic_api.get_by_id(invoice.id).id == invoice.id


def test_lists_take_members(client: Any) -> None:
    made = client.crm.lists.lists_api.create(
        lists.ListCreateRequest(name="Owing", object_type_id="0-2", processing_type="MANUAL")
    )
    changed = client.crm.lists.memberships_api.add(made.list.list_id, ["8801", "1"])
    assert changed.record_ids_missing == ["1"]
    page = client.crm.lists.memberships_api.get_page(made.list.list_id)
    assert [row.record_id for row in page.results] == ["8801"]


def test_a_refusal_is_an_exception_with_its_body(client: Any) -> None:
    with pytest.raises(contacts.exceptions.ApiException) as caught:
        client.crm.contacts.basic_api.create(
            contacts.SimplePublicObjectInputForCreate(properties={"email": "a@alder.example"}, associations=[])
        )
    assert caught.value.status == 409
    assert "Contact already exists. Existing ID: 9001" in caught.value.body


def test_a_wrong_token_is_unauthorised(api: Any, serve: Callable[[Any], str]) -> None:
    stranger = hubspot.Client.create(access_token="pat-na1-nobody", host=serve(api.twin), retry=Retry(0))
    with pytest.raises(deals.exceptions.UnauthorizedException):
        stranger.crm.deals.basic_api.get_page()


def test_a_retrying_client_waits_as_retry_after_says(make: Callable[..., Any], serve: Callable[[Any], str]) -> None:
    """Six searches in a burst: the sixth is refused, and told to come back in a second."""
    api = make(limits=True, retry_after="s", clock=Clock(datetime(2026, 10, 2, 9, 30, tzinfo=UTC)))
    retry = Retry(3, status_forcelist=(429,), allowed_methods=None)
    client = hubspot.Client.create(access_token="pat-na1-all", host=serve(api.twin), retry=retry)
    request = deals.PublicObjectSearchRequest(filter_groups=[], sorts=[], properties=[], limit=1, after=0)
    totals = [client.crm.deals.search_api.do_search(request).total for _ in range(6)]
    assert totals == [2] * 6


def test_oauth_tokens_are_refreshed(make: Callable[..., Any], serve: Callable[[Any], str]) -> None:
    api = make({"type": "_app", "app_id": 5, "client_id": "cid", "client_secret": "cs", "codes": ["c0de"],
                "scopes": ["crm.objects.deals.read"]})  # fmt: skip
    client = hubspot.Client.create(host=serve(api.twin), access_token="none")
    given = {"client_id": "cid", "client_secret": "cs"}
    first = client.oauth.tokens_api.create(
        grant_type="authorization_code", code="c0de", redirect_uri="http://x", **given
    )
    second = client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=first.refresh_token, **given)
    client.access_token = second.access_token
    assert client.crm.deals.basic_api.get_page(limit=1).results[0].id == "5156001"
