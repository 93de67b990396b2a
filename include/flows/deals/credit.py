"""The credit memo that a won deal with a negative total becomes, by setting (accounting case 10). Pure."""

from __future__ import annotations

from include.core.decisions import Json, Write
from include.flows.deals.bill import Bill
from include.flows.deals.documents import MEMO, part_key
from include.flows.deals.records import DealRecord

CREDIT_PART = "credit"
_HEADER = (
    "customerid",
    "datecreated",
    "dateposted",
    "description",
    "basecurr",
    "currency",
    "exchratedate",
    "exchratetype",
    "taxsolutionid",
)
_RECOGNITION = ("revrectemplate", "defrevaccount", "revrecstartdate", "revrecenddate")


def credit_memo(record: DealRecord, bill: Bill, invoice: Json, customer_id: str, facts: Json, summary: str) -> Write:
    """From the payload of the invoice that it would have been: never a negative invoice. It is posted, not applied."""
    items = [
        {name: text for name, text in item.items() if name not in _RECOGNITION} for item in invoice["invoiceitems"]
    ]
    payload = {
        **{name: invoice[name] for name in _HEADER if name in invoice},
        "action": "Submit",
        "aradjustmentitems": items,
    }
    expect = {"TRX_TOTALENTERED": bill.total.text, "CURRENCY": bill.currency, "CUSTOMERID": customer_id}
    return Write(part_key(record.deal_id, MEMO, CREDIT_PART), payload, facts, expect, summary)
