"""What a flow's plan says about each source record: write this, skip it, or hold it and why.

Decisions travel between tasks as JSON (``to_json`` / ``from_json``), so everything in a payload is a JSON value:
money as a decimal string beside its currency, dates as ISO strings.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_SAFE = re.compile(r"[^A-Za-z0-9_-]")


def canonical_hash(value: Any) -> str:
    """The SHA-256 hex digest of a JSON value's canonical text (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The idempotency key of one target document or record.

    It names no flow (several flows may want the same customer) and no version (our own write-back must not make a
    new key). ``part`` names the document among those of one source record: ``customer``, ``invoice``, ``invoice-2``.
    """

    target_system: str
    target_object: str
    source_system: str
    source_object: str
    source_id: str
    part: str

    def text(self) -> str:
        return "|".join(
            (
                self.target_system,
                self.target_object,
                self.source_system,
                self.source_object,
                self.source_id,
                self.part,
            )
        )

    def document_key(self) -> str:
        """The key as written into the target document and looked up there: at most 30 characters ``[A-Za-z0-9_-]``.

        30 is the shortest limit of the Intacct fields that can carry it (``invoiceno`` in the DTD's comments).
        Readable where it fits (``hs-deal-5156001-invoice``), else ended by a digest of the whole key.
        """
        source = {"hubspot": "hs"}.get(self.source_system, self.source_system)
        readable = f"{source}-{self.source_object}-{self.source_id}-{self.part}"
        if len(readable) <= 30 and not _SAFE.search(readable):
            return readable
        digest = hashlib.sha256(self.text().encode()).hexdigest()[:16]
        return f"{_SAFE.sub('', readable)[:13]}-{digest}"

    def controlid(self, epoch: int) -> str:
        """The deterministic function control id of this key's attempt ``epoch`` (64 hex characters)."""
        return hashlib.sha256(f"{self.text()}#{epoch}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a payload for the target id of another write that may not have happened yet.

    In JSON it is ``{"$ref": [the key's six parts]}``; ``core.sync`` puts the written record's natural id in its place.
    """

    key: Key

    def to_json(self) -> Json:
        k = self.key
        return {
            "$ref": [
                k.target_system,
                k.target_object,
                k.source_system,
                k.source_object,
                k.source_id,
                k.part,
            ]
        }


@dataclass(frozen=True, slots=True)
class Write:
    """One record to be created in the target.

    ``payload`` is in the target connector's words and may contain ``Ref`` JSON. ``facts`` are the source facts that
    the document stands for (amounts, lines, dates, customer): their hash tells a changed source record from an
    unchanged one, so nothing that our settings or the calendar decide (accounts, posting date) belongs in them.
    ``expect`` is what the target's own record must show if it is already there (target field -> text), the check
    that guards a lost or restored state database. ``summary`` is for people: no contact data.
    """

    key: Key
    payload: Json = field(repr=False)  # may be personal data
    facts: Json = field(repr=False)
    expect: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""

    @property
    def content_hash(self) -> str:
        return canonical_hash(self.facts)


@dataclass(frozen=True, slots=True)
class Update:
    """Fields of a record that the target has already, as they are to be: recomputed from the source, never added up.

    ``object`` is in the target connector's words (``deals``, ``CUSTOMER``), ``target_id`` the record's number there
    (HubSpot id, Intacct RECORDNO). What the target shows is read first and only what differs is sent, so that a repeat
    sends nothing. A refusal becomes a hold of ``source_id``. ``values`` are texts; empty or ``None`` clears.
    """

    system: str
    object: str
    target_id: str
    source_id: str
    values: Mapping[str, str | None] = field(repr=False)
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do for this source record; ``why`` in a person's words.

    ``settles``: whether that ends an open hold of the record. A run that merely does not look at it settles nothing.
    """

    source_id: str
    why: str
    settles: bool = True


@dataclass(frozen=True, slots=True)
class Hold:
    """This source record waits for a person. ``code`` is stable and listed in docs/reference/holds.md; ``message`` is
    one sentence in a finance person's words that names the record, the value and the remedy, without contact data."""

    source_id: str
    code: str
    message: str
    details: Json = field(default_factory=dict)


Decision = Write | Update | Skip | Hold


def decision_to_json(decision: Decision) -> Json:
    match decision:
        case Write(key, payload, facts, expect, summary):
            return {
                "kind": "write",
                "key": Ref(key).to_json()["$ref"],
                "payload": payload,
                "facts": facts,
                "expect": dict(expect),
                "summary": summary,
            }
        case Update(system, target_object, target_id, source_id, values, summary):
            return {
                "kind": "update",
                "system": system,
                "object": target_object,
                "target_id": target_id,
                "source_id": source_id,
                "values": dict(values),
                "summary": summary,
            }
        case Skip(source_id, why, settles):
            return {"kind": "skip", "source_id": source_id, "why": why, "settles": settles}
        case Hold(source_id, code, message, details):
            return {
                "kind": "hold",
                "source_id": source_id,
                "code": code,
                "message": message,
                "details": details,
            }


def decision_from_json(data: Json) -> Decision:
    match data["kind"]:
        case "write":
            return Write(Key(*data["key"]), data["payload"], data["facts"], dict(data["expect"]), data["summary"])
        case "update":
            return Update(**{name: value for name, value in data.items() if name != "kind"})
        case "skip":
            return Skip(data["source_id"], data["why"], data["settles"])
        case "hold":
            return Hold(data["source_id"], data["code"], data["message"], data["details"])
        case other:
            raise ValueError(f"unknown kind of decision: {other!r}")
