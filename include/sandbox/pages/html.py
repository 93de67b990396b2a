"""A few words of HTML. Everything that is not ``Html`` already is escaped; nothing is fetched from
elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --line: #d8dde4; --soft: #f4f6f9; --ink: #1c2733; --dim: #66727f;
        --accent: #0b6e4f; --bad: #b3261e; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --line: #37414c; --soft: #222a33; --ink: #e6eaef; --dim: #9aa7b4; --accent: #4cc79d; --bad: #ff8a80;
          --paper: #171d24; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 84rem; padding: 1.2rem 1.5rem 3rem; color: var(--ink); background: var(--paper);
       font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; border-bottom: 2px solid var(--accent);
         margin-bottom: 1.2rem; padding-bottom: .5rem }
h1 { font-size: 1.35rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.4rem 0 .6rem } .card h2 { margin-top: 0 }
a { color: var(--accent) } p { margin: .3rem 0 } .dim { color: var(--dim) } .bad { color: var(--bad) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem; margin-bottom: 1.4rem }
@media (min-width: 62rem) { .cards { grid-template-columns: repeat(3, 1fr) } .cards > :first-child { grid-row: span 2 }
  .card.broad { grid-column: span 2 } }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; background: var(--soft) }
.card code { overflow-wrap: anywhere; font-size: .8rem } .wide { overflow-x: auto; margin-bottom: 1.4rem }
table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--dim); font-weight: 600; white-space: nowrap } td.number, th.number { text-align: right }
.card table { font-size: .92rem } .card td, .card th { padding: .15rem .3rem; border: 0; vertical-align: middle }
form { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .35rem 0 }
td form, .row form { margin: 0 } .row { display: flex; flex-wrap: wrap; gap: .4rem; margin: .6rem 0 }
summary { cursor: pointer; color: var(--dim); padding: .15rem .3rem }
button, input, select { font: inherit; font-size: .88rem; padding: .22rem .55rem; border: 1px solid var(--line);
  border-radius: .35rem; background: var(--paper); color: var(--ink) }
button { cursor: pointer } button:hover { border-color: var(--accent) } input.short { width: 5rem }
input.long { width: 15.5rem; max-width: 100% }
pre { overflow-x: auto; background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem;
  font-size: .82rem; white-space: pre-wrap; overflow-wrap: anywhere }
@media (max-width: 40rem) { body { padding: .8rem .8rem 2rem } th, td { padding: .25rem .3rem }
  .calls td { overflow-wrap: anywhere } .calls tr > :nth-child(2), .calls tr > :nth-child(6) { display: none } }
"""


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Html:
    """The value as markup: escaped, unless it is markup."""
    if isinstance(value, Html):
        return value
    return Html(escape("" if value is None else str(value)))


def join(parts: Iterable[object], between: str = "") -> Html:
    return Html(between.join(text(part) for part in parts))


def tag(name: str, /, *content: object, **attributes: object) -> Html:
    """An element. Attribute ``class_`` means ``class``; an attribute of value ``None`` is left out."""
    shown = "".join(
        f' {key.rstrip("_")}="{escape(str(value))}"' for key, value in attributes.items() if value is not None
    )
    return Html(f"<{name}{shown}>{join(content)}</{name}>")


def field(name: str, **attributes: object) -> Html:
    """An input."""
    return Html(tag("input", name=name, **attributes).removesuffix("</input>"))


def link(address: str, content: object) -> Html:
    return tag("a", content, href=address)


def form(action: str, *content: object) -> Html:
    """A form that posts to an action below ``/_sandbox/do``."""
    return tag("form", *content, method="post", action=f"/_sandbox/do/{action}")


def choice(name: str, options: Iterable[tuple[str, str]]) -> Html:
    return tag("select", *(tag("option", label, value=value) for value, label in options), name=name)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[str] = ()) -> Html:
    """A table; the columns whose heads are in ``numbers`` are set to the right."""
    right = set(numbers)
    classes = ["number" if head in right else None for head in heads]
    body = [
        tag("tr", *(tag("td", cell, class_=class_) for cell, class_ in zip(row, classes, strict=True))) for row in rows
    ]
    if not body:
        body = [tag("tr", tag("td", "none", class_="dim", colspan=len(heads)))]
    head = tag("tr", *(tag("th", name, class_=class_) for name, class_ in zip(heads, classes, strict=True)))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body)), class_="wide")


def page(title: str, *content: object, refresh: int | None = None) -> Html:
    """A whole document."""
    again = Html(f'<meta http-equiv="refresh" content="{refresh}">') if refresh else ""
    return Html(
        "<!DOCTYPE html>\n"
        + tag(
            "html",
            tag(
                "head",
                Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
                again,
                tag("title", title),
                Html(f"<style>{_STYLE}</style>"),
            ),
            tag("body", *content),
            lang="en",
        )
    )
