"""The property that says which of our writes a record is: text, with unique values, so that HubSpot itself keeps a
second record with the same key out, and so that records can be read by it at once (search lags behind)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import Forbidden, NotFound
from include.connectors.hubspot.properties import PropertyDefinition, ensure_properties
from include.core.errors import Rejected, SettingsError

SOURCE_KEY = "tieout_source_key"
GROUP = ("tieout", "Tieout")

OBJECTS: Mapping[str, str] = {
    "deal": "deals",
    "line_item": "line_items",
    "task": "tasks",
    "note": "notes",
    "company": "companies",
    "contact": "contacts",
    "invoice": "invoices",
}
"""What Tieout makes in HubSpot (``Key.target_object``), and its name in paths."""

BODIES: Mapping[str, str] = {"task": "hs_task_body", "note": "hs_note_body"}
"""Objects for which HubSpot does not promise unique properties, and the text of theirs that can carry the key."""

Identity = Literal["property", "marker"]
"""By what the records of an object are found again: the property, or a line in their text (``body_marker``)."""


def source_key_property() -> PropertyDefinition:
    """The definition of ``SOURCE_KEY``, the same for every object."""
    return PropertyDefinition(
        SOURCE_KEY,
        "Tieout source key",
        "string",
        "text",
        description="Which source record Tieout made this for. Tieout finds it again by this; do not change it.",
        unique=True,
    )


def ensure_source_keys(client: HubSpotClient, objects: Iterable[str]) -> dict[str, Identity]:
    """Make the property where it is missing; by what each object's records are found from now on.

    ``objects`` are names of ``OBJECTS``; others (``sequence_enrolment``) need none and are left out. Where HubSpot
    refuses a unique property on tasks or notes, they are found by a marker. Raises ``SettingsError`` where the property
    cannot be had as needed, naming the remedy, and ``MissingScopes``.
    """
    identities: dict[str, Identity] = {}
    for name in dict.fromkeys(objects):
        if name in OBJECTS:
            if _definition(client, name) is None:
                _make(client, name)
            identities[name] = identity_of(client, name)
    return identities


def identity_of(client: HubSpotClient, name: str) -> Identity:
    """By what the records of ``name`` are found, as the account stands now. Raises ``SettingsError``."""
    there = _definition(client, name)
    if there is not None and there.unique and there.type == "string":
        return "property"
    if name in BODIES:
        return "marker"
    if there is None:
        raise SettingsError(
            f"HubSpot's {OBJECTS[name]} lack the property {SOURCE_KEY}, by which Tieout finds what it made; let Tieout "
            f"make it (scope crm.schemas.{OBJECTS[name]}.write), or make it by hand as single-line text with unique "
            "values.",
            system="hubspot",
        )
    raise SettingsError(
        f"The property {SOURCE_KEY} of HubSpot's {OBJECTS[name]} is not text with unique values, and HubSpot cannot "
        "change that afterwards: archive it in HubSpot (Settings, Properties), delete it there for good, and run "
        "again; Tieout then makes it anew.",
        system="hubspot",
    )


def _definition(client: HubSpotClient, name: str) -> PropertyDefinition | None:
    try:
        reply = client.request("GET", client.paths.properties(OBJECTS[name], SOURCE_KEY))
    except NotFound:
        return None
    return PropertyDefinition.from_wire(reply.body)


def _make(client: HubSpotClient, name: str) -> None:
    try:
        ensure_properties(client, OBJECTS[name], GROUP, [source_key_property()])
    except (Rejected, Forbidden) as error:
        if name in BODIES:
            return
        if isinstance(error, Forbidden):
            raise
        raise SettingsError(
            f"HubSpot refuses to make the unique property {SOURCE_KEY} on {OBJECTS[name]}; an object can have ten "
            "unique properties at most, so archive one that is no longer needed.",
            system="hubspot",
            code=error.code,
            request_id=error.request_id,
        ) from None
