"""Damaged answers reach our clients: none makes them fall over, none is taken for more success than it says.

``TIEOUT_MUTATIONS=10000 bin/test -rP tests/security -k mutated`` for as many of each kind as wanted.
"""

from __future__ import annotations

import copy
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from include.connectors.hubspot.batch import NewRecord, batch_create, batch_update, batch_upsert
from include.connectors.hubspot.client import HubSpotClient
from include.connectors.hubspot.transport import BYTE_CAP
from include.connectors.intacct.client import IntacctClient
from include.connectors.intacct.codec import Function
from include.connectors.intacct.errors import classify, read_error
from include.connectors.intacct.generic import build_create
from include.connectors.intacct.query import build_query
from include.core.errors import TieoutError
from tests.connectors.hubspot.scripted import refusal
from tests.connectors.hubspot.test_untrusted import DEAL, VERBS, damaged
from tests.connectors.hubspot.virtual import VirtualClock
from tests.connectors.intacct.scripted_gateway import CREDENTIALS, Call, envelope, succeeded
from tests.security.canned import Canned

MUTATIONS = int(os.environ.get("TIEOUT_MUTATIONS", "1500"))
URL = "http://127.0.0.1:1/"
FUNCTIONS = [
    Function(build_create("CUSTOMER", {"CUSTOMERID": f"C-{n}", "NAME": "Pell"}), f"fn-{n}") for n in range(3)
] + [Function(build_query("CUSTOMER", ("RECORDNO", "NAME")), "fn-3")]
RECORDS = "<CUSTOMER><RECORDNO>7</RECORDNO><NAME>Gr\u00fcn &amp; Pell</NAME></CUSTOMER>" * 3
MOST_SECONDS, MOST_MEGABYTES = 0.5, 60
"""For one answer; for all of them."""


def whole_answer(body: bytes) -> bytes:
    call = Call({}, body)
    error = "<errormessage><error><errorno>BL01001973</errorno><description2>no</description2></error></errormessage>"
    given = [
        succeeded("create", "<data><customer><RECORDNO>7</RECORDNO></customer></data>", "fn-0"),
        f"<result><status>failure</status><function>create</function><controlid>fn-1</controlid>{error}</result>",
        succeeded("create", "<data><customer><RECORDNO>8</RECORDNO></customer></data>", "fn-2"),
        succeeded("query", f'<data count="3" totalcount="3" numremaining="0">{RECORDS}</data>', "fn-3"),
    ]
    return envelope(call, "".join(given)).encode()


def sign_in(body: bytes) -> bytes:
    api = f"<api><sessionid>s..</sessionid><endpoint>{URL}</endpoint><locationid></locationid></api>"
    return envelope(Call({}, body), succeeded("getAPISession", f"<data>{api}</data>", "1")).encode()


def mutated(good: bytes, drawn: random.Random) -> bytes:
    return (reshaped if drawn.random() < 0.5 else garbled)(good, drawn)


def garbled(good: bytes, drawn: random.Random) -> bytes:
    """One to four bytes or pieces changed, taken out, doubled, moved, or put in."""
    body = bytearray(good)
    for _ in range(drawn.randint(1, 4)):
        at, length = drawn.randrange(len(body)), drawn.randint(1, 80)
        match drawn.randrange(6):
            case 0:
                body[at] = drawn.randrange(256)
            case 1:
                del body[at : at + length]
            case 2:
                body[at:at] = drawn.randbytes(drawn.randint(1, 8))
            case 3:
                body[at:at] = body[at : at + length]
            case 4:
                piece = body[at : at + length]
                del body[at : at + length]
                to = drawn.randrange(len(body) + 1)
                body[to:to] = piece
            case _:
                body[at : at + 4] = drawn.choice(
                    [b"<x/>", b"&lt;", b"]]>", b"<!--", b"<![CDATA[", b"&#0;", b"\xff\xfe"]
                )
        body = body or bytearray(b" ")
    return bytes(body)


def reshaped(good: bytes, drawn: random.Random) -> bytes:
    """Well-formed: one to four elements removed, doubled, renamed, moved, or given another text."""
    root = ElementTree.fromstring(good)  # noqa: S314 - our own text
    for _ in range(drawn.randint(1, 4)):
        parents = [one for one in root.iter() if len(one)]
        parent = drawn.choice(parents)
        child = drawn.choice(list(parent))
        match drawn.randrange(6):
            case 0:
                parent.remove(child)
            case 1:
                parent.append(copy.deepcopy(child))
            case 2:
                child.tag = drawn.choice(["x", "result", "data", "status", "errormessage", "key", "controlid"])
            case 3:
                drawn.choice(parents).append(copy.deepcopy(child))
            case 4:
                child.set("count", drawn.choice(["-1", "9" * 400, "x", "\u0663"]))
            case _:
                child.text = drawn.choice(
                    ["", "success", "failure", "aborted", "fn-1", "fn-9", "7" * 9999, "\u202e\ufffd"]
                )
        if not len(root):
            break
    return ElementTree.tostring(root)


def said_done(body: bytes) -> set[str]:
    """The control ids of which a plain reader of XML says that they succeeded."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - our own damaged text
    except (ElementTree.ParseError, ValueError, LookupError):
        return set()
    done = (one for one in root.iter("result") if (one.findtext("status") or "").strip() == "success")
    return {(one.findtext("controlid") or "").strip() for one in done}


def test_mutated_xml_is_an_error_of_ours_or_no_more_success_than_it_says() -> None:
    drawn = random.Random(20261120)  # noqa: S311 - the same answers every time
    sent: list[bytes] = []

    def reply(request: bytes) -> bytes:
        if b"getAPISession" in request:
            return sign_in(request)
        sent.append(mutated(whole_answer(request), drawn))
        return sent[-1]

    session = requests.Session()
    session.mount(URL, Canned(reply, "text/xml"))
    client = IntacctClient(session, URL, CREDENTIALS, tries=1, first_pause=0.0, wait=lambda seconds: None)
    outcomes = Counter[str]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while len(sent) < MUTATIONS:
        started = time.process_time()
        try:
            done = {one.controlid for one in client.call(FUNCTIONS) if one.ok}
            outcomes["read"] += 1
            assert done <= said_done(sent[-1]), sent[-1]
        except TieoutError as error:
            outcomes[type(error).__name__] += 1
        assert time.process_time() - started < MOST_SECONDS, sent[-1]
    _bounded(before)
    _say("XML", outcomes)
    assert outcomes["read"] > 0
    assert outcomes["Unreadable"] > MUTATIONS / 4


TWO = {"1": {"amount": "7"}, "2": {"amount": "8"}}
WRITTEN = {
    "status": "COMPLETE",
    "results": [{**DEAL, "id": n, "objectWriteTraceId": n, "properties": {"k": n}} for n in ("1", "2")],
    "errors": [refusal("no", context={"objectWriteTraceId": ["2"], "ids": ["2"]})],
}
WRITES: dict[str, Callable[[HubSpotClient], Any]] = {
    "update": lambda client: batch_update(client, "deals", TWO),
    "upsert": lambda client: batch_upsert(client, "deals", "k", [{"k": "1"}, {"k": "2"}]),
    "create": lambda client: batch_create(client, "deals", {n: NewRecord(values) for n, values in TWO.items()}),
}
"""Their answers are checked for what they claim; those of ``VERBS`` for what they raise."""


def test_mutated_json_is_an_error_of_ours_or_no_more_success_than_it_says() -> None:
    clock, sent = VirtualClock(), list[tuple[int, bytes]]()
    drawn = random.Random(20261121)  # noqa: S311 - the same answers every time
    verbs = [*((name, WRITTEN, verb) for name, verb in WRITES.items()), *VERBS]

    def reply(_: bytes) -> tuple[int, bytes]:
        sent.append((drawn.choice([200, 200, 201, 207, 207, 400, 404, 429, 500]), damaged(good, drawn)))
        return sent[-1]

    session = requests.Session()
    session.mount(URL, Canned(reply, "application/json"))
    outcomes = Counter[str]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while len(sent) < MUTATIONS:
        name, good, verb = drawn.choice(verbs)
        client = HubSpotClient(session, URL, "pat-na1-of-a-test", request_deadline=0.5, now=clock.now, wait=clock.wait)
        first, started = len(sent), time.process_time()
        try:
            done = verb(client)
            outcomes["read"] += 1
            if name in WRITES:
                made = done.created if name == "create" else done.updated
                assert set(made) <= claimed(sent[first:]), sent[first:]
        except TieoutError as error:
            outcomes[type(error).__name__] += 1
        assert time.process_time() - started < MOST_SECONDS * (len(sent) - first + 1), sent[first:]
    _bounded(before)
    _say("JSON", outcomes)
    assert outcomes["read"] > 0
    assert outcomes["Unavailable"] + outcomes["BadShape"] > MUTATIONS / 50


def claimed(answers: list[tuple[int, bytes]]) -> set[str]:
    """Every id that an answer with a good status names anywhere in its results."""
    found = set[str]()
    for status, content in answers:
        if status >= 300:
            continue
        try:
            body = json.loads(content)
        except ValueError:
            continue
        results = body.get("results") if isinstance(body, dict) else None
        found |= {n for one in results or () for n in ("1", "2") if n in json.dumps(one)} if results else set()
    return found


def _bounded(before: int) -> None:
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MEGABYTES


def _say(kind: str, outcomes: Counter[str]) -> None:
    """For ``-rP``."""
    sys.stdout.write(f"{MUTATIONS} of {kind}: {dict(outcomes)}\n")


@pytest.mark.parametrize("good", [b'{"results": [{"id": "1"}]}'])
def test_the_judge_of_claims_sees_what_is_claimed(good: bytes) -> None:
    assert claimed([(200, good)]) == {"1"}
    assert claimed([(500, good)]) == set()
    body = b"<request><control><controlid>c</controlid></control></request>"
    assert said_done(whole_answer(body)) == {"fn-0", "fn-2", "fn-3"}
    assert said_done(whole_answer(body)[:-9]) == set()


LONG = 3_000_000


@pytest.mark.parametrize(
    "text",
    ["x" * LONG, " " * LONG, "[Support ID: " * (LONG // 13), "invalid session " * (LONG // 16), "a@" * (LONG // 2)],
    ids=["a word", "spaces", "ids", "sessions", "addresses"],
)
def test_an_error_of_any_length_is_read_in_no_time_and_shown_short(text: str) -> None:
    started = time.process_time()
    error = read_error({"errorno": "BL01001973", "description2": text, "correction": text}, CREDENTIALS.secrets)
    failure = classify([error])
    assert time.process_time() - started < 2
    assert len(failure.message) < 1_000


@pytest.mark.parametrize("piece", [b"[],", b"{},", b'"\\u0041",', b"1,", b"[" * 20])
def test_a_quarter_of_the_largest_answer_of_json_takes_a_quarter_of_what_we_grant(piece: bytes) -> None:
    body = b'{"results": [' + piece * (BYTE_CAP // 4 // len(piece)) + b"1]}"
    session = requests.Session()
    session.mount(URL, Canned(lambda _: body, "application/json"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock = VirtualClock()
    client = HubSpotClient(session, URL, "pat-na1-of-a-test", request_deadline=0.5, now=clock.now, wait=clock.wait)
    with pytest.raises(TieoutError):
        batch_update(client, "deals", TWO)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 150
