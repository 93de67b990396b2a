"""A run of a flow in a process of its own that is killed (SIGKILL) at a named point of the code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from include.flows.flow import Flow
from tests.flows.office import Office

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import json
import sys
from importlib import import_module
from include.core import crash
from include.sandbox.access import Access
from include.sandbox.control_client import Control
from include.sandbox.running import Running
from tests.flows.office import Office
url, state, place, flow, run_id, mail_port, params = sys.argv[1:8]
access = Access.at(url, int(mail_port))
sandbox = Running(url, access.intacct, access.hubspot, Control(f"{url}/_sandbox"), None, access.mail, access.slack)
crash.install(crash.kill_at(place))
Office(sandbox, state).run_flow(import_module(f"include.flows.{flow}").FLOW, run_id=run_id, **json.loads(params))
"""


def kill_a_run(office: Office, flow: Flow, place: str, run_id: str = "killed", **params: Any) -> None:
    """``place`` is a crash point and which time it is reached: ``sync.after_send:2`` (see ``include.core.crash``).
    ``params`` are the run's."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins")])
    killed = subprocess.run(
        [
            *(sys.executable, "-c", SCRIPT),
            *(office.sandbox.url, office.state_url, place, flow.name, run_id, str(office.sandbox.mail.port)),
            json.dumps(params),
        ],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
