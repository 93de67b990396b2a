"""How many mutated requests each twin gets, and what became of them:
``TIEOUT_MUTATIONS=100000 bin/test -rP tests/sandbox -k mutations``."""

from __future__ import annotations

import os
import sys

BATCH = 400


def batches(default: int) -> range:
    """The numbers of the batches, of ``BATCH`` requests each, that make up ``TIEOUT_MUTATIONS`` requests; each batch
    is a test of its own, on fresh books, and its number is the seed of what is sent."""
    wanted = int(os.environ.get("TIEOUT_MUTATIONS", default))
    return range(1, 1 + max(1, -(-wanted // BATCH)))


def say(accepted: int, refused: int) -> None:
    """For ``-rP``. What breaks a twin fails the test."""
    sys.stdout.write(f"{accepted} accepted, {refused} refused\n")
