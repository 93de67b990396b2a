"""The pages behind the first one: one kind of record, and one call."""

from __future__ import annotations

import json

from include.sandbox.calls import Call
from include.sandbox.pages.books import NUMBERS, PAGE, TITLES, Sheet
from include.sandbox.pages.html import Html, join, link, page, table, tag
from include.sandbox.pages.overview import status_of


def records_page(system: str, kind: str, number: int, sheet: Sheet) -> Html:
    """Page ``number`` of one kind of record."""
    last = max(1, -(-sheet.total // PAGE))
    where = f"/_sandbox/show/{system}/{kind}?page="
    turns = [
        link(f"{where}{number - 1}", "previous") if number > 1 else None,
        f"page {number} of {last}",
        link(f"{where}{number + 1}", "next") if number < last else None,
    ]
    return page(
        f"{kind} - Sandbox",
        tag(
            "header",
            tag("h1", kind),
            tag("span", f"{sheet.total:,} in {TITLES.get(system, system)}", class_="dim"),
            _back(),
        ),
        table(sheet.heads, sheet.rows, numbers=NUMBERS & set(sheet.heads)),
        tag("p", join([turn for turn in turns if turn], " | ")),
    )


def call_page(call: Call) -> Html:
    """Everything that the log kept of one call."""
    query = f"?{call.query}" if call.query else ""
    return page(
        f"Call {call.seq} - Sandbox",
        tag("header", tag("h1", f"Call {call.seq}: {call.label}"), status_of(call), _back()),
        tag("p", f"{call.received_at}, {call.ms:.1f} ms, {TITLES.get(call.system, call.system)}", class_="dim"),
        tag("h2", "Request"),
        tag("pre", f"{call.method} {call.path}{query}\n{_lines(call.request_headers)}"),
        tag("pre", call.request_body or "(no body)"),
        tag("h2", "Answer"),
        tag("pre", _lines(call.response_headers) or "(no headers)"),
        tag("pre", _readable(call.response_body) or "(no body)"),
    )


def problem_page(problem: str) -> Html:
    return page("Sandbox", tag("header", tag("h1", "That did not work"), _back()), tag("p", problem))


def _back() -> Html:
    return link("/_sandbox/", "back")


def _lines(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _readable(body: str) -> str:
    """JSON spread over lines; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
