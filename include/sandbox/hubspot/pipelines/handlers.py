"""``/pipelines/{type}``: pipelines and their stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.errors import invalid, not_found
from include.sandbox.hubspot.pipelines import audit
from include.sandbox.hubspot.times import wire

MAX_STAGES = 100


def listed(call: Call, type_name: str) -> Reply:
    kind = _kind(call, type_name)
    found = call.world.pipelines(kind.id).values()
    return Reply(200, {"results": sorted(map(_shown, found), key=lambda p: (p["displayOrder"], p["id"]))})


def get(call: Call, type_name: str, pipeline_id: str) -> Reply:
    return Reply(200, _shown(_pipeline(call, _kind(call, type_name), pipeline_id)))


def create(call: Call, type_name: str) -> Reply:
    kind = _kind(call, type_name)
    made = _document(call, kind, call.json(), str(call.world.db.next_id()))
    _keep(call, kind, made, "CREATE")
    return Reply(201, _shown(made))


def replace(call: Call, type_name: str, pipeline_id: str) -> Reply:
    """PUT: label, order and all stages anew; stages named by id stay the same stages."""
    kind = _kind(call, type_name)
    before = _pipeline(call, kind, pipeline_id)
    made = {**_document(call, kind, call.json(), pipeline_id), "createdAt": before["createdAt"]}
    if _checks_use(call):
        kept = {stage["id"] for stage in made["stages"]}
        for stage in before["stages"]:
            if stage["id"] not in kept:
                _unused_stage(call, kind, stage["id"])
    _keep(call, kind, made, "UPDATE")
    return Reply(200, _shown(made))


def update(call: Call, type_name: str, pipeline_id: str) -> Reply:
    kind = _kind(call, type_name)
    sent = call.json()
    made = {**_pipeline(call, kind, pipeline_id), "updatedAt": wire(call.now)}
    if sent.get("label") is not None:
        made["label"] = body.required_text(sent, "label")
    made["displayOrder"] = body.whole(sent, "displayOrder", made["displayOrder"])
    if sent.get("archived") is not None:
        made["archived"] = body.flag(sent, "archived")
    _keep(call, kind, made, "UPDATE")
    return Reply(200, _shown(made))


def delete(call: Call, type_name: str, pipeline_id: str) -> Reply:
    kind = _kind(call, type_name)
    found = _pipeline(call, kind, pipeline_id)
    if _checks_use(call) and _used(call, kind, 0, pipeline_id):
        message = f"Pipeline '{pipeline_id}' is used by records and cannot be deleted"
        raise invalid(message, sub_category="PipelineError.PIPELINE_ID_IN_USE")
    _keep(call, kind, {**found, "archived": True, "updatedAt": wire(call.now)}, "DELETE")
    return Reply(204)


def stages(call: Call, type_name: str, pipeline_id: str) -> Reply:
    return Reply(200, {"results": _live_stages(_pipeline(call, _kind(call, type_name), pipeline_id))})


def stage(call: Call, type_name: str, pipeline_id: str, stage_id: str) -> Reply:
    return Reply(200, _stage(_pipeline(call, _kind(call, type_name), pipeline_id), stage_id))


def create_stage(call: Call, type_name: str, pipeline_id: str) -> Reply:
    kind = _kind(call, type_name)
    found = _pipeline(call, kind, pipeline_id)
    made = _new_stage(call, kind, call.json(), len(found["stages"]))
    _put_stages(call, kind, found, [*found["stages"], made])
    audit.note(call, kind, made["id"], "CREATE", made)
    return Reply(201, made)


def update_stage(call: Call, type_name: str, pipeline_id: str, stage_id: str) -> Reply:
    """PATCH merges, PUT replaces; metadata given is merged into what is there."""
    kind = _kind(call, type_name)
    sent = call.json()
    found = _pipeline(call, kind, pipeline_id)
    before = _stage(found, stage_id)
    made = {**before, "updatedAt": wire(call.now)}
    if sent.get("label") is not None:
        made["label"] = body.required_text(sent, "label")
    made["displayOrder"] = body.whole(sent, "displayOrder", made["displayOrder"])
    if sent.get("metadata") is not None:
        kept = {} if call.request.method == "PUT" else before["metadata"]
        made["metadata"] = _metadata(kind, {**kept, **body.inner(sent, "metadata")})
    _put_stages(call, kind, found, [made if row["id"] == stage_id else row for row in found["stages"]])
    audit.note(call, kind, stage_id, "UPDATE", made)
    return Reply(200, made)


def delete_stage(call: Call, type_name: str, pipeline_id: str, stage_id: str) -> Reply:
    kind = _kind(call, type_name)
    found = _pipeline(call, kind, pipeline_id)
    _stage(found, stage_id)
    if _checks_use(call):
        _unused_stage(call, kind, stage_id)
    _put_stages(call, kind, found, [row for row in found["stages"] if row["id"] != stage_id])
    audit.note(call, kind, stage_id, "DELETE", {})
    return Reply(204)


def _checks_use(call: Call) -> bool:
    """Since 2026-09 what is in use is never deleted; before, only when asked."""
    return call.flag("validateReferencesBeforeDelete") or (call.dated and call.version >= "2026-09")


def _unused_stage(call: Call, kind: ObjectType, stage_id: str) -> None:
    if _used(call, kind, 1, stage_id):
        message = f"Stage '{stage_id}' is used by records and cannot be deleted"
        raise invalid(message, sub_category="PipelineError.STAGE_ID_IN_USE")


def _used(call: Call, kind: ObjectType, position: int, value: str) -> bool:
    assert kind.pipeline is not None  # noqa: S101 - _kind() has checked
    name = kind.pipeline[position]
    sql = (
        f"SELECT 1 FROM objects WHERE type = ? AND archived_at IS NULL AND json_extract(props, '$.{name}') = ? LIMIT 1"  # noqa: S608
    )
    return call.world.db.one(sql, (kind.id, value)) is not None


def _document(call: Call, kind: ObjectType, sent: Mapping[str, Any], pipeline_id: str) -> dict[str, Any]:
    rows = body.items(sent, "stages")
    if len(rows) > MAX_STAGES:
        raise invalid(f"The maximum number of stages is {MAX_STAGES}")
    now = wire(call.now)
    return {
        "id": pipeline_id,
        "label": body.required_text(sent, "label"),
        "displayOrder": body.whole(sent, "displayOrder", 0),
        "archived": False,
        "createdAt": now,
        "updatedAt": now,
        "stages": [_new_stage(call, kind, row, order) for order, row in enumerate(rows)],
    }


def _new_stage(call: Call, kind: ObjectType, sent: Mapping[str, Any], order: int) -> dict[str, Any]:
    known = call.world.stages(kind.id)
    given = body.text(sent, "stageId") or body.text(sent, "id")
    stage_id = given if given in known else str(call.world.db.next_id())
    now = wire(call.now)
    return {
        "id": stage_id,
        "label": body.required_text(sent, "label"),
        "displayOrder": body.whole(sent, "displayOrder", order),
        "metadata": _metadata(kind, body.inner(sent, "metadata")),
        "archived": False,
        "createdAt": now,
        "updatedAt": now,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def _metadata(kind: ObjectType, given: Mapping[str, Any]) -> dict[str, str]:
    """Texts. A deal stage needs a probability from 0.0 to 1.0; the two ends close it."""
    values = {name: body.scalar(name, value) for name, value in given.items() if value is not None}
    if kind.id == "0-3":
        odds = values.get("probability", "")
        if odds not in {f"{tenth / 10:.1f}" for tenth in range(11)} | {"0", "1"}:
            raise invalid("Deal stages need metadata.probability between 0.0 and 1.0 in steps of 0.1")
        values["probability"] = odds if "." in odds else f"{odds}.0"
        values.setdefault("isClosed", "true" if values["probability"] in {"0.0", "1.0"} else "false")
    else:
        state = values.setdefault("ticketState", "OPEN")
        values["isClosed"] = "true" if state == "CLOSED" else "false"
    return values


def _kind(call: Call, type_name: str) -> ObjectType:
    kind = call.kind(type_name)
    if kind.pipeline is None:
        raise invalid(f"Object type {kind.singular} has no pipelines")
    return kind


def _pipeline(call: Call, kind: ObjectType, pipeline_id: str) -> dict[str, Any]:
    found = call.world.pipelines(kind.id).get(pipeline_id)
    if found is None:
        raise not_found(f"Pipeline '{pipeline_id[:60]}' does not exist")
    return dict(found)


def _live_stages(pipeline: Mapping[str, Any]) -> list[dict[str, Any]]:
    return sorted((s for s in pipeline["stages"] if not s.get("archived")), key=lambda s: s["displayOrder"])


def _stage(pipeline: Mapping[str, Any], stage_id: str) -> dict[str, Any]:
    for row in _live_stages(pipeline):
        if row["id"] == stage_id:
            return dict(row)
    raise not_found(f"Stage '{stage_id[:60]}' does not exist")


def _shown(pipeline: Mapping[str, Any]) -> dict[str, Any]:
    return {**pipeline, "stages": _live_stages(pipeline)}


def _put_stages(call: Call, kind: ObjectType, pipeline: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    if len(rows) > MAX_STAGES:
        raise invalid(f"The maximum number of stages is {MAX_STAGES}")
    made = {**pipeline, "stages": rows, "updatedAt": wire(call.now)}
    call.world.db.put_document("pipeline", f"{kind.id}/{pipeline['id']}", made)


def _keep(call: Call, kind: ObjectType, made: dict[str, Any], action: str) -> None:
    call.world.db.put_document("pipeline", f"{kind.id}/{made['id']}", made)
    audit.note(call, kind, made["id"], action, {} if action == "DELETE" else made)
