"""Pipelines, stages and owners."""

from __future__ import annotations

from typing import Any

import pytest

DEALS = "/crm/v3/pipelines/deals"


def test_the_default_pipeline_has_the_documented_stages(api: Any) -> None:
    pipeline = api.get(DEALS).json["results"][0]
    assert (pipeline["id"], pipeline["label"], pipeline["archived"]) == ("default", "Sales Pipeline", False)
    assert [(stage["id"], stage["metadata"]["probability"], stage["metadata"]["isClosed"])
            for stage in pipeline["stages"]] == [
        ("appointmentscheduled", "0.2", "false"), ("qualifiedtobuy", "0.4", "false"),
        ("presentationscheduled", "0.6", "false"), ("decisionmakerboughtin", "0.8", "false"),
        ("contractsent", "0.9", "false"), ("closedwon", "1.0", "true"), ("closedlost", "0.0", "true"),
    ]  # fmt: skip


def test_a_pipeline_is_made_renamed_and_deleted(api: Any) -> None:
    stages = [{"label": "Open", "displayOrder": 0, "metadata": {"probability": "0.5"}},
              {"label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}}]  # fmt: skip
    made = api.post(DEALS, {"label": "New", "displayOrder": 5, "stages": stages})
    assert made.status == 201
    number, (first, last) = made.json["id"], made.json["stages"]
    assert number.isdigit()
    assert first["id"].isdigit()
    assert last["metadata"] == {"probability": "1.0", "isClosed": "true"}
    assert api.patch(f"{DEALS}/{number}", {"label": "Newer"}).json["label"] == "Newer"
    kept = {"label": "Newest", "displayOrder": 5, "stages": [{**first, "stageId": first["id"]}]}
    replaced = api.put(f"{DEALS}/{number}", kept).json
    assert [stage["id"] for stage in replaced["stages"]] == [first["id"]]
    assert api.delete(f"{DEALS}/{number}").status == 204
    assert api.get(f"{DEALS}/{number}").status == 404
    actions = [row["action"] for row in api.get(f"{DEALS}/{number}/audit").json["results"]]
    assert actions == ["DELETE", "UPDATE", "UPDATE", "CREATE"]


def test_a_stage_is_made_relabelled_and_deleted_while_its_id_stays(api: Any) -> None:
    path = f"{DEALS}/78411290/stages"
    made = api.post(path, {"label": "Check", "displayOrder": 9, "metadata": {"probability": 0.3}}).json
    assert made["metadata"] == {"probability": "0.3", "isClosed": "false"}
    changed = api.patch(f"{path}/{made['id']}", {"label": "Checked"}).json
    assert (changed["id"], changed["label"], changed["metadata"]["probability"]) == (made["id"], "Checked", "0.3")
    assert [stage["id"] for stage in api.get(path).json["results"]] == ["186520413", "186520417", made["id"]]
    assert api.delete(f"{path}/{made['id']}").status == 204
    assert api.get(f"{path}/{made['id']}").status == 404


def test_a_stage_in_use_is_kept_when_asked_to_look_and_always_since_2026_09(api: Any) -> None:
    path = f"{DEALS}/default/stages/closedwon"
    for answer in (
        api.delete(path, validateReferencesBeforeDelete="true"),
        api.delete("/crm/pipelines/2026-09/deals/default/stages/closedwon"),
    ):
        assert (answer.status, answer.json["subCategory"]) == (400, "PipelineError.STAGE_ID_IN_USE")
    answer = api.delete("/crm/pipelines/2026-09/deals/default")
    assert (answer.status, answer.json["subCategory"]) == (400, "PipelineError.PIPELINE_ID_IN_USE")
    assert api.delete(path).status == 204


@pytest.mark.parametrize("body", [
    {"displayOrder": 0, "stages": []}, {"label": "x", "displayOrder": 0},
    {"label": "x", "displayOrder": 0, "stages": [{"label": "a", "metadata": {}}]},
    {"label": "x", "displayOrder": 0, "stages": [{"label": "a", "metadata": {"probability": "2"}}]},
    {"label": "x", "displayOrder": 0, "stages": [{"label": "a", "metadata": {"probability": "0.5"}}] * 101},
])  # fmt: skip
def test_what_is_no_pipeline_is_refused(api: Any, body: dict[str, Any]) -> None:
    before = api.books()
    assert api.post(DEALS, body).status == 400
    assert api.books() == before
    assert api.get("/crm/v3/pipelines/companies").status == 400


def test_tickets_have_their_own_pipeline(api: Any) -> None:
    ticket = api.new("tickets", subject="Leak", hs_pipeline_stage="4")
    assert api.props("tickets", ticket, "hs_pipeline", "closed_date") | {"createdate": 0, "hs_lastmodifieddate": 0} == {
        "hs_pipeline": "0", "closed_date": "2026-10-02T09:30:00.000Z", "createdate": 0, "hs_lastmodifieddate": 0,
        "hs_object_id": ticket,
    }  # fmt: skip


def test_owners_are_listed_filtered_and_found_by_either_id(api: Any) -> None:
    for path in ("/crm/v3/owners", "/crm/v3/owners/"):
        owner = api.get(path).json["results"]
        assert [(row["id"], row["userId"], row["type"]) for row in owner] == [("301", 77, "PERSON")]
    assert api.get("/crm/v3/owners", email="ANN@sales.example").json["results"][0]["id"] == "301"
    assert api.get("/crm/v3/owners", email="nobody@sales.example").json["results"] == []
    gone = api.get("/crm/v3/owners", archived="true").json["results"][0]
    assert (gone["id"], gone["userId"], gone["userIdIncludingInactive"]) == ("302", None, 78)
    assert api.get("/crm/v3/owners/77", idProperty="userId").json["id"] == "301"
    assert api.get("/crm/v3/owners/77").status == 404
    assert api.get("/crm/v3/owners/302", archived="true").json["firstName"] == "Old"
    assert api.get("/crm/v3/owners", limit=501).status == 400


def test_owners_page_by_500(make: Any) -> None:
    api = make(*({"type": "_owner", "id": str(1000 + n), "email": f"o{n}@x.example", "userId": n} for n in range(500)))
    first = api.get("/crm/v3/owners", limit=500).json
    rest = api.get("/crm/v3/owners", limit=500, after=first["paging"]["next"]["after"]).json
    assert (len(first["results"]), len(rest["results"])) == (500, 1)
