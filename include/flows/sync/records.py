"""A customer with its company and the people of both, as one value that travels between extract and map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from include.core.decisions import Json
from include.flows.sync.field_agreement import Shown

Flat = Mapping[str, str]
"""An Intacct record's fields by their dotted names; an empty text for an empty field."""
LinkKind = Literal["linked", "matched", "new", "gone", "ambiguous", "similar", "other_customer"]


@dataclass(frozen=True, slots=True)
class Card:
    """A HubSpot company or contact. ``at``: property -> ISO time of its last change, where its history was read;
    ``ours``: properties that our own app changed last. ``company``: a contact's primary company."""

    id: str
    values: Mapping[str, str | None] = field(repr=False)
    created: str
    modified: str
    at: Mapping[str, str] = field(default_factory=dict)
    ours: Sequence[str] = ()
    company: str = ""

    def shown(self, name: str) -> Shown:
        at = datetime.fromisoformat(self.at.get(name) or self.modified)
        return Shown((self.values.get(name) or "").strip(), at, name in self.ours)

    def text(self, name: str) -> str:
        return (self.values.get(name) or "").strip()

    @property
    def merged(self) -> tuple[str, ...]:
        listed = (self.values.get("hs_merged_object_ids") or "").split(";")
        return tuple(one.strip() for one in listed if one.strip())


@dataclass(frozen=True, slots=True)
class Link:
    """Which company a customer is. ``company`` is empty unless it is ``linked`` or ``matched``; ``others`` are the
    companies that it could be, or that show the same customer."""

    kind: LinkKind
    company: str = ""
    reason: str = ""
    others: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PartyRecord:
    """``id`` is the customer id as the run looked for it; ``customer`` is empty where Intacct does not have it.
    ``contacts`` are the CONTACTs that the customer names, or that are known to be one of ``people``; ``display`` is the
    RECORDNO of the one that belongs to the customer itself. ``known``: RECORDNO of a CONTACT -> HubSpot contact."""

    id: str
    customer: Flat = field(repr=False)
    link: Link
    company: Card | None = None
    people: Sequence[Card] = ()
    contacts: Sequence[Flat] = field(default=(), repr=False)
    display: str = ""
    known: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Json) -> PartyRecord:
        rest: dict[str, Any] = {**data, "link": Link(**data["link"])}
        rest["company"] = Card(**data["company"]) if data["company"] else None
        rest["people"] = [Card(**one) for one in data["people"]]
        return cls(**rest)


def moment(flat: Flat) -> datetime | None:
    """When the Intacct record was last changed (its texts are in UTC already)."""
    text = flat.get("WHENMODIFIED")
    return datetime.fromisoformat(text) if text else None
