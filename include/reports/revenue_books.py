"""Reading from Sage Intacct all that the revenue report counts. One query a page; nothing of contacts is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.document_key import DocumentKey
from include.connectors.intacct.fields import NOT_POSTED, Wire, optional
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.zone import in_utc, read_moment, utc_offset

_HEAD = (
    "RECORDNO", "RECORDID", "STATE", "CUSTOMERID", "WHENCREATED", "WHENPOSTED", "CURRENCY", "BASECURR", "DOCNUMBER",
    "TOTALENTERED", "TRX_TOTALENTERED", "MEGAENTITYID", "MODULEKEY", "AUWHENCREATED", "WHENMODIFIED",
)  # fmt: skip
_INVOICE = (*_HEAD, "WHENDUE", "RECORD_URL", "CUSTOMERNAME")
_LINE = (
    "RECORDNO", "RECORDKEY", "LINE_NO", "AMOUNT", "TRX_AMOUNT", "CURRENCY", "BASECURR", "ACCOUNTNO", "ITEMID",
    "LOCATIONID", "WHENCREATED", "LINEITEM", "PARENTENTRY",
)  # fmt: skip
SOURCES = ("PAYMENT", "POSTEDADVANCE", "POSTEDOVERPAYMENT", "ADJUSTMENT", "NEGATIVEINVOICE", "INLINE", "DISCOUNT")
_DETAIL = (
    "RECORDNO", "PAYMENTKEY", "RECORDKEY", "ENTRYKEY", "POSADJKEY", "PAYMENTDATE", "CURRENCY", "STATE", "ADJUSTMENTKEY",
    "PARENTPAYMENTKEY", "POSTEDADVANCEKEY", "POSTEDOVERPAYMENTKEY", "WHENCREATED",
    *(f"{name}AMOUNT" for name in SOURCES), *(f"TRX_{name}AMOUNT" for name in SOURCES), "WHENMODIFIED",
)  # fmt: skip
_ADVANCE = (
    "RECORDNO", "RECORDTYPE", "STATE", "RECEIPTDATE", "CUSTOMERID", "DOCNUMBER", "TOTALDUE", "TRX_TOTALDUE", "CURRENCY",
    "BASECURR", "MEGAENTITYID", "WHENMODIFIED", "RECORD_URL",
)  # fmt: skip
_PAYMENT = (*_ADVANCE, "RECORDID", "AUWHENCREATED")
_POSTING = (
    "RECORDNO", "BATCHKEY", "ENTRY_DATE", "TR_TYPE", "AMOUNT", "TRX_AMOUNT", "ACCOUNTNO", "LOCATIONID", "CURRENCY",
    "BASECURR", "RECORDTYPE", "RECORDKEY", "CUSTOMERID", "ITEMID", "SYMBOL", "DESCRIPTION",
)  # fmt: skip
_SCHEDULE = ("RECORDNO", "RECORDKEY", "STATUS", "INVOICENO", "PRENTRYKEY")
_SCHEDULED = (
    "RECORDNO", "REVRECSCHEDULEKEY", "POSTED", "POSTINGDATE", "ACCOUNTNO", "AMOUNT", "TRX_AMOUNT", "CURRENCY",
    "BASECURR", "LOCATIONID", "GLBATCHKEY", "ITEMID", "WHENMODIFIED",
)  # fmt: skip
_AUDITED = {"ARINVOICEITEM", "ARADJUSTMENTITEM", "ARPYMTDETAIL", "GLBATCH"}
"""On heads WHENCREATED is the document's date, on lines and batches the moment of entry."""


@dataclass(frozen=True, slots=True)
class BooksRead:
    """Records as Intacct answered them, timestamps in UTC; drafts and what was declined are left out. ``entity_of``:
    location id -> id of its entity."""

    invoices: Sequence[Wire]
    invoice_lines: Sequence[Wire]
    credits: Sequence[Wire]
    credit_lines: Sequence[Wire]
    payments: Sequence[Wire]
    details: Sequence[Wire]
    postings: Sequence[Wire]
    batches: Sequence[Wire]
    schedules: Sequence[Wire]
    scheduled: Sequence[Wire]
    entity_of: dict[str, str]
    company_currency: str = ""
    document_key: str = ""


def read_books(
    intacct: IntacctClient, revenue_accounts: Sequence[str], key: DocumentKey
) -> Iterator[tuple[str, Iterator[Wire]]]:
    """Object after object of the company's receivables, its postings to the revenue accounts and its revenue schedules:
    one request for each 2,000 records, which are to be taken before the next object. Raises what ``iter_query``
    raises."""
    read = _Reader(intacct)
    yield "ARINVOICE", filter(_posted, read("ARINVOICE", (*_INVOICE, key.queried_field)))
    yield "ARINVOICEITEM", read("ARINVOICEITEM", _LINE)
    yield "ARADJUSTMENT", filter(_posted, read("ARADJUSTMENT", _HEAD))
    yield "ARADJUSTMENTITEM", read("ARADJUSTMENTITEM", _LINE)
    yield "ARPYMT", filter(_posted, read("ARPYMT", _PAYMENT))
    yield "ARADVANCE", filter(_posted, read("ARADVANCE", _ADVANCE))
    yield "ARPYMTDETAIL", filter(_posted, read("ARPYMTDETAIL", _DETAIL))
    yield "GLDETAIL", read("GLDETAIL", _POSTING, "ACCOUNTNO", revenue_accounts)
    yield "GLBATCH", read("GLBATCH", ("RECORDNO", "WHENCREATED", "MODULE", "RECORD_URL"))
    yield "REVRECSCHEDULE", read("REVRECSCHEDULE", _SCHEDULE)
    yield "REVRECSCHEDULEENTRY", read("REVRECSCHEDULEENTRY", _SCHEDULED)


def read_customers(intacct: IntacctClient) -> Iterator[tuple[str, str]]:
    """Customer ids and the addresses at which people see them. Raises what ``iter_query`` raises."""
    for one in iter_query(intacct, "CUSTOMER", ("CUSTOMERID", "RECORD_URL")):
        yield optional(one, "CUSTOMERID"), optional(one, "RECORD_URL")


class _Reader:
    def __init__(self, intacct: IntacctClient) -> None:
        self._intacct = intacct
        self._offset = utc_offset(intacct)

    def __call__(self, name: str, fields: Sequence[str], among: str = "", values: Sequence[str] = ()) -> Iterator[Wire]:
        chosen = is_in(among, values) if among else None
        wanted = tuple(dict.fromkeys(one for one in fields if one))
        audited = "WHENCREATED" if name in _AUDITED else ""
        for record in iter_query(self._intacct, name, wanted, chosen):
            found = in_utc(record, self._offset)
            entered = read_moment(optional(record, audited), self._offset) if audited else None
            yield {**found, audited: entered.isoformat()} if entered else found


def _posted(record: Wire) -> bool:
    return optional(record, "STATE").lower() not in NOT_POSTED
