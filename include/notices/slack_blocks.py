"""A notice as the JSON of a Slack incoming webhook.

Text stands in ``rich_text`` elements and ``plain_text``, where Slack reads no mark-up: a name like ``<!channel>`` calls
nobody. Slack takes 50 blocks, 150 characters of a header, and here some 3,000 of a table; what is cut says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from include.core.decisions import Json
from include.notices.notice import Cell, Link, Notice, Section, text_of
from include.notices.render import table_lines

MOST_BLOCKS = 50
LONGEST_HEADER = 150
LONGEST_TABLE = 3_000
MOST_LINES = 40


def as_slack(notice: Notice) -> Json:
    """``{"text", "blocks"}``; ``text`` is the subject, which notifications and old clients show."""
    blocks = [_header(notice.subject), *(block for section in notice.sections for block in _section(section))]
    if len(blocks) > MOST_BLOCKS:
        blocks = [*blocks[: MOST_BLOCKS - 1], _rich([_lines([f"... and {len(blocks) - MOST_BLOCKS + 1} more parts"])])]
    return {"text": _escaped(notice.subject) or "(no subject)", "blocks": blocks}


def _section(section: Section) -> list[Json]:
    elements: list[Json] = []
    if section.title:
        elements.append({"type": "rich_text_section", "elements": [_text(section.title, bold=True)]})
    if section.lines:
        shown = list(section.lines[:MOST_LINES])
        left = len(section.lines) - len(shown)
        elements.append(_lines([*shown, f"... and {left} more lines"] if left else shown))
    table = table_lines(section)
    if table:
        elements.append({"type": "rich_text_preformatted", "elements": [_text(_cut(table))]})
    return [_rich(elements)] if elements else []


def _cut(table: Sequence[str]) -> str:
    """As many lines of the table as fit."""
    kept: list[str] = []
    size = 0
    for line in table:
        size += len(line) + 1
        if size > LONGEST_TABLE:
            kept.append(f"... and {len(table) - len(kept)} more rows")
            break
        kept.append(line)
    return "\n".join(kept)


def _header(subject: str) -> Json:
    shown = subject or "(no subject)"
    text = shown if len(shown) <= LONGEST_HEADER else shown[: LONGEST_HEADER - 3] + "..."
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _rich(elements: Sequence[Json]) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _lines(cells: Sequence[Cell]) -> Json:
    elements: list[Json] = []
    for number, cell in enumerate(cells):
        if number:
            elements.append(_text("\n"))
        if isinstance(cell, Link) and cell.url:
            elements.append({"type": "link", "url": cell.url, "text": cell.text or cell.url})
        elif text_of(cell):
            elements.append(_text(text_of(cell)))
    return {"type": "rich_text_section", "elements": elements or [_text(" ")]}


def _text(text: str, *, bold: bool = False) -> Json:
    element: dict[str, Any] = {"type": "text", "text": text}
    return {**element, "style": {"bold": True}} if bold else element


def _escaped(text: str) -> str:
    """As Slack wants it where it reads mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
