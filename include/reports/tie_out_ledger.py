"""Reading for the tie-out what stands around Intacct's documents: the control account, the journals on it, customers,
deletions, and which entity a location belongs to."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from include.connectors.intacct import formats
from include.connectors.intacct.changes import deleted_since
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import day, optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.reference import get_entity_of_locations
from include.connectors.intacct.reference_records import Entity
from include.core.books import Books
from include.core.errors import AuthError
from include.core.money import Money

log = logging.getLogger(__name__)

_SWEPT = ("ARINVOICE", "ARPYMT", "ARADVANCE", "ARADJUSTMENT", "ARPYMTDETAIL")
_POSTING = (
    "RECORDNO", "ACCOUNTNO", "LOCATIONID", "CUSTOMERID", "BASECURR", "CURRENCY", "DEBITAMOUNT", "CREDITAMOUNT",
    "MODULEKEY", "RECORDID", "BATCH_NO", "BATCHKEY", "ENTRY_DATE",
)  # fmt: skip


@dataclass
class Places:
    """The entities of locations, asked for once."""

    intacct: IntacctClient
    books: Books
    _of_locations: dict[str, Entity] | None = field(default=None, init=False)

    def entity(self, location: str) -> str:
        """The location's entity; where nothing tells, the company's only one, else ``""``."""
        if self._of_locations is None:
            self._of_locations = get_entity_of_locations(self.intacct)
        found = self._of_locations.get(location)
        if found:
            return found.entity_id
        return next(iter(self.books.entities)) if len(self.books.entities) == 1 else ""


def read_control(places: Places, accounts: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """Rows of ``control``: every posting on these accounts, on its own day."""
    books = places.books
    for record in iter_query(places.intacct, "GLDETAIL", _POSTING, is_in("ACCOUNTNO", sorted(accounts))):
        entity = places.entity(optional(record, "LOCATIONID"))
        known = books.entities.get(entity)
        currency = (
            optional(record, "BASECURR")
            or (known.base_currency if known else "")
            or books.company_currency
            or optional(record, "CURRENCY")
        )
        debit = Money.of(optional(record, "DEBITAMOUNT") or "0", currency)
        yield (
            int(str(record["RECORDNO"])),
            optional(record, "ACCOUNTNO"),
            entity,
            optional(record, "CUSTOMERID"),
            currency,
            (debit - Money.of(optional(record, "CREDITAMOUNT") or "0", currency)).minor,
            optional(record, "MODULEKEY"),
            optional(record, "RECORDID"),
            optional(record, "BATCH_NO"),
            day(record, "ENTRY_DATE"),
            number_of(optional(record, "BATCHKEY")),
        )


def read_journals(intacct: IntacctClient, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """Rows of ``journal``: the batches on the control account that were entered by hand."""
    query = "SELECT DISTINCT batch_key FROM control WHERE module = '2.GL' AND batch_key IS NOT NULL ORDER BY 1"
    for keys in chunks(str(key) for (key,) in connection.execute(query).fetchall()):
        for record in iter_query(intacct, "GLBATCH", ("RECORDNO", "RECORD_URL"), is_in("RECORDNO", keys)):
            yield int(str(record["RECORDNO"])), optional(record, "RECORD_URL")


def read_customers(intacct: IntacctClient) -> Iterator[tuple[Any, ...]]:
    for record in iter_query(intacct, "CUSTOMER", ("CUSTOMERID", "RECORD_URL")):
        yield optional(record, "CUSTOMERID"), optional(record, "RECORD_URL")


def read_deleted(intacct: IntacctClient, since: datetime, until: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows of ``deleted``; none without the permission to view the audit trail."""
    for object_name in _SWEPT:
        try:
            gone = deleted_since(intacct, object_name, since, until)
        except AuthError as error:
            log.warning("What was deleted in Sage Intacct is not known: %s", error.message)
            return
        for one in gone:
            yield object_name, number_of(one.record_no), one.deleted_at


def place_receipts(connection: duckdb.DuckDBPyConnection, books: Books) -> None:
    """The entity of receipts entered at the top level: that of what they paid, else the only one of their base
    currency."""
    connection.execute("""
        UPDATE receipt SET entity_id = p.entity_id FROM (
            SELECT a.payment_no, min(i.entity_id) AS entity_id FROM application a
            JOIN invoice i ON i.record_no = a.invoice_no GROUP BY a.payment_no) p
        WHERE receipt.entity_id = '' AND p.payment_no = receipt.record_no""")
    by_currency: dict[str, list[str]] = {}
    for entity_id, entity in books.entities.items():
        by_currency.setdefault(entity.base_currency, []).append(entity_id)
    for currency, entities in by_currency.items():
        if len(entities) == 1:
            connection.execute(
                "UPDATE receipt SET entity_id = ? WHERE entity_id = '' AND base_currency = ?", [entities[0], currency]
            )


def number_of(text: str) -> int | None:
    """A record number, ``None`` where there is none."""
    return formats.read_int(text) if text else None
