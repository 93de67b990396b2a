"""Lines of invoices, adjustments, bills and recurring invoices, read for many of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType

from include.connectors.intacct import formats
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import Wire, amount, currencies, optional, required
from include.connectors.intacct.filters import MAX_IN, is_in
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.replies import Record
from include.core.money import Money

PARENT = "RECORDKEY"
HEADS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line. ``document_no`` is the header's RECORDNO; ``line_no`` counts from 0 as Intacct does. ``amount`` and
    ``paid`` are in the transaction's currency. ``location_id`` says whose books it is in.

    ``tax`` is that of its tax entries, ``None`` where Intacct shows none; ``tax_key`` is the key of the (first) tax
    detail, ``tax_detail`` its id, where it was asked for."""

    record_no: str
    document_no: str
    line_no: int
    amount: Money
    paid: Money
    account: str = ""
    account_label: str = ""
    item_id: str = ""
    memo: str = field(default="", repr=False)
    location_id: str = ""
    department_id: str = ""
    class_id: str = ""
    project_id: str = ""
    customer_id: str = ""
    contract_id: str = ""
    tax: Money | None = None
    tax_key: str = ""
    tax_detail: str = ""

    FIELDS = (
        "RECORDNO",
        PARENT,
        "LINE_NO",
        "AMOUNT",
        "TRX_AMOUNT",
        "TOTALPAID",
        "TRX_TOTALPAID",
        "CURRENCY",
        "BASECURR",
        "ACCOUNTNO",
        "ACCOUNTLABEL",
        "ITEMID",
        "ENTRYDESCRIPTION",
        "LOCATIONID",
        "DEPARTMENTID",
        "CLASSID",
        "PROJECTID",
        "CUSTOMERID",
        "CONTRACTID",
    )
    TAXABLE_FIELDS = (*FIELDS, "LINEITEM", "PARENTENTRY")
    """Of invoices and adjustments, whose tax entries may stand among the lines."""

    @classmethod
    def from_wire(cls, record: Wire, *, company_currency: str = "") -> Line:
        """``company_currency`` stands in where the line names no currency: its header's."""
        currency, _ = currencies(record, company_currency)
        return cls(
            record_no=required(record, "RECORDNO"),
            document_no=required(record, PARENT),
            line_no=formats.read_int(optional(record, "LINE_NO")) or 0,
            amount=amount(record, "AMOUNT", currency),
            paid=amount(record, "TOTALPAID", currency),
            account=optional(record, "ACCOUNTNO"),
            account_label=optional(record, "ACCOUNTLABEL"),
            item_id=optional(record, "ITEMID"),
            memo=optional(record, "ENTRYDESCRIPTION"),
            location_id=optional(record, "LOCATIONID"),
            department_id=optional(record, "DEPARTMENTID"),
            class_id=optional(record, "CLASSID"),
            project_id=optional(record, "PROJECTID"),
            customer_id=optional(record, "CUSTOMERID"),
            contract_id=optional(record, "CONTRACTID"),
        )


def read_by(
    client: IntacctClient, object_name: str, fields: Sequence[str], field: str, values: Iterable[str | int]
) -> list[Record]:
    """The records whose ``field`` is among ``values``, one query per 1,000. Raises what ``iter_query`` raises."""
    return [
        record for chunk in chunks(values) for record in iter_query(client, object_name, fields, is_in(field, chunk))
    ]


def chunks(values: Iterable[str | int], size: int = MAX_IN) -> list[list[str]]:
    """The distinct values as texts, in lists that one condition can hold."""
    texts = list(dict.fromkeys(str(value) for value in values))
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def in_batches(heads: Iterable[Record], size: int = HEADS_AT_ONCE) -> Iterator[list[Record]]:
    """Header records in the groups that their lines are read for; one group is in memory at a time."""
    waiting = iter(heads)
    while group := list(islice(waiting, size)):
        yield group


def by_document(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Line records by the RECORDNO of their header, in the order of their lines."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[required(record, PARENT)].append(record)
    for lines in found.values():
        lines.sort(key=lambda line: (int(optional(line, "LINE_NO") or 0), int(required(line, "RECORDNO"))))
    return dict(found)


def lines_of(
    records: Iterable[Record], *, company_currency: str = "", currency_of: Mapping[str, str] = MappingProxyType({})
) -> dict[str, tuple[Line, ...]]:
    """The same as ``Line``. ``currency_of`` says the currency of a header by its RECORDNO, for lines that name none."""
    return {
        number: _with_taxes(lines, currency_of.get(number) or company_currency)
        for number, lines in by_document(records).items()
    }


def is_tax_line(record: Wire) -> bool:
    """Whether it is the tax entry of another line. Which lines Intacct shows them among is not documented; those that
    were entered say ``T``."""
    return optional(record, "LINEITEM").upper() == "F" and bool(optional(record, "PARENTENTRY"))


def _with_taxes(records: Sequence[Record], company_currency: str) -> tuple[Line, ...]:
    """The lines that were entered, each with the sum of its tax entries."""
    own = [Line.from_wire(record, company_currency=company_currency) for record in records if not is_tax_line(record)]
    taxes = [record for record in records if is_tax_line(record)]
    if not taxes:
        return tuple(own)
    found = {line.record_no: line for line in own}
    for record in taxes:
        entry = Line.from_wire(record, company_currency=company_currency)
        line = found.get(optional(record, "PARENTENTRY"))
        if line is None:
            found[entry.record_no] = entry
        else:
            found[line.record_no] = replace(
                line,
                tax=line.tax + entry.amount if line.tax else entry.amount,
                paid=line.paid + entry.paid,
                tax_key=line.tax_key or optional(record, "DETAILKEY"),
            )
    return tuple(found.values())
