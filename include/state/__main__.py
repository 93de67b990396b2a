"""``python -m include.state migrate|check``: set up or check the state database.

Its URL comes from ``--url`` or, so that a password stays out of the process list, from ``TIEOUT_STATE_URL``.
"""

from __future__ import annotations

import argparse
import os
import sys

from include.core.errors import TieoutError
from include.state.migrate import migrate
from include.state.store import open_store


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when the state database is at the version the code needs, 1 with a sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m include.state", description=__doc__)
    parser.add_argument("action", choices=["migrate", "check"])
    parser.add_argument("--url", default=os.environ.get("TIEOUT_STATE_URL"))
    options = parser.parse_args(arguments)
    if not options.url:
        parser.error("name the state database with --url or TIEOUT_STATE_URL")
    try:
        if options.action == "migrate":
            migrate(options.url)
        open_store(options.url)
    except TieoutError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("the state database is ready\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
