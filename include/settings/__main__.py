"""``python -m include.settings``: check every flow's settings file there is, and list all problems at once."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator

from include import flows
from include.core.errors import SettingsError
from include.core.settings import SettingsProblems, load_flow_settings, settings_dir
from include.flows.flow import Flow


def all_flows() -> Iterator[Flow]:
    """The flows: what the modules of ``include.flows`` that have one call ``FLOW``."""
    for module in pkgutil.iter_modules(flows.__path__):
        flow = getattr(importlib.import_module(f"include.flows.{module.name}"), "FLOW", None)
        if isinstance(flow, Flow):
            yield flow


def main() -> int:
    told: set[str] = set()
    for flow in all_flows():
        if not (settings_dir() / f"{flow.name}.yaml").exists():
            print(f"{flow.name}: no settings in {settings_dir()}, so it is not run")  # noqa: T201
            continue
        try:
            load_flow_settings(flow.name, flow.settings)
            print(f"{flow.name}: settings in {settings_dir()} are good")  # noqa: T201
        except SettingsProblems as wrong:
            # A mistake in books.yaml is every flow's, and told once.
            new = [problem for problem in map(str, wrong.problems) if problem not in told]
            told.update(new)
            print(f"{flow.name}: not good", *(f"- {problem}" for problem in new), sep="\n", file=sys.stderr)  # noqa: T201
        except SettingsError as error:
            if str(error) not in told:
                told.add(str(error))
                print(error, file=sys.stderr)  # noqa: T201
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
