"""The tables in which both systems' figures stand side by side, and loading them page by page.

Money is whole minor units (``..._minor``, BIGINT) beside its currency, never a float; DuckDB keeps the tables on disk
and works in bounded memory however many records there are.
"""

# ruff: noqa: S608  (the names in statements are this package's own)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd  # type: ignore[import-untyped]

_Row = TypeVar("_Row")
PAGE = 10_000
"""Rows that are in Python's memory at once."""
MEMORY = "1GB"
"""What DuckDB may use; beyond it it works on disk."""

_TYPES = {"minor": "BIGINT", "no": "BIGINT", "text": "VARCHAR", "yes": "BOOLEAN", "day": "DATE", "at": "TIMESTAMP"}
_HEAD = "customer_id:text entity_id:text currency:text base_currency:text"

TABLES: Mapping[str, str] = {
    "invoice": f"record_no:no number:text {_HEAD} standing:text total_minor:minor balance_minor:minor "
    "base_balance_minor:minor document_key:text reference:text dated:day modified_at:at url:text deal_id:no "
    "base_total_minor:minor",
    "application": "record_no:no invoice_no:no payment_no:no source:text source_no:no amount_minor:minor currency:text "
    "counts:yes dated:day modified_at:at debit_no:no posted:yes",
    "adjustment": f"record_no:no number:text {_HEAD} total_minor:minor balance_minor:minor base_balance_minor:minor "
    "counts:yes write_off:yes dated:day modified_at:at base_total_minor:minor posted:yes",
    "receipt": f"record_no:no reference:text {_HEAD} total_minor:minor unapplied_minor:minor "
    "base_unapplied_minor:minor counts:yes dated:day modified_at:at object:text url:text "
    "base_total_minor:minor posted:yes",
    "control": "record_no:no account:text entity_id:text customer_id:text base_currency:text amount_minor:minor "
    "module:text source:text batch_no:text dated:day batch_key:no",
    "journal": "record_no:no url:text",
    "customer": "customer_id:text url:text",
    "foreign_invoice": "record_no:no rate:text rate_date:day rate_type:text base_total_minor:minor",
    "realised": "payment_no:no entity_id:text base_currency:text rate:text gain_minor:minor rounding_minor:minor",
    "deleted": "object:text record_no:no moment:at",
    "deal": "deal_id:no won:yes archived:yes currency:text amount_minor:minor won_on:day numbers:text status:text "
    "shown_currency:text total_minor:minor paid_minor:minor credited_minor:minor written_off_minor:minor "
    "balance_minor:minor customer_id:text shared:yes modified_at:at",
    "company": "company_id:no customer_id:text shown:yes modified_at:at archived:yes",
    "company_balance": "company_id:no currency:text open_minor:minor unapplied_minor:minor",
    "merged": "old_id:no deal_id:no",
    "hubspot_read": "object:text record_no:no created_at:at",
    "completeness": "object:text part:text first:text last:text told:no read:no told_checksum:no read_checksum:no",
    "written": "deal_id:no record_no:no currency:text total_minor:minor",
    "memo": "deal_id:no record_no:no",
    "on_top": "deal_id:no record_no:no tax_minor:minor",
    "later": "deal_id:no amount_minor:minor",
    "known_link": "deal_id:no record_no:no",
    "share": "deal_id:no record_no:no weight:text",
    "part": "deal_id:no record_no:no total_minor:minor paid_minor:minor credited_minor:minor written_off_minor:minor "
    "balance_minor:minor",
    "held": "deal_id:no code:text message:text",
    "unbilled": "deal_id:no class:text why:text",
    "edited": "object:text id:text moment:at source:text",
}
"""Table -> its columns and their kinds. ``counts``: it stands; ``posted``: it is in the books, a reversed record and
its reversal too, each on its own day; ``debit_no``: the debit memo that it settles. ``invoice`` to ``deleted`` are
Intacct's, ``deal`` to ``hubspot_read`` HubSpot's; ``completeness`` is what both count; the rest is what Tieout itself
remembers or asked for."""

INTACCT = ("invoice", "application", "adjustment", "receipt", "control", "journal", "customer", "deleted")
HUBSPOT = ("deal", "company", "company_balance", "merged", "hubspot_read", "completeness")
OWN = ("written", "memo", "on_top", "later", "known_link", "share", "held", "unbilled", "edited")


def columns_of(table: str) -> dict[str, str]:
    """Column -> kind (``minor``, ``no``, ``text``, ``yes``, ``day``, ``at``)."""
    return dict(column.split(":") for column in TABLES[table].split())


@contextmanager
def opened(path: Path | str = ":memory:", *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The DuckDB file (or a database in memory), with bounded memory and without reaching out for extensions."""
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(str(path), read_only=read_only, config=options)
    try:
        yield connection
    finally:
        connection.close()


def make_tables(connection: duckdb.DuckDBPyConnection, tables: Iterable[str] = tuple(TABLES)) -> None:
    """The tables, empty; those that are there are made anew."""
    for table in tables:
        columns = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in columns_of(table).items())
        connection.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")


def load(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]]) -> int:
    """Append rows (values in the order of the columns), a page at a time; how many there were.

    Money and numbers are ``int``, days and instants ``date`` and aware ``datetime``; ``None`` stands for what is not
    there. Raises ``TypeError`` for a float.
    """
    kinds = columns_of(table)
    loaded = 0
    chosen = ", ".join(f"CAST({name} AS {_TYPES[kind]})" for name, kind in kinds.items())
    for page in in_pages(rows):
        frame = page_frame(kinds, page)
        connection.register("page", frame)
        connection.execute(f"INSERT INTO {table} SELECT {chosen} FROM page")
        connection.unregister("page")
        loaded += len(page)
    return loaded


def in_pages(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """The rows in lists that are in memory one after the other."""
    waiting = iter(rows)
    while page := list(islice(waiting, PAGE)):
        yield page


def page_frame(kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows as a pandas table without a single float: numbers are int64 (nullable), days and instants ISO text."""
    columns = {}
    for (name, kind), values in zip(kinds.items(), zip(*rows, strict=True), strict=True):
        if any(isinstance(value, float) for value in values):
            raise TypeError(f"{name} holds a float; money and numbers are whole")
        if kind in ("minor", "no"):
            columns[name] = pd.array([None if v is None else int(v) for v in values], dtype="Int64")
        elif kind == "yes":
            columns[name] = pd.array(list(values), dtype="boolean")
        elif kind == "at":
            columns[name] = pd.Series([_utc(v) for v in values], dtype=object)
        else:
            columns[name] = pd.Series([None if v is None else str(v) for v in values], dtype=object)
    return pd.DataFrame(columns)


def _utc(moment: Any) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise TypeError("an instant needs a time zone")
    return str(moment.astimezone(UTC).replace(tzinfo=None).isoformat())
