"""``python -m include.settings``: check every settings file there is, and list all problems at once."""

from __future__ import annotations

import importlib
import pkgutil
import sys

from include import flows
from include.core.errors import SettingsError
from include.core.settings import load_flow_settings, settings_dir


def flow_modules() -> list[str]:
    """The flows: the modules of ``include.flows`` that have a name and settings of their own."""
    names = [f"include.flows.{module.name}" for module in pkgutil.iter_modules(flows.__path__)]
    return [name for name in names if hasattr(importlib.import_module(name), "Settings")]


def main() -> int:
    failed = False
    for name in flow_modules():
        flow = importlib.import_module(name)
        try:
            load_flow_settings(flow.NAME, flow.Settings)
            print(f"{flow.NAME}: settings in {settings_dir()} are good")  # noqa: T201
        except SettingsError as error:
            failed = True
            print(error, file=sys.stderr)  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
