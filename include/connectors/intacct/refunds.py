"""Money given back to customers, as the books show it by one of two methods. Intacct has no object for it.

``debit_memo``: an AR adjustment above zero whose lines are all on a refund account; its document number is the
invoice's. ``journal``: postings on a refund account with the customer as their dimension and the invoice's number as
their document, from a journal entry or a bill that is paid to the customer; debits give back, credits take it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from include.connectors.intacct.adjustments import Adjustment
from include.connectors.intacct.changes import iter_changed
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import amount, currencies, optional
from include.connectors.intacct.filters import Filter, all_of, greater, is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.receivables import get_adjustments
from include.core.money import Money

Method = Literal["debit_memo", "journal"]
_POSTING = ("RECORDNO", "ACCOUNTNO", "CUSTOMERID", "DOCUMENT", "CURRENCY", "BASECURR", "AMOUNT", "TRX_AMOUNT")


@dataclass(frozen=True, slots=True)
class Refund:
    """``amount`` is below zero where something was taken back. ``invoice_number`` may be empty: given to the customer,
    for no invoice that the books name."""

    customer_id: str
    invoice_number: str
    amount: Money


def get_refunds(
    client: IntacctClient,
    method: Method,
    accounts: Sequence[str],
    customer_ids: Iterable[str],
    *,
    company_currency: str = "",
) -> list[Refund]:
    """All that was given back to these customers. One query per 1,000 of them, for debit memos one more for their
    lines. Raises what ``iter_query`` raises."""
    read = _memos if method == "debit_memo" else _postings
    return [
        refund
        for group in chunks(customer_ids)
        for refund in read(client, accounts, is_in("CUSTOMERID", group), company_currency)
    ]


def customers_refunded(
    client: IntacctClient, method: Method, accounts: Sequence[str], since: datetime, until: datetime
) -> set[str]:
    """The customers about whose refunds anything changed in [since, until)."""
    if method == "debit_memo":
        changed = iter_changed(client, "ARADJUSTMENT", ("CUSTOMERID",), since, until)
    else:
        changed = iter_changed(client, "GLENTRY", ("CUSTOMERID",), since, until, more=is_in("ACCOUNTNO", accounts))
    return {optional(one, "CUSTOMERID") for one in changed} - {""}


def _memos(
    client: IntacctClient, accounts: Sequence[str], customers: Filter, company_currency: str
) -> Iterator[Refund]:
    debits = iter_query(client, "ARADJUSTMENT", ("RECORDNO",), all_of(customers, greater("TRX_TOTALENTERED", 0)))
    numbers = [str(one["RECORDNO"]) for one in debits]
    for memo in get_adjustments(client, numbers, company_currency=company_currency):
        if memo.counts and _gives_back(memo, accounts):
            yield Refund(memo.customer_id, memo.invoice_number, memo.total)


def _gives_back(memo: Adjustment, accounts: Sequence[str]) -> bool:
    return bool(memo.lines) and all(line.account in accounts for line in memo.lines)


def _postings(
    client: IntacctClient, accounts: Sequence[str], customers: Filter, company_currency: str
) -> Iterator[Refund]:
    for one in iter_query(client, "GLDETAIL", _POSTING, all_of(customers, is_in("ACCOUNTNO", accounts))):
        currency, _ = currencies(one, company_currency)
        yield Refund(optional(one, "CUSTOMERID"), optional(one, "DOCUMENT"), amount(one, "AMOUNT", currency))
