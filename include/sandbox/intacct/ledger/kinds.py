"""The kinds of documents that share the posting rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """``sign`` is 1 where a positive line debits the control account (receivables), -1 where it credits it."""

    object: str
    lines: str
    word: str
    party_object: str
    party: str
    term_object: str
    labels: str
    module: str
    module_key: str
    module_name: str
    record_type: str
    control: str
    party_control: str
    sign: int
    journal: str
    prefix: str
    party_title: str


INVOICE = Kind(
    "ARINVOICE",
    "ARINVOICEITEM",
    "invoice",
    "CUSTOMER",
    "CUSTOMERID",
    "ARTERM",
    "ARACCOUNTLABEL",
    "AR",
    "4.AR",
    "Accounts Receivable",
    "ri",
    "ar_account",
    "ARACCOUNT",
    1,
    "ARJ",
    "INV-",
    "Customer",
)
ADJUSTMENT = Kind(
    "ARADJUSTMENT",
    "ARADJUSTMENTITEM",
    "adjustment",
    "CUSTOMER",
    "CUSTOMERID",
    "ARTERM",
    "ARACCOUNTLABEL",
    "AR",
    "4.AR",
    "Accounts Receivable",
    "ra",
    "ar_account",
    "ARACCOUNT",
    1,
    "ARAJ",
    "ADJ-",
    "Customer",
)
BILL = Kind(
    "APBILL",
    "APBILLITEM",
    "bill",
    "VENDOR",
    "VENDORID",
    "APTERM",
    "APACCOUNTLABEL",
    "AP",
    "3.AP",
    "Accounts Payable",
    "pi",
    "ap_account",
    "APACCOUNT",
    -1,
    "APJ",
    "BILL-",
    "Vendor",
)
AP_ADJUSTMENT = Kind(
    "APADJUSTMENT",
    "APADJUSTMENTITEM",
    "adjustment",
    "VENDOR",
    "VENDORID",
    "APTERM",
    "APACCOUNTLABEL",
    "AP",
    "3.AP",
    "Accounts Payable",
    "pa",
    "ap_account",
    "APACCOUNT",
    -1,
    "APAJ",
    "APADJ-",
    "Vendor",
)
BY_OBJECT = {kind.object: kind for kind in (INVOICE, ADJUSTMENT, BILL, AP_ADJUSTMENT)}
