"""AR ageing as of any day: what was open then, invoice by invoice, and how long it was overdue. Pure.

What was received and applied to nothing has a column of its own (``revenue_unapplied``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from include.connectors.intacct.fields import Wire, day, moment, optional, required
from include.core.as_of import Entry, balance_as_of
from include.core.money import Money
from include.reports.revenue_actuals import REVERSED_SUFFIX
from include.reports.revenue_books import SOURCES, BooksRead
from include.reports.revenue_ground import Shares, is_filled
from include.reports.tables import Column, Table

UNAPPLIED = "unapplied money"
BUCKETS = ("not due", "1-30", "31-60", "61-90", "over 90", "unapplied credit", UNAPPLIED)
COLUMNS = (
    Column("entity"),
    Column("customer"),
    Column("customer_name"),
    Column("number"),
    Column("posted", "date"),
    Column("due", "date"),
    Column("days_overdue", "int"),
    Column("bucket"),
    Column("currency"),
    Column("open_minor", "minor"),
    Column("unapplied_minor", "minor"),
    Column("base_currency"),
    Column("open_base_minor", "minor", currency_column="base_currency"),
    Column("unapplied_base_minor", "minor", currency_column="base_currency"),
    Column("deal_id"),
    Column("object"),
    Column("record_no"),
    Column("url"),
)
MoneyOf = Callable[[Wire, str, str], tuple[Money, Money]]


def bucket_of(days_overdue: int) -> str:
    """Calendar days since the due date; on the due date itself nothing is overdue."""
    return BUCKETS[0] if days_overdue <= 0 else BUCKETS[min((days_overdue - 1) // 30 + 1, 4)]


def ageing(
    books: BooksRead, as_of: date, money: MoneyOf, entities: Mapping[str, str], deals: Mapping[str, Shares]
) -> Table:
    """What was open at the end of ``as_of`` by posting date: applications made or reversed later do not count.

    Credit memos count with what of them was not applied. ``money``: a record's field in both currencies, for an entity;
    ``entities``: record number -> its entity.
    """
    roots = _roots(books.invoices)
    entries: dict[str, list[Entry]] = defaultdict(list)
    in_base: dict[str, list[Entry]] = defaultdict(list)

    def put(record_no: str, record: Wire, name: str, on: date, sign: int) -> None:
        booked_in = optional(heads[record_no][1], "BASECURR") or optional(record, "BASECURR")
        amount, base = money({**record, "BASECURR": booked_in}, name, entities.get(record_no, ""))
        entered = moment(record, "AUWHENCREATED") or datetime.combine(on, time(), UTC)
        entries[record_no].append(Entry(on, entered, amount if sign > 0 else -amount))
        in_base[record_no].append(Entry(on, entered, base if sign > 0 else -base))

    heads: dict[str, tuple[str, Wire]] = {}
    for kind, records in (("ARINVOICE", books.invoices), ("ARADJUSTMENT", books.credits)):
        for head in records:
            record_no = roots.get(required(head, "RECORDNO"), required(head, "RECORDNO"))
            heads.setdefault(record_no, (kind, head))
            put(record_no, head, "TOTALENTERED", _posted(head), 1)
    for detail in books.details:
        on = day(detail, "PAYMENTDATE") or date.min
        target = optional(detail, "RECORDKEY") or optional(detail, "POSADJKEY")
        for source in SOURCES:
            if target in heads and is_filled(detail, f"{source}AMOUNT"):
                put(target, detail, f"{source}AMOUNT", on, -1)
        memo = optional(detail, "ADJUSTMENTKEY")
        if memo in heads:
            put(memo, detail, "ADJUSTMENTAMOUNT", on, 1)
    names = {optional(one, "CUSTOMERID"): optional(one, "CUSTOMERNAME") for one in books.invoices}
    rows = []
    for record_no, (kind, head) in heads.items():
        currency, base_currency = entries[record_no][0].amount.currency, in_base[record_no][0].amount.currency
        still = balance_as_of(entries[record_no], as_of, currency)
        base = balance_as_of(in_base[record_no], as_of, base_currency)
        if still.is_zero and base.is_zero:
            continue
        due = day(head, "WHENDUE") or _posted(head)
        late = (as_of - due).days
        bucket = BUCKETS[5] if still.is_negative else bucket_of(late)
        rows.append((
            entities.get(record_no, ""), optional(head, "CUSTOMERID"), names.get(optional(head, "CUSTOMERID"), ""),
            optional(head, "RECORDID"), _posted(head), due, max(late, 0), bucket, currency, still.minor, 0,
            base_currency, base.minor, 0, ", ".join(one for one in deals.get(record_no, {}) if one), kind, record_no,
            optional(head, "RECORD_URL"),
        ))  # fmt: skip
    return Table("ageing", COLUMNS, sorted(rows, key=lambda row: (row[0], row[8], -row[6], row[3])), "AR ageing")


def _roots(invoices: Sequence[Wire]) -> dict[str, str]:
    """Record number of a reversal -> of what it reverses."""
    number_of = {optional(one, "RECORDID"): required(one, "RECORDNO") for one in invoices}
    found = {}
    for one in invoices:
        original = number_of.get(optional(one, "RECORDID").removesuffix(REVERSED_SUFFIX), "")
        if original and optional(one, "RECORDID").endswith(REVERSED_SUFFIX):
            found[required(one, "RECORDNO")] = original
    return found


def _posted(head: Wire) -> date:
    return day(head, "WHENPOSTED") or day(head, "WHENCREATED") or date.min
