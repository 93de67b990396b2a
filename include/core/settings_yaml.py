"""Reading a settings file: YAML as a person means it, every key with its line.

Three habits of YAML that surprise people who keep books are left out. ``NO``, ``on`` and ``yes`` are texts (the
country code of Norway is not "false"); ``0100`` and ``12:30`` are texts; a number with a decimal point is an exact
``Decimal``, never a float. Keys are always texts, with or without quotes (entity ``100``). A key given twice is a
problem, not a silent replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top of the file."""

_MOST_PLACES = 100_000
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a file as YAML."""

    place: Place
    line: int | None
    says: str


@dataclass(slots=True)
class Document:
    """A file's ``data``, the line (from 1) of each place, and its mistakes as YAML."""

    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line_of(self, place: Place) -> int | None:
        """The line of a place, or of the nearest place around it that stands in the file."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return self.lines.get(())


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own way of configuring a loader)


_NUMBER_START = list("-+0123456789")
for _tag, _pattern, _first in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)\Z", _NUMBER_START),
    ("float", r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+\Z", _NUMBER_START),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", _NUMBER_START),
    ("merge", r"<<\Z", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _exact(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


def _day(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> date | str:
    """A day that does not exist stays text, so that its own key is told as wrong and not the whole file."""
    text = str(loader.construct_scalar(node))
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


_Loader.add_constructor("tag:yaml.org,2002:float", _exact)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def read(path: Path) -> Document:
    """The file's content. What is wrong with it is in ``mistakes``; a file that is no YAML has ``data`` ``None``."""
    document = Document()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return _broken(document, None, "the file does not exist")
    except (OSError, UnicodeDecodeError) as error:
        return _broken(document, None, f"the file cannot be read ({type(error).__name__})")
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            document.data = {}
            return document
        for place, line in _places(node, (), document.mistakes):
            document.lines.setdefault(place, line)
            if len(document.lines) > _MOST_PLACES:
                return _broken(document, None, f"the file has more than {_MOST_PLACES} values")
        document.data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        # Only what is wrong and where: the lines around it may hold what must not be shown.
        mark = error.problem_mark or error.context_mark
        says = " ".join(str(part) for part in (error.context, error.problem) if part)
        return _broken(document, mark.line + 1 if mark else None, f"this is not YAML: {says}")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _broken(document, None, f"this is not YAML ({type(error).__name__})")
    finally:
        loader.dispose()
    return document


def _broken(document: Document, line: int | None, says: str) -> Document:
    document.data = None
    document.mistakes.append(Mistake((), line, says))
    return document


def _places(node: yaml.Node, place: Place, mistakes: list[Mistake]) -> Iterator[tuple[Place, int]]:
    """Every place below ``node`` with its line; keys given twice and keys that are no text or number are mistakes."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _places(item, (*place, index), mistakes)
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        kept = []
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                mistakes.append(Mistake(place, line, "a key must be a text or a number"))
                continue
            if key.tag != _MERGE:
                key.tag = _TEXT
            if key.value in first:
                says = f"this key stands here twice, first in line {first[key.value]}; leave one"
                mistakes.append(Mistake((*place, key.value), line, says))
                continue
            first[key.value] = line
            kept.append((key, value))
            yield (*place, key.value), line
            yield from _places(value, (*place, key.value), mistakes)
        node.value = kept
