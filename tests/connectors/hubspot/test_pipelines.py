from __future__ import annotations

from typing import Any

import pytest

from include.connectors.hubspot.pipelines import Pipeline, Stage, get_pipelines, won_stages
from include.connectors.hubspot.wire import BadShape
from tests.connectors.hubspot.twin import account


def stage(stage_id: str, label: str, **metadata: Any) -> dict[str, Any]:
    return {"id": stage_id, "label": label, "metadata": metadata}


RENEWALS = {
    "type": "_pipeline",
    "id": "78411290",
    "label": "Renewals and Partners",
    "stages": [
        stage("186520411", "Talking", isClosed="false", probability="0.2"),
        stage("186520413", "Closed won (paper)", isClosed="false", probability="0.9"),
        stage("186520417", "Signed", isClosed="true", probability="1.0"),
        stage("186520419", "Dropped", isClosed="true", probability="0.0"),
    ],
}


@pytest.mark.parametrize("version", ["2026-09", "v3"])
def test_won_is_what_the_pipeline_says_and_not_what_a_label_says(version: str) -> None:
    with account(RENEWALS, api_version=version) as hubspot:
        pipelines = get_pipelines(hubspot.client)

        assert won_stages(pipelines) == {"default": {"closedwon"}, "78411290": {"186520417"}}


@pytest.mark.parametrize(
    ("metadata", "won"),
    [
        ({"isClosed": "true", "probability": "1.0"}, True),
        ({"isClosed": "true", "probability": "1"}, True),
        ({"isClosed": "TRUE", "probability": "1.00"}, True),
        ({"isClosed": True, "probability": 1}, True),
        ({"isClosed": "true", "probability": "0.99999"}, False),
        ({"isClosed": "false", "probability": "1.0"}, False),
        ({"probability": "1.0"}, False),
        ({"isClosed": "true"}, False),
        ({"isClosed": "true", "probability": "certain"}, False),
        ({"ticketState": "CLOSED"}, False),
    ],
)
def test_a_stage_is_won_when_it_is_closed_with_certainty(metadata: dict[str, Any], won: bool) -> None:
    assert Stage.from_wire(stage("1", "x", **metadata)).is_won is won


def test_a_pipeline_without_a_won_stage_is_left_out() -> None:
    assert won_stages([Pipeline("1", "x", ())]) == {}


@pytest.mark.parametrize(
    "wire", [None, [], {}, {"id": 1, "label": "x", "stages": []}, {"id": "1", "label": "x", "stages": [1]}]
)
def test_what_is_no_pipeline_is_not_read_as_one(wire: Any) -> None:
    with pytest.raises(BadShape):
        Pipeline.from_wire(wire)
