"""What a plan says about revenue that is earned over a term, when the deal changes in the middle of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from include.core.books import Entity
from include.flows.deals.change_revenue import revenue_of
from include.flows.deals.live import LiveDeal, LiveInvoice
from tests.accounting.amounts import usd
from tests.flows.test_hubspot_closed_won_to_intacct_invoice import BOOKS
from tests.flows.test_standings import settled, stands

YEAR = ("2026-01-01", "2026-12-31")
TODAY = date(2026, 6, 17)


def said(
    now: list[list[str]], *chosen: Any, currency: str = "USD", entities: Mapping[str, Entity] = MappingProxyType({})
) -> tuple[str, ...]:
    invoice = LiveInvoice(settled("1200").invoice, stands("1200"), "100", (), usd(0), ours=True)
    books = SimpleNamespace(entities=entities)
    work: Any = SimpleNamespace(live=LiveDeal("USD", (invoice,)), books=books, today=TODAY)
    billed = {"lines": [["SAAS-1", "1", "1200.00", *YEAR], ["SETUP", "1", "500.00", "None", "None"]]}
    return revenue_of(work, chosen, billed, {"currency": currency, "lines": now})


def test_an_upgrade_keeps_the_months_before_and_spreads_the_rest() -> None:
    one, to_do = said([["SAAS-1", "1", "1800.00", *YEAR]], "supplementary_invoice")
    assert one == (
        "Revenue of SAAS-1, 2026-01-01 to 2026-12-31: of 1200.00 USD, 496.44 USD by days lies before 2026-06-01 and "
        "stays. Of 1800.00 USD, 1303.56 USD is left for 2026-06-01 to 2026-12-31."
    )
    assert to_do == "The supplementary invoice brings a schedule of its own for the difference."


def test_a_cancellation_ends_service_the_day_before_and_takes_back_what_is_too_much() -> None:
    half = [["SAAS-1", "1", "600.00", "2026-01-01", "2026-06-30"]]
    one, to_do = said(half, "credit_memo_open_part")
    assert "It is cancelled on 2026-07-01; the last day of service, and of revenue, is 2026-06-30." in one
    assert one.endswith("Of 600.00 USD, 103.56 USD is left for 2026-06-01 to 2026-06-30.")
    assert to_do == "A credit memo changes no schedule: adjust that of the invoice in Intacct."
    lost, to_do = said([], "credit_memo_full")
    assert lost.endswith("Of 0.00 USD nothing is left to earn: -496.44 USD by one entry on 2026-06-01.")


@pytest.mark.parametrize(("chosen", "count"), [("reverse_and_recreate", 0), ("delete_draft", 0)])
def test_a_deal_without_another_term_or_amount_says_nothing(chosen: str, count: int) -> None:
    assert len(said([["SAAS-1", "2", "1200.00", *YEAR], ["SETUP", "1", "900.00", "None", "None"]], chosen)) == count


def test_in_another_currency_all_of_it_goes() -> None:
    one, _ = said([["SAAS-1", "1", "1200.00", *YEAR]], "reverse_and_recreate", currency="EUR")
    assert "-496.44 USD by one entry" in one


def test_a_closed_ledger_keeps_its_months_too() -> None:
    shipped = BOOKS.entities["100"].model_dump()
    periods = {"GL": {"closed_through": "2026-09-30", "when_closed": "hold"}}
    closed = Entity.model_validate({**shipped, "periods": periods})
    one, _ = said([["SAAS-1", "1", "1800.00", *YEAR]], "reverse_and_recreate", entities={"100": closed})
    assert "lies before 2026-10-01 and stays" in one
