"""The change log of pipelines and stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.catalogue import ObjectType
from include.sandbox.hubspot.times import wire


def note(call: Call, kind: ObjectType, identifier: str, action: str, state: Mapping[str, Any]) -> None:
    key = f"{kind.id}/{identifier}"
    entry = {
        "portalId": call.world.account.portal_id,
        "identifier": identifier,
        "action": action,
        "timestamp": wire(call.now),
        "fromUserId": call.token.user_id or 0,
        "rawObject": dict(state),
        "message": f"{action} of {identifier}",
    }
    call.world.db.put_document("audit", key, [*(call.world.db.document("audit", key) or ()), entry])


def of_pipeline(call: Call, type_name: str, pipeline_id: str) -> Reply:
    return _of(call, type_name, pipeline_id)


def of_stage(call: Call, type_name: str, _pipeline_id: str, stage_id: str) -> Reply:
    return _of(call, type_name, stage_id)


def _of(call: Call, type_name: str, identifier: str) -> Reply:
    entries = call.world.db.document("audit", f"{call.kind(type_name).id}/{identifier}") or []
    return Reply(200, {"results": entries[::-1]})
