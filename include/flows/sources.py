"""Where a target field's value comes from: a property of the source record, through an optional lookup table.

This is how the settings map any HubSpot property to any Intacct field without code::

    ponumber: deal.po_number
    departmentid: {from: deal.department, values: {SALES: D10, SERVICES: D20}, default: D10}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from include.core.books import Strict
from include.core.errors import Unmapped

SHEETS = ("deal", "company", "contact", "owner", "line")
Sheets = Mapping[str, Mapping[str, str | None]]


class SourceSettings(Strict):
    """``from``: ``<record>.<property>``; ``values``: a lookup table (values it lacks are held, never guessed);
    ``default``: used when the property is empty; ``required``: an empty property holds the record."""

    source: str | None = Field(default=None, alias="from")
    values: dict[str, str] | None = None
    default: str | None = None
    required: bool = False

    @classmethod
    def reading(cls, path: str) -> SourceSettings:
        """The plain source of one property."""
        return cls.model_validate({"from": path})

    @field_validator("source")
    @classmethod
    def _known_sheet(cls, path: str | None) -> str | None:
        if path is not None:
            sheet, _, name = path.partition(".")
            if sheet not in SHEETS or not name:
                raise ValueError(f"write <record>.<property> with record one of {', '.join(SHEETS)}")
        return path

    def value(self, sheets: Sheets) -> str | None:
        """The mapped value, or ``None`` where the property is empty and has no default.

        Raises ``Unmapped`` where the lookup table lacks the value, or a required property is empty.
        """
        raw = self._raw(sheets)
        if not raw:
            if self.default is not None:
                return self.default
            if self.required:
                raise Unmapped(f"{self.source} is empty, and the settings require it")
            return None
        if self.values is None:
            return raw
        if raw not in self.values:
            known = ", ".join(sorted(self.values))
            shown = "a value" if str(self.source).startswith(("contact.", "owner.")) else f"“{raw}”"
            raise Unmapped(f"{self.source} is {shown}, which the lookup table does not know (it knows {known})")
        return self.values[raw]

    def stated(self, sheets: Sheets) -> str:
        """The property's own text where it stands on the deal or a line: what a rep says of a deal; else ``""``."""
        return (self._raw(sheets) or "") if str(self.source).startswith(("deal.", "line.")) else ""

    def is_empty(self, sheets: Sheets) -> bool:
        return not self._raw(sheets)

    def _raw(self, sheets: Sheets) -> str | None:
        if self.source is None:
            return None
        sheet, _, name = self.source.partition(".")
        raw = sheets.get(sheet, {}).get(name)
        return raw.strip() if raw else None


def _short_form(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


Source = Annotated[SourceSettings, BeforeValidator(_short_form)]


def properties_used(sources: Mapping[str, SourceSettings] | list[SourceSettings], sheet: str) -> set[str]:
    """The property names that these sources read from one record, so that extract asks for them."""
    listed = sources.values() if isinstance(sources, Mapping) else sources
    paths = [s.source for s in listed if s.source]
    return {path.partition(".")[2] for path in paths if path.partition(".")[0] == sheet}
