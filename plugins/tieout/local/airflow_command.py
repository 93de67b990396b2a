"""``bin/airflow``: Airflow's own command line, in this project's home, with ``.env`` if there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tieout.local.environment import USER, Home, read_env_file
from tieout.local.locks import DEMO_LOCK, is_locked
from tieout.local.prepare import PrepareFailed, is_prepared, prepare

_SERVERS = {"api-server", "standalone"}


def main(arguments: Sequence[str]) -> int:
    home = Home()
    home.prepare()
    environment = {**home.environment(), **read_env_file(home.project / ".env")}
    # A demo that runs has prepared what it needs, perhaps with the twins on another port.
    if not is_locked(home.folder / DEMO_LOCK) and not is_prepared(home, environment):
        try:
            prepare(home, environment, log=home.component_logs / "prepare.log")
        except PrepareFailed as failure:
            sys.stderr.write(f"{failure}\n")
            return 3
    if set(arguments) & _SERVERS:
        sys.stderr.write(f"Sign in as {USER}; the password stands in {home.folder / 'passwords.json'}.\n")
    airflow = Path(sys.executable).with_name("airflow")
    os.execve(airflow, [str(airflow), *arguments], environment)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
