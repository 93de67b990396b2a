"""``bin/bench``: one subcommand per thing that is measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from benchmarks import revenue_report, sandbox, tie_out
from benchmarks.measuring import Measured


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="Measures on this machine. The last line of the output is JSON."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser(
        "sandbox",
        help="the twins: seeding, reads, posts, searches",
        description="Measures the twins over HTTP with one client, and beside each figure a bare server of Python's "
        "standard library that answers the same requests with the same bytes.",
    )
    one.add_argument("--seconds", type=_positive, default=1.0, help="of each of three rounds per figure (default 1)")
    one.add_argument("--deals", type=int, default=500, help="won deals in the twins (default 500)")
    one.add_argument("--invoices", type=int, default=20_000, help="older invoices in the twins (default 20,000)")
    tied = commands.add_parser(
        "tie_out",
        help="the nightly comparison: time and memory",
        description="Measures the comparison over generated tables, and beside it a bare DuckDB that joins and "
        "sums the same records.",
    )
    tied.add_argument("--invoices", type=int, default=1_000_000, help="and as many deals (default 1,000,000)")
    reported = commands.add_parser(
        "revenue_report",
        help="the revenue report from records to files: time and memory",
        description="Measures the report over generated records, and beside its sums a bare DuckDB that joins and sums "
        "the same facts.",
    )
    reported.add_argument("--deals", type=int, default=100_000, help="each with an invoice (default 100,000)")
    wanted = parser.parse_args(arguments)
    if wanted.command == "revenue_report":
        figures, more = revenue_report.measure(wanted.deals)
        _show(wanted.command, figures, more)
        return 0
    if wanted.command == "tie_out":
        figures, more = tie_out.measure(wanted.invoices)
        _show(wanted.command, figures, more)
        return 0
    if wanted.deals < sandbox.PAGE or wanted.invoices < sandbox.ROWS:
        parser.error(f"a full page takes --deals {sandbox.PAGE} and --invoices {sandbox.ROWS} at least")
    _show(wanted.command, sandbox.measure(wanted.deals, wanted.invoices, wanted.seconds))
    return 0


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 3600:
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return number


def _show(command: str, figures: Sequence[Measured], more: Mapping[str, float] = MappingProxyType({})) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for head in ("a second", "bare, a second", "ratio", "of"):
        table.add_column(head, justify="left" if head == "of" else "right")
    for figure in figures:
        rate, bare = f"{figure.per_second:,.0f}", f"{figure.bare_per_second:,.0f}"
        table.add_row(figure.name, rate, bare, f"{figure.ratio:.2g}", figure.of)
    console = Console(highlight=False, width=120)
    console.print(table)
    if more:
        console.print(", ".join(f"{name.replace('_', ' ')} {number:g}" for name, number in more.items()))
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    result = {"benchmark": command, "machine": machine, "figures": {one.name: one.to_json() for one in figures}}
    result |= {"more": dict(more)} if more else {}
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
