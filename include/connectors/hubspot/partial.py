"""What a batch answered, input by input: HubSpot's 207 is a success with failures inside.

Results come in no promised order, and only ``objectWriteTraceId`` ties a result or an error to its input; so
every write sends one. Errors may name ids instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.connectors.hubspot.client import Reply
from include.connectors.hubspot.errors import refusal_of
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.wire import Json, as_list, as_object
from include.core.errors import Rejected


@dataclass(frozen=True, slots=True)
class Partial:
    """``done`` and ``refused`` by trace id, ``silent`` the trace ids about which the answer says nothing."""

    done: Mapping[str, CrmRecord]
    refused: Mapping[str, Rejected]
    silent: tuple[str, ...]
    new: frozenset[str] = field(default_factory=frozenset)


def read_partial(reply: Reply, inputs: Mapping[str, str | None]) -> Partial:
    """Divide a batch write's reply among ``inputs``: trace id -> record id, ``None`` for a record to be made.

    Raises ``BadShape``.
    """
    by_id = {record_id: trace for trace, record_id in inputs.items() if record_id is not None}
    done: dict[str, CrmRecord] = {}
    new: set[str] = set()
    for row in as_list(reply.body.get("results"), "results"):
        record = CrmRecord.from_wire(row)
        trace = _own(row.get("objectWriteTraceId"), inputs) or by_id.get(record.id)
        if trace is None and len(inputs) == 1:
            trace = next(iter(inputs))
        if trace is not None:
            done[trace] = record
            if row.get("new") is True:
                new.add(trace)
    refused: dict[str, Rejected] = {}
    blamed_no_one: list[Json] = []
    for error in as_list(reply.body.get("errors") or [], "errors"):
        error = as_object(error, "an error")
        traces = _blamed(error, inputs, by_id)
        for trace in traces:
            refused[trace] = _refusal(error, reply, inputs[trace])
        if not traces:
            blamed_no_one.append(error)
    refused = {trace: error for trace, error in refused.items() if trace not in done}
    silent = tuple(trace for trace in inputs if trace not in done and trace not in refused)
    if len(silent) == 1 and blamed_no_one:
        refused[silent[0]] = _refusal(blamed_no_one[0], reply, inputs[silent[0]])
        silent = ()
    return Partial(done, refused, silent, frozenset(new))


def named_ids(error: Json, *names: str) -> list[str]:
    """The texts an error's context lists under the first of ``names`` that it has."""
    context = error.get("context")
    for name in names:
        listed = context.get(name) if isinstance(context, dict) else None
        if isinstance(listed, list):
            return [str(one) for one in listed if isinstance(one, str | int)]
    return []


def _blamed(error: Json, inputs: Mapping[str, str | None], by_id: Mapping[str, str]) -> list[str]:
    traces = [trace for trace in named_ids(error, "objectWriteTraceId") if trace in inputs]
    return traces or [by_id[one] for one in named_ids(error, "ids", "id") if one in by_id]


def _refusal(error: Json, reply: Reply, record_id: str | None) -> Rejected:
    refusal = refusal_of(error, status=reply.status, request_id=reply.request_id, record_id=record_id)
    if not isinstance(refusal, Rejected):
        raise refusal
    return refusal


def _own(trace: Any, inputs: Mapping[str, str | None]) -> str | None:
    return trace if isinstance(trace, str) and trace in inputs else None
