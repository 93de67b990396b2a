"""The books' own currency: foreign invoices, what their payments realised, and the cents that rounding leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from include.connectors.intacct.document_key import DocumentKey
from include.core.books import Books
from include.core.settings import SHIPPED, load
from include.reports.tie_out_breaks import BREAK_TABLE, Known
from include.reports.tie_out_exchange import find_exchange_breaks, read_exchange
from include.reports.tie_out_exchange_page import exchange_sections
from include.reports.tie_out_intacct import IntacctReader
from include.reports.tie_out_tables import opened
from include.sandbox.people import BookKeeper
from tests.flows.office import Office, office

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
BOOKS = load(SHIPPED / "books.yaml", Books)
KNOWN = Known(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), MONDAY + timedelta(days=1))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), at=MONDAY) as opened_office:
        opened_office.invoice_won_deals()
        yield opened_office


def foreign_invoice(demo: Office, currency: str, base: str) -> dict[str, Any]:
    found = (one for one in demo.invoices() if (one["CURRENCY"], one["BASECURR"]) == (currency, base))
    return next(one for one in found if one.get("TIEOUT_KEY") and Decimal(one["TRX_TOTALDUE"]) > 100)


def read(demo: Office, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Intacct's tables and the breaks in them."""
    reader = IntacctReader(demo.intacct(), BOOKS, DocumentKey("custom_field", "TIEOUT_KEY"), ["1100"])
    reader.read(connection, MONDAY, MONDAY)
    read_exchange(demo.intacct(), BOOKS, connection)
    return breaks(connection)


def breaks(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    connection.execute(BREAK_TABLE)
    find_exchange_breaks(connection, KNOWN)
    return connection.execute('SELECT subject, "check", class, currency FROM break ORDER BY 1').fetchall()


def test_what_intacct_realised_is_read_and_agrees_with_the_rates_and_what_does_not_is_a_break(demo: Office) -> None:
    euro, dollar = foreign_invoice(demo, "EUR", "USD"), foreign_invoice(demo, "USD", "GBP")
    keeper, due = BookKeeper(demo.sandbox), Decimal(euro["TRX_TOTALDUE"])
    third = (due / 3).quantize(Decimal("0.01"))
    for amount, on in ((third, date(2026, 11, 16)), (third, date(2026, 12, 2)), (due - 2 * third, date(2026, 12, 20))):
        keeper.pay(euro, amount, on, bank="BW-US-EUR")
    keeper.pay(dollar, Decimal("50.00"), date(2026, 11, 16), bank="BW-UK-USD")
    with opened() as connection:
        assert read(demo, connection) == []
        row = connection.execute(
            "SELECT i.balance_minor, i.base_balance_minor, f.rate FROM foreign_invoice f "
            "JOIN invoice i ON i.record_no = f.record_no WHERE i.record_no = ?",
            [int(euro["RECORDNO"])],
        ).fetchone()
        assert row == (0, 0, f"{Decimal(euro['EXCHANGE_RATE']).normalize():f}")
        batches = [one for one in demo.sandbox.control.books("intacct") if one["object"] == "GLBATCH"]
        posted = [line for batch in batches for line in batch["items"]]
        booked = sum(
            int(one["TR_TYPE"]) * Decimal(one["AMOUNT"])
            for one in posted
            if one["ACCOUNTNO"] in ("7900", "7910") and one["LOCATION"] == "100"
        )
        query = "SELECT sum(gain_minor + rounding_minor), count(*) FROM realised WHERE base_currency = 'USD'"
        gains = connection.execute(query).fetchone()
        assert gains == (-booked * 100, 3)
        assert booked != 0
        assert [one.title for one in exchange_sections(connection)] == ["Foreign invoices", "Realised exchange gains"]

        numbers = {"euro": int(euro["RECORDNO"]), "dollar": int(dollar["RECORDNO"])}
        connection.execute(
            "UPDATE invoice SET base_balance_minor = 1 WHERE record_no = $euro", {"euro": numbers["euro"]}
        )
        wrong = "UPDATE invoice SET base_balance_minor = base_balance_minor + 9 WHERE record_no = $dollar"
        connection.execute(wrong, {"dollar": numbers["dollar"]})
        paid = connection.execute("SELECT max(payment_no) FROM realised WHERE base_currency = 'USD'").fetchone()
        assert paid is not None
        connection.execute("UPDATE realised SET gain_minor = gain_minor + 500 WHERE payment_no = ?", [paid[0]])
        assert sorted(breaks(connection)) == sorted(
            [
                (f"invoice {numbers['euro']}", "exchange", "rounding", "USD"),
                (f"invoice {numbers['dollar']}", "exchange", "currency", "GBP"),
                (f"payment {paid[0]}", "realised", "currency", "USD"),
            ]
        )


def test_a_company_that_names_no_accounts_is_asked_for_no_gains(demo: Office) -> None:
    silent = BOOKS.model_copy(update={"exchange_gain_accounts": ()})
    with opened() as connection:
        read(demo, connection)
        read_exchange(demo.intacct(), silent, connection)
        assert connection.execute("SELECT count(*) FROM realised").fetchone() == (0,)
        assert [one.title for one in exchange_sections(connection)] == ["Foreign invoices"]
