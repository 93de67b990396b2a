"""What a process of a schedule is given: its run, its state and its clients, all on virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests
from cryptography.fernet import Fernet

from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import open_session
from include.connectors.intacct import allowance
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.credentials import Credentials
from include.flows.run import FlowRun
from include.sandbox.access import Access
from tests.faults.airflow import DagRun, Task
from tests.faults.timeline import Timeline
from tieout.hooks.intacct_sessions import EncryptedSessionCache
from tieout.limits import HUBSPOT_SLOTS

if TYPE_CHECKING:
    from tests.faults.schedule import Schedule

HOST = "http://127.0.0.1:9"
ACCESS = Access.at(HOST)
_KEY = Fernet(b"cHJvb2ZzIGFyZSBub3Qgc2VjcmV0LCBidXQgbG9uZyE=")


def opened(schedule: Schedule, run: DagRun, task: Task, attempt: int) -> FlowRun:
    """The flow's run as the process of this try sees it."""
    time = schedule.timeline
    store = schedule.state.store(time.local_now)
    return FlowRun(
        flow=run.flow,
        run_id=run.run_id,
        owner=run.owner(task, attempt),
        open_store=lambda: store,
        open_hubspot=lambda: hubspot(time),
        open_intacct=lambda store: intacct(time, EncryptedSessionCache(store, _KEY, wait=time.sleep)),
        run_type=run.run_type,
        interval=run.interval,
        params={"post_mode": "auto", **run.params},
        now=time.local_now,
        wait=time.sleep,
    )


def hubspot(time: Timeline) -> HubSpotClient:
    session = open_session()
    session.trust_env = False
    return HubSpotClient(session, HOST, ACCESS.hubspot.token, slots=HUBSPOT_SLOTS, now=time.monotonic, wait=time.sleep)


def intacct(time: Timeline, sessions: Any = None) -> IntacctClient:
    who, session = ACCESS.intacct, requests.Session()
    session.trust_env = False
    credentials = Credentials(who.company_id, who.user_id, who.user_password, who.sender_id, who.sender_password)
    allowance._shared.clear()  # every process has its own
    return IntacctClient(session, who.url, credentials, sessions=sessions, now=time.local_now, wait=time.sleep)
