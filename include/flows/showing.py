"""Showing the outcome on the HubSpot records that a flow is about."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from include.connectors.hubspot.writeback import update_changed
from include.core.decisions import Hold
from include.flows.flow import Counts, Loaded
from include.flows.run import FlowRun

log = logging.getLogger(__name__)


def show(run: FlowRun, object_type: str, values: Mapping[str, Mapping[str, str | None]], loaded: Loaded) -> Counts:
    """Write what differs to these records (source id -> property -> value), for a flow whose source they are.

    What HubSpot refuses becomes a hold, so that the next run tries again; a record that is held already keeps its own
    reason.
    """
    done = update_changed(run.hubspot, object_type, values)
    word = run.flow.source[1].capitalize()
    holds = [
        Hold(one, "write_back_refused", f"{word} {one}: {error.message}")
        for one, error in done.failed.items()
        if one not in loaded.held
    ]
    run.store.put_holds(run.flow.name, run.run_id, holds)
    for one, error in done.failed.items():
        log.error("HubSpot refused what is written back for %s %s: %s", word.lower(), one, error)
    return {"written_back": len(done.sent), "write_back_failed": len(done.failed)}
