"""The table of what each flow needs says just what ``check_connections`` checks. To write it anew:
``python -m tests.docs.test_needs_table`` from the project's folder prints it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from include.flows.checks.needs import NEEDS, OBJECTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "go-live.md"
HEAD = "| flow | HubSpot: reads | writes | defines properties of | Intacct: reads | makes or changes |"


def table() -> list[str]:
    rows = [HEAD, "|---|---|---|---|---|---|"]
    for flow, needs in sorted(NEEDS.items()):
        kinds = [
            [m[1] for scope in needs.scopes if (m := re.fullmatch(pattern, scope))]
            for pattern in (
                r"crm\.objects\.(\w+)\.read",
                r"crm\.objects\.(\w+)\.write",
                r"crm\.schemas\.(\w+)\.write",
            )
        ]
        assert sum(map(len, kinds)) == len(needs.scopes)
        told = [OBJECTS[name] for name in needs.reads], [OBJECTS[name] for name in needs.makes]
        cells = [", ".join(names) or "nothing" for names in (*kinds, *told)]
        rows.append(f"| `{flow}` | {' | '.join(cells)} |")
    return rows


def test_the_guide_to_going_live_says_what_each_flow_needs() -> None:
    lines = PAGE.read_text().splitlines()
    start = lines.index(HEAD)
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
    assert lines[start:end] == table()


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
