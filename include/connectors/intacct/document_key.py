"""Where our idempotency key stands in an Intacct document, so that it can be looked up there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from include.connectors.intacct.errors import SYSTEM
from include.connectors.intacct.xmltext import is_field_name
from include.core.decisions import Json
from include.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """``number``: as the document's number. ``externalid``: in the external id. ``custom_field``: in the custom text
    field ``name``, so that Intacct goes on numbering documents itself."""

    kind: Literal["number", "externalid", "custom_field"]
    name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("number", "externalid", "custom_field"):
            raise SettingsError(
                f"document_key.kind is number, externalid or custom_field, not {self.kind!r:.40}.", system=SYSTEM
            )
        if self.kind == "custom_field" and not is_field_name(self.name):
            raise SettingsError(
                "document_key.name must name the custom field that carries the key, like TIEOUT_KEY.", system=SYSTEM
            )

    @property
    def queried_field(self) -> str:
        """The field of ARINVOICE in which a query looks for the key."""
        return self.field_of("ARINVOICE")

    def field_of(self, object_name: str) -> str:
        """The field of this object (ARINVOICE, ARADJUSTMENT or SODOCUMENT) in which a query looks for the key."""
        return self.name if self.kind == "custom_field" else _PLACES[object_name][self.kind][0]

    def put(self, payload: Json, key: str, object_name: str = "ARINVOICE") -> Json:
        """The payload with ``key`` in its place. Raises ``SettingsError`` where a mapping uses that place."""
        element = "" if self.kind == "custom_field" else _PLACES[object_name][self.kind][1]
        holder: Any = payload if element else payload.get("customfields") or {}
        place = element or self.name
        if holder.get(place) not in (None, "", key):
            raise SettingsError(
                f"The mapping fills {place}, which carries Tieout's document key; map another field, or choose another "
                "document_key in the settings.",
                system=SYSTEM,
            )
        if element:
            return {**payload, element: key}
        return {**payload, "customfields": {**holder, self.name: key}}


# Object -> kind of key -> the field that a query knows, and the element of the function that creates the document.
_PLACES = {
    "ARINVOICE": {"number": ("RECORDID", "invoiceno"), "externalid": ("EXTERNALID", "externalid")},
    "ARADJUSTMENT": {"number": ("RECORDID", "adjustmentno"), "externalid": ("EXTERNALID", "externalid")},
    "SODOCUMENT": {"number": ("DOCNO", "documentno"), "externalid": ("EXTERNALID", "externalid")},
}
