"""The settings of ``check_connections.yaml``, and reading every other flow's for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from include.core import settings_yaml
from include.core.books import Books, Strict
from include.core.errors import SettingsError
from include.core.settings import load, load_flow_settings, settings_dir
from include.core.settings_problems import SettingsProblems
from include.flows.checks.catalogue_names import Named, names_in
from include.flows.checks.finding import Finding
from include.flows.checks.flows_in_use import flows_in_use, settings_model


class CheckSettings(Strict):
    """``flows``: those that this company runs; ``all`` are those with a settings file that is not switched off in it.
    ``notify``: the e-mail address that is told of problems, empty for nobody; ``slack``: whether the channel is."""

    flows: Literal["all"] | tuple[str, ...] = "all"
    notify: str = Field(default="", pattern=r"^([^@\s]+@[^@\s]+)?$")
    slack: bool = False

    def in_use(self) -> list[str]:
        return flows_in_use(None if self.flows == "all" else self.flows)


@dataclass(frozen=True, slots=True)
class Checked:
    """All settings files of the flows in use: what is wrong with them by themselves, and what they name."""

    findings: tuple[Finding, ...]
    names: tuple[Named, ...]
    books: Books | None


def check_files(flows: list[str]) -> Checked:
    """Read ``books.yaml`` and each flow's file. Nothing is called."""
    folder = settings_dir()
    findings: dict[Finding, None] = {}
    try:
        books: Books | None = load(folder / "books.yaml", Books)
    except SettingsProblems as wrong:
        books, findings = None, dict.fromkeys(map(Finding.of, wrong.problems))
    for flow in flows:
        model = settings_model(flow)
        if model is None:
            why = f"{flow}.yaml: there is no flow of this name. Correct the file's name, or remove it."
            findings[Finding("settings", f"{flow}.yaml", "problem", why)] = None
            continue
        try:
            load_flow_settings(flow, model)
        except SettingsProblems as wrong:
            findings |= dict.fromkeys(map(Finding.of, wrong.problems))
        except SettingsError as error:
            findings[Finding("settings", f"{flow}.yaml", "problem", error.message)] = None
    labels = books is not None and books.line_accounts == "label"
    names = [
        name
        for file in ["books.yaml", *(f"{flow}.yaml" for flow in flows)]
        for name in names_in(file, settings_yaml.read(folder / file), labels=labels)
    ]
    if not findings:
        told = f"The settings of {len(flows)} flows in {folder} are whole."
        findings[Finding("settings", "files", "ok", told)] = None
    return Checked(tuple(findings), tuple(names), books)
