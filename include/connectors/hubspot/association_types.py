"""Which association type ties a record to be made to another one: HubSpot's default, or one that a payload names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from include.connectors.hubspot.batch import Link
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.wire import Json, as_list, as_object, as_text, as_whole
from include.core.errors import Rejected, SettingsError

_DEFAULTS: Mapping[str, Mapping[str, int]] = {
    "deals": {"companies": 341, "contacts": 3, "line_items": 19},
    "contacts": {"companies": 279, "deals": 4},
    "companies": {"contacts": 280, "deals": 342},
    "line_items": {"deals": 20, "quotes": 68, "invoices": 410, "orders": 514},
    "tasks": {"contacts": 204, "companies": 192, "deals": 216, "tickets": 230, "quotes": 218, "orders": 727},
    "notes": {"contacts": 202, "companies": 190, "deals": 214, "orders": 765},
    "invoices": {"contacts": 177, "companies": 179, "deals": 175, "line_items": 409, "quotes": 407, "orders": 517},
}
"""HubSpot-defined types without a label, from type -> to type -> id. Other pairs are looked up in the account."""


class AssociationTypes:
    """The association types of one account; what is looked up is asked for once."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._known: dict[tuple[str, str], list[Json]] = {}

    def links(self, object_type: str, payload: Mapping[str, Any]) -> tuple[Link, ...]:
        """The links that ``payload["associations"]`` asks for (``[{"to", "id", "type"?}]``).

        Raises ``Rejected`` for another shape, and ``SettingsError`` for a type that the account does not have.
        """
        return tuple(self._link(object_type, to, to_id, kind) for to, to_id, kind in asked(payload))

    def _link(self, object_type: str, to: str, to_id: str, kind: Any) -> Link:
        default = _DEFAULTS.get(object_type, {}).get(to)
        if kind is None and default is not None:
            return Link(to_id, default)
        for row in self._types(object_type, to):
            type_id = as_whole(row.get("typeId"), "typeId")
            category = as_text(row.get("category"), "category")
            label = row.get("label")
            unlabelled = kind is None and label is None and category == "HUBSPOT_DEFINED"
            if unlabelled or (kind is not None and str(kind) in (str(type_id), label)):
                return Link(to_id, type_id, category)
        wanted = "an association type" if kind is None else f"the association type {str(kind)!r:.60}"
        raise SettingsError(f"HubSpot has not {wanted} from {object_type} to {to:.40}.", system="hubspot")

    def _types(self, object_type: str, to: str) -> list[Json]:
        if (object_type, to) not in self._known:
            reply = self._client.request("GET", self._client.paths.associations(object_type, to, "labels"))
            rows = as_list(reply.body.get("results"), "results")
            self._known[object_type, to] = [as_object(row, "an association type") for row in rows]
        return self._known[object_type, to]


def asked(payload: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """``(to, id, type or None)`` of each association that a payload asks for; an id may still be a ``Ref``'s JSON.

    Raises ``Rejected`` for another shape.
    """
    rows = payload.get("associations") or []
    if not isinstance(rows, list):
        raise _wrong("is not a list")
    found = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("to"), str) or not row["to"]:
            raise _wrong("lacks 'to'")
        if not row.get("id") or not isinstance(row["id"], str | dict):
            raise _wrong("lacks an 'id' as text")
        kind = row.get("type")
        if kind is not None and (isinstance(kind, bool) or not isinstance(kind, str | int)):
            raise _wrong("has a 'type' that is neither a label nor a number")
        found.append((row["to"], row["id"], kind))
    return found


def _wrong(what: str) -> Rejected:
    return Rejected(f"An association of the planned HubSpot record {what}.", system="hubspot", code="payload")
