"""AP bills with their lines: read only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.documents import HEADER_FIELDS, Document, header
from include.connectors.intacct.fields import Wire, flag, optional, required, required_day
from include.connectors.intacct.filters import Filter, all_of, at_least, at_most, is_in, is_not_null
from include.connectors.intacct.lines import Line, chunks, in_batches, lines_of, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.replies import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill(Document):
    """An APBILL. ``number`` is the vendor's bill number, unique for the vendor only; ``bill_date`` is what the object
    calls WHENCREATED."""

    vendor_id: str
    vendor_name: str
    bill_date: date
    on_hold: bool
    lines: tuple[Line, ...] = ()

    FIELDS = (*HEADER_FIELDS, "VENDORID", "VENDORNAME", "ONHOLD")

    @classmethod
    def from_wire(cls, record: Wire, lines: tuple[Line, ...] = (), *, company_currency: str = "") -> Bill:
        """``company_currency`` stands in where the company has one currency only and its bills name none."""
        return cls(
            **header(record, company_currency),
            vendor_id=required(record, "VENDORID"),
            vendor_name=optional(record, "VENDORNAME"),
            bill_date=required_day(record, "WHENCREATED"),
            on_hold=flag(record, "ONHOLD"),
            lines=lines,
        )


def get_bills(client: IntacctClient, record_numbers: Iterable[str | int], *, company_currency: str = "") -> list[Bill]:
    """The bills of these record numbers that exist, with their lines."""
    heads = read_by(client, "APBILL", Bill.FIELDS, "RECORDNO", record_numbers)
    return list(_with_lines(client, heads, company_currency))


def iter_bills_changed(
    client: IntacctClient, since: datetime, until: datetime, *, company_currency: str = ""
) -> Iterator[Bill]:
    """The bills whose headers changed in [since, until), with their lines; see ``changes.iter_changed``."""
    yield from _with_lines(client, iter_changed(client, "APBILL", Bill.FIELDS, since, until), company_currency)


def iter_bills(
    client: IntacctClient,
    *,
    vendor_ids: Iterable[str] | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    company_currency: str = "",
) -> Iterator[Bill]:
    """The bills dated from ``from_date`` to ``to_date``, both included, with their lines, drafts and reversed ones
    among them (``is_live``): of everybody, or of these vendors. One query per 500 bills for lines."""
    conditions: list[Filter] = [at_least("WHENCREATED", from_date)] if from_date else []
    conditions += [at_most("WHENCREATED", to_date)] if to_date else []
    groups = [is_not_null("VENDORID")]
    if vendor_ids is not None:
        groups = [is_in("VENDORID", chunk) for chunk in chunks(vendor_ids)]
    for group in groups:
        heads = iter_query(client, "APBILL", Bill.FIELDS, all_of(*conditions, group))
        yield from _with_lines(client, heads, company_currency)


def _with_lines(client: IntacctClient, heads: Iterable[Record], company_currency: str) -> Iterator[Bill]:
    for group in in_batches(heads):
        numbers = [str(head["RECORDNO"]) for head in group]
        records = read_by(client, "APBILLITEM", Line.FIELDS, "RECORDKEY", numbers)
        currency = {str(head["RECORDNO"]): optional(head, "CURRENCY") or company_currency for head in group}
        lines = lines_of(records, company_currency=company_currency, currency_of=currency)
        for head in group:
            own = lines.get(str(head["RECORDNO"]), ())
            yield Bill.from_wire(head, own, company_currency=company_currency)
