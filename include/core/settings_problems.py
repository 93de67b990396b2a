"""What is wrong with settings, in words a person can act on, and never with a secret in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from include.core.errors import SettingsError

_SECRET_KEY = re.compile(
    r"pass(word|wd|phrase)?|secret|token|credential|api_?key|private_?key|bearer|authori[sz]ation|cookie", re.I
)
_SECRET_VALUE = re.compile(r"://[^/\s:@]*:[^@\s]+@|\bpat-[a-z0-9]+-|\beyJ[\w-]{10,}|-----BEGIN")
_LONGEST_VALUE = 60

_ALLOWED = {
    "string_type": "a text; put it in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a date such as 2026-11-16",
    "date_parsing": "a date such as 2026-11-16",
    "date_from_datetime_parsing": "a date such as 2026-11-16",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: ``file`` as it was named, ``key`` as dotted path (empty for the whole file), ``value`` as it stands
    there or a word in its place, ``allowed`` what would be right or what is wrong, ``line`` from 1."""

    file: str
    key: str
    value: str
    allowed: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line else self.file
        if not self.key:
            return f"{where}: {self.allowed}"
        return f"{where}: {self.key} {f'is {self.value}' if self.value else 'is missing'}; {self.allowed}"


class SettingsProblems(SettingsError):
    """All problems of all settings files at once, in ``problems``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = "".join(f"\n- {problem}" for problem in self.problems)
        super().__init__(f"{count} in the settings; nothing was sent:{lines}")


def dotted(place: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in place)


def shown(value: Any, place: Sequence[str | int]) -> str:
    """The value as it may be shown: short, and hidden where its key or its look says that it is a secret."""
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    if any(_SECRET_KEY.search(str(part)) for part in place) or _SECRET_VALUE.search(text):
        return "(not shown)"
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."


def from_validation(file: str, error: ErrorDetails, model: type[BaseModel], line: int | None) -> Problem:
    """One error of pydantic as a problem."""
    place = [part for part in error["loc"] if part != "[key]"]
    kind = error["type"]
    if kind == "missing":
        return Problem(file, dotted(place), "", f"add {_described(model, place)}", line)
    if kind == "extra_forbidden":
        known = sorted(_fields(model, place[:-1]))
        near = get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
        allowed = f"did you mean {near[0]}?" if near else f"allowed here: {', '.join(known)}"
        return Problem(file, dotted(place), "not a key that is known here", allowed, line)
    return Problem(file, dotted(place), shown(error["input"], place), _allowed(error), line)


def _allowed(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":  # our own validators' sentence
        reason = context.get("error")
        return str(getattr(reason, "message", None) or reason)
    if error["type"] in {"literal_error", "enum"}:
        return f"allowed: {context.get('expected', '')}"
    said = error["msg"].removeprefix("Input should be ").rstrip(".")
    return f"allowed: {_ALLOWED.get(error['type'], said)}"


def _described(model: type[BaseModel], place: Sequence[str | int]) -> str:
    """What belongs at a place that is empty: the field's own description, if it has one."""
    for parent in _models(model, place[:-1]):
        field = parent.model_fields.get(str(place[-1]))
        if field is not None and field.description:
            return f"it: {field.description}"
    return "it"


def _fields(model: type[BaseModel], place: Sequence[str | int]) -> set[str]:
    """The keys that the model allows at a place."""
    return {field.alias or name for parent in _models(model, place) for name, field in parent.model_fields.items()}


def _models(annotation: Any, place: Sequence[str | int]) -> list[type[BaseModel]]:
    """The models that may stand at ``place`` below something annotated so; several where it is a union."""
    if get_origin(annotation) is Annotated:
        return _models(get_args(annotation)[0], place)
    if get_origin(annotation) in {Union, UnionType}:
        # Pydantic names the member of a union in the place; skip that part where it leads nowhere.
        found = [m for option in get_args(annotation) for m in _models(option, place)]
        return found or [m for option in get_args(annotation) for m in _models(option, place[1:]) if place]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not place:
            return [annotation]
        by_key = {field.alias or name: field for name, field in annotation.model_fields.items()}
        field = by_key.get(str(place[0]))
        return _models(field.annotation, place[1:]) if field is not None else []
    arguments = get_args(annotation)
    if arguments and place:
        inner = arguments[1] if get_origin(annotation) is not list and len(arguments) == 2 else arguments[0]
        return _models(inner, place[1:])
    return []
