"""How the tie-out's comparison stands beside a bare DuckDB that joins and sums the same records.

The records are generated straight into the tables; reading over the network is not measured. Each side runs in a
process of its own, which tells its peak of memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.measuring import Measured
from benchmarks.tie_out_books import KNOWN, make_books
from include.reports.tie_out_compare import breaks_in, compare
from include.reports.tie_out_tables import opened

ROUNDS = 3

# What the comparison comes to: each deal's invoice with what was applied to it, beside what the deal shows; customers'
# balances beside their companies'; subledger beside control account; sums by entity, currency and customer.
BARE = """
CREATE OR REPLACE TABLE bare_links AS
SELECT i.record_no, d.deal_id FROM invoice i JOIN deal d
ON d.deal_id = TRY_CAST(split_part(i.document_key, '-', 3) AS BIGINT) WHERE i.document_key <> ''
UNION SELECT i.record_no, d.deal_id FROM invoice i JOIN deal d ON d.numbers = i.number WHERE d.numbers <> '';
CREATE OR REPLACE TABLE bare AS
SELECT i.entity_id, i.currency, i.customer_id, count(*) AS deals, sum(d.amount_minor) AS amount,
    sum(d.total_minor) AS shown_total, sum(d.paid_minor) AS shown_paid, sum(d.credited_minor) AS shown_credited,
    sum(d.written_off_minor) AS shown_written_off, sum(d.balance_minor) AS shown_balance,
    sum(i.total_minor) AS total, sum(i.balance_minor) AS balance, sum(a.paid) AS paid, sum(a.credited) AS credited,
    sum(a.written_off) AS written_off,
    count(*) FILTER (d.total_minor <> i.total_minor OR d.balance_minor <> i.balance_minor
        OR d.paid_minor <> coalesce(a.paid, 0) OR d.credited_minor <> coalesce(a.credited, 0)
        OR d.written_off_minor <> coalesce(a.written_off, 0) OR d.amount_minor <> i.total_minor) AS off
FROM bare_links l JOIN invoice i ON i.record_no = l.record_no JOIN deal d ON d.deal_id = l.deal_id
LEFT JOIN (
    SELECT a.invoice_no, sum(a.amount_minor) FILTER (a.source = 'cash') AS paid,
        sum(a.amount_minor) FILTER (j.write_off IS FALSE) AS credited,
        sum(a.amount_minor) FILTER (j.write_off) AS written_off
    FROM application a LEFT JOIN receipt p ON p.record_no = a.payment_no
    LEFT JOIN adjustment j ON j.record_no = a.source_no GROUP BY a.invoice_no
) a ON a.invoice_no = i.record_no
GROUP BY ALL;
CREATE OR REPLACE TABLE bare_balances AS
SELECT k.company_id, k.currency, k.open_minor - b.open FROM company_balance k
JOIN company c ON c.company_id = k.company_id JOIN (
    SELECT customer_id, currency, sum(balance_minor) AS open FROM invoice GROUP BY ALL
) b ON b.customer_id = c.customer_id AND b.currency = k.currency;
CREATE OR REPLACE TABLE bare_control AS
SELECT s.entity_id, s.customer_id, s.amount - g.amount FROM (
    SELECT entity_id, customer_id, sum(base_balance_minor) AS amount FROM invoice GROUP BY ALL
) s JOIN (
    SELECT entity_id, customer_id, sum(amount_minor) AS amount FROM control GROUP BY ALL
) g ON g.entity_id = s.entity_id AND g.customer_id = s.customer_id
"""


def measure(number: int) -> tuple[list[Measured], dict[str, float]]:
    """``number`` invoices against as many deals: invoices compared a second beside bare DuckDB, and memory in MB.
    Of each side the best of ``ROUNDS`` counts: other work on the machine only ever makes it slower."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        file = Path(folder) / "books.duckdb"
        with opened(file) as connection:
            make_books(connection, number)
        told: dict[str, list[tuple[float, float]]] = {"tie_out": [], "bare": []}
        for _ in range(ROUNDS):
            for side in told:
                command = [sys.executable, "-m", "benchmarks.tie_out", side, str(file)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
                told[side].append(tuple(json.loads(done.stdout)))
    seconds = {side: min(one[0] for one in rounds) for side, rounds in told.items()}
    memory = {side: min(one[1] for one in rounds) for side, rounds in told.items()}
    compared = Measured("tie-out", "invoices", number / seconds["tie_out"], number / seconds["bare"])
    more = {
        "seconds": round(seconds["tie_out"], 2),
        "bare_seconds": round(seconds["bare"], 2),
        "times_bare": round(seconds["tie_out"] / seconds["bare"], 2),
        "peak_mb": round(memory["tie_out"]),
        "bare_peak_mb": round(memory["bare"]),
        "memory_times_bare": round(memory["tie_out"] / memory["bare"], 2),
    }
    return [compared], more


def _side(side: str, file: str) -> tuple[float, float]:
    """Seconds, and the peak of memory in MB, of one side in this process."""
    with opened(file) as connection:
        started = time.perf_counter()
        if side == "tie_out":
            compare(connection, KNOWN)
            if breaks_in(connection):
                raise RuntimeError("clean books have breaks")
        else:
            connection.execute(BARE)
            _none_off(connection)
        taken = time.perf_counter() - started
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _none_off(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute("SELECT sum(off) FROM bare").fetchone()
    if not found or found[0] != 0:
        raise RuntimeError(f"the bare join finds differences: {found}")


if __name__ == "__main__":
    print(json.dumps(_side(sys.argv[1], sys.argv[2])))  # noqa: T201
