from __future__ import annotations

import json
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest

from include.core.decisions import Key
from include.core.errors import Unmapped
from include.notices.message import build_message
from include.notices.notice import Link, Notice, Section
from include.notices.plain import mail_address, one_line
from include.notices.render import as_html, as_text
from include.notices.slack_blocks import as_slack
from include.sandbox.mail.slack import _wrong as refused_by_slack
from tests.notices.conftest import SENDER
from tests.notices.hostile import HOSTILE
from tests.notices.samples import AT, digest

TAGS = {"html", "head", "meta", "title", "body", "h2", "p", "a", "table", "tr", "th", "td"}
KEY = Key("mail", "message", "hubspot", "owner", "7", "overdue-2026-11-20")


class Seen(HTMLParser):
    """The tags, attributes and texts that a mail reader finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _hostile(text: str) -> Notice:
    section = Section(text, [text, Link(text, text)], [text, "Balance"], [[text, Link(text, "https://x.example/?a=1")]])
    return Notice("anna@sales.example", text, [section])


def test_the_text_shows_headings_lines_tables_and_addresses_of_links() -> None:
    assert as_text(digest()) == (
        "Overdue\n"
        "=======\n"
        "2 invoices of your customers are overdue.\n"
        "\n"
        "Invoice       Balance\n"
        "-------  ------------\n"
        "INV-1    1,234.50 USD\n"
        "    https://books.example/1?a=1&b=2\n"
        "INV-2        9.00 USD\n"
    )


def test_the_html_shows_the_same_as_a_table() -> None:
    seen = Seen(as_html(digest()))
    assert seen.tags.count("tr") == 3
    assert ("href", "https://books.example/1?a=1&b=2") in seen.attributes
    assert seen.attributes.count(("align", "right")) == 3
    for text in ("Overdue", "2 invoices of your customers are overdue.", "INV-1", "1,234.50 USD"):
        assert text in seen.texts


def test_300_hostile_strings_stay_text_in_html() -> None:
    known = {name for name, _ in Seen(as_html(digest())).attributes}
    for text in HOSTILE:
        html = as_html(_hostile(text))
        seen = Seen(html)
        assert set(seen.tags) <= TAGS, text
        assert {name for name, _ in seen.attributes} <= known, text
        assert [value for name, value in seen.attributes if name == "href"] == ["https://x.example/?a=1"], text
        assert one_line(text) in seen.texts, text
        html.encode()


def test_300_hostile_strings_add_no_header_and_no_part_to_a_mail() -> None:
    expected = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
    for text in HOSTILE:
        raw = build_message(
            _hostile(text), KEY, sender="books@brightwater.example", sender_name=one_line(text, 100), at=AT
        )
        message = message_from_bytes(raw, policy=policy.default)
        assert set(message.keys()) == expected, text
        assert len(message.keys()) == len(expected), text
        assert message["To"] == "anna@sales.example"
        assert [address.addr_spec for address in message["From"].addresses] == ["books@brightwater.example"], text
        assert [part.get_content_type() for part in message.walk()] == [
            "multipart/alternative",
            "text/plain",
            "text/html",
        ]
        assert b"\n" not in raw.replace(b"\r\n", b""), text
        assert b"\r" not in raw.replace(b"\r\n", b""), text
        assert max(map(len, raw.split(b"\r\n"))) <= 998, text


def test_300_hostile_strings_stay_text_in_slack() -> None:
    for text in HOSTILE:
        payload = as_slack(_hostile(text))
        json.dumps(payload).encode()
        assert refused_by_slack(payload) == "", text
        assert "<" not in payload["text"]
        assert ">" not in payload["text"]
        assert "mrkdwn" not in {block.get("text", {}).get("type") for block in payload["blocks"]}
        links = [
            element
            for block in payload["blocks"]
            for part in block.get("elements", [])
            for element in part["elements"]
            if element["type"] != "text"
        ]
        assert links == [], text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://x.example/\r\nBcc: y",
        "https://x.example/a b",
        "//x.example",
        "https://",
        "http://[",
        "file:///etc/passwd",
        "https://x.example/\u202e",
    ],
)
def test_what_leads_to_no_page_is_no_link(url: str) -> None:
    assert Link("text", url).url == ""


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "@x.example",
        "a@",
        "a@b@c.example",
        "a b@x.example",
        "a@x.example\r\nBcc: b@x.example",
        "a@x.example,b@x.example",
        "Anna <a@x.example>",
        "a@x.example>",
        '"a b"@x.example',
        "a@-x.example",
        "a@x..example",
        "a@[127.0.0.1]",
        "\u00fcber@x.example",
        "a" * 65 + "@x.example",
        ".a@x.example",
        "a@x.example SIZE=1",
        "a@\u2028.example",
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(Unmapped) as caught:
        Notice(text, "s", [])
    assert text not in str(caught.value)


def test_an_international_domain_is_written_in_ascii() -> None:
    assert mail_address(" anna@b\u00fccher.example ") == "anna@xn--bcher-kva.example"


def test_a_notice_travels_as_json_and_comes_back_the_same() -> None:
    assert Notice.from_json(json.loads(json.dumps(digest().to_json()))) == digest()


def test_a_notice_shows_neither_address_nor_contents_where_it_is_logged() -> None:
    assert repr(digest()) == "Notice(1 sections)"


def test_a_row_without_a_cell_for_each_column_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Section("Overdue", columns=["Invoice", "Balance"], rows=[["INV-1"]])


def test_a_long_digest_fits_into_slack_and_says_what_is_left_out() -> None:
    rows = [[f"INV-{number}", "1.00 USD"] for number in range(1_000)]
    table = Section("Overdue", columns=["Invoice", "Balance"], rows=rows)
    payload = as_slack(Notice("", "Overdue", [table, Section(lines=["x"] * 100), *[Section("more")] * 60]))
    assert refused_by_slack(payload) == ""
    assert len(payload["blocks"]) == 50
    assert "more rows" in payload["blocks"][1]["elements"][1]["elements"][0]["text"]
    assert payload["blocks"][2]["elements"][0]["elements"][-1]["text"] == "... and 60 more lines"
    assert payload["blocks"][-1]["elements"][0]["elements"][0]["text"] == "... and 14 more parts"


def test_the_message_id_is_the_same_at_each_sending_and_another_for_each_key() -> None:
    def message_id(key: Key) -> str:
        raw = build_message(digest(), key, sender="books@brightwater.example", sender_name=SENDER, at=AT)
        return str(message_from_bytes(raw, policy=policy.default)["Message-ID"])

    other = Key("mail", "message", "hubspot", "owner", "8", "overdue-2026-11-20")
    assert message_id(KEY) == message_id(KEY) != message_id(other)
    assert message_id(KEY).endswith("@brightwater.example>")
