"""``/properties/{type}/batch/{create,read,archive}``: at most 100 names."""

from __future__ import annotations

from typing import Any

from include.sandbox.hubspot import body
from include.sandbox.hubspot.call import Call, Reply
from include.sandbox.hubspot.errors import Refusal, too_many_inputs
from include.sandbox.hubspot.properties import definitions
from include.sandbox.hubspot.replies import batch

MAX_INPUTS = 100


def _inputs(sent: dict[str, Any]) -> list[dict[str, Any]]:
    rows = body.items(sent)
    if len(rows) > MAX_INPUTS:
        raise too_many_inputs(MAX_INPUTS)
    return rows


def read(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    sent = call.json()
    archived = body.flag(sent, "archived")
    results, errors = [], []
    for row in _inputs(sent):
        try:
            name = body.required_text(row, "name")
            results.append(definitions.existing(call.world, kind, name, archived=archived).wire())
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            errors.append(refusal.row())
    return batch(call, 200, results, errors)


def create(call: Call, type_name: str) -> Reply:
    """Names already there are told apart (207), the others are made."""
    kind = call.kind(type_name)
    results, errors = [], []
    for row in _inputs(call.json()):
        try:
            with call.world.db.savepoint():
                results.append(definitions.created(call, kind, row).wire())
        except Refusal as refusal:
            if refusal.status != 409:
                raise
            errors.append(refusal.row())
    return batch(call, 201, results, errors)


def archive(call: Call, type_name: str) -> Reply:
    kind = call.kind(type_name)
    for row in _inputs(call.json()):
        name = body.required_text(row, "name")
        if name in call.world.definitions(kind.id):
            definitions.archived(call, kind, name)
    return Reply(204)
