"""Reading Intacct's side of the tie-out, page by page: documents and what settled them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import duckdb

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.applications import Application
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import NOT_POSTED, REVERSED, optional
from include.connectors.intacct.filters import all_of, equal, is_in
from include.connectors.intacct.invoices import invoice_fields, read_invoice
from include.connectors.intacct.lines import Line, by_document, lines_of, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.receipts import Advance, Payment
from include.connectors.intacct.records import Invoice
from include.connectors.intacct.replies import Record
from include.connectors.intacct.zone import in_utc, utc_offset
from include.core.books import Books
from include.core.money import Money
from include.reports.tie_out_ledger import (
    Places,
    number_of,
    place_receipts,
    read_control,
    read_customers,
    read_deleted,
    read_journals,
)
from include.reports.tie_out_tables import INTACCT, load, make_tables

T = TypeVar("T")
_AT_ONCE = 1000
_KEY = re.compile(r"hs-deal-(\d{1,18})-(?:invoice|b\d{8})(?:-\d+)?")


@dataclass
class IntacctReader:
    """``control_accounts`` are the GL accounts that receivables are booked on."""

    intacct: IntacctClient
    books: Books
    document_key: DocumentKey
    control_accounts: Collection[str]

    @cached_property
    def _places(self) -> Places:
        return Places(self.intacct, self.books)

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
            "control": load(connection, "control", read_control(self._places, self.control_accounts)),
            "customer": load(connection, "customer", read_customers(self.intacct)),
            "deleted": load(connection, "deleted", read_deleted(self.intacct, deleted_after, read_at)),
        }
        connection.execute(
            "UPDATE receipt SET object = 'ARPYMT ARADVANCE' WHERE record_no IN (SELECT unnest(?::BIGINT[]))",
            [self._again],
        )
        load(connection, "journal", read_journals(self.intacct, connection))
        place_receipts(connection, self.books)
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
                    (one.base_total or one.total).minor,
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
                    one.entity_id or self._places.entity(one.lines[0].location_id if one.lines else ""),
                    one.balance.currency,
                    one.base_currency or one.balance.currency,
                    one.total.minor,
                    one.balance.minor,
                    _base(record, "TOTALDUE", one.base_currency, one.balance),
                    one.counts,
                    one.is_write_off(self.books.bad_debt_accounts),
                    one.posting_date or one.adjustment_date,
                    one.modified_at,
                    _base(record, "TOTALENTERED", one.base_currency, one.total),
                    one.state.lower() not in NOT_POSTED,
                )

    def _applications(self) -> Iterator[tuple[Any, ...]]:
        for record in self._records("ARPYMTDETAIL", Application.FIELDS):
            for one in Application.from_wire(record, company_currency=self.books.company_currency):
                yield (
                    int(one.record_no),
                    number_of(one.invoice_id),
                    number_of(one.payment_id),
                    one.source,
                    number_of(one.source_id),
                    one.amount.minor,
                    one.amount.currency,
                    one.counts,
                    one.applied_on,
                    one.modified_at,
                    number_of(one.debit_memo_id),
                    one.state.lower() not in NOT_POSTED,
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
                    _base(record, "TOTALENTERED", one.base_currency, one.total),
                    one.state.lower() not in NOT_POSTED,
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
        return {optional(one, "RECORDKEY"): self._places.entity(optional(one, "LOCATIONID")) for one in lines}


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


def _pages(items: Iterable[T], size: int = _AT_ONCE) -> Iterator[list[T]]:
    waiting = iter(items)
    while page := list(islice(waiting, size)):
        yield page
