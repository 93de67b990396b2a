"""Foreign invoices in the books' own currency: what Intacct itself computed, read and held against its own rates.

An invoice is booked at its rate, each payment takes what it settles off at that rate, and the last one clears the base
balance; what a payment was worth more or less is realised gain or loss (accounting cases 35 to 37). Cents that rounding
leaves, one for each piece that was applied, are no break: Intacct books them to the rounding account.
"""

# ruff: noqa: S608  (the names in statements are this file's own)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import duckdb

from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.fields import day, number, optional, required
from include.connectors.intacct.filters import is_in
from include.connectors.intacct.lines import chunks
from include.connectors.intacct.query import iter_query
from include.connectors.intacct.reference import get_entity_of_locations
from include.core.books import Books
from include.core.exchange import Balance, Rate, applied, booked, paid_at
from include.core.money import Money, zero
from include.reports.tie_out_breaks import Known
from include.reports.tie_out_tables import load, make_tables

TABLES = ("foreign_invoice", "realised")
_RATES = ("RECORDNO", "TOTALENTERED", "BASECURR", "EXCHANGE_RATE", "EXCH_RATE_DATE", "EXCH_RATE_TYPE_ID")
_POSTED = ("RECORDNO", "ACCOUNTNO", "LOCATIONID", "BASECURR", "AMOUNT", "RECORDKEY")
_PAGE = 10_000

_FOREIGN = """SELECT record_no FROM invoice WHERE standing = 'live' AND currency <> base_currency ORDER BY 1"""
_PIECES = """
SELECT a.payment_no, i.record_no, i.entity_id, i.currency, i.base_currency, f.rate, a.amount_minor
FROM application a JOIN invoice i ON i.record_no = a.invoice_no JOIN foreign_invoice f ON f.record_no = i.record_no
JOIN receipt r ON r.record_no = a.payment_no AND r.counts AND r.currency = i.currency
WHERE a.counts AND a.source = 'cash' AND f.rate <> ''
    AND NOT EXISTS (SELECT 1 FROM application o WHERE o.payment_no = a.payment_no AND o.source <> 'cash')
"""
"""What cash settled of foreign invoices, in their own currency; credits and advances bring rates of their own."""
_INVOICES = """
SELECT i.record_no, i.number, i.entity_id, i.customer_id, i.currency, i.base_currency, i.total_minor, i.balance_minor,
    i.base_balance_minor, i.dated, i.modified_at, f.rate, f.rate_date, f.rate_type, f.base_total_minor,
    coalesce(a.pieces, 0)
FROM foreign_invoice f JOIN invoice i ON i.record_no = f.record_no
LEFT JOIN (SELECT invoice_no, count(*) AS pieces FROM application WHERE counts GROUP BY 1) a
    ON a.invoice_no = i.record_no
WHERE f.rate <> '' ORDER BY 1
"""
_REALISED = f"""
WITH pieces AS ({_PIECES})
SELECT p.payment_no, max(p.entity_id), p.base_currency, max(r.rate), max(r.gain_minor), max(r.rounding_minor),
    max(c.customer_id), max(c.dated), max(c.modified_at), list((p.currency, p.rate, p.amount_minor))
FROM pieces p JOIN realised r ON r.payment_no = p.payment_no JOIN receipt c ON c.record_no = p.payment_no
WHERE r.rate <> '' GROUP BY p.payment_no, p.base_currency ORDER BY 1
"""


def read_exchange(intacct: IntacctClient, books: Books, connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of foreign invoices and of what their payments realised. Nothing more is asked in a company of
    one currency. Raises what ``iter_query`` raises."""
    make_tables(connection, TABLES)
    foreign = [str(one) for (one,) in connection.execute(_FOREIGN).fetchall()]
    load(connection, "foreign_invoice", _foreign(intacct, foreign))
    if foreign and books.exchange_gain_accounts:
        load(connection, "realised", _realised(intacct, books, connection))


def find_exchange_breaks(connection: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Add to ``break`` the foreign invoices whose base balance is not what their rate makes of it, and the payments
    whose realised gain is not what the rates of invoice and payment make."""
    rows = [*_off_balances(connection, known), *_off_gains(connection, known)]
    if rows:
        connection.executemany(f"INSERT INTO break VALUES ({', '.join('?' * 13)})", rows)


def _off_balances(connection: duckdb.DuckDBPyConnection, known: Known) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor().execute(_INVOICES)
    while page := cursor.fetchmany(_PAGE):
        for (
            record_no,
            _,
            entity,
            customer,
            code,
            base,
            total,
            balance,
            in_base,
            dated,
            changed,
            text,
            on,
            *rest,
        ) in page:
            kind, booked_minor, pieces = rest
            rate = Rate(kind, code, base, on or dated or date.min, Decimal(text))
            whole = Balance(Money.from_minor(total, code), Money.from_minor(booked_minor, base), rate)
            settled = whole.open - Money.from_minor(balance, code)
            left = whole if settled.is_zero else applied(whole, paid_at(settled, rate)).after
            off = abs(left.base.minor - in_base)
            if off <= (pieces if balance else 0):
                continue
            small = off <= max(pieces, known.rounding)
            told = (
                f"Booked at {text} of {rate.day}: {whole.base} for {whole.open}. Open {left.open}, in "
                f"{pieces} pieces settled."
            )
            yield (
                f"invoice {record_no}", "exchange", _class(changed, known, small=small), entity, base, customer, None,
                record_no, dated, "base balance", left.base.minor, in_base, told,
            )  # fmt: skip


def _off_gains(connection: duckdb.DuckDBPyConnection, known: Known) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor().execute(_REALISED)
    while page := cursor.fetchmany(_PAGE):
        for payment, entity, base, text, gain, rounding, customer, dated, changed, pieces in page:
            expected = zero(base)
            for code, booked_at, minor in pieces:
                piece = Money.from_minor(minor, code)
                day_of = dated or date.min
                whole = booked(piece, Rate("", code, base, day_of, Decimal(booked_at)))
                at = Rate("", code, base, day_of, Decimal(text))
                expected += applied(whole, paid_at(piece, at)).gain
            off = max(abs(expected.minor - gain), abs(rounding))
            if off <= len(pieces) + 1:
                continue
            told = (
                f"Paid at {text}, invoices booked at {', '.join(sorted({one[1] for one in pieces}))}; on the rounding "
                f"account {Money.from_minor(rounding, base)}."
            )
            yield (
                f"payment {payment}", "realised", _class(changed, known, small=False), entity, base, customer, None,
                None, dated, "realised gain", expected.minor, gain, told,
            )  # fmt: skip


def _class(changed: Any, known: Known, *, small: bool) -> str:
    if changed is not None and changed.replace(tzinfo=UTC) >= known.read_at:
        return "timing"
    return "rounding" if small else "currency"


def _foreign(intacct: IntacctClient, numbers: list[str]) -> Iterator[tuple[Any, ...]]:
    for group in chunks(numbers):
        for record in iter_query(intacct, "ARINVOICE", _RATES, is_in("RECORDNO", group)):
            yield (
                int(required(record, "RECORDNO")),
                _text(number(record, "EXCHANGE_RATE")),
                day(record, "EXCH_RATE_DATE"),
                optional(record, "EXCH_RATE_TYPE_ID"),
                Money.of(optional(record, "TOTALENTERED") or "0", required(record, "BASECURR")).minor,
            )


def _realised(intacct: IntacctClient, books: Books, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """What each payment of foreign invoices realised, as the general ledger has it: a credit is a gain."""
    paying = {
        int(number): (entity, base)
        for number, entity, base in connection.execute(
            f"SELECT DISTINCT payment_no, max(entity_id), max(base_currency) FROM ({_PIECES}) GROUP BY payment_no"
        ).fetchall()
    }
    entities = {place: one.entity_id for place, one in get_entity_of_locations(intacct).items()}
    accounts = (*books.exchange_gain_accounts, *books.rounding_accounts)
    posted: dict[int, dict[str, int]] = defaultdict(lambda: {"gain": 0, "rounding": 0})
    for one in iter_query(intacct, "GLDETAIL", _POSTED, is_in("ACCOUNTNO", accounts)):
        source = optional(one, "RECORDKEY")
        if not source.isdecimal() or int(source) not in paying:
            continue
        kind = "gain" if optional(one, "ACCOUNTNO") in books.exchange_gain_accounts else "rounding"
        base = optional(one, "BASECURR") or _base_of(books, entities.get(optional(one, "LOCATIONID"), ""))
        posted[int(source)][kind] -= Money.of(optional(one, "AMOUNT") or "0", base or paying[int(source)][1]).minor
    rates = _rates_of_payments(intacct, [str(one) for one in sorted(paying)])
    for payment, (entity, base) in sorted(paying.items()):
        its = posted[payment]
        yield payment, entity, base, rates.get(payment, ""), its["gain"], its["rounding"]


def _rates_of_payments(intacct: IntacctClient, numbers: list[str]) -> Mapping[int, str]:
    return {
        int(required(one, "RECORDNO")): _text(number(one, "EXCHANGE_RATE"))
        for group in chunks(numbers)
        for one in iter_query(intacct, "ARPYMT", ("RECORDNO", "EXCHANGE_RATE"), is_in("RECORDNO", group))
    }


def _base_of(books: Books, entity_id: str) -> str:
    return books.entities[entity_id].base_currency if entity_id in books.entities else ""


def _text(rate: Decimal | None) -> str:
    return f"{rate.normalize():f}" if rate else ""
