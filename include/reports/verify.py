"""``python -m include.reports.verify FOLDER``: are the files of a close pack as they were made?

Says ``ok``, or what differs: a file; a manifest of the chain from the period's newest pack to its first; and, where the
state database is named (``--state-url`` or ``TIEOUT_STATE_URL``), the hashes and approvals that it keeps. Exit code 0
for ok, 1 otherwise. The hash that it prints is the manifest's own: compare it with the mail that told of the pack.
Whoever can write both the files and the state database can forge both; such a pack shows against the mail alone.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from include.core.errors import TieoutError
from include.core.log_line import log_line
from include.reports.manifest import differences, read_manifest
from include.reports.verify_state import disagreements
from include.state.store import open_store


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m include.reports.verify", description=(__doc__ or "").strip())
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--state-url", default=os.environ.get("TIEOUT_STATE_URL"))
    options = parser.parse_args(arguments)
    try:
        store = open_store(options.state_url) if options.state_url else None
    except TieoutError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    against = "the state database has the same" if store else "not compared with a state database"
    good = True
    for folder in (one.resolve() for one in options.folder):
        wrong = differences(folder)
        if store and not wrong:
            wrong = disagreements(folder, store)
        good = good and not wrong
        if wrong:
            sys.stdout.write("".join(f"{log_line(one)}\n" for one in wrong))
            continue
        told, hashed = read_manifest(folder)
        sys.stdout.write(f"{folder.name}: ok, {len(told['files'])} files; manifest {hashed}; {against}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
