"""Requests in the shape that shipped extractors and assistants send them, written by hand with invented values."""

from __future__ import annotations

import pytest

from tests.sandbox.hubspot.conftest import Api

DISPOSITION = "f240bbac-87c9-4f6e-bf70-924b57d47db7"


@pytest.mark.parametrize(
    ("name", "type_id"),
    [("leads", "0-136"), ("goal_targets", "0-74"), ("postal_mail", "0-116"), ("feedback_submissions", "0-19")],
)
def test_the_properties_of_every_standard_type_an_extractor_lists_can_be_read(api: Api, name: str, type_id: str):
    by_name, by_id = (api.get(f"/crm/v3/properties/{one}") for one in (name, type_id))
    assert by_name.status == 200
    assert by_name.json == by_id.json
    assert {"hs_object_id", "hs_lastmodifieddate"} <= {row["name"] for row in by_name.json["results"]}
    assert api.get(f"/crm/v3/objects/{name}").json == {"results": []}


def test_calls_and_meetings_take_the_outcome_and_the_notes_that_assistants_write(api: Api):
    call = api.new("calls", hs_timestamp="2026-11-01T00:00:00Z", hs_call_disposition=DISPOSITION)
    assert api.props("calls", call, "hs_call_disposition")["hs_call_disposition"] == DISPOSITION
    sent = {"hs_meeting_location": "Room 4", "hs_internal_meeting_notes": "Renewal"}
    meeting = api.new("meetings", hs_timestamp="2026-11-01T00:00:00Z", **sent)
    assert sent.items() <= api.props("meetings", meeting, *sent).items()
