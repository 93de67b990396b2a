"""The pages for people: what they show, that everything is escaped, and that their buttons work."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

NASTY = "<script>alert('x')</script> & \"quotes\""
DEAL = {
    "type": "deals",
    "id": "99999995000",
    "properties": {"dealname": NASTY, "amount": "46.29", "tieout_state": "held"},
    "archived": False,
}
INVOICE = {"object": "ARINVOICE", "record": {"RECORDNO": "7", "RECORDID": "SI-7", "DESCRIPTION": NASTY}}


class Strict(HTMLParser):
    """Checks that elements nest, and collects what would run or be fetched."""

    VOID = ("meta", "input", "link", "img", "br", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bad: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "img", "link", "iframe", "object", "base"}:
            self.bad.append(tag)
        self.bad += [name for name, _ in attrs if name.startswith("on") or name in {"src", "style"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parse(text: str) -> Strict:
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture
def pages(sandbox, http):
    def get(path: str = ""):
        return http.get(f"{sandbox.control.url}/{path}", timeout=5)

    return get


@pytest.fixture
def press(sandbox, http):
    """Post a form as a browser does, following the way back."""

    def post(action: str, /, **fields: str):
        return http.post(f"{sandbox.control.url}/do/{action}", data=fields, timeout=5)

    return post


def test_the_first_page_shows_systems_clock_faults_and_calls(sandbox, http, pages, hubspot, intacct):
    hubspot.records, intacct.records = [DEAL, DEAL], [INVOICE]
    http.get(f"{sandbox.url}/crm/v3/objects/deals")
    sandbox.control.fault("slow", label="create_invoice", ms=5)
    text = pages().text
    for expected in ("Sage Intacct", "HubSpot", "deals", "ARINVOICE", "Clock", "create_invoice", "GET deals", "200"):
        assert expected in text
    assert re.search(r"deals</a></td><td class=\"number\">2<", text)


@pytest.mark.parametrize("path", ["", "show/hubspot/deals", "show/intacct/ARINVOICE", "call/1", "show/x/y", "call/9"])
def test_pages_are_whole_escaped_and_fetch_nothing(sandbox, http, pages, hubspot, intacct, path):
    hubspot.records, intacct.records = [DEAL], [INVOICE]
    http.post(f"{sandbox.url}/crm/{NASTY}", data=NASTY.encode(), headers={"X-Nasty": NASTY})
    sandbox.control.fault("slow", label=re.escape(NASTY), ms=0)
    answer = pages(path)
    assert "<script" not in answer.text
    assert parse(answer.text).bad == []
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_records_are_shown_page_by_page(pages, hubspot):
    hubspot.records = [
        {**DEAL, "id": str(number), "properties": {"dealname": f"deal {number}"}} for number in range(120)
    ]
    assert "deal 49<" in pages("show/hubspot/deals").text
    assert "deal 50<" not in pages("show/hubspot/deals").text
    last = pages("show/hubspot/deals?page=3").text
    assert "deal 119<" in last
    assert "page 3 of 3" in last
    assert "120 in HubSpot" in last


def test_numbers_of_records_are_fresh_after_a_call(sandbox, http, pages, hubspot):
    assert "nothing in it" in pages().text
    hubspot.records = [DEAL]
    http.get(f"{sandbox.url}/crm/x")
    assert "deals</a>" in pages().text


def test_one_call_can_be_looked_at_without_its_secrets(sandbox, http, pages):
    http.post(
        f"{sandbox.url}/crm/x?a=b", json={"token": "very-secret"}, headers={"Authorization": "Bearer very-secret"}
    )
    text = pages("call/1").text
    assert "POST /crm/x?a=b" in text
    assert "very-secret" not in text
    assert pages("call/77").status_code == 404


def test_buttons_order_and_lift_faults(sandbox, press):
    answer = press("fault", kind="status", status="429", nth="1", system="hubspot", label="")
    assert answer.url == f"{sandbox.control.url}/"
    (fault,) = sandbox.control.faults()
    assert (fault["kind"], fault["status"], fault["nth"], fault["system"]) == ("status", 429, 1, "hubspot")
    press("lift", id=str(fault["id"]))
    assert sandbox.control.faults() == []


def test_buttons_move_the_clock(sandbox, press):
    press("clock", action="stop")
    before = sandbox.control.now()
    press("clock", action="advance", seconds="3600")
    assert (sandbox.control.now() - before).total_seconds() == 3600
    press("clock", action="set", to="2026-11-16T09:00:00+00:00")
    assert sandbox.control.now().isoformat() == "2026-11-16T09:00:00+00:00"


def test_buttons_fill_and_empty_the_twins(sandbox, press, hubspot):
    press("seed", deals="2", seed="3")
    assert sandbox.control.ready()["deals"] == 2
    press("reset")
    assert hubspot.records == []


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("seed", {"deals": "many"}, "deals must be a whole number"),
        ("fault", {"kind": "explode"}, "unknown kind"),
        ("clock", {"action": "set", "to": "soon"}, "soon"),
        ("fly", {}, "no such action"),
    ],
)
def test_a_wrong_input_is_explained_on_a_page(press, action, fields, words):
    answer = press(action, **fields)
    assert answer.status_code in {400, 404}
    assert words in answer.text
    parse(answer.text)
