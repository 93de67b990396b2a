"""One self-contained HTML page: its style, its program and its data are inside; it loads nothing from anywhere.

A page is sections; a section is a heading, a sentence and a part that ``page.js`` draws: ``tiles``, ``bars``, ``lines``
or ``table``, or an empty place (``own``) that the page's own ``script`` fills.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

Part = dict[str, Any]
Cell = str | int | Mapping[str, str]
"""``{"text": .., "url": ..}`` is a link; only http(s) addresses become one."""

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    part: Part
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """``script`` may use ``Tieout`` (``page.js``) and ``Tieout.data.own``, which is ``data``."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: str = ""
    script: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    numbers: Sequence[str] = (),
    total: Sequence[Cell] | None = None,
    search: bool = False,
) -> Part:
    """Sortable by every column. ``numbers`` names the right-aligned ones; ``search`` gives a field to look for text."""
    right = [place for place, name in enumerate(columns) if name in numbers]
    return {
        "kind": "table", "columns": list(columns), "rows": [list(row) for row in rows], "numbers": right,
        "total": list(total) if total is not None else None, "filter": search,
    }  # fmt: skip


def bars(labels: Sequence[str], series: Mapping[str, Sequence[int]], *, digits: int = 2, stacked: bool = False) -> Part:
    """``series``: name -> minor units of a currency with so many ``digits``, one for each label. ``|`` in a label
    starts a new line."""
    return {"kind": "bars", "labels": list(labels), "series": _series(series), "digits": digits, "stacked": stacked}


def lines(labels: Sequence[str], series: Mapping[str, Sequence[int | None]], *, digits: int = 0) -> Part:
    """As ``bars``; ``None`` leaves a point out."""
    return {"kind": "lines", "labels": list(labels), "series": _series(series), "digits": digits}


def tiles(items: Sequence[tuple[str, str, str] | tuple[str, str, str, str]]) -> Part:
    """``items``: label, value, note and, where it matters, ``good`` or ``bad``."""
    named = [dict(zip(("label", "value", "note", "state"), item, strict=False)) for item in items]
    return {"kind": "tiles", "items": named}


def own(name: str) -> Part:
    """A place that the page's own script fills: ``document.getElementById(name)``."""
    return {"kind": "own", "name": name}


def as_html(page: Page) -> str:
    """The whole file. Any text is safe anywhere: it is escaped, or drawn as text."""
    sections = "\n".join(
        f"<section><h2>{escape(one.title)}</h2>{f'<p>{escape(one.text)}</p>' if one.text else ''}"
        f'<div data-part="{place}"{_name(one.part)}></div></section>'
        for place, one in enumerate(page.sections)
    )
    data = {"parts": [one.part for one in page.sections], "own": page.data}
    own_script = f"<script>{page.script}</script>" if page.script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(page.title)}</title><style>{_read('page.css')}</style></head>\n<body>"
        f"<header><h1>{escape(page.title)}</h1><p>{escape(page.subtitle)}</p></header>\n<main>{sections}</main>\n"
        f"<footer>{escape(page.footer)}</footer>\n"
        f'<script type="application/json" id="data">{_embedded(data)}</script>\n'
        f"<script>{_read('page.js')}</script>{own_script}</body></html>\n"
    )


def _series(series: Mapping[str, Sequence[int | None]]) -> list[Part]:
    return [{"name": name, "values": list(values)} for name, values in series.items()]


def _name(part: Part) -> str:
    return f' id="{escape(part["name"])}"' if part["kind"] == "own" else ""


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that no text in it can end: neither the element nor a comment."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
