"""Hostile text through every sink: it arrives as text, or not at all, and nothing around it changes."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import logging
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.paths import Paths
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.codec import Function, build_request
from include.connectors.intacct.errors import read_error
from include.connectors.intacct.filters import any_of, equal, is_in, like
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.query import build_query
from include.connectors.intacct.xmltext import clean_text
from include.core.decisions import Hold, Key, Skip, Write
from include.notices.message import build_message
from include.notices.notice import Link, Notice, Section
from include.notices.plain import can_be_mailed, mail_address, one_line
from include.notices.slack_blocks import as_slack
from include.reports.folder import publish, reports_dir, run_name, working_folder
from include.reports.page import Page, as_html, tiles
from include.reports.page import Section as PageSection
from include.reports.page import table as page_table
from include.reports.spreadsheets import write_csv, write_excel
from include.reports.tables import Column, Table
from include.state.__main__ import main as state_command
from include.state.engine import connect
from include.state.migrate import migrate
from include.state.store import StateStore
from tests.connectors.intacct.scripted_gateway import CREDENTIALS
from tests.flows.office import Office
from tests.security.hostile_strings import ARRIVING, HOSTILE
from tieout import steps

KEY = Key("mail", "message", "hubspot", "owner", "1", "overdue")


def sent_xml(*functions: Function) -> etree._Element:
    return etree.fromstring(build_request(functions, CREDENTIALS, controlid="c", unique=False, session_id="s"))


def as_tags(element: etree._Element) -> list[str]:
    return [str(one.tag) for one in element.iter()]


def test_xml_text() -> None:
    usual = as_tags(sent_xml(Function(build_create("CUSTOMER", {"NAME": "x", "COMMENTS": "x"}))))
    for text in HOSTILE:
        sent = sent_xml(Function(build_create("CUSTOMER", {"NAME": text, "COMMENTS": text}), ""))
        assert as_tags(sent) == usual
        # XML itself makes one line end of all kinds; lxml writes a carriage return as a reference.
        assert (sent.findtext(".//NAME") or "") == clean_text(text, "NAME")


def test_queries_of_intacct() -> None:
    def query(text: str) -> etree._Element:
        wanted = any_of(equal("NAME", text), like("NAME", text), is_in("NAME", [text, text]))
        return build_query("CUSTOMER", ("RECORDNO",), wanted)

    usual = as_tags(query("x"))
    for text in HOSTILE:
        assert as_tags(query(text)) == usual


def test_both_systems_look_for_it_and_find_nothing(small_office: Office) -> None:
    intacct, hubspot = small_office.intacct(), small_office.hubspot()
    asked = [text for text in ARRIVING if text.strip()]
    functions = [
        Function(build_query("CUSTOMER", ("NAME",), equal("NAME", text)), str(n)) for n, text in enumerate(asked)
    ]
    answers = [one for n in range(0, len(functions), 100) for one in intacct.call(functions[n : n + 100])]
    assert all(one.ok and one.records == () for one in answers)
    for text in asked[::30]:  # HubSpot takes five searches a second
        if len(text) < 1000:  # a search's body has 3,000 characters
            assert list(iter_search(hubspot, "companies", [[Filter.equals("name", text)]], ["name"])) == []


def test_paths_of_hubspot() -> None:
    paths = Paths()
    for text in HOSTILE:
        sent = text.encode("utf-8", "replace").decode()
        if sent in {"", ".", ".."}:
            continue
        path = paths.objects("deals", sent)
        assert path.startswith("/crm/objects/2026-09/deals/")
        assert re.fullmatch(r"[A-Za-z0-9._~%-]+", path.rpartition("/")[2])


def test_sql(database_url: str) -> None:
    migrate(database_url)
    store = StateStore(connect(database_url, synchronous="OFF"))
    store.put_holds("flow", "run", [Hold(f"{n}{text}", text, text, {text: text}) for n, text in enumerate(ARRIVING)])
    holds = {hold.source_id: hold for hold in store.open_holds("flow")}
    assert len(holds) == len(ARRIVING)
    for n, text in enumerate(ARRIVING):
        hold = holds[f"{n}{text}"]
        assert (hold.code, hold.message, hold.details) == (text, text, {text: text})
    assert store.close_holds("flow", [f"{n}{text}" for n, text in enumerate(ARRIVING[:100])], "run") == 100
    assert len(store.open_holds("flow")) == len(ARRIVING) - 100
    assert store.open_holds("flow' OR '1'='1") == []


def as_table(texts: list[str]) -> Table:
    return Table("owed", (Column("name"),), [(text,) for text in texts])


def test_csv(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", as_table(ARRIVING))
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))[1:]
    assert len(rows) == len(ARRIVING)
    for (cell,), text in zip(rows, ARRIVING, strict=True):
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"))
        shown = "".join(one for one in text if one in "\t\n\r" or one >= " ")
        assert _without_ours(cell, shown), text


def _without_ours(cell: str, text: str) -> bool:
    """Whether the cell is the text with nothing but apostrophes put in."""
    place = 0
    for one in cell:
        if place < len(text) and one == text[place]:
            place += 1
        elif one != "'":
            return False
    return place == len(text)


@pytest.mark.parametrize(
    ("separator", "quoted"),
    [(",", csv.QUOTE_MINIMAL), *((one, how) for one in ";\t" for how in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE))],
)
def test_csv_however_a_spreadsheet_separates_it(tmp_path: Path, separator: str, quoted: int) -> None:
    """Where numbers have a decimal comma, spreadsheets separate by semicolons; and then they see no quotes in the
    middle of what was a row."""
    rows = [(f"{n}", text) for n, text in enumerate(ARRIVING)]
    write_csv(tmp_path / "x.csv", Table("owed", (Column("number"), Column("name")), rows))
    content = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    lines = content.splitlines(keepends=True) if quoted == csv.QUOTE_NONE else io.StringIO(content, newline="")
    read = csv.reader(lines, delimiter=separator, quoting=quoted)
    cells = [cell.lstrip(' "') for row in read for cell in row]
    assert len(cells) > len(ARRIVING)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d", "\uff20"))] == []


def test_excel(tmp_path: Path) -> None:
    write_excel(tmp_path / "x.xlsx", [as_table(ARRIVING)])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        assert not [name for name in book.namelist() if "external" in name.lower() or "vba" in name.lower()]
        for name in book.namelist():
            root = etree.fromstring(book.read(name))
            assert not [tag for tag in as_tags(root) if tag.endswith(("}f", "}hyperlink", "}oleObject", "}ddeLink"))]


class Markup(HTMLParser):
    """What a browser would make of a page: its tags, and their attributes' names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def report_page(text: str) -> str:
    parts = [tiles([(text, text, text)]), page_table([text], [[text], [{"text": text, "url": text}]])]
    return as_html(Page(text, text, [PageSection(text, part, text) for part in parts], footer=text, data={text: text}))


def test_html_pages_and_mails() -> None:
    def mail(text: str) -> str:
        notice = Notice("anna@sales.example", text, [Section(text, [text], [text, text], [[Link(text, text), text]])])
        sent = build_message(notice, KEY, sender="a@b.example", sender_name=one_line(text, 100), at=datetime.now(UTC))
        message = email.message_from_bytes(sent, policy=email.policy.default)
        assert sorted(message.keys()) == usual_headers
        assert [str(one.addr_spec) for one in message["To"].addresses] == ["anna@sales.example"]
        return str(message.get_body(("html",)).get_content())  # type: ignore[union-attr]

    usual_headers = sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    for make, texts in ((report_page, HOSTILE), (mail, HOSTILE[::2])):
        usual = Markup(make("x"))
        for text in texts:
            made = Markup(make(text))
            assert [tag for tag in made.tags if tag != "a"] == [tag for tag in usual.tags if tag != "a"], text
            assert made.attributes <= usual.attributes | {"href"}
            assert "javascript:" not in re.findall(r'href="([^"]*)', make(text)).__repr__()


def test_slack() -> None:
    def kinds(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [str(part.get("type"))] + [kind for value in part.values() for kind in kinds(value)]
        return [kind for value in part for kind in kinds(value)] if isinstance(part, list) else []

    for text in HOSTILE:
        made = as_slack(Notice("", text, [Section(text, [text], [text], [[text]], [text])]))
        assert set(kinds(made["blocks"])) <= {
            *("header", "plain_text", "rich_text", "rich_text_section", "rich_text_preformatted", "text", "None")
        }
        assert not re.search(r"<[!@#h]", made["text"])


def test_recipients() -> None:
    """The envelope's addresses are plain, whatever an owner's record says."""
    for text in HOSTILE:
        for address in (f"{text}@sales.example", f"anna@{text}", text):
            if can_be_mailed(address):
                assert re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+", mail_address(address))


def test_log_lines(caplog: pytest.LogCaptureFixture, small_office: Office) -> None:
    run = small_office.run()
    decisions = [
        one
        for text in ARRIVING
        for one in (Hold("1", "code", text), Skip("1", text), Write(KEY, {"a": 1}, {}, {}, text))
    ]
    flow = run.flow
    run.flow = _deciding(flow, decisions)
    caplog.set_level(logging.INFO)
    steps.plan(run, [])
    told = [record.getMessage() for record in caplog.records if record.name == "tieout.steps"]
    assert len(told) == 3 * len(ARRIVING)
    assert all(line.isprintable() for line in told)


def _deciding(flow: Any, decisions: list[Any]) -> Any:
    return replace(flow, decide=lambda run, records: decisions)


def test_what_a_command_lists_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'tieout.db'}"
    migrate(url)
    store = StateStore(connect(url, synchronous="OFF"))
    store.put_holds("flow", "run", [Hold(f"{n}", "code", text, {}) for n, text in enumerate(ARRIVING)])
    capsys.readouterr()
    assert state_command(["holds", "--url", url]) == 0
    told = capsys.readouterr().out.split("\n")
    assert len(told) == 1 + len(ARRIVING) + 1
    assert all(line.isprintable() for line in told)


def test_what_intacct_says_is_one_line() -> None:
    for text in ARRIVING:
        assert read_error({"errorno": text, "description2": text, "correction": text}).text.isprintable()


def test_file_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_REPORTS_DIR", str(tmp_path / "reports"))
    for text in ARRIVING:
        folder = working_folder("tie_out", text)
        published = publish(folder, "tie_out", run_name("2026-11-20", text))
        assert published.parent == reports_dir() / "tie_out"
        assert re.fullmatch(r"2026-11-20-[0-9a-f]{8}", published.name)
    assert {one.name for one in tmp_path.iterdir()} == {"reports"}
