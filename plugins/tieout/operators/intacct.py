"""Sage Intacct in DAGs of your own: query, create, update. They need a ``sage_intacct`` connection, nothing else.

Put them into one pool of as many slots as the company's contract allows requests at once. What Intacct refuses for
good (a bad password, a missing permission, a field that does not exist) is raised as ``AuthError`` or
``SettingsError``; ``tieout.retry.RetryByError`` as ``retry_policy`` fails such a task without further tries.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from include.connectors.intacct.bulk import Outcome, create_records, update_records
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.filters import filter_from_json
from include.connectors.intacct.query import MAX_PAGE, iter_query
from include.core.errors import OutcomeUnknown, Rejected, Unavailable
from tieout.hooks.intacct import IntacctHook

if TYPE_CHECKING:
    from airflow.sdk import Context

Fields = Mapping[str, Any]
RUN_KEY = "{{ dag.dag_id }}/{{ run_id }}/{{ task.task_id }}/{{ ti.map_index }}"


class IntacctQueryOperator(BaseOperator):
    """Read records of an object, however many there are, in the order of RECORDNO.

    :param object_name: the object, as ``ARINVOICE`` or ``CUSTOMER``. (templated)
    :param fields: the fields wanted; related ones by dot, as ``DISPLAYCONTACT.EMAIL1``. RECORDNO always comes with
        them. (templated)
    :param filter: a condition in the gateway's words, as ``{"and": [{"equalto": {"STATE": "Posted"}},
        {"greaterthanorequalto": {"WHENMODIFIED": "11/01/2026 00:00:00"}}]}``. Empty reads everything. (templated)
    :param output_path: a file to write as JSON lines, one record a line, instead of returning the records; replaced
        as a whole when all is read, readable only by its owner. (templated)
    :param entity_id: read in this entity instead of the connection's. (templated)
    :param intacct_conn_id: the connection. (templated)
    :param page_size: records per call, at most 2000; one call is one billed transaction.

    Returns a list of field -> text, or with ``output_path`` ``{"path", "records"}``.
    """

    template_fields: Sequence[str] = ("object_name", "fields", "filter", "output_path", "entity_id", "intacct_conn_id")
    template_fields_renderers = {"fields": "json", "filter": "json"}  # noqa: RUF012 (Airflow's own form)
    ui_color = "#d6f0e0"

    def __init__(
        self,
        *,
        object_name: str,
        fields: Sequence[str],
        filter: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        output_path: str | None = None,
        entity_id: str | None = None,
        intacct_conn_id: str = IntacctHook.default_conn_name,
        page_size: int = MAX_PAGE,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.object_name = object_name
        self.fields = fields
        self.filter = filter
        self.output_path = output_path
        self.entity_id = entity_id
        self.intacct_conn_id = intacct_conn_id
        self.page_size = page_size

    def execute(self, context: Context) -> list[dict[str, Any]] | dict[str, Any]:
        client = IntacctHook(self.intacct_conn_id).get_client(self.entity_id)
        condition = filter_from_json(self.filter) if self.filter else None
        found = iter_query(client, self.object_name, self.fields, condition, page_size=self.page_size)
        if not self.output_path:
            return list(found)
        return {"path": self.output_path, "records": _write_lines(Path(self.output_path), found)}


class _BulkOperator(BaseOperator):
    """What creating and updating have in common; a subclass says which of the two it is by ``_write``."""

    template_fields: Sequence[str] = ("object_name", "records", "idempotency_key", "entity_id", "intacct_conn_id")
    template_fields_renderers = {"records": "json"}  # noqa: RUF012 (Airflow's own form)
    ui_color = "#bfe6cf"

    def __init__(
        self,
        *,
        object_name: str,
        records: Sequence[Fields],
        idempotency_key: str = RUN_KEY,
        entity_id: str | None = None,
        intacct_conn_id: str = IntacctHook.default_conn_name,
        fail_on_refused: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.object_name = object_name
        self.records = records
        self.idempotency_key = idempotency_key
        self.entity_id = entity_id
        self.intacct_conn_id = intacct_conn_id
        self.fail_on_refused = fail_on_refused

    def execute(self, context: Context) -> list[dict[str, str]]:
        client = IntacctHook(self.intacct_conn_id).get_client(self.entity_id)
        outcomes = self._write(client, self.object_name, self.records, self.idempotency_key)
        return _settled(outcomes, self.object_name, self.fail_on_refused)

    def _write(self, client: IntacctClient, object_name: str, records: Sequence[Fields], key: str) -> Sequence[Outcome]:
        raise NotImplementedError


class IntacctCreateOperator(_BulkOperator):
    """Create records, 100 a request, each by itself: one that is refused leaves the others alone.

    Safe to retry and to clear: under one ``idempotency_key`` the gateway makes a record of the same content once.

    :param object_name: the object, as ``CUSTOMER`` or ``GLBATCH``; records of ``ARINVOICE`` are in the words of the
        function create_invoice (``customerid``, ``datecreated``, ``invoiceitems``, ...). (templated)
    :param records: field -> value of each record; nested objects and lists of objects as the object has them. Dates
        in text as Intacct reads them (``11/30/2026``; ISO for ``ARINVOICE``), amounts in text. (templated)
    :param idempotency_key: what makes two runs of this task the same work; the default is this task in this DAG run.
        (templated)
    :param entity_id: create in this entity instead of the connection's. (templated)
    :param intacct_conn_id: the connection. (templated)
    :param fail_on_refused: raise ``Rejected`` at the end if Intacct refused any record (the others are made).

    Returns one ``{"state", "record_no", "id", "message"}`` for each record, in order; ``state`` is ``done``,
    ``done_before`` (by an earlier try, record number unknown) or ``refused``. Raises ``OutcomeUnknown`` where an
    answer was lost: try again, nothing is made twice.
    """

    def _write(self, client: IntacctClient, object_name: str, records: Sequence[Fields], key: str) -> Sequence[Outcome]:
        return create_records(client, object_name, records, key)


class IntacctUpdateOperator(_BulkOperator):
    """Change fields of existing records, 100 a request, each by itself.

    :param object_name: the object, as ``CUSTOMER``. (templated)
    :param records: field -> value of each record, with its RECORDNO or its own id among them; only these fields
        change, ``""`` clears one. (templated)
    :param idempotency_key: as for ``IntacctCreateOperator``: the same change is made once under it. (templated)
    :param entity_id: update in this entity; records that an entity owns can only be changed there. (templated)
    :param intacct_conn_id: the connection. (templated)
    :param fail_on_refused: raise ``Rejected`` at the end if Intacct refused any record (the others are changed).

    Returns and raises as ``IntacctCreateOperator``.
    """

    def _write(self, client: IntacctClient, object_name: str, records: Sequence[Fields], key: str) -> Sequence[Outcome]:
        return update_records(client, object_name, records, key)


def _settled(outcomes: Sequence[Outcome], object_name: str, fail_on_refused: bool) -> list[dict[str, str]]:
    """The outcomes as JSON, if all of them are final. Raises for the others, the most pressing first."""
    lost = [outcome for outcome in outcomes if outcome.state == "unknown"]
    waiting = [outcome for outcome in outcomes if outcome.state == "waiting"]
    refused = [outcome for outcome in outcomes if outcome.state == "refused"]
    of_all = f"of {len(outcomes)} {object_name} records"
    if lost:
        raise OutcomeUnknown(
            f"For {len(lost)} {of_all} no answer came back; try again, nothing is made twice. {lost[0].message}",
            system="intacct",
        )
    if waiting:
        raise Unavailable(
            f"{len(waiting)} {of_all} were not made yet; try again. {waiting[0].message}",
            retry_after=max((outcome.retry_after or 0.0 for outcome in waiting), default=0.0) or None,
            system="intacct",
        )
    if refused and fail_on_refused:
        reasons = " ".join(dict.fromkeys(outcome.message for outcome in refused[:3]))
        raise Rejected(
            f"Sage Intacct refused {len(refused)} {of_all}; the others are made. {reasons}",
            system="intacct",
            code=refused[0].code or None,
        )
    return [outcome.to_json() for outcome in outcomes]


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write to a neighbouring file first, so that ``path`` is never half a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as lines:
            for count, record in enumerate(records, start=1):  # noqa: B007 (the last number is the count)
                lines.write(json.dumps(record) + "\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count
