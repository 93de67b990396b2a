"""Pipelines and their stages; which stages mean won."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.instants import parse_decimal
from include.connectors.hubspot.wire import Json, as_list, as_object, as_text


@dataclass(frozen=True, slots=True)
class Stage:
    """``probability`` is ``None`` for pipelines that have none (tickets). The label proves nothing: stage ids
    survive renaming, and people rename."""

    id: str
    label: str
    is_closed: bool
    probability: Decimal | None
    archived: bool = False

    @property
    def is_won(self) -> bool:
        return self.is_closed and self.probability == 1

    @classmethod
    def from_wire(cls, data: Any) -> Stage:
        wire = as_object(data, "a stage")
        metadata = wire.get("metadata")
        facts: Json = metadata if isinstance(metadata, dict) else {}
        return cls(
            id=as_text(wire.get("id"), "a stage's id"),
            label=as_text(wire.get("label"), "a stage's label"),
            is_closed=str(facts.get("isClosed")).lower() == "true",
            probability=_probability(facts.get("probability")),
            archived=wire.get("archived") is True,
        )


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: str
    label: str
    stages: tuple[Stage, ...]
    archived: bool = False

    @classmethod
    def from_wire(cls, data: Any) -> Pipeline:
        wire = as_object(data, "a pipeline")
        return cls(
            id=as_text(wire.get("id"), "a pipeline's id"),
            label=as_text(wire.get("label"), "a pipeline's label"),
            stages=tuple(map(Stage.from_wire, as_list(wire.get("stages"), "a pipeline's stages"))),
            archived=wire.get("archived") is True,
        )


def get_pipelines(client: HubSpotClient, object_type: str = "deals") -> list[Pipeline]:
    """All pipelines of ``object_type`` with their stages, in one call."""
    body = client.request("GET", client.paths.pipelines(object_type)).body
    return [Pipeline.from_wire(data) for data in as_list(body.get("results"), "results")]


def won_stages(pipelines: Iterable[Pipeline]) -> dict[str, set[str]]:
    """Pipeline id -> ids of its won stages: closed, with a probability of 1. Pipelines without one are left
    out."""
    won = {pipeline.id: {stage.id for stage in pipeline.stages if stage.is_won} for pipeline in pipelines}
    return {pipeline_id: stages for pipeline_id, stages in won.items() if stages}


def _probability(value: Any) -> Decimal | None:
    try:
        return None if value is None else parse_decimal(str(value))
    except ValueError:
        return None
