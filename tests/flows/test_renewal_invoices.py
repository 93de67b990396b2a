"""The ids and terms of contracts that were invoiced once, for their whole term."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.calendar import term_end
from include.flows.renewal_invoices import InvoiceTerm, _line, _months


@given(st.integers(1, 10**9), st.dates())
def test_an_id_names_its_invoice_and_last_day(number: int, end: date) -> None:
    term = InvoiceTerm(str(number), end)
    assert InvoiceTerm.named(term.contract_id) == term


@pytest.mark.parametrize("other", ["3", "invoice-3", "invoice-3-someday", "bill-3-2026-01-01"])
def test_other_ids_name_no_invoice(other: str) -> None:
    assert InvoiceTerm.named(other) is None


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_whole_months_are_told_from_days(start: date, months: int) -> None:
    end = term_end(start, months)
    assert _months(start, end) == months
    assert _months(start, end - timedelta(days=1)) == 0


def test_an_upgrade_billed_to_the_common_end_renews_for_the_whole_term() -> None:
    line = {
        "RECORDNO": "7",
        "TRX_AMOUNT": "600.00",
        "REVRECSTARTDATE": "07/01/2026",
        "REVRECENDDATE": "12/31/2026",
    }
    assert _line(line, 12, 365, date(2026, 12, 31), "USD").amount.text == "1200.00"
    assert _line({**line, "REVRECSTARTDATE": "07/02/2026"}, 12, 365, date(2026, 12, 31), "USD").amount.text == "1196.72"
