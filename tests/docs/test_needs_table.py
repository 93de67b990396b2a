"""The table of what each flow needs says just what ``check_connections`` checks. To write it anew:
``python -m tests.docs.test_needs_table`` from the project's folder prints it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from include.flows.checks.needs import NEEDS, Needs
from include.flows.checks.object_words import OBJECTS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "go-live.md"
HEAD = "| flow | HubSpot: reads | writes | defines properties of | Intacct: reads | makes or changes | reads to warn |"
OPTIONS = "| setting | needed besides |"


def table() -> list[str]:
    rows = [HEAD, "|---|---|---|---|---|---|---|"]
    for flow, needs in sorted(NEEDS.items()):
        rows.append(f"| `{flow}` | {' | '.join(', '.join(names) or 'nothing' for names in parts(needs))} |")
    return rows


def parts(needs: Needs) -> list[list[str]]:
    kinds = [
        [m[1] for scope in needs.scopes if (m := re.fullmatch(pattern, scope))]
        for pattern in (r"crm\.objects\.(\w+)\.read", r"crm\.objects\.(\w+)\.write", r"crm\.schemas\.(\w+)\.write")
    ]
    assert sum(map(len, kinds)) == len(needs.scopes)
    return [*kinds, *([OBJECTS[name] for name in names] for names in (needs.reads, needs.makes, needs.warns))]


def options() -> list[str]:
    """What settings ask for, by setting; flows that share one have one row."""
    asked: dict[str, dict[str, None]] = {}
    for flow, needs in sorted(NEEDS.items()):
        for option, more in needs.options.items():
            hubspot, written, defined, read, made, warned = parts(more)
            assert not written
            assert not defined
            assert not warned
            told = [f"HubSpot: reads {', '.join(hubspot)}"] if hubspot else []
            told += [f"Intacct: reads {', '.join(read)}"] if read else []
            told += [f"makes {', '.join(made)}"] if made else []
            asked.setdefault(option, {})[f"`{flow}`: {'; '.join(told)}"] = None
    rows = [OPTIONS, "|---|---|"]
    for option, wants in asked.items():
        file, _, key = option.partition(":")
        shown = f"a value `{key[1:]}` anywhere" if key.startswith("=") else f"`{key.replace('=', ': ')}`"
        rows.append(f"| {shown} in `{file}.yaml` | {'. '.join(wants)} |")
    return rows


def table_under(head: str) -> list[str]:
    lines = PAGE.read_text().splitlines()
    start = lines.index(head)
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
    return lines[start:end]


def test_the_guide_to_going_live_says_what_each_flow_needs() -> None:
    assert table_under(HEAD) == table()


def test_the_guide_to_going_live_says_what_is_needed_where_a_setting_asks_for_it() -> None:
    assert table_under(OPTIONS) == options()


if __name__ == "__main__":
    sys.stdout.write("\n".join([*table(), "", *options()]) + "\n")
