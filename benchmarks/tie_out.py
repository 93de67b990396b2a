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

ROUNDS = 5

# The same join and sums, written down plainly: each deal's invoice by key and by number, with what was applied to it,
# beside what the deal shows, by entity, currency and customer; customers' balances beside their companies'; subledger
# beside control account. It has the same tables, memory and threads, finds no class of any break and keeps no evidence.
BARE = """
CREATE OR REPLACE TEMP TABLE bare_links AS
SELECT i.record_no, d.deal_id FROM invoice i JOIN deal d ON d.deal_id = i.deal_id
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
    """``number`` invoices against as many deals: invoices compared a second beside bare DuckDB, processor seconds, and
    memory in MB. The sides take turns, and of each the best of ``ROUNDS`` counts: other work on the machine only ever
    makes it slower."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        file = Path(folder) / "books.duckdb"
        with opened(file) as connection:
            make_books(connection, number)
        told: dict[str, list[tuple[float, ...]]] = {"tie_out": [], "bare": []}
        for _ in range(ROUNDS):
            for side in told:
                command = [sys.executable, "-m", "benchmarks.tie_out", side, str(file)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
                told[side].append(tuple(json.loads(done.stdout)))
    (seconds, cpu, peak), (bare_seconds, bare_cpu, bare_peak) = (
        [min(values) for values in zip(*rounds, strict=True)] for rounds in told.values()
    )
    more = {
        "seconds": round(seconds, 2),
        "bare_seconds": round(bare_seconds, 2),
        "times_bare": round(seconds / bare_seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "bare_cpu_seconds": round(bare_cpu, 2),
        "cpu_times_bare": round(cpu / bare_cpu, 2),
        "peak_mb": round(peak),
        "bare_peak_mb": round(bare_peak),
        "memory_times_bare": round(peak / bare_peak, 2),
    }
    return [Measured("tie-out", "invoices", number / seconds, number / bare_seconds)], more


def _side(side: str, file: str) -> tuple[float, float, float]:
    """Seconds, seconds of processors, and the peak of memory in MB, of one side in this process."""
    with opened(file) as connection:
        started, used = time.perf_counter(), time.process_time()
        if side == "tie_out":
            compare(connection, KNOWN)
            if breaks_in(connection):
                raise RuntimeError("clean books have breaks")
        else:
            connection.execute(BARE)
            _none_off(connection)
        taken, cpu = time.perf_counter() - started, time.process_time() - used
    return taken, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _none_off(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute("SELECT sum(off) FROM bare").fetchone()
    if not found or found[0] != 0:
        raise RuntimeError(f"the bare join finds differences: {found}")


if __name__ == "__main__":
    print(json.dumps(_side(sys.argv[1], sys.argv[2])))  # noqa: T201
