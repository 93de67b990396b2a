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
    """``number``: as the invoice number. ``externalid``: in the external id. ``custom_field``: in the custom text
    field ``name``, so that Intacct goes on numbering invoices itself."""

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
        return {"number": "RECORDID", "externalid": "EXTERNALID"}.get(self.kind, self.name)

    def put(self, payload: Json, key: str) -> Json:
        """The invoice payload with ``key`` in its place. Raises ``SettingsError`` where a mapping uses that place."""
        name = {"number": "invoiceno", "externalid": "externalid"}.get(self.kind)
        holder: Any = payload if name else payload.get("customfields") or {}
        place = name or self.name
        if holder.get(place) not in (None, "", key):
            raise SettingsError(
                f"The mapping fills {place}, which carries Tieout's document key; map another field, or choose another "
                "document_key in the settings.",
                system=SYSTEM,
            )
        if name:
            return {**payload, name: key}
        return {**payload, "customfields": {**holder, self.name: key}}
