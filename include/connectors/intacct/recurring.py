"""Recurring invoices: what a customer will be invoiced for, when next, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from include.connectors.intacct import formats
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import Wire, amount, day, is_active, moment, optional, required
from include.connectors.intacct.filters import Filter, all_of, at_least, at_most, is_in, is_not_null
from include.connectors.intacct.lines import Line, by_document, chunks, in_batches, lines_of, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.reference import get_entity_of_locations
from include.connectors.intacct.reference_records import Entity
from include.connectors.intacct.replies import Record
from include.core.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringInvoice:
    """An ARRECURINVOICE: every ``repeat_interval`` of ``repeat_by`` (Days, Weeks, Months, Quarters, Years) from
    ``start`` on, until ``end`` or ``repeat_count`` times (``None``: no end). ``next_date`` is when the next invoice is
    made, ``last_date`` when the last one was. ``total`` is what each invoice comes to. ``entity_id`` is the owning
    entity, ``""`` at the top level; its lines' locations say whose books."""

    record_no: str
    number: str
    customer_id: str
    active: bool
    total: Money
    start: date | None
    end: date | None
    next_date: date | None
    last_date: date | None
    repeat_by: str
    repeat_interval: int
    repeat_count: int | None
    times_executed: int
    lines: tuple[Line, ...] = ()
    reference: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    contract_id: str = ""
    contract_description: str = field(default="", repr=False)
    term_name: str = ""
    entity_id: str = ""
    modified_at: datetime | None = None

    FIELDS = (
        "RECORDNO",
        "RECORDID",
        "CUSTOMERID",
        "STATUS",
        "CURRENCY",
        "TOTALENTERED",
        "TRX_TOTALENTERED",
        "STARTDATE",
        "ENDDATE",
        "NEXTEXECDATE",
        "LASTEXECDATE",
        "REPEATBY",
        "REPEATINTERVAL",
        "REPEATCOUNT",
        "EXECCOUNT",
        "DOCNUMBER",
        "DESCRIPTION",
        "CONTRACTID",
        "CONTRACTDESC",
        "TERMNAME",
        "MEGAENTITYID",
        "WHENMODIFIED",
    )

    @classmethod
    def from_wire(cls, record: Wire, lines: tuple[Line, ...], *, currency: str) -> RecurringInvoice:
        """``currency`` is the currency that the invoice will have; the record names its own only where that differs
        from the books'."""
        return cls(
            record_no=required(record, "RECORDNO"),
            number=optional(record, "RECORDID"),
            customer_id=required(record, "CUSTOMERID"),
            active=is_active(record),
            total=amount(record, "TOTALENTERED", currency),
            start=day(record, "STARTDATE"),
            end=day(record, "ENDDATE"),
            next_date=day(record, "NEXTEXECDATE"),
            last_date=day(record, "LASTEXECDATE"),
            repeat_by=optional(record, "REPEATBY"),
            repeat_interval=formats.read_int(optional(record, "REPEATINTERVAL")) or 1,
            repeat_count=formats.read_int(optional(record, "REPEATCOUNT")),
            times_executed=formats.read_int(optional(record, "EXECCOUNT")) or 0,
            lines=lines,
            reference=optional(record, "DOCNUMBER"),
            description=optional(record, "DESCRIPTION"),
            contract_id=optional(record, "CONTRACTID"),
            contract_description=optional(record, "CONTRACTDESC"),
            term_name=optional(record, "TERMNAME"),
            entity_id=optional(record, "MEGAENTITYID"),
            modified_at=moment(record, "WHENMODIFIED"),
        )


def iter_recurring_invoices(
    client: IntacctClient,
    *,
    due_from: date | None = None,
    due_until: date | None = None,
    customer_ids: Iterable[str] | None = None,
    active_only: bool = True,
    company_currency: str = "",
) -> Iterator[RecurringInvoice]:
    """The recurring invoices whose next date lies from ``due_from`` to ``due_until``, both included (all of them where
    neither is given), with their lines.

    A record that names no currency has that of its entity, else of its first line's, else ``company_currency``;
    ``InvariantError`` where nothing tells. One query per 500 for lines, one request for entities where one is needed.
    """
    conditions: list[Filter] = [at_least("NEXTEXECDATE", due_from)] if due_from else []
    conditions += [at_most("NEXTEXECDATE", due_until)] if due_until else []
    groups = [is_not_null("CUSTOMERID")]
    if customer_ids is not None:
        groups = [is_in("CUSTOMERID", chunk) for chunk in chunks(customer_ids)]
    currencies = _Currencies(client, company_currency)
    for group in groups:
        heads = iter_query(client, "ARRECURINVOICE", RecurringInvoice.FIELDS, all_of(*conditions, group))
        wanted = (head for head in heads if is_active(head) or not active_only)
        for batch in in_batches(wanted):
            yield from _with_lines(client, batch, currencies)


def get_recurring_invoices(
    client: IntacctClient, record_numbers: Iterable[str], *, company_currency: str = ""
) -> list[RecurringInvoice]:
    """These recurring invoices, whether active or not, with their lines; by RECORDNO, those that exist."""
    currencies = _Currencies(client, company_currency)
    heads = read_by(client, "ARRECURINVOICE", RecurringInvoice.FIELDS, "RECORDNO", record_numbers)
    return [one for batch in in_batches(heads) for one in _with_lines(client, batch, currencies)]


class _Currencies:
    """The currency of a recurring invoice; asks for the entities once, and only if some record needs them."""

    def __init__(self, client: IntacctClient, company_currency: str) -> None:
        self._client = client
        self._company = company_currency
        self._entities: dict[str, Entity] | None = None

    def of(self, head: Record, lines: list[Record]) -> str:
        own = optional(head, "CURRENCY") or next((optional(one, "CURRENCY") for one in lines), "")
        if own:
            return own
        if self._entities is None:
            self._entities = get_entity_of_locations(self._client)
        places = (optional(head, "MEGAENTITYID"), *(optional(line, "LOCATIONID") for line in lines))
        entity = next((self._entities[place] for place in places if place in self._entities), None)
        return (entity.currency if entity else "") or self._company or required(head, "CURRENCY")


def _with_lines(client: IntacctClient, heads: list[Record], currencies: _Currencies) -> Iterator[RecurringInvoice]:
    numbers = [str(head["RECORDNO"]) for head in heads]
    records = read_by(client, "ARRECURINVOICEENTRY", Line.FIELDS, "RECORDKEY", numbers)
    of_head = by_document(records)
    currency = {str(head["RECORDNO"]): currencies.of(head, of_head.get(str(head["RECORDNO"]), [])) for head in heads}
    lines = lines_of(records, currency_of=currency)
    for head in heads:
        number = str(head["RECORDNO"])
        yield RecurringInvoice.from_wire(head, lines.get(number, ()), currency=currency[number])
