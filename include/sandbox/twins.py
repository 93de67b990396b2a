"""Opening the two twins on their files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from include.sandbox.clock import Clock
from include.sandbox.exchange import Twin
from include.sandbox.hubspot.twin import HubSpotTwin
from include.sandbox.intacct.twin import IntacctTwin


def open_twins(
    clock: Clock,
    data: Path | None = None,
    *,
    intacct: Mapping[str, Any] | None = None,
    hubspot: Mapping[str, Any] | None = None,
) -> tuple[Twin, Twin]:
    """Both twins, with their files in ``data`` or in memory; ``intacct`` and ``hubspot`` are their switches
    (see each twin's ``COVERAGE.md``)."""
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
    paths = {name: ":memory:" if data is None else str(data / f"{name}.sqlite") for name in ("intacct", "hubspot")}
    seller = HubSpotTwin(paths["hubspot"], clock, **(hubspot or {}))
    seller.send_webhooks()
    return (
        # The server compresses: the call log is to show answers as text.
        IntacctTwin(paths["intacct"], clock, **{"gzip_responses": False, **(intacct or {})}),
        seller,
    )


def close_twins(twins: Iterable[Twin]) -> None:
    """Release the twins' files; the twins are of no use afterwards."""
    for twin in twins:
        close = getattr(twin, "close", None)
        if callable(close):
            close()
