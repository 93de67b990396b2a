"""Creating and updating many records of one object without our state: safe to repeat by the gateway's own memory.

Each record goes as one function under a control id made of the caller's key and the record's content. The gateway
remembers the control ids that it has completed, so the same work under the same key is done once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.generic import build_create, build_update
from include.connectors.intacct.invoices import build_create_invoice
from include.connectors.intacct.sending import Prepared, send_functions
from include.core import target
from include.core.decisions import Key, canonical_hash
from include.core.errors import RecordError
from include.core.target import Send

CHUNK = 100
Fields = Mapping[str, Any]
Build = Callable[[str, Fields], etree._Element]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one record.

    ``done``: made or changed now. ``done_before``: by an earlier try under the same key. ``refused``: for a definite
    reason. ``waiting``: certainly not done yet. ``unknown``: no readable answer; repeating it is safe.
    """

    state: Literal["done", "done_before", "refused", "waiting", "unknown"]
    record_no: str = ""
    id: str = ""
    code: str = ""
    message: str = ""
    retry_after: float | None = None

    def to_json(self) -> dict[str, str]:
        return {"state": self.state, "record_no": self.record_no, "id": self.id, "message": self.message}


def create_records(
    client: IntacctClient, object_name: str, records: Sequence[Fields], idempotency_key: str
) -> list[Outcome]:
    """Create each record; one outcome for each, in order. ``ARINVOICE`` goes through ``create_invoice``.

    Raises ``SettingsError`` for names that cannot be fields, before anything is sent, and what
    ``IntacctClient.call`` raises where nothing was executed.
    """
    build: Build = _build_invoice if object_name.upper() == "ARINVOICE" else build_create
    return _send_all(client, "create", object_name, build, records, idempotency_key)


def update_records(
    client: IntacctClient, object_name: str, records: Sequence[Fields], idempotency_key: str
) -> list[Outcome]:
    """Update each record, which names itself by RECORDNO or its own id. Otherwise as ``create_records``."""
    return _send_all(client, "update", object_name, build_update, records, idempotency_key)


def _build_invoice(object_name: str, fields: Fields) -> etree._Element:
    return build_create_invoice(fields)


def _send_all(
    client: IntacctClient,
    function: str,
    object_name: str,
    build: Build,
    records: Sequence[Fields],
    idempotency_key: str,
) -> list[Outcome]:
    outcomes: dict[int, Outcome] = {}
    prepared: list[Prepared] = []
    seen: Counter[str] = Counter()
    for place, fields in enumerate(records):
        content = canonical_hash([idempotency_key, function, object_name, _plain(fields)])
        seen[content] += 1  # the same record twice in one list is meant twice
        try:
            element = build(object_name, fields)
        except RecordError as error:
            outcomes[place] = Outcome("refused", code=error.code or "payload", message=error.message)
            continue
        send = Send(_key(object_name, place), {}, canonical_hash([content, seen[content]]))
        prepared.append(Prepared(send, Function(element, send.controlid)))
    for start in range(0, len(prepared), CHUNK):
        answers = send_functions(client, prepared[start : start + CHUNK])
        outcomes |= {int(key.source_id): _outcome(answer) for key, answer in answers.items()}
        if any(outcome.state in ("waiting", "unknown") for outcome in outcomes.values()):
            unsent = prepared[start + CHUNK :]
            outcomes |= {int(one.send.key.source_id): Outcome("waiting", message="Not sent.") for one in unsent}
            break
    return [outcomes[place] for place in range(len(records))]


def _key(object_name: str, place: int) -> Key:
    return Key("intacct", object_name, "list", "record", str(place), "record")


def _plain(value: Any) -> Any:
    """Any payload as JSON, so that equal contents have equal hashes."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _outcome(answer: target.Outcome) -> Outcome:
    match answer:
        case target.Written(_, target_id, natural_id):
            return Outcome("done", target_id, natural_id)
        case target.Refused(_, code, message, _):
            return Outcome("refused", code=code, message=message)
        case target.Spent():
            return Outcome("done_before")
        case target.Running():
            return Outcome("waiting", message="Sage Intacct is still working on an earlier request for it.")
        case target.Lost(_, why):
            return Outcome("unknown", message=why)
        case target.NotSent(_, why, retry_after):
            return Outcome("waiting", message=why, retry_after=retry_after)
