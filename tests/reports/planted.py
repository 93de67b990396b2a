"""Breaks planted in clean tables, one way for each class."""

# ruff: noqa: S608  (the values in statements are this file's own)

from __future__ import annotations

from collections.abc import Callable

import duckdb

from benchmarks.tie_out_books import FIRST_DEAL


def _deal(n: int) -> int:
    return FIRST_DEAL + n


def _shown_as_paid(store: duckdb.DuckDBPyConnection, n: int, more: int) -> None:
    store.execute(
        "UPDATE deal SET paid_minor = paid_minor + $more, balance_minor = balance_minor - $more WHERE deal_id = $deal",
        {"more": more, "deal": _deal(n)},
    )


def _timing(store: duckdb.DuckDBPyConnection, n: int) -> str:
    """Money came after the last run of the payments flow."""
    _shown_as_paid(store, n, 700)
    store.execute("UPDATE invoice SET modified_at = TIMESTAMP '2026-11-15 11:00:00' WHERE record_no = ?", [n])
    return f"deal {_deal(n)}: figures"


def _rounding(store: duckdb.DuckDBPyConnection, n: int) -> str:
    store.execute("UPDATE deal SET balance_minor = balance_minor + 1 WHERE deal_id = ?", [_deal(n)])
    return f"deal {_deal(n)}: figures"


def _currency(store: duckdb.DuckDBPyConnection, n: int) -> str:
    store.execute("UPDATE deal SET shown_currency = 'CHF' WHERE deal_id = ?", [_deal(n)])
    return f"deal {_deal(n)}: figures"


def _missing(store: duckdb.DuckDBPyConnection, n: int) -> str:
    """The deal was deleted in HubSpot."""
    store.execute("DELETE FROM deal WHERE deal_id = ?", [_deal(n)])
    return f"invoice {n}: deal"


def _manual_edit(store: duckdb.DuckDBPyConnection, n: int) -> str:
    store.execute("UPDATE deal SET paid_minor = paid_minor + 12345 WHERE deal_id = ?", [_deal(n)])
    store.execute("INSERT INTO edited VALUES ('deal', ?, TIMESTAMP '2026-11-10 12:00:00', 'CRM_UI')", [str(_deal(n))])
    return f"deal {_deal(n)}: figures"


def _duplicate(store: duckdb.DuckDBPyConnection, n: int) -> str:
    """Somebody entered the invoice again by hand, with the same reference; booked, and on the company."""
    copy = 900_000_000 + n
    store.execute(
        f"INSERT INTO invoice SELECT {copy}, 'HAND-' || number, customer_id, entity_id, currency, base_currency, "
        "'live', total_minor, total_minor, total_minor, '', reference, dated, modified_at, url, NULL, total_minor "
        "FROM invoice WHERE record_no = ?",
        [n],
    )
    store.execute(
        f"INSERT INTO control SELECT {copy}, '1100', entity_id, customer_id, base_currency, total_minor, '4.AR', "
        f"number, '', dated, NULL FROM invoice WHERE record_no = {copy}"
    )
    store.execute(
        "UPDATE company_balance SET open_minor = open_minor + "
        "(SELECT total_minor FROM invoice WHERE record_no = $copy) "
        "WHERE (company_id, currency) IN (SELECT c.company_id, i.currency FROM invoice i "
        "JOIN company c ON c.customer_id = i.customer_id WHERE i.record_no = $copy)",
        {"copy": copy},
    )
    return f"invoice {copy}: duplicate"


def _unapplied(store: duckdb.DuckDBPyConnection, n: int) -> str:
    """HubSpot counts money as applied that waits in Intacct."""
    store.execute(
        "INSERT INTO receipt SELECT $new, 'ADV', customer_id, entity_id, currency, currency, $amount, $amount, "
        "$amount, true, dated, modified_at, 'ARADVANCE', '', $amount, true FROM invoice WHERE record_no = $n",
        {"new": 800_000_000 + n, "amount": 4321, "n": n},
    )
    store.execute(
        "INSERT INTO control SELECT $new, '1100', entity_id, customer_id, currency, -4321, '4.AR', '', '', dated, NULL "
        "FROM invoice WHERE record_no = $n",
        {"new": 800_000_000 + n, "n": n},
    )
    store.execute(
        "UPDATE company_balance SET unapplied_minor = unapplied_minor + 4321 WHERE (company_id, currency) IN "
        "(SELECT c.company_id, i.currency FROM invoice i JOIN company c ON c.customer_id = i.customer_id "
        "WHERE i.record_no = ?)",
        [n],
    )
    _shown_as_paid(store, n, 4321)
    return f"deal {_deal(n)}: figures"


def _unknown(store: duckdb.DuckDBPyConnection, n: int) -> str:
    store.execute("UPDATE deal SET credited_minor = credited_minor + 77777 WHERE deal_id = ?", [_deal(n)])
    return f"deal {_deal(n)}: figures"


PLANTS: dict[str, Callable[[duckdb.DuckDBPyConnection, int], str]] = {
    "timing": _timing,
    "rounding": _rounding,
    "currency": _currency,
    "missing": _missing,
    "manual_edit": _manual_edit,
    "duplicate": _duplicate,
    "unapplied": _unapplied,
    "unknown": _unknown,
}


def plant(store: duckdb.DuckDBPyConnection, number: int, of_each: int = 5) -> dict[str, str]:
    """Plant breaks of every class, spread over the records; break id -> class."""
    planted = {}
    step = number // (of_each * len(PLANTS) + 1)
    for place, (name, spoil) in enumerate([*PLANTS.items()] * of_each):
        # Each its own deal, by key and by number alone alike.
        planted[spoil(store, (place + 1) * step + place % 10)] = name
    return planted
