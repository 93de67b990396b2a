"""Which flows this company runs, as its settings say."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from include.core.errors import SettingsError
from include.core.settings import settings_dir
from include.core.settings_yaml import read
from include.flows.checks.needs import NEEDS


def flows_in_use(chosen: Sequence[str] | None = None) -> list[str]:
    """The flows that this company runs: those of ``chosen`` (``None``: every settings file's, a flow of the company's
    own included), which have a settings file that does not say ``enabled: false``.

    Raises ``SettingsError`` where the settings' folder is not there.
    """
    folder = settings_dir()
    names = sorted({file.stem for file in folder.glob("*.yaml")} - {"books"}) if chosen is None else chosen
    in_use = []
    for name in names:
        file = folder / f"{name}.yaml"
        data = read(file).data if file.exists() else None
        if data is not None and not (isinstance(data, dict) and data.get("enabled") is False):
            in_use.append(name)
    return in_use


def flows_for_a_test_button() -> list[str]:
    """The flows in use, or all of them where the settings cannot tell: a Test button must not fail over a file."""
    try:
        return flows_in_use()
    except SettingsError:
        return list(NEEDS)


def settings_model(flow: str) -> type | None:
    """The pydantic model of a flow's settings file; ``None`` for a flow that this Tieout does not have."""
    name = f"include.flows.{flow}"
    try:
        return importlib.import_module(name).FLOW.settings  # type: ignore[no-any-return]
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
