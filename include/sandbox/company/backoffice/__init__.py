"""The back office: what Brightwater's books hold beside the story, the same in every demo whatever its size or seed.

Hand-written, so that its ids can be relied on: vendors and their bills, recurring invoices, customers on hold or with a
credit limit, overdue invoices, advances, credit memos, a write-off, a returned payment, sales orders, invoices that
people entered by hand for deals won before the cut-over. None of it is the main job's business; ``README.md`` of the
sandbox lists it.
"""

from __future__ import annotations

from include.sandbox.company.backoffice.by_hand import BY_HAND
from include.sandbox.company.backoffice.customers import COMPANIES, CONTACTS, CUSTOMERS
from include.sandbox.company.backoffice.orders import ORDERS
from include.sandbox.company.backoffice.payables import PAYABLES
from include.sandbox.company.backoffice.receivables import RECEIVABLES
from include.sandbox.company.backoffice.recurring import RECURRING
from include.sandbox.company.backoffice.setup import SETUP
from include.sandbox.company.model import Unit


def backoffice() -> Unit:
    """The chapter, for the end of the story: no record of it takes a number that a record of the story would have."""
    return Unit(
        companies=COMPANIES,
        customers=CUSTOMERS,
        before=(*SETUP, *CONTACTS),
        after=(*RECEIVABLES, *RECURRING, *ORDERS, *PAYABLES, *BY_HAND),
    )
