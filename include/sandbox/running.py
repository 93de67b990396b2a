"""A sandbox for the length of a ``with`` block: what tests and checks of clients use.

with running(deals=60) as sandbox:
    client = IntacctClient(session, sandbox.intacct.url, ...)
    sandbox.control.fault("lost_after", label="create_invoice", nth=1)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from include.sandbox.access import Access, HubSpotAccess, IntacctAccess, MailAccess, SlackAccess
from include.sandbox.calls import CallLog
from include.sandbox.clock import Clock
from include.sandbox.control_client import Control
from include.sandbox.exchange import Twin
from include.sandbox.listening import Listening, bind
from include.sandbox.mail.sink import MailSink
from include.sandbox.state import Sandbox


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that answers.

    ``intacct``, ``hubspot``, ``mail`` and ``slack`` are the addresses and credentials for a client, ``control`` the
    controls over HTTP, ``sandbox`` the same from inside (twins, clock, log, faults) for tests in this process.
    """

    url: str
    intacct: IntacctAccess
    hubspot: HubSpotAccess
    control: Control
    sandbox: Sandbox
    mail: MailAccess = field(default_factory=MailAccess)
    slack: SlackAccess = field(default_factory=SlackAccess)


@contextmanager
def running(
    deals: int | None = None,
    seed: int = 1,
    *,
    at: datetime | None = None,
    data: Path | None = None,
    intacct: Mapping[str, Any] | None = None,
    hubspot: Mapping[str, Any] | None = None,
    twins: Sequence[Twin] | None = None,
    body_limit: int = 4096,
    profile: str = "demo",
    invoices: int = 0,
) -> Iterator[Running]:
    """Serve both twins on a free port of this machine until the block ends.

    ``deals`` seeds the company of that size (``profile``, ``invoices``: as in ``Sandbox.seed``), ``None``
    leaves the twins empty. ``at`` sets the twins'
    clock (it runs on). ``data`` keeps the twins' files in that folder, else they live in memory. ``intacct``
    and ``hubspot`` are switches of the twins; ``twins`` puts other twins in their place; ``body_limit`` is
    how many bytes of each body the call log keeps.
    """
    clock = Clock(at)
    with nullcontext(twins) if twins is not None else _both(clock, data, intacct, hubspot) as served:
        sandbox = Sandbox(served, clock, calls=CallLog(body_limit=body_limit), data=data)
        if deals is not None:
            sandbox.seed(profile, deals, seed, invoices)
        listening = Listening(sandbox, bind(0))
        listening.start()
        sink = MailSink(sandbox.messages, sandbox.faults, bind(0))
        sink.start()
        access = Access.at(listening.url, sink.port)
        control = Control(access.control)
        try:
            yield Running(listening.url, access.intacct, access.hubspot, control, sandbox, access.mail, access.slack)
        finally:
            control.close()
            sink.stop()
            listening.stop()


@contextmanager
def _both(
    clock: Clock, data: Path | None, intacct: Mapping[str, Any] | None, hubspot: Mapping[str, Any] | None
) -> Iterator[Sequence[Twin]]:
    # Loaded on demand: a test that brings its own twins needs neither of the real ones.
    from include.sandbox.twins import close_twins, open_twins

    twins = open_twins(clock, data, intacct=intacct, hubspot=hubspot)
    try:
        yield twins
    finally:
        close_twins(twins)
