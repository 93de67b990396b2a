"""Reading Intacct's side of the tie-out, page by page: documents, what settled them, the control account, deletions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import duckdb

from include.connectors.intacct import formats
from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application
from include.connectors.intacct.changes import deleted_since
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import REVERSED, day, optional
from include.connectors.intacct.filters import all_of, equal, is_in
from include.connectors.intacct.invoices import invoice_fields, read_invoice
from include.connectors.intacct.lines import Line, by_document, chunks, lines_of, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.receipts import Advance, Payment
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.reference import get_entity_of_locations
from include.connectors.intacct.replies import Record
from include.connectors.intacct.zone import in_utc, utc_offset
from include.core.books import Books
from include.core.errors import AuthError
from include.core.money import Money
from include.reports.tie_out_tables import INTACCT, load, make_tables

T = TypeVar("T")
_AT_ONCE = 1000
_KEY = re.compile(r"hs-deal-(\d{1,18})-(?:invoice|b\d{8})(?:-\d+)?")
_SWEPT = ("ARINVOICE", "ARPYMT", "ARADVANCE", "ARADJUSTMENT", "ARPYMTDETAIL")


@dataclass
class IntacctReader:
    """``control_accounts`` are the GL accounts that receivables are booked on."""

    intacct: IntacctClient
    books: Books
    document_key: DocumentKey
    control_accounts: Collection[str]

    def read(self, connection: duckdb.DuckDBPyConnection, deleted_after: datetime, read_at: datetime) -> dict[str, int]:
        """Fill Intacct's tables, made anew; how many rows each has. Deletions are those in
        [``deleted_after``, ``read_at``). Raises what ``iter_query`` raises; without the permission to view the audit
        trail no deletion is known, and no error raised."""
        make_tables(connection, INTACCT)
        counts = {
            "invoice": load(connection, "invoice", self._invoices()),
            "adjustment": load(connection, "adjustment", self._adjustments()),
            "application": load(connection, "application", self._applications()),
            "receipt": load(connection, "receipt", self._receipts()),
            "control": load(connection, "control", self._control()),
            "customer": load(connection, "customer", self._customers()),
            "deleted": load(connection, "deleted", self._deleted(deleted_after, read_at)),
        }
        connection.execute(
            "UPDATE receipt SET object = 'ARPYMT ARADVANCE' WHERE record_no IN (SELECT unnest(?::BIGINT[]))",
            [self._again],
        )
        load(connection, "journal", self._journals(connection))
        self._place(connection)
        return counts

    def _invoices(self) -> Iterator[tuple[Any, ...]]:
        for page in _pages(self._records("ARINVOICE", invoice_fields(self.document_key))):
            invoices = [read_invoice(one, self.books.company_currency, self.document_key) for one in page]
            entities = self._entities("ARINVOICEITEM", [i.record_no for i in invoices if not i.entity_id])
            for one in invoices:
                base = one.base_balance or one.balance
                yield (
                    int(one.record_no),
                    one.number,
                    one.customer_id,
                    one.entity_id or entities.get(one.record_no, ""),
                    one.balance.currency,
                    one.base_currency or one.balance.currency,
                    _standing(one),
                    one.total.minor,
                    one.balance.minor,
                    base.minor,
                    one.document_key,
                    one.reference,
                    one.posting_date or one.invoice_date,
                    one.modified_at,
                    one.url,
                    deal_of_key(one.document_key),
                )

    def _adjustments(self) -> Iterator[tuple[Any, ...]]:
        for page in _pages(self._records("ARADJUSTMENT", Adjustment.FIELDS)):
            items = by_document(
                read_by(self.intacct, "ARADJUSTMENTITEM", Line.FIELDS, "RECORDKEY", [str(r["RECORDNO"]) for r in page])
            )
            for record in page:
                own = items.get(str(record["RECORDNO"]), [])
                currency = optional(record, "CURRENCY") or self.books.company_currency
                lines = lines_of(own, company_currency=currency).get(str(record["RECORDNO"]), ())
                one = Adjustment.from_wire(record, lines, company_currency=self.books.company_currency)
                yield (
                    int(one.record_no),
                    one.number,
                    one.customer_id,
                    one.entity_id or self._entity(one.lines[0].location_id if one.lines else ""),
                    one.balance.currency,
                    one.base_currency or one.balance.currency,
                    one.total.minor,
                    one.balance.minor,
                    _base(record, "TOTALDUE", one.base_currency, one.balance),
                    one.counts,
                    one.is_write_off(self.books.bad_debt_accounts),
                    one.posting_date or one.adjustment_date,
                    one.modified_at,
                )

    def _applications(self) -> Iterator[tuple[Any, ...]]:
        for record in self._records("ARPYMTDETAIL", Application.FIELDS):
            for one in Application.from_wire(record, company_currency=self.books.company_currency):
                yield (
                    int(one.record_no),
                    _number(one.invoice_id),
                    _number(one.payment_id),
                    one.source,
                    _number(one.source_id),
                    one.amount.minor,
                    one.amount.currency,
                    one.counts,
                    one.applied_on,
                    one.modified_at,
                )

    def _receipts(self) -> Iterator[tuple[Any, ...]]:
        """ARPYMT may list advances as well; of ARADVANCE only those come after it that it does not list. ``_again`` has
        the others."""
        seen: set[int] = set()
        self._again: list[int] = []
        for object_name, kind in (("ARPYMT", Payment), ("ARADVANCE", Advance)):
            for record in self._records(object_name, kind.FIELDS):
                one = kind.from_wire(record, company_currency=self.books.company_currency)
                number = int(one.record_no)
                if isinstance(one, Payment) and one.is_advance:
                    seen.add(number)
                if isinstance(one, Advance) and number in seen:
                    self._again.append(number)
                    continue
                yield (
                    number,
                    one.reference,
                    one.customer_id,
                    one.entity_id,
                    one.unapplied.currency,
                    one.base_currency or one.unapplied.currency,
                    one.total.minor,
                    one.unapplied.minor,
                    _base(record, "TOTALDUE", one.base_currency, one.unapplied),
                    one.counts,
                    one.received,
                    one.modified_at,
                    object_name,
                    one.url,
                )

    def _customers(self) -> Iterator[tuple[Any, ...]]:
        for record in iter_query(self.intacct, "CUSTOMER", ("CUSTOMERID", "RECORD_URL")):
            yield optional(record, "CUSTOMERID"), optional(record, "RECORD_URL")

    def _journals(self, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
        """The batches of journals that were entered by hand."""
        query = "SELECT DISTINCT batch_key FROM control WHERE module = '2.GL' AND batch_key IS NOT NULL ORDER BY 1"
        for keys in chunks(str(key) for (key,) in connection.execute(query).fetchall()):
            for record in iter_query(self.intacct, "GLBATCH", ("RECORDNO", "RECORD_URL"), is_in("RECORDNO", keys)):
                yield int(str(record["RECORDNO"])), optional(record, "RECORD_URL")

    def _control(self) -> Iterator[tuple[Any, ...]]:
        fields = (
            *("ACCOUNTNO", "LOCATIONID", "CUSTOMERID", "BASECURR", "CURRENCY", "DEBITAMOUNT", "CREDITAMOUNT"),
            *("MODULEKEY", "RECORDID", "BATCH_NO", "BATCHKEY", "ENTRY_DATE"),
        )
        accounts = is_in("ACCOUNTNO", sorted(self.control_accounts))
        for record in iter_query(self.intacct, "GLDETAIL", fields, accounts):
            entity = self._entity(optional(record, "LOCATIONID"))
            known = self.books.entities.get(entity)
            currency = (
                optional(record, "BASECURR")
                or (known.base_currency if known else "")
                or self.books.company_currency
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
                _number(optional(record, "BATCHKEY")),
            )

    def _deleted(self, since: datetime, until: datetime) -> Iterator[tuple[Any, ...]]:
        for object_name in _SWEPT:
            try:
                gone = deleted_since(self.intacct, object_name, since, until)
            except AuthError:
                return
            for one in gone:
                yield object_name, _number(one.record_no), one.deleted_at

    def _place(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The entity of receipts entered at the top level: that of what they paid, else the only one of their base
        currency."""
        connection.execute("""
            UPDATE receipt SET entity_id = p.entity_id FROM (
                SELECT a.payment_no, min(i.entity_id) AS entity_id FROM application a
                JOIN invoice i ON i.record_no = a.invoice_no GROUP BY a.payment_no) p
            WHERE receipt.entity_id = '' AND p.payment_no = receipt.record_no""")
        by_currency: dict[str, list[str]] = {}
        for entity_id, entity in self.books.entities.items():
            by_currency.setdefault(entity.base_currency, []).append(entity_id)
        for currency, entities in by_currency.items():
            if len(entities) == 1:
                connection.execute(
                    "UPDATE receipt SET entity_id = ? WHERE entity_id = '' AND base_currency = ?",
                    [entities[0], currency],
                )

    def _records(self, object_name: str, fields: Sequence[str]) -> Iterator[Record]:
        offset = utc_offset(self.intacct)
        for record in iter_query(self.intacct, object_name, fields):
            yield in_utc(record, offset)

    def _entities(self, object_name: str, ownerless: Sequence[str]) -> dict[str, str]:
        if not ownerless:
            return {}
        first = all_of(is_in("RECORDKEY", ownerless), equal("LINE_NO", 0))
        lines = iter_query(self.intacct, object_name, ("RECORDKEY", "LOCATIONID"), first)
        return {optional(one, "RECORDKEY"): self._entity(optional(one, "LOCATIONID")) for one in lines}

    def _entity(self, location: str) -> str:
        if not hasattr(self, "_of_locations"):
            self._of_locations = get_entity_of_locations(self.intacct)
        found = self._of_locations.get(location)
        if found:
            return found.entity_id
        return next(iter(self.books.entities)) if len(self.books.entities) == 1 else ""


def deal_of_key(key: str) -> int | None:
    """The deal that Tieout's key names; ``None`` for a document that Tieout did not make for one deal."""
    found = _KEY.fullmatch(key)
    return int(found[1]) if found else None


def _standing(invoice: Invoice) -> str:
    if invoice.state.lower() in REVERSED:
        return "reversed"
    return "live" if invoice.is_live else "draft"


def _base(record: Record, name: str, base_currency: str, trx: Money) -> int:
    return Money.of(optional(record, name) or "0", base_currency).minor if base_currency else trx.minor


def _number(text: str) -> int | None:
    return formats.read_int(text) if text else None


def _pages(items: Iterable[T], size: int = _AT_ONCE) -> Iterator[list[T]]:
    waiting = iter(items)
    while page := list(islice(waiting, size)):
        yield page
