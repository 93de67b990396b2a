"""XML attacks at every place where XML is parsed: refused quickly, in little memory, without a file or a connection."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from include.connectors.intacct.errors import Unreadable
from include.connectors.intacct.replies import Reply, parse_reply, read_reply
from include.sandbox.intacct.envelope.parsing import parse_request
from include.sandbox.intacct.errors import ControlFailure
from tests.security.xml_attacks import Site, attacks, harmless_looking

ROOT = Path(__file__).resolve().parents[2]
CONTENT = "content-of-a-private-file"


def _at_once(body: bytes) -> Reply:
    return parse_reply(body)


def _in_pieces(body: bytes) -> Reply:
    return read_reply(body[n : n + 1000] for n in range(0, len(body), 1000))


def _by_the_twin(body: bytes) -> object:
    return parse_request(body, 64 * 1024 * 1024)


SITES: dict[str, Site] = {"at once": _at_once, "in pieces": _in_pieces, "by the twin": _by_the_twin}
PLAIN_TO_A_PARSER = {
    *("another name space", "a prefix", "a result around everything", "many attributes", "many names of spaces"),
    *("a very deep record", "a record that does not end", "a long name"),
}
"""What is wrong with these is not XML's business: a reader of requests may take them, within its bounds."""


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[tuple[str, str, socket.socket]]:
    """A file and an address of this machine that nobody may open, and the socket where a visitor would show."""
    file = tmp_path / "private.txt"
    file.write_text(CONTENT)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)
        yield file.as_uri(), f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd", listener


class Bounds:
    """Time and memory of what happens inside: how much more than before, at most."""

    def __enter__(self) -> Bounds:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the highest mark begins anew
        self._before, self._started = _memory("VmRSS"), time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.megabytes = time.monotonic() - self._started, (_memory("VmHWM") - self._before) / 1024


def _memory(name: str) -> int:
    """Kilobytes, where the system tells; else 0."""
    with suppress(OSError):
        found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
        return int(found[1]) if found else 0
    return 0


@pytest.mark.parametrize("site", SITES)
def test_every_attack_is_refused_quickly_in_little_memory_and_opens_nothing(
    site: str, trap: tuple[str, str, socket.socket]
) -> None:
    file, address, listener = trap
    documents = attacks(file, address)
    assert len(documents) >= 30
    # The twin, which only its own clients reach, builds a tree of up to 10 MB before it refuses.
    megabytes = 100 if site == "by the twin" else 50
    taken = set()
    for name, body in documents.items():
        with Bounds() as used:
            try:
                shown = repr(SITES[site](body))
                taken.add(name)
            except (Unreadable, ControlFailure) as refused:
                shown = f"{refused!r} {vars(refused)}"
        assert CONTENT not in shown, name
        assert used.seconds < 3, name
        assert used.megabytes < megabytes or (site == "by the twin" and name in taken), (name, used.megabytes)
    assert taken <= (PLAIN_TO_A_PARSER if site == "by the twin" else set())
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("site", SITES)
def test_an_instruction_in_a_good_document_is_not_followed(site: str, trap: tuple[str, str, socket.socket]) -> None:
    file, address, listener = trap
    for name, body in harmless_looking(file, address).items():
        with Bounds() as used:
            done = SITES[site](body)
        records = [record for one in done.results for record in one.records] if isinstance(done, Reply) else []
        assert CONTENT not in repr(records), name
        assert len(records) <= 1, name
        assert used.seconds < 1, name
        assert used.megabytes < 50, name
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_xml_is_parsed_nowhere_else_in_what_meets_the_world() -> None:
    """Whoever adds a place adds it to ``SITES``; the two others are the sandbox's own, which read its own twins."""
    parses = re.compile(r"fromstring\(|PullParser\(|iterparse\(|minidom|xml\.etree|xmltodict|etree\.parse\(")
    folders = [ROOT / "include", ROOT / "plugins", ROOT / "dags"]
    found = {
        str(path.relative_to(ROOT / "include"))
        for folder in folders
        for path in folder.rglob("*.py")
        if parses.search(path.read_text())
    }
    assert found == {
        "connectors/intacct/replies.py",
        "sandbox/intacct/envelope/parsing.py",
        "sandbox/fault_refusals.py",
        "sandbox/people.py",
    }
