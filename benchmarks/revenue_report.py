"""How the revenue report stands beside a bare DuckDB, from records to files (``revenue_bare``), and its sums beside one
that joins and sums the same facts.

The records are generated as reading would give them; the network is not measured. Each side runs in a process of its
own, which tells its peak of memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

from benchmarks.measuring import Measured
from benchmarks.revenue_bare import bare
from benchmarks.revenue_books import ENTITIES, FIRST_DEAL, floors, records
from include.core.books import Books
from include.reports import revenue_files
from include.reports.revenue_books import BooksRead
from include.reports.revenue_closed import compare_closed
from include.reports.revenue_counting import count_books, count_deals
from include.reports.revenue_facts import MEASURES
from include.reports.revenue_ground import Accounting, Shares
from include.reports.revenue_pipeline import Calendars
from include.reports.revenue_staging import Staging
from include.reports.revenue_table import FactStore, Span
from include.reports.spreadsheets import write_excel
from include.reports.tables import Table, opened

SPAN = Span(date(2025, 1, 1), date(2026, 11, 16))
ROUNDS = 3
_NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)

# The same join and sums, written down plainly: each fact with its deal and its period, summed by the report's
# dimensions and by deal. It makes no id of a row, no table of facts, no finding and no file.
BARE = """
CREATE OR REPLACE TABLE bare AS
SELECT n.period, n.quarter, f.entity, d.owner, d.pipeline, f.product, f.currency, f.base_currency,
    {sums} FROM fact f JOIN named_day n ON n.entity = f.entity AND n.day = f.day
LEFT JOIN deal d ON d.deal_id = f.deal_id GROUP BY ALL;
CREATE OR REPLACE TABLE bare_deals AS
SELECT d.deal_id, d.name, d.owner, d.state, f.* EXCLUDE (deal_id) FROM deal d FULL JOIN (
    SELECT deal_id, currency, {sums} FROM fact f GROUP BY ALL
) f ON f.deal_id = d.deal_id
"""
_SUMS = ", ".join(
    f"sum(f.{amount}) FILTER (measure = '{name}') AS {name}_{amount}"
    for name in MEASURES
    for amount in ("amount_minor", "base_minor")
)  # fmt: skip


def measure(number: int) -> tuple[list[Measured], dict[str, float]]:
    """``number`` deals, each with an invoice: facts summed a second beside bare DuckDB, seconds of the steps, MB."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        made = _run("report", folder, number)
        whole = _run("whole_bare", folder, number)
        sums_bare = [_run("bare", folder, number) for _ in range(ROUNDS)]
        again = [_run("sums", folder, number) for _ in range(ROUNDS)]
    if whole["facts"] != made["facts"]:
        raise RuntimeError(f"the report has {made['facts']:.0f} facts, the bare join {whole['facts']:.0f}")
    seconds, bare_seconds = (min(one["seconds"] for one in rounds) for rounds in (again, sums_bare))
    cpu, bare_cpu = (min(one["cpu"] for one in rounds) for rounds in (again, sums_bare))
    more = {
        "facts": made["facts"],
        "keep_records_seconds": made["keep"],
        "count_seconds": made["count"],
        "sum_seconds": round(seconds, 2),
        "bare_sum_seconds": round(bare_seconds, 2),
        "sum_times_bare": round(seconds / bare_seconds, 2),
        "sum_cpu_times_bare": round(cpu / bare_cpu, 2),
        "files_seconds": made["files"],
        "whole_seconds": made["seconds"],
        "whole_cpu_seconds": made["cpu"],
        "workbook_cpu_seconds": made["workbook_cpu"],
        "bare_whole_cpu_seconds": whole["cpu"],
        "whole_times_bare": round(made["seconds"] / whole["seconds"], 2),
        "whole_cpu_times_bare": round(made["cpu"] / whole["cpu"], 2),
        "peak_mb": made["peak"],
        "bare_whole_peak_mb": whole["peak"],
        "peak_times_bare": round(made["peak"] / whole["peak"], 2),
    }
    return [Measured("revenue report, sums", "facts", made["facts"] / seconds, made["facts"] / bare_seconds)], more


def _run(side: str, folder: str, number: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.revenue_report", side, folder, str(number)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return {str(name): float(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}


def _side(side: str, folder: Path, number: int) -> dict[str, float]:
    started, used = time.perf_counter(), time.process_time()
    if side == "report":
        told = _report(folder, number)
    else:
        told = {"facts": bare(folder, number)} if side == "whole_bare" else _sums(side, folder)
    told.setdefault("seconds", round(time.perf_counter() - started, 2))
    told.setdefault("cpu", round(time.process_time() - used, 2))
    return {**told, "peak": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def _report(folder: Path, number: int) -> dict[str, float]:
    """The whole report, from records to files; the database stays for the other sides."""
    took, last = dict[str, float](), time.perf_counter()

    def lap(name: str) -> None:
        nonlocal last
        took[name], last = round(time.perf_counter() - last, 2), time.perf_counter()

    zone, books = ZoneInfo("UTC"), _books()
    with opened(folder / "records.duckdb") as store:
        staging = Staging(store, {one: one for one in ENTITIES})
        for name, wires in records(number):
            staging.keep(name, wires)
        lap("keep")
        facts = FactStore(store, {one: entity.fiscal for one, entity in books.entities.items()})
        late = count_books(staging, facts, Accounting(("6900",), ("2200",), ENTITIES), _deals_of, SPAN.as_of)
        calendars = Calendars(dict.fromkeys(ENTITIES, zone), ENTITIES, zone)
        count_deals(floors(number), facts, calendars, lambda deal, company: "", SPAN.as_of)
        lap("count")
        found = facts.revenue(SPAN)
        lap("sums")
        compared = compare_closed(folder / "closed", found.facts, books, _NOW, 10)
        (folder / "files").mkdir()

        def workbook(path: Path, tables: Sequence[Table]) -> None:
            used = time.process_time()
            write_excel(path, tables)
            took["workbook_cpu"] = round(time.process_time() - used, 2)

        with patch.object(revenue_files, "write_excel", workbook):
            summary = revenue_files.write_files(folder / "files", found, late, compared, books, SPAN, _NOW)
        lap("files")
    return {**took, "facts": summary["records"]}


def _sums(side: str, folder: Path) -> dict[str, float]:
    with opened(folder / "records.duckdb") as store:
        started, used = time.perf_counter(), time.process_time()
        if side == "sums":
            again = FactStore.__new__(FactStore)  # The facts are there already.
            again.store, again.fiscal = store, {}
            again.revenue(SPAN)
        else:
            store.execute(BARE.format(sums=_SUMS))
        return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - used}


def _deals_of(part: BooksRead) -> Mapping[str, Shares]:
    return {str(one["RECORDNO"]): {str(FIRST_DEAL + int(one["RECORDNO"])): Decimal(1)} for one in part.invoices}


def _books() -> Books:
    return Books.model_validate({
        "company": "Brightwater", "document_key": {"kind": "number"},
        "entities": {
            one: {"name": one, "base_currency": code, "time_zone": "UTC", "currencies": [code],
                  "periods": {"AR": {"closed_through": "2026-09-30"}}}
            for one, code in ENTITIES.items()
        },
    })  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_side(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
