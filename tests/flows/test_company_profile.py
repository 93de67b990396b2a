"""The main flow in a company that is not new: 250 customers, two years of deals and of invoices entered by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office, office


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, profile="company") as opened:
        yield opened


def documents(company: Office) -> dict[tuple[str, str], Any]:
    """Every invoice, payment and credit memo in Intacct's books."""
    return {
        (row["object"], row["record"]["RECORDNO"]): row
        for row in company.sandbox.control.books("intacct")
        if row["object"] in {"ARINVOICE", "ARPYMT", "ARADJUSTMENT"}
    }


def deals(company: Office) -> dict[str, dict[str, Any]]:
    return {row["id"]: row["properties"] for row in company.sandbox.control.books("hubspot") if row["type"] == "deals"}


def test_only_the_deals_in_scope_become_invoices_and_two_years_of_books_stay_as_they_were(company: Office) -> None:
    books, crm = documents(company), deals(company)
    assert len(books) > 500
    assert len(crm) > 500
    in_scope = {row["deal_id"] for row in company.sandbox.control.manifest()["deals"] if row["expect"] != "ignored"}
    note = company.invoice_won_deals()
    assert (note["invoices_created"], note["held"]) == (44, 16)
    verdict = company.verdict()
    assert verdict.problems == ()
    assert (verdict.invoices_posted, verdict.duplicates, verdict.customers_duplicated) == (44, 0, 0)
    after = documents(company)
    assert len(after) == len(books) + 44
    assert {key: after[key] for key in books} == books
    touched = {deal_id for deal_id, properties in deals(company).items() if properties != crm[deal_id]}
    assert touched == in_scope


def test_a_second_run_over_the_same_two_years_writes_nothing(company: Office) -> None:
    company.invoice_won_deals()
    books, crm = documents(company), deals(company)
    note = company.invoice_won_deals()
    assert (note["invoices_created"], note["updated"], note["written_back"]) == (0, 0, 0)
    assert (documents(company), deals(company)) == (books, crm)
