"""The first page: what is in each system, the clock, the faults, the newest calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from include.sandbox.access import Access
from include.sandbox.calls import Call
from include.sandbox.company import PROFILES as COMPANIES
from include.sandbox.faults import KINDS
from include.sandbox.mail.page import message_table
from include.sandbox.pages.books import FIRST, TITLES, Survey
from include.sandbox.pages.html import Html, choice, field, form, join, link, page, table, tag
from include.sandbox.state import Sandbox

_NEWEST = 25
_QUICK_FAULTS = (
    ("Lose the next answer", {"kind": "lost_after", "nth": "1"}),
    ("Refuse the next call (429)", {"kind": "status", "status": "429", "nth": "1"}),
    ("Fail every third call (503)", {"kind": "status", "status": "503", "every": "3"}),
    ("Intacct is off-line (next call)", {"kind": "refusal", "nth": "1"}),
    ("A page of HTML next", {"kind": "html_200", "nth": "1"}),
    ("Cut the next answer", {"kind": "cut_at", "at": "200", "nth": "1"}),
    ("Slow by 2 s", {"kind": "slow", "ms": "2000"}),
    ("End the sessions", {"kind": "session_expired", "nth": "1"}),
)


def overview(sandbox: Sandbox, survey: Survey, url: str, *, live: bool) -> Html:
    """The page; ``live`` lets the browser load it again every few seconds."""
    again = link("/_sandbox/", "stop following") if live else link("/_sandbox/?live=1", "follow")
    header = tag("header", tag("h1", "Twins of Sage Intacct and HubSpot"), _holds(sandbox), again)
    cards = [_system(name, survey, url) for name in sandbox.twins]
    return page(
        "Sandbox",
        header,
        tag("div", *cards, _clock(sandbox), _faults(sandbox), class_="cards"),
        tag("h2", "Newest calls"),
        _calls(sandbox),
        tag("h2", "Messages"),
        message_table(sandbox.messages),
        tag("h2", "Start again"),
        _start_again(),
        refresh=3 if live else None,
    )


def _holds(sandbox: Sandbox) -> Html:
    seeded = sandbox.seeded
    if seeded.profile == "empty":
        return tag("span", "the twins are empty", class_="dim")
    return tag("span", f"a company with {seeded.deals} won deals, seed {seeded.seed}; all made up", class_="dim")


def _system(name: str, survey: Survey, url: str) -> Html:
    kinds = survey.ordered(name)
    shown, more = [one for one in kinds if one[0] in FIRST], [one for one in kinds if one[0] not in FIRST]
    access = Access.at(url)
    address = access.intacct.url if name == "intacct" else access.hubspot.url
    content = _kinds(name, shown) if kinds else tag("p", "nothing in it", class_="dim")
    rest = tag("details", tag("summary", f"{len(more)} more"), _kinds(name, more)) if more else ""
    title = tag("h2", TITLES.get(name, name))
    return tag("section", title, tag("p", tag("code", address), class_="dim"), content, rest, class_="card")


def _kinds(system: str, kinds: Iterable[tuple[str, int]]) -> Html:
    return tag(
        "table",
        *(
            tag(
                "tr",
                tag("td", link(f"/_sandbox/show/{system}/{kind}", kind)),
                tag("td", f"{number:,}", class_="number"),
            )
            for kind, number in kinds
        ),
    )


def _clock(sandbox: Sandbox) -> Html:
    clock = sandbox.clock
    now = clock.now().strftime("%Y-%m-%d %H:%M:%S UTC")
    return tag(
        "section",
        tag("h2", "Clock of the twins"),
        tag("p", tag("strong", now), " (stopped)" if clock.stopped else " (running)"),
        form("clock", _hidden("action", "start" if clock.stopped else "stop"), _button(clock_word(clock.stopped))),
        form(
            "clock",
            _hidden("action", "advance"),
            field("seconds", value="3600", class_="short", inputmode="numeric"),
            _button("seconds on"),
        ),
        form(
            "clock",
            _hidden("action", "set"),
            field("to", value=clock.now().isoformat(timespec="seconds"), class_="long"),
            _button("set"),
        ),
        form("clock", _hidden("action", "real"), _button("back to real time")),
        class_="card",
    )


def clock_word(stopped: bool) -> str:
    return "start" if stopped else "stop"


def _faults(sandbox: Sandbox) -> Html:
    standing = [
        tag(
            "tr",
            tag("td", rule["kind"]),
            tag("td", join(_aims(rule), ", ") or "every call"),
            tag("td", f"{rule['fired']} of {rule['seen']}", class_="number"),
            tag("td", form("lift", _hidden("id", str(rule["id"])), _button("lift"))),
        )
        for rule in sandbox.faults.listing()
    ]
    systems = [("", "both systems"), *((name, TITLES.get(name, name)) for name in sandbox.twins)]
    quick = [
        form("fault", *(_hidden(key, value) for key, value in rule.items()), _button(words))
        for words, rule in _QUICK_FAULTS
    ]
    own = form(
        "fault",
        choice("kind", ((kind, kind) for kind in KINDS)),
        choice("system", systems),
        field("label", placeholder="label, e.g. create_invoice"),
        field("nth", placeholder="nth", class_="short", inputmode="numeric"),
        _button("order"),
    )
    heads = (("kind", None), ("which calls", None), ("fired", "number"), ("", None))
    head = tag("tr", *(tag("th", name, class_=class_) for name, class_ in heads))
    shown = tag("table", head, *standing) if standing else tag("p", "All calls go well.", class_="dim")
    return tag("section", tag("h2", "Faults"), shown, tag("div", *quick, class_="row"), own, class_="card broad")


def _aims(rule: dict[str, object]) -> Iterator[str]:
    for name in ("system", "label", "path", "method", "nth", "every", "probability", "count"):
        if rule[name] not in {None, ""}:
            yield f"{name} {rule[name]}"


def _calls(sandbox: Sandbox) -> Html:
    newest = list(sandbox.calls.calls(limit=_NEWEST))
    rows = [
        (
            link(f"/_sandbox/call/{call.seq}", call.seq),
            call.received_at[11:23],
            TITLES.get(call.system, call.system),
            call.label,
            status_of(call),
            f"{call.ms:.1f}",
        )
        for call in reversed(newest)
    ]
    heads = ("no.", "time", "system", "call", "answer", "ms")
    return tag("div", table(heads, rows, numbers=("no.", "ms")), class_="calls")


def status_of(call: Call) -> Html:
    """The status, and the fault if there was one."""
    status = "no answer" if call.status is None else str(call.status)
    if call.fault is None:
        return tag("span", status, class_="bad" if (call.status or 0) >= 400 else None)
    return tag("span", f"{status} ({call.fault}, {'done' if call.executed else 'not done'})", class_="bad")


def _start_again() -> Html:
    return tag(
        "div",
        form(
            "seed",
            field("deals", value="60", class_="short", inputmode="numeric"),
            "won deals,",
            field("invoices", value="0", class_="short", inputmode="numeric"),
            "older invoices at least, seed",
            field("seed", value="1", class_="short", inputmode="numeric"),
            choice("profile", ((name, name) for name in COMPANIES)),
            _button("fill the twins anew"),
        ),
        form("reset", _button("empty everything")),
        form("forget", _button("clear the call log")),
    )


def _hidden(name: str, value: str) -> Html:
    return field(name, value=value, type="hidden")


def _button(words: str) -> Html:
    return tag("button", words)
