"""A notice as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from include.notices.notice import Cell, Link, Notice, Section, text_of

_BODY = "margin:0;padding:16px;font:14px/1.5 Arial,Helvetica,sans-serif;color:#1c2733"
_HEAD = "padding:4px 10px;border-bottom:2px solid #66727f;white-space:nowrap"
_CELL = "padding:4px 10px;border-bottom:1px solid #d8dde4;vertical-align:top"
_GAP = "  "
_WIDEST = 60


def as_text(notice: Notice) -> str:
    """Headings, lines and tables in columns; addresses of links stand below what they belong to."""
    blocks = ("\n".join(_text_section(section)) for section in notice.sections)
    return "\n\n".join(block for block in blocks if block) + "\n"


def as_html(notice: Notice) -> str:
    """A whole HTML document without anything to be loaded from elsewhere; every text in it is escaped."""
    body = "".join(_html_section(section) for section in notice.sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<title>{escape(notice.subject)}</title></head>\n<body style="{_BODY}">\n{body}</body></html>\n'
    )


def table_lines(section: Section) -> list[str]:
    """A section's table as lines of text in columns of at most 60 characters, which longer cells overrun; addresses of
    links are left out."""
    if not section.columns:
        return []
    shown = [tuple(text_of(cell) for cell in row) for row in section.rows]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(section.columns, *shown, strict=True)]
    right = [column in section.numbers for column in section.columns]

    def line(cells: Iterable[str]) -> str:
        padded = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(cells, widths, right, strict=True)
        )
        return _GAP.join(padded).rstrip()

    return [line(section.columns), _GAP.join("-" * width for width in widths), *(line(row) for row in shown)]


def _text_section(section: Section) -> Iterator[str]:
    if section.title:
        yield section.title
        yield "=" * len(section.title)
    for entry in section.lines:
        yield text_of(entry)
        yield from _addresses([entry])
    table = table_lines(section)
    if table and (section.title or section.lines):
        yield ""
    yield from table[:2]
    for row, line in zip(section.rows, table[2:], strict=True):
        yield line
        yield from _addresses(row)


def _addresses(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, Link) and cell.url:
            yield f"    {cell.url}"


def _html_section(section: Section) -> str:
    parts = [f'<h2 style="font-size:16px;margin:16px 0 8px">{escape(section.title)}</h2>\n'] if section.title else []
    parts += [f'<p style="margin:4px 0">{_html(line)}</p>\n' for line in section.lines]
    if section.columns:
        aligned = ["right" if column in section.numbers else "left" for column in section.columns]
        head = "".join(
            f'<th style="{_HEAD}" align="{align}">{escape(column)}</th>'
            for column, align in zip(section.columns, aligned, strict=True)
        )
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="{_CELL}" align="{align}">{_html(cell)}</td>'
                for cell, align in zip(row, aligned, strict=True)
            )
            + "</tr>\n"
            for row in section.rows
        )
        parts.append(f'<table style="border-collapse:collapse;margin:8px 0">\n<tr>{head}</tr>\n{rows}</table>\n')
    return "".join(parts)


def _html(cell: Cell) -> str:
    if isinstance(cell, Link) and cell.url:
        return f'<a href="{escape(cell.url)}" rel="noreferrer">{escape(cell.text or cell.url)}</a>'
    return escape(text_of(cell))
