"""Tickets and orders: stage and pipeline belong together."""

from __future__ import annotations

from include.sandbox.hubspot.errors import Violation
from include.sandbox.hubspot.rules.draft import Draft
from include.sandbox.hubspot.times import wire
from include.sandbox.hubspot.values import InvalidValue
from include.sandbox.hubspot.world import World


def apply(world: World, draft: Draft) -> None:
    assert draft.kind.pipeline is not None  # noqa: S101 - only types with pipelines come here
    pipeline_name, stage_name = draft.kind.pipeline
    stage = world.stages(draft.kind.id).get(draft.value(stage_name))
    if stage is None:
        return
    pipeline = draft.value(pipeline_name)
    if not pipeline or (draft.changed(stage_name) and pipeline_name not in draft.given):
        draft.set(pipeline_name, stage.pipeline_id)
    elif pipeline != stage.pipeline_id:
        message = f"{stage.id} is not a stage of pipeline {pipeline}"
        raise InvalidValue(Violation(stage_name, "INVALID_OPTION", message))
    if draft.kind.id == "0-5" and draft.changed(stage_name):
        draft.set("closed_date", wire(draft.now) if stage.closed else "")
