"""The ids and terms of contracts that were invoiced once, for their whole term."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.core.calendar import term_end
from include.core.recurrence import whole_months
from include.flows.intacct_renewal_to_hubspot_deal import FLOW
from include.flows.renewals.instalments import bills_on
from include.flows.renewals.invoices import InvoiceTerm, _line
from tests.flows.office import office
from tests.flows.renewal_floor import (
    NINE,
    SIGNED,
    change,
    deals,
    run,
    setting,
)
from tieout import steps


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
    assert whole_months(start, end) == months
    assert whole_months(start, end - timedelta(days=1)) == 0


def test_an_upgrade_billed_to_the_common_end_renews_for_the_whole_term() -> None:
    line = {
        "RECORDNO": "7",
        "TRX_AMOUNT": "600.00",
        "REVRECSTARTDATE": "07/01/2026",
        "REVRECENDDATE": "12/31/2026",
    }
    assert _line(line, 12, 365, date(2026, 12, 31), "USD").amount.text == "1200.00"
    assert _line({**line, "REVRECSTARTDATE": "07/02/2026"}, 12, 365, date(2026, 12, 31), "USD").amount.text == "1196.72"


def test_an_invoice_of_a_deal_that_bills_on_does_not_renew_and_its_last_one_does() -> None:
    facts = {"instalments": [["2026-11-16", "1200.00"], ["2027-11-16", "1200.00"], ["", "5.00"]]}
    assert bills_on(facts, date(2027, 11, 15))
    assert not bills_on(facts, date(2028, 11, 15))
    assert not bills_on({}, date(2027, 11, 15))


def test_what_was_invoiced_for_a_year_renews_is_invoiced_again_and_renews_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        assert run(demo, date_from="2027-10-12")["deals_created"] == 1
        (found,) = deals(demo)
        shown = found["properties"]
        assert shown["tieout_renewal"].startswith("invoice-")
        assert shown["intacct_contract"].startswith("INV-")
        first = demo.deal(shown["tieout_renews_deal"])
        assert (shown["intacct_renewal_amount"], shown["amount"]) == ("21384.00", "21384.00")
        assert first["intacct_invoice_number"] == shown["intacct_contract"]
        assert found["associations"]["deals"] == [shown["tieout_renews_deal"]]
        demo.sandbox.control.set_clock(datetime(2027, 10, 12, 18, tzinfo=UTC))
        change(demo, "deals", found["id"], dealstage=SIGNED)
        assert demo.invoice_won_deals(record_ids=[found["id"]])["invoices_created"] == 1
        with caplog.at_level("INFO"):
            assert run(demo, date_from="2027-10-12")["skipped"] == 1
        assert "bills the next term" in caplog.text
        assert run(demo, date_from="2028-10-12")["deals_created"] == 1
        (again,) = (one for one in deals(demo) if one["id"] != found["id"])
        assert again["properties"]["tieout_renews_deal"] == found["id"]


@pytest.mark.parametrize("changed", ["6", "0"])
def test_invoices_of_shorter_terms_or_where_the_setting_says_so_renew_nothing(
    tmp_path: Path, settings: Path, changed: str
) -> None:
    setting(settings, "invoice_term_months: 6", f"invoice_term_months: {changed}")
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        # Monthly plans were invoiced for a month each.
        days = {"6": ("2026-09-01", "2026-12-31"), "0": ("2027-10-12", "2027-10-12")}[changed]
        run(demo, date_from=days[0], date_to=days[1])
        assert not [one for one in deals(demo) if one["properties"]["tieout_renewal"].startswith("invoice-")]


def test_an_invoice_that_was_reversed_renews_nothing(tmp_path: Path) -> None:
    with office(tmp_path, deals=12, at=NINE) as demo:
        demo.invoice_won_deals()
        dated = {"date_from": "2027-10-12", "date_to": "2027-10-12"}
        (slice_,) = steps.slices(demo.run(flow=FLOW, **dated))
        twin = demo.sandbox.sandbox.twins["intacct"]
        with twin._lock, twin._db.transaction():
            twin._db.update("ARINVOICE", int(slice_[0].split("-")[1]), {"STATE": "Reversed"})
        assert run(demo, **dated)["read"] == 0
        assert not deals(demo)
