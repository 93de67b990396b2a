"""A real Airflow, all its processes at level DEBUG, runs flows of the demo; then every log file, both databases, the
batches' folder and the notices are searched for the demo's credentials, raw and encoded, and for every contact.

``.venv/bin/python -m tests.security.under_debug`` from the project's folder, where no demo runs: it begins with empty
books. The exit code is 0 where nothing was found.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from include.sandbox.access import SLACK_PATH, Access
from include.sandbox.control_client import Control
from tests.security.canaries import Sweep
from tests.security.places import Place, files_in, tables_of
from tieout.local.airflow_api import AirflowApi
from tieout.local.company import Company
from tieout.local.components import Components
from tieout.local.demo import Demo, Options
from tieout.local.environment import Home, Ports
from tieout.local.following import follow
from tieout.local.screen import Screen

FLOWS = (
    "hubspot_contact_and_intacct_customer_sync",
    "hubspot_company_to_intacct_customer",
    "hubspot_won_deal_onboarding",
    "intacct_overdue_to_hubspot_task",
    "check_connections",
)
"""Beside the main job: those that have most to do with contacts, and the one that has to do with every connection."""


ACCESS = Access.at("http://127.0.0.1:8765")
SECRETS = {
    "sender password": ACCESS.intacct.sender_password,
    "user password": ACCESS.intacct.user_password,
    "HubSpot token": ACCESS.hubspot.token,
    "Slack webhook": SLACK_PATH.partition("/services/")[2],
}
SAYS_HOW_TO_SIGN_IN = "log: components/sandbox.log"
"""The twins' server tells whoever starts it the made-up credentials that it takes."""


class AtDebug(Demo):
    """``people``: every contact's address and telephone number (their names are words of other texts too)."""

    people: dict[str, str]
    notices: list[Place]

    def environment(self, ports: Ports) -> dict[str, str]:
        return {**super().environment(ports), "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG"}

    def _company(self, components: Components, control: Control) -> Company:
        self._control = control
        return super()._company(components, control)

    def _job(self, api: AirflowApi, components: Components, run_id: str) -> tuple[str, int]:
        ended = super()._job(api, components, run_id)
        for flow in FLOWS:
            api.trigger(flow, run_id)
            api.unpause(flow)
            state, _ = follow(api, components, flow, run_id, now_at=lambda _: None, step_done=lambda _: None)
            api.pause(flow)
            self._screen.step(f"{flow}: {state}")
        self.notices = [(f"{one['system']} notice {one['seq']}", str(one)) for one in self._control.messages()]
        self.people = {
            f"{name} of contact {book['id']}": text
            for book in self._control.books("hubspot")
            if book["type"] == "contacts"
            for name in ("email", "phone")
            if (text := book["properties"].get(name))
        }
        return ended

    def shown(self) -> Iterator[Place]:
        """What people and programs can see of the runs."""
        for place, text in files_in(self._home.logs, "log"):
            if place != SAYS_HOW_TO_SIGN_IN:
                yield place, text
        yield from tables_of(self._home.database, "Airflow's database")
        yield from self.notices

    def kept(self) -> Iterator[Place]:
        """What only the owner of the folder can."""
        yield from tables_of(Path(self._state_file), "state")
        yield from files_in(self._home.folder / "xcom", "batches")


def main() -> int:
    demo = AtDebug(Home(), Options(True, False, 60, 18080, 18765, True), Screen(), time.time())
    code = demo.run()
    secrets, people = Sweep(SECRETS), Sweep(demo.people, encoded=False)
    secrets.look_at_all(demo.shown())
    secrets.look_at_all(demo.kept())
    people.look_at_all(demo.shown())
    found = [*secrets.hits, *people.hits]
    debug = sum(text.count(b"debug") + text.count(b"DEBUG") for _, text in demo.shown() if isinstance(text, bytes))
    for place, name, encoding in found[:100]:
        sys.stdout.write(f"{name} ({encoding}) stands in {place}\n")
    told = f"{len(secrets.places)} places, {len(SECRETS)} credentials, {len(people.canaries)} marks of contacts"
    sys.stdout.write(f"{told}, {debug} lines at DEBUG: {len(found)} found\n")
    return 1 if found or code or not debug else 0


if __name__ == "__main__":
    sys.exit(main())
