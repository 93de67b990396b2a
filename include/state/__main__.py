"""``python -m include.state``: set the state database up, or look into it.

``migrate`` and ``check`` the database; list the ``notes`` that the last runs left, the open ``holds``, the ``refused``
writes (dead letters: sent again when their record is planned again, or when the run's task ``load`` is cleared) and
those ``in-doubt`` (looked up before anything is sent again). ``links`` lists which deals an invoice bills, with what
ended; ``share`` states what a deal's part of an invoice is, ``unlink`` ends a link that somebody approved. Its URL
comes from ``--url`` or, so that a password stays out of the process list, from ``TIEOUT_STATE_URL``. Payloads are never
shown: they may hold people's data.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable

from include.core.errors import TieoutError
from include.core.log_line import log_line
from include.core.sync import WriteRow
from include.state.link_command import add_options, link_lines
from include.state.migrate import migrate
from include.state.store import StateStore, open_store


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 1 with a sentence where the state database is not at the version that the code needs, or a link
    is not there."""
    about = (__doc__ or "").partition("\n\n")[2]
    parser = argparse.ArgumentParser(prog="python -m include.state", description=about)
    actions = ["migrate", "check", "notes", "holds", "refused", "in-doubt", "links", "share", "unlink"]
    parser.add_argument("action", choices=actions)
    parser.add_argument("--url", default=os.environ.get("TIEOUT_STATE_URL"))
    add_options(parser)
    options = parser.parse_args(arguments)
    if not options.url:
        parser.error("name the state database with --url or TIEOUT_STATE_URL")
    try:
        if options.action == "migrate":
            migrate(options.url)
        lines = list(_listed(options, open_store(options.url)))
    except TieoutError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("\n".join(map(log_line, lines)) + "\n")
    return 0


def _listed(options: argparse.Namespace, store: StateStore) -> Iterable[str]:
    match options.action:
        case "notes":
            for note in store.notes():
                counts = ", ".join(f"{name} {number}" for name, number in note.note.items())
                yield f"{note.at:%Y-%m-%d %H:%M}Z  {note.flow}  {note.run_id}  {counts}"
        case "holds":
            found = store.open_holds()
            yield f"{len(found)} open holds"
            for hold in found:
                yield f"{hold.opened_at:%Y-%m-%d %H:%M}Z  {hold.flow}  {hold.source_id}  {hold.code}: {hold.message}"
        case "refused":
            yield from _writes("refused writes", store.dead_letters())
        case "in-doubt":
            yield from _writes("writes in doubt", store.in_doubt())
        case "links" | "share" | "unlink":
            yield from link_lines(options, store)
        case _:
            yield "the state database is ready"


def _writes(what: str, rows: list[WriteRow]) -> Iterable[str]:
    yield f"{len(rows)} {what}"
    for row in rows:
        told = f"{row.code}: {row.message}" if row.code else row.summary
        yield f"{row.key.text()}  {told}"


if __name__ == "__main__":
    sys.exit(main())
