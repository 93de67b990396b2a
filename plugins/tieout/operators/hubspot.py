"""HubSpot in DAGs of your own: search, update, upsert. They need a HubSpot connection and nothing else of Tieout.

Put them into the pool that all your HubSpot tasks share and say its size as ``slots``, so that together they stay
within the account's limits. What HubSpot refuses for good (a bad token, a missing scope) is raised as ``AuthError`` or
``SettingsError``; ``tieout.retry.RetryByError`` as ``retry_policy`` fails such a task without further tries.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from include.connectors.hubspot.batch import batch_update, batch_upsert
from include.connectors.hubspot.filters import Filter, modified_between
from include.connectors.hubspot.instants import milliseconds, parse_instant
from include.connectors.hubspot.records import CrmRecord
from include.connectors.hubspot.search import iter_search
from include.connectors.hubspot.writeback import update_changed
from include.core.errors import Rejected, SettingsError
from tieout.hooks.hubspot import DEFAULT_SLOTS, HubSpotHook

if TYPE_CHECKING:
    from airflow.sdk import Context

FilterJson = Mapping[str, Any]
Values = Mapping[str, Any]


class HubSpotSearchOperator(BaseOperator):
    """Find records, however many there are.

    :param object_type: ``deals``, ``companies``, ``contacts``, ``line_items`` or any other type name. (templated)
    :param filters: filters in HubSpot's words, ``{"propertyName", "operator", "value", "highValue", "values"}``, which
        must all hold; or a list of such lists, of which any must hold. Empty finds everything. (templated)
    :param properties: the properties wanted. (templated)
    :param modified_from: only records last modified at this ISO-8601 time or later. (templated)
    :param modified_to: only records last modified before or at this time; needs ``modified_from``. (templated)
    :param output_path: a file to write as JSON lines, one record a line, instead of returning the records; replaced
        as a whole when all is read, readable only by its owner. (templated)
    :param hubspot_conn_id: the connection. (templated)
    :param slots: how many tasks share the account's limits at the same time.

    Returns a list of ``{"id", "properties", "createdAt", "updatedAt", "archived"}`` by ascending id, or with
    ``output_path`` ``{"path", "records"}``.
    """

    template_fields: Sequence[str] = (
        "object_type",
        "filters",
        "properties",
        "modified_from",
        "modified_to",
        "output_path",
        "hubspot_conn_id",
    )
    template_fields_renderers = {"filters": "json", "properties": "json"}  # noqa: RUF012 (Airflow's own form)
    ui_color = "#ffe1d6"

    def __init__(
        self,
        *,
        object_type: str,
        properties: Sequence[str],
        filters: Sequence[FilterJson] | Sequence[Sequence[FilterJson]] = (),
        modified_from: str | None = None,
        modified_to: str | None = None,
        output_path: str | None = None,
        hubspot_conn_id: str = HubSpotHook.default_conn_name,
        slots: int = DEFAULT_SLOTS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.object_type = object_type
        self.properties = properties
        self.filters = filters
        self.modified_from = modified_from
        self.modified_to = modified_to
        self.output_path = output_path
        self.hubspot_conn_id = hubspot_conn_id
        self.slots = slots

    def execute(self, context: Context) -> list[dict[str, Any]] | dict[str, Any]:
        client = HubSpotHook(self.hubspot_conn_id).get_client(slots=self.slots)
        groups = _groups(self.filters)
        if self.modified_from:
            window = modified_between(
                self.object_type,
                parse_instant(self.modified_from),
                parse_instant(self.modified_to) if self.modified_to else datetime.now(UTC),
            )
            groups = [[*group, window] for group in groups or [[]]]
        found = iter_search(client, self.object_type, groups, self.properties)
        if not self.output_path:
            return [record.to_wire() for record in found]
        return {"path": self.output_path, "records": _write_lines(Path(self.output_path), found)}


class HubSpotBatchUpsertOperator(BaseOperator):
    """Create or update records by a unique property, 100 a call. Safe to retry: nothing is made twice.

    :param object_type: the type of the records. (templated)
    :param id_property: a property with unique values that each record carries. (templated)
    :param records: property -> value of each record; numbers, dates and times are written as HubSpot reads them,
        ``None`` clears. (templated)
    :param hubspot_conn_id: the connection. (templated)
    :param fail_on_refused: raise ``Rejected`` at the end if HubSpot refused any record (the others are written).
    :param slots: how many tasks share the account's limits at the same time.

    Returns ``{"written": {unique value: record id}, "created": [unique value], "refused": {unique value: reason}}``.
    """

    template_fields: Sequence[str] = ("object_type", "id_property", "records", "hubspot_conn_id")
    template_fields_renderers = {"records": "json"}  # noqa: RUF012 (Airflow's own form)
    ui_color = "#ffd0bd"

    def __init__(
        self,
        *,
        object_type: str,
        id_property: str,
        records: Sequence[Values],
        hubspot_conn_id: str = HubSpotHook.default_conn_name,
        fail_on_refused: bool = True,
        slots: int = DEFAULT_SLOTS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.object_type = object_type
        self.id_property = id_property
        self.records = records
        self.hubspot_conn_id = hubspot_conn_id
        self.fail_on_refused = fail_on_refused
        self.slots = slots

    def execute(self, context: Context) -> dict[str, Any]:
        client = HubSpotHook(self.hubspot_conn_id).get_client(slots=self.slots)
        result = batch_upsert(client, self.object_type, self.id_property, map(_texts, self.records))
        refused = _refused(self.object_type, result.failed, self.fail_on_refused)
        written = {key: record.id for key, record in result.updated.items()}
        return {"written": written, "created": sorted(result.created), "refused": refused}


class HubSpotBatchUpdateOperator(BaseOperator):
    """Set properties of existing records, 100 a call. Safe to retry.

    :param object_type: the type of the records. (templated)
    :param updates: record id -> property -> value; numbers, dates and times are written as HubSpot reads them,
        ``None`` clears. (templated)
    :param only_changed: read the current values first and send only what differs, so that a second run sends nothing.
    :param hubspot_conn_id: the connection. (templated)
    :param fail_on_refused: raise ``Rejected`` at the end if HubSpot refused any record (the others are written).
    :param slots: how many tasks share the account's limits at the same time.

    Returns ``{"written": [record id], "unchanged": [record id], "refused": {record id: reason}}``.
    """

    template_fields: Sequence[str] = ("object_type", "updates", "hubspot_conn_id")
    template_fields_renderers = {"updates": "json"}  # noqa: RUF012 (Airflow's own form)
    ui_color = "#ffd0bd"

    def __init__(
        self,
        *,
        object_type: str,
        updates: Mapping[str, Values],
        only_changed: bool = False,
        hubspot_conn_id: str = HubSpotHook.default_conn_name,
        fail_on_refused: bool = True,
        slots: int = DEFAULT_SLOTS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.object_type = object_type
        self.updates = updates
        self.only_changed = only_changed
        self.hubspot_conn_id = hubspot_conn_id
        self.fail_on_refused = fail_on_refused
        self.slots = slots

    def execute(self, context: Context) -> dict[str, Any]:
        client = HubSpotHook(self.hubspot_conn_id).get_client(slots=self.slots)
        wanted = {str(record_id): _texts(values) for record_id, values in self.updates.items()}
        if self.only_changed:
            changed = update_changed(client, self.object_type, wanted)
            written, unchanged, failed = changed.sent, changed.unchanged, changed.failed
        else:
            result = batch_update(client, self.object_type, wanted)
            written, unchanged, failed = tuple(result.updated), (), result.failed
        refused = _refused(self.object_type, failed, self.fail_on_refused)
        return {"written": list(written), "unchanged": list(unchanged), "refused": refused}


def _groups(filters: Sequence[FilterJson] | Sequence[Sequence[FilterJson]]) -> list[list[Filter]]:
    """A flat list is one group; a list of lists is several."""
    if not filters:
        return []
    nested = [isinstance(one, Mapping) for one in filters]
    if all(nested):
        return [[Filter.from_wire(one) for one in filters if isinstance(one, Mapping)]]
    if any(nested):
        raise SettingsError("filters mixes single filters with lists of filters.", system="hubspot")
    return [[Filter.from_wire(one) for one in group] for group in filters if not isinstance(group, Mapping)]


def _texts(values: Values) -> dict[str, str | None]:
    """Values as HubSpot reads them: all property values are texts."""
    return {name: None if value is None else _text(name, value) for name, value in values.items()}


def _text(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f")
        case Decimal():
            return format(value, "f")
        case datetime():
            return milliseconds(value)
        case date():
            return value.isoformat()
    raise SettingsError(
        f"The value of {name} is a {type(value).__name__}, which HubSpot cannot hold.", system="hubspot"
    )


def _refused(object_type: str, failed: Mapping[str, Rejected], fail: bool) -> dict[str, str]:
    """Reason by record; raises ``Rejected`` with the first reasons instead if ``fail``."""
    if failed and fail:
        reasons = " ".join(dict.fromkeys(error.message for error in list(failed.values())[:3]))
        first = next(iter(failed.values()))
        raise Rejected(
            f"HubSpot refused {len(failed)} of these {object_type}; the others are written. {reasons}",
            system="hubspot",
            code=first.code,
            request_id=first.request_id,
        )
    return {key: error.message for key, error in failed.items()}


def _write_lines(path: Path, records: Iterable[CrmRecord]) -> int:
    """Write to a neighbouring file first, so that ``path`` is never half a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as lines:
            for count, record in enumerate(records, start=1):  # noqa: B007 (the last number is the count)
                lines.write(json.dumps(record.to_wire()) + "\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count
