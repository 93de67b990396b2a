"""What a notice says, whatever it is sent by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from include.core.decisions import Json
from include.notices.plain import mail_address, one_line

LONGEST_SUBJECT = 200
LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to a page. ``url`` is dropped unless it is http or https, and printable ASCII without spaces."""

    text: str
    url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", one_line(self.text))
        object.__setattr__(self, "url", self.url if _leads_to_a_page(self.url) else "")


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, lines of text, and a table; each may be missing. ``numbers`` names the columns that are aligned to
    the right. Raises ``ValueError`` for a row that has not one cell for each column."""

    title: str = ""
    lines: Sequence[Cell] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    numbers: Collection[str] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"each row of {self.title!r} must have {len(self.columns)} cells")
        object.__setattr__(self, "title", one_line(self.title))
        object.__setattr__(self, "lines", tuple(_cell(line) for line in self.lines))
        object.__setattr__(self, "columns", tuple(one_line(column) for column in self.columns))
        object.__setattr__(self, "rows", tuple(tuple(_cell(cell) for cell in row) for row in self.rows))
        object.__setattr__(self, "numbers", tuple(one_line(column) for column in self.numbers))


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person, or to the channel of a Slack webhook.

    ``to`` is an e-mail address, empty for a notice that only goes to Slack; it is shown in no log, so it is left out
    of the notice's ``repr``, and so are the contents. Text may come from anywhere: it is made harmless here. Raises
    ``Unmapped`` where ``to`` is no address.
    """

    to: str
    subject: str
    sections: Sequence[Section]

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", mail_address(self.to) if self.to else "")
        object.__setattr__(self, "subject", one_line(self.subject, LONGEST_SUBJECT))
        object.__setattr__(self, "sections", tuple(self.sections))

    def __repr__(self) -> str:
        return f"Notice({len(self.sections)} sections)"

    def to_json(self) -> Json:
        return {
            "to": self.to,
            "subject": self.subject,
            "sections": [
                {
                    "title": section.title,
                    "lines": [_to_json(line) for line in section.lines],
                    "columns": list(section.columns),
                    "rows": [[_to_json(cell) for cell in row] for row in section.rows],
                    "numbers": list(section.numbers),
                }
                for section in self.sections
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Notice:
        sections = (
            Section(
                section["title"],
                [_from_json(line) for line in section["lines"]],
                section["columns"],
                [[_from_json(cell) for cell in row] for row in section["rows"]],
                section["numbers"],
            )
            for section in data["sections"]
        )
        return cls(data["to"], data["subject"], tuple(sections))


def text_of(cell: Cell) -> str:
    """What a cell shows."""
    return cell.text if isinstance(cell, Link) else cell


def _cell(cell: Cell) -> Cell:
    return cell if isinstance(cell, Link) else one_line(cell)


def _to_json(cell: Cell) -> str | Json:
    return {"text": cell.text, "url": cell.url} if isinstance(cell, Link) else cell


def _from_json(value: str | Mapping[str, str]) -> Cell:
    return value if isinstance(value, str) else Link(value["text"], value["url"])


def _leads_to_a_page(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
