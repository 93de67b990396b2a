"""What a seed draws of the world around us: how the vendors behave where nobody knows for sure, and how rough the day
is."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from tests.faults.network import KINDS, Weather


def drawn_vendors(rng: Random, restores: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Switches of the Intacct twin and of the HubSpot twin. ``restores``: our state will be put back from a backup."""
    remembered = [None, timedelta(days=1)] if restores else [None, timedelta(hours=1)]
    intacct = {
        "failure_burns_controlid": rng.random() < 0.5,
        # Survived only while our log remembers the request (``include.core.sync``).
        "running_reads_as_done": not restores and rng.random() < 0.5,
        "controlid_retention": rng.choice(remembered),
        "controlid_scope": rng.choice(["company", "company_sender"]),
        "duplicate_invoice_numbers_allowed": rng.random() < 0.5,
        "concurrency": rng.choice([2, 2, 3]),
        "session_duration": timedelta(minutes=rng.choice([6, 30, 360])),
        "payment_bumps_invoice": rng.random() < 0.7,
    }
    hubspot = {
        "search_lag": timedelta(seconds=rng.choice([0, 0, 4, 40, 900])),
        "noop_patch_bumps_modified": rng.random() < 0.5,
        "missing_batch_read": rng.choice(["207", "404"]),
        "negatives_match_missing": rng.random() < 0.5,
        "retry_after": rng.choice(["none", "s", "ms"]),
        "upsert_case_sensitive": rng.random() < 0.5,
        "burst": rng.choice([None, None, 60]),
    }
    return intacct, hubspot


def drawn_weather(rng: Random, whole: bool) -> Weather:
    """A ``whole`` day makes many more calls than its heart: each of them goes wrong less often."""
    rough = rng.choice([0.02, 0.05, 0.1, 0.2])
    few = rng.random() < 0.3
    return Weather(
        request=rough / 2 if whole else rough,
        write=rng.choice([0.1, 0.3, 0.5]),
        connect=rng.choice([0.0, 0.02]),
        kill=rng.choice([0.0, 0.01, 0.05]) / (2 if whole else 1),
        stall=rng.choice([0.0, 0.01, 0.03]) / (2 if whole else 1),
        commit=rng.choice([0.0, 0.01, 0.05]) / (2 if whole else 1),
        kinds=tuple(rng.sample(sorted(KINDS), 4)) if few else tuple(KINDS),
        late=rng.choice([0.0, 0.0, 0.3]),
        work=rng.choice([0.0, 0.0, 0.2]),
    )
