"""Write only what differs. A second run with the same wishes reads, and sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from include.connectors.hubspot.batch import Properties, batch_read, batch_update
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.errors import NotFound
from include.connectors.hubspot.instants import parse_date, parse_decimal, parse_instant
from include.connectors.hubspot.properties import PropertyDefinition, get_properties
from include.core.target import WriteBack


def update_changed(client: HubSpotClient, object_type: str, wanted: Mapping[str, Properties]) -> WriteBack:
    """Make each record's properties what ``wanted`` says (record id -> property -> value, empty or ``None``
    clears).

    The current values are read first, 100 records a call, and only properties that differ in meaning are
    sent: ``100.0`` is ``100.00`` in a number property (not in a text one), midnight in milliseconds is its
    date, empty is null.
    """

    @cache
    def definitions() -> Mapping[str, PropertyDefinition]:
        return get_properties(client, object_type)

    def type_of(name: str) -> str | None:
        return definitions()[name].type if name in definitions() else None

    names = list(dict.fromkeys(name for properties in wanted.values() for name in properties))
    read = batch_read(client, object_type, wanted, names)
    changes: dict[str, Properties] = {}
    for record in read.records:
        differing = {
            name: text
            for name, text in wanted[record.id].items()
            if not same_value(record.properties.get(name), text, partial(type_of, name))
        }
        if differing:
            changes[record.id] = differing
    result = batch_update(client, object_type, changes)
    return WriteBack(
        sent=tuple(result.updated),
        unchanged=tuple(record.id for record in read.records if record.id not in changes),
        failed={**{one: _gone(object_type, one) for one in read.missing}, **result.failed},
    )


def same_value(current: str | None, wanted: str | None, type_of: Callable[[], str | None]) -> bool:
    """Whether two values of one property mean the same. ``type_of`` tells the property's type, and is asked
    only where the texts differ but could mean the same under some type."""
    current, wanted = (current or "").strip(), (wanted or "").strip()
    if current == wanted:
        return True
    alike = {kind for kind, read in _READINGS.items() if _alike(read, current, wanted)}
    return bool(alike) and type_of() in alike


def _choices(text: str) -> frozenset[str]:
    """Several chosen options are joined by ``;`` in no promised order; true and false come in any case."""
    return frozenset(one.lower() if one.lower() in {"true", "false"} else one for one in text.split(";") if one)


_READINGS: Mapping[str, Callable[[str], object]] = {
    "number": parse_decimal,
    "date": parse_date,
    "datetime": parse_instant,
    "bool": str.lower,
    "enumeration": _choices,
}


def _alike(read: Callable[[str], object], one: str, other: str) -> bool:
    try:
        return read(one) == read(other)
    except ValueError:
        return False


def _gone(object_type: str, record_id: str) -> NotFound:
    return NotFound(
        f"HubSpot has no record {record_id} among its {object_type}; it may be archived or merged.",
        status=404,
        system="hubspot",
        code="OBJECT_NOT_FOUND",
        record_id=record_id,
    )
