"""Settings files: loaded whole, checked whole, every problem reported at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ValidationError

from include.core import settings_yaml
from include.core.books import Books
from include.core.errors import SettingsError
from include.core.settings_problems import Problem, SettingsProblems, dotted, from_validation
from include.core.settings_yaml import Document

__all__ = ["Problem", "SettingsProblems", "load", "load_all", "load_flow_settings", "settings_dir"]

_Model = TypeVar("_Model", bound=BaseModel)
SHIPPED = Path(__file__).resolve().parents[1] / "settings"


@runtime_checkable
class CheckedAgainstBooks(Protocol):
    """A flow's settings that name things which ``books.yaml`` must know."""

    def problems(self, books: Books) -> Sequence[tuple[str, str, str]]:
        """What contradicts the books: (key, value, what is allowed)."""


def settings_dir() -> Path:
    """The folder of the company's settings: ``TIEOUT_SETTINGS_DIR``, else the shipped ones of the demo company.

    Raises ``SettingsError`` where the variable names no folder.
    """
    named = os.environ.get("TIEOUT_SETTINGS_DIR")
    if not named:
        return SHIPPED
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise SettingsError(f"TIEOUT_SETTINGS_DIR is {named}, which is no folder")
    return folder


def load(path: Path, model: type[_Model]) -> _Model:
    """The file as a ``model``. Raises ``SettingsProblems`` with everything that is wrong with it."""
    settings, problems = _checked(path.name, path, model)
    if settings is None:
        raise SettingsProblems(problems)
    return settings


def load_all(files: Mapping[str, tuple[Path, type[BaseModel]]]) -> dict[str, BaseModel]:
    """Each named file as its model. Raises ``SettingsProblems`` with everything that is wrong with any of them.

    The names are used in the problems; give the files' own.
    """
    loaded: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    for name, (path, model) in files.items():
        settings, wrong = _checked(name, path, model)
        problems += wrong
        if settings is not None:
            loaded[name] = settings
    if problems:
        raise SettingsProblems(problems)
    return loaded


def load_flow_settings(flow: str, model: type[_Model], folder: Path | None = None) -> tuple[Books, _Model]:
    """The company's ``books.yaml`` and the flow's ``<flow>.yaml`` from ``folder`` (default ``settings_dir()``).

    Raises ``SettingsProblems`` with the problems of both.
    """
    folder = folder or settings_dir()
    books, wrong = _checked("books.yaml", folder / "books.yaml", Books)
    settings, also_wrong = _checked(f"{flow}.yaml", folder / f"{flow}.yaml", model)
    if books is not None and isinstance(settings, CheckedAgainstBooks):
        also_wrong = [Problem(f"{flow}.yaml", *told) for told in settings.problems(books)]
    if books is None or settings is None or also_wrong:
        raise SettingsProblems([*wrong, *also_wrong])
    return books, settings


def _checked(name: str, path: Path, model: type[_Model]) -> tuple[_Model | None, list[Problem]]:
    """The settings, or everything that is wrong: mistakes of the YAML and of the values together."""
    document = settings_yaml.read(path)
    problems = [
        Problem(name, dotted(mistake.place), "given again" if mistake.place else "", mistake.says, mistake.line)
        for mistake in document.mistakes
    ]
    if document.data is None:
        return None, problems
    if not isinstance(document.data, dict):
        return None, [*problems, Problem(name, "", "", "the file must be keys with values", 1)]
    try:
        settings = model.model_validate(document.data, extra="forbid")
    except ValidationError as error:
        return None, problems + _of_validation(name, document, model, error)
    return (None, problems) if problems else (settings, [])


def _of_validation(name: str, document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    found = error.errors(include_url=False)
    return [from_validation(name, detail, model, document.line_of(detail["loc"])) for detail in found]
