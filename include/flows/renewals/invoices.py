"""Invoices whose lines have a revenue term: a contract that was invoiced once, for the whole of its term.

Such a contract is named ``invoice-<RECORDNO>-<last day of the term>``; lines of one invoice that end together are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import Wire, amount, currencies, day, flag, optional, required
from include.connectors.intacct.filters import all_of, at_least, between, is_in
from include.connectors.intacct.lines import PARENT, by_document, read_by
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.records import Invoice
from include.core.calendar import add_months
from include.core.money import EXACT, round_half_up
from include.core.recurrence import whole_months
from include.flows.renewals.records import Contract, ContractLine, Schedule

_DAY = timedelta(days=1)
_NEAR = timedelta(days=31)
_BILLED_EARLY = timedelta(days=183)
"""How long before its term a renewal may have been invoiced already."""
_HEAD = (*Invoice.FIELDS, "SYSTEMGENERATED")
_LINE = (
    PARENT,
    "LINE_NO",
    "AMOUNT",
    "TRX_AMOUNT",
    "CURRENCY",
    "BASECURR",
    "ITEMID",
    "ENTRYDESCRIPTION",
    "LOCATIONID",
    "REVRECSTARTDATE",
    "REVRECENDDATE",
)


@dataclass(frozen=True, slots=True)
class InvoiceTerm:
    """The id of such a contract, read."""

    invoice_no: str
    end: date

    @property
    def contract_id(self) -> str:
        return f"invoice-{self.invoice_no}-{self.end.isoformat()}"

    @classmethod
    def named(cls, contract_id: str) -> InvoiceTerm | None:
        """``None`` for the id of a recurring invoice, or any other text."""
        kind, _, rest = contract_id.partition("-")
        number, _, end = rest.partition("-")
        try:
            return cls(number, date.fromisoformat(end)) if kind == "invoice" else None
        except ValueError:
            return None


def find_invoice_terms(intacct: IntacctClient, first: date, last: date, months: int) -> Iterator[str]:
    """The ids of the contracts whose term of at least ``months`` is over so that a new one starts from ``first`` to
    ``last``."""
    ends = between("REVRECENDDATE", first - _DAY, last - _DAY)
    found = dict[str, None]()
    for line in iter_query(intacct, "ARINVOICEITEM", (PARENT, "REVRECSTARTDATE", "REVRECENDDATE"), ends):
        start, end = day(line, "REVRECSTARTDATE"), day(line, "REVRECENDDATE")
        if start and end and add_months(start, months) <= end + _DAY:
            found[InvoiceTerm(required(line, PARENT), end).contract_id] = None
    yield from found


def read_invoice_terms(
    intacct: IntacctClient, ids: Iterable[str], entity_of: Mapping[str, str], company_currency: str
) -> list[Contract]:
    """These contracts. Invoices that are no longer in the books, and those that Intacct made from a recurring invoice,
    are left out. Four requests for 1,000 invoices."""
    terms = [term for one in ids if (term := InvoiceTerm.named(one)) is not None]
    if not terms:
        return []
    heads = {
        required(head, "RECORDNO"): head
        for head in read_by(intacct, "ARINVOICE", _HEAD, "RECORDNO", {term.invoice_no for term in terms})
        if not flag(head, "SYSTEMGENERATED") and _counts(head, company_currency)
    }
    lines = by_document(read_by(intacct, "ARINVOICEITEM", _LINE, PARENT, heads))
    later = _later_lines(intacct, heads, min(term.end for term in terms), company_currency)
    contracts = []
    for term in terms:
        its = [line for line in lines.get(term.invoice_no, ()) if day(line, "REVRECENDDATE") == term.end]
        if term.invoice_no in heads and its:
            head = heads[term.invoice_no]
            contracts.append(_contract(term, head, its, later, entity_of, company_currency))
    return contracts


def _counts(head: Wire, company_currency: str) -> bool:
    return Invoice.from_wire(head, company_currency=company_currency).is_live


def _later_lines(
    intacct: IntacctClient, heads: Mapping[str, Wire], ends: date, company_currency: str
) -> dict[str, list[tuple[Wire, Wire]]]:
    """Customer id -> (invoice, line) of what the same customers were invoiced for since shortly before ``ends``."""
    customers = sorted({required(head, "CUSTOMERID") for head in heads.values()})
    recent = (
        all_of(is_in("CUSTOMERID", customers), at_least("WHENCREATED", ends - _BILLED_EARLY)) if customers else None
    )
    found = {
        required(head, "RECORDNO"): head
        for head in (iter_query(intacct, "ARINVOICE", _HEAD, recent) if recent else ())
        if Invoice.from_wire(head, company_currency="USD").is_live
    }
    lines = defaultdict[str, list[tuple[Wire, Wire]]](list)
    for number, its in by_document(read_by(intacct, "ARINVOICEITEM", _LINE, PARENT, found)).items():
        lines[required(found[number], "CUSTOMERID")] += [(found[number], line) for line in its]
    return dict(lines)


def _contract(
    term: InvoiceTerm,
    head: Wire,
    lines: Sequence[Wire],
    later: Mapping[str, Sequence[tuple[Wire, Wire]]],
    entity_of: Mapping[str, str],
    company_currency: str,
) -> Contract:
    currency, _ = currencies(head, company_currency)
    start = min(day(line, "REVRECSTARTDATE") or term.end for line in lines)
    months = whole_months(start, term.end)
    days = (term.end - start).days + 1
    unit, interval = ("Months", months) if months else ("Days", days)
    customer = required(head, "CUSTOMERID")
    items = {optional(line, "ITEMID") for line in lines}
    places = (optional(head, "MEGAENTITYID"), *(optional(line, "LOCATIONID") for line in lines))
    return Contract(
        record_no=term.contract_id,
        number=optional(head, "RECORDID"),
        customer_id=customer,
        entity_id=next((entity_of.get(place, place) for place in places if place), ""),
        currency=currency,
        schedule=Schedule(True, start, None, None, None, unit, interval, 1, 1),
        lines=tuple(_line(line, months, days, term.end, currency) for line in lines),
        kind="Invoice",
        renewed_by=_renewed_by(term, items, later.get(customer, ())),
    )


def _line(line: Wire, months: int, days: int, end: date, currency: str) -> ContractLine:
    """A line that began later than the others (an upgrade, billed to the common end) renews for the whole term."""
    net = amount(line, "AMOUNT", currency)
    start = day(line, "REVRECSTARTDATE") or end
    its_months, its_days = whole_months(start, end), (end - start).days + 1
    whole, part = (months, its_months) if months and its_months else (days, its_days)
    if whole != part:
        net = round_half_up(EXACT.divide(EXACT.multiply(net.amount, Decimal(whole)), Decimal(part)), currency)
    return ContractLine(required(line, "RECORDNO"), optional(line, "ITEMID"), optional(line, "ENTRYDESCRIPTION"), net)


def _renewed_by(term: InvoiceTerm, items: Collection[str], later: Iterable[tuple[Wire, Wire]]) -> str:
    """The number of another invoice that bills one of these items from about the day after the term."""
    starts = term.end + _DAY
    for head, line in later:
        start = day(line, "REVRECSTARTDATE")
        same = optional(line, "ITEMID") in items and required(head, "RECORDNO") != term.invoice_no
        if same and start is not None and abs(start - starts) <= _NEAR:
            return optional(head, "RECORDID") or required(head, "RECORDNO")
    return ""
