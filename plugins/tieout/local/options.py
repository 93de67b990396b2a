"""The options of ``bin/demo``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    once: bool
    story: bool
    deals: int | None
    port: int | None
    sandbox_port: int | None
    fresh: bool


def read_options(arguments: Sequence[str]) -> Options:
    """Raises ``SystemExit`` for what is none, and for ``--help``."""
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="Shows won HubSpot deals becoming Intacct invoices, in a real Airflow, against twins of both.",
    )
    parser.add_argument("--once", action="store_true", help="stop after the job; the last line is a JSON object")
    parser.add_argument("--story", action="store_true", help="then play the story: every flow runs, and is checked")
    parser.add_argument("--deals", type=_size, metavar="N", help="size of the demo company (first time: 60)")
    parser.add_argument("--port", type=_port, metavar="N", help="Airflow's web server (usually 8080)")
    parser.add_argument("--sandbox-port", type=_port, metavar="N", help="the twins' server (usually 8765)")
    parser.add_argument("--fresh", action="store_true", help="begin with empty books, whatever is there")
    parsed = parser.parse_args(arguments)
    return Options(parsed.once, parsed.story, parsed.deals, parsed.port, parsed.sandbox_port, parsed.fresh)


def _size(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("must lie between 1 and 1,000,000")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 1024 <= number <= 65535:
        raise argparse.ArgumentTypeError("must lie between 1024 and 65535")
    return number
