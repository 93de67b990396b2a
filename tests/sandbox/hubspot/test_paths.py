"""Both families of paths lead to the same records."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("prefix", [
    "/crm/v3/objects", "/crm/objects/2025-09", "/crm/objects/2026-03", "/crm/objects/2026-09",
    "/crm/objects/2026-09-beta",
])  # fmt: skip
@pytest.mark.parametrize("name", ["deals", "deal", "0-3", "DEALS", "deals/"])
def test_every_family_and_name_reads_the_same_list(api: Any, prefix: str, name: str) -> None:
    answer = api.get(f"{prefix}/{name}")
    assert [row["id"] for row in answer.json["results"]] == ["5156001", "5156002"]


@pytest.mark.parametrize(("old", "new"), [
    ("/crm/v3/objects/deals/5156001", "/crm/objects/2026-09/deals/5156001"),
    ("/crm/v4/objects/deals/5156001/associations/companies",
     "/crm/objects/2026-09/deals/5156001/associations/companies"),
    ("/crm/v4/associations/deals/companies/labels", "/crm/associations/2026-03/deals/companies/labels"),
    ("/crm/v3/properties/deals", "/crm/properties/2026-09/deals"),
    ("/crm/v3/pipelines/deals", "/crm/pipelines/2026-09/deals"),
    ("/crm/v3/owners/", "/crm/owners/2026-09"),
    ("/crm/v3/lists", "/crm/lists/2026-09"),
    ("/automation/v4/sequences", "/automation/sequences/2026-09"),
    ("/settings/v3/currencies/codes", "/settings/currencies/2026-09/codes"),
    ("/account-info/v3/details", "/account-info/2026-09/details"),
])  # fmt: skip
def test_old_and_dated_paths_answer_alike(api: Any, old: str, new: str) -> None:
    first, second = api.get(old, userId="77"), api.get(new, userId="77")
    assert first.status == 200
    assert first.json == second.json


def test_a_list_is_read_on_v4_too_as_an_extractor_does(api: Any) -> None:
    v3, v4 = (api.get(f"/crm/{version}/objects/deals", associations="company") for version in ("v3", "v4"))
    assert v4.status == 200
    assert v4.json == v3.json
    assert api.post("/crm/v4/objects/deals", {"properties": {}}).status == 405


@pytest.mark.parametrize("path", [
    "/crm/v3/nothing", "/crm/v9/objects/deals", "/crm/objects/2024-01/deals", "/crm/v4/objects/deals/5156001", "/crm",
    "/crm/v3/objects//deals", "/crm/v3/objects", "/automation/v4/flows",
])  # fmt: skip
def test_a_wrong_path_gives_a_page_of_html(api: Any, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 404
    assert answer.text.startswith("<!DOCTYPE html>")


def test_a_wrong_verb_is_405_and_a_wrong_content_type_415(api: Any) -> None:
    assert api.call("PUT", "/crm/v3/objects/deals/5156001").status == 405
    answer = api.call("POST", "/crm/v3/objects/deals", raw=b"a=b", headers={"content-type": "text/plain"})
    assert answer.status == 415


def test_an_unknown_object_type_is_named(api: Any) -> None:
    answer = api.get("/crm/v3/objects/gadgets")
    assert (answer.status, answer.json["message"]) == (400, "Unable to infer object type from: gadgets")


def test_an_address_of_5000_characters_passes_and_one_of_16000_does_not(api: Any) -> None:
    assert api.get("/crm/v3/objects/deals/5156001", properties="x" * 5_000).status == 200
    assert api.get("/crm/v3/objects/deals/5156001", properties="x" * 16_000).status == 414


def test_a_body_that_is_too_large_is_413(api: Any) -> None:
    assert api.call("POST", "/crm/v3/objects/deals", raw=b" " * 10_000_001).status == 413


@pytest.mark.parametrize(("raw", "where"), [
    (b'{"a": tru}', "line 1, column 7"), (b'{\n"properties": [,]}', "line 2, column 16"), (b"", "line 1, column 1"),
    (b"[]", "line 1, column 1"), (b'{"properties": "x"}', "line 1, column 1"),
    (b'{"properties": NaN}', "line 1, column 1"),
    (b'{"properties": {"dealname": "\\ud800"}}', "line 1, column 1"), (b"[" * 100_000, "line 1, column 1"),
])  # fmt: skip
def test_bad_json_is_refused_with_its_place(api: Any, raw: bytes, where: str) -> None:
    answer = api.call("POST", "/crm/v3/objects/deals", raw=raw)
    assert answer.status == 400
    assert answer.json["category"] == "VALIDATION_ERROR"
    assert answer.json["message"].startswith(f"Invalid input JSON on {where}: ")


def test_the_twin_owns_hubspots_paths_only(api: Any) -> None:
    from include.sandbox.exchange import Request

    assert api.twin.owns(Request("GET", "/crm/v3/owners"))
    assert not api.twin.owns(Request("POST", "/ia/xml/xmlgw.phtml"))
    assert not api.twin.owns(Request("GET", "/_sandbox/calls"))


def test_a_label_says_what_is_done_but_not_to_whom(api: Any) -> None:
    from include.sandbox.exchange import Request

    def label(method: str, path: str, body: bytes = b"") -> str:
        return str(api.twin.label(Request(method, path, body=body)))

    assert label("POST", "/crm/v3/objects/0-3/search") == "POST deals/search"
    assert (
        label("POST", "/crm/objects/2026-09/deals/batch/upsert", b'{"inputs":[{},{}]}') == "POST deals/batch/upsert x2"
    )
    assert label("GET", "/crm/v3/objects/contacts/ann@sales.example") == "GET contacts/{id}"
    assert label("GET", "/oauth/v1/access-tokens/CJsecret") == "GET oauth/{id}/{id}"
