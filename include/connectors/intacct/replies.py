"""Replies as values: a hardened, streaming reader that believes nothing but a complete answer.

No document type, no entities, no network, no huge trees, a cap on the bytes. Records are taken out of the tree while
the body is still coming in. What is not a complete ``<response>`` raises ``Unreadable``: it is never half a success.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from typing import Any, cast

from lxml import etree

from include.connectors.intacct.errors import (
    Failure,
    GatewayError,
    Unreadable,
    classify,
    read_error,
)

MAX_REPLY_BYTES = 64 * 1024 * 1024
# One record, or everything around the records, that grows beyond this is no answer: its tree would fill the memory.
MAX_PART_BYTES = 8 * 1024 * 1024
MAX_PART_NODES = 400_000  # tags and attributes; a thousand lines of a hundred fields are half of it
MAX_RECORDS = 100_000
_PIECE = 64 * 1024

Record = dict[str, Any]
"""One record: field -> text. A nested block becomes dotted names (``DISPLAYCONTACT.EMAIL1``), owned lines a list."""

_WATCHED = ("response", "control", "acknowledgement", "operation", "authentication", "errormessage", "result", "data")


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """The answer to one function.

    ``status`` is the gateway's word (``success``, ``failure``, ``aborted``), or ``missing`` where a complete reply
    holds no answer for this function. ``key`` is what the legacy ``create_*`` functions answer, ``records`` what reads
    and the generic functions answer; both may be there beside errors. ``counts`` are the numbers that ``data`` states
    (``count``, ``totalcount``, ``numremaining``, ``offset``).
    """

    status: str
    function: str
    controlid: str
    key: str = ""
    records: tuple[Record, ...] = field(default=(), repr=False)
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[GatewayError, ...] = ()

    @property
    def ok(self) -> bool:
        return self.status == "success"

    @property
    def failure(self) -> Failure:
        """What the errors come to. Only meaningful where ``ok`` is false."""
        return classify(self.errors)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer of the gateway.

    ``refusal`` is set where nothing was executed: the gateway, the control block or the sign-in failed. Otherwise
    ``results`` holds what was answered per function; ``acknowledged`` stands for an asynchronous request taken in.
    ``session_seconds`` is how long the session lasts from now, ``told`` the time of Intacct's own clock, where the
    answer says it.
    """

    controlid: str
    results: tuple[FunctionResult, ...] = ()
    refusal: Failure | None = None
    acknowledged: bool = False
    session_seconds: float | None = None
    told: datetime | None = None


class ReplyReader:
    """Takes a body piece by piece (``feed``), then says what it was (``close``). Both raise ``Unreadable``.

    ``secrets`` are hidden wherever the answer repeats them in an error text.
    """

    def __init__(self, *, secrets: tuple[str, ...] = (), max_bytes: int = MAX_REPLY_BYTES) -> None:
        self._parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=_WATCHED,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        self._secrets = secrets
        self._left = max_bytes
        self._growing = 0
        self._nodes = 0
        self._root: etree._Element | None = None
        self._data: etree._Element | None = None
        self._records: list[Record] = []
        self._counts: dict[str, int] = {}
        self._results: list[FunctionResult] = []
        self._control: dict[str, str] = {}
        self._authentication: dict[str, str] = {}
        self._errors: list[GatewayError] = []
        self._acknowledged = False
        self._complete = False

    def feed(self, piece: bytes) -> None:
        self._left -= len(piece)
        self._growing += len(piece)
        self._nodes += piece.count(b"<") + piece.count(b"=")  # many small ones take far more memory than bytes
        try:
            self._parser.feed(piece)
            self._advance()
        except etree.XMLSyntaxError:
            raise _unreadable() from None
        too_large = self._growing > MAX_PART_BYTES or self._nodes > MAX_PART_NODES
        if self._left < 0 or too_large or len(self._records) > MAX_RECORDS:
            raise Unreadable("Sage Intacct's answer is larger than the client takes in.")

    def close(self) -> Reply:
        try:
            self._parser.close()
            self._advance()
        except etree.XMLSyntaxError:
            raise _unreadable() from None
        if not self._complete:
            raise _unreadable()
        return self._reply()

    def _advance(self) -> None:
        for event, element in self._parser.read_events():
            if event == "start":
                self._start(cast(etree._Element, element))
            else:
                self._end(cast(etree._Element, element))
        if self._data is not None:
            self._harvest(self._data, growing=True)

    def _start(self, element: etree._Element) -> None:
        parent = element.getparent()
        if parent is None:
            document: Any = element.getroottree().docinfo
            if element.tag != "response" or document.doctype:
                raise _unreadable()
            self._root = element
        elif element.tag == "data" and parent.tag == "result" and self._is_operation(parent.getparent()):
            self._data = element
            self._counts = {
                name: int(value)
                for name in ("count", "totalcount", "numremaining", "offset")
                if (value := element.get(name, "")).isdecimal()
            }

    def _end(self, element: etree._Element) -> None:
        parent = element.getparent()
        if parent is None:
            self._complete = element is self._root
        elif element is self._data:
            self._harvest(element, growing=False)
            self._data = None
        elif parent is self._root:
            if element.tag == "control":
                self._control = _said_once(element, self._control)
            elif element.tag == "acknowledgement":
                self._acknowledged = _said_once(element).get("status") == "success"
            elif element.tag == "errormessage":
                self._errors += self._read_errors(element)
        elif self._is_operation(parent):
            if element.tag == "authentication":
                self._authentication = _said_once(element, self._authentication)
            elif element.tag == "errormessage":
                self._errors += self._read_errors(element)
            elif element.tag == "result":
                self._take_result(element)

    def _is_operation(self, element: etree._Element | None) -> bool:
        return element is not None and element.tag == "operation" and element.getparent() is self._root

    def _harvest(self, data: etree._Element, *, growing: bool) -> None:
        """Turn finished children into records and drop them; while ``data`` grows, its last child may be unfinished."""
        children = list(data)
        if growing and children:
            children.pop()
        for child in children:
            self._records.append(_record(child))
            data.remove(child)
        if children:
            self._growing = self._nodes = 0

    def _take_result(self, element: etree._Element) -> None:
        texts = _said_once(element)
        message = element.find("errormessage")
        self._results.append(
            FunctionResult(
                status=texts.get("status", ""),
                function=texts.get("function", ""),
                controlid=texts.get("controlid", ""),
                key=texts.get("key", ""),
                records=tuple(self._records),
                counts=self._counts,
                errors=tuple(self._read_errors(message)) if message is not None else (),
            )
        )
        self._records, self._counts = [], {}
        element.clear()

    def _read_errors(self, message: etree._Element) -> list[GatewayError]:
        return [read_error(_texts(error), self._secrets) for error in message.iter("error")]

    def _reply(self) -> Reply:
        status = self._control.get("status")
        controlid = self._control.get("controlid", "")
        if status == "failure":
            # The gateway in front answers a bare status; the application's control block says more.
            level = "control" if len(self._control) > 1 else ""
            return Reply(controlid, refusal=classify(self._errors, level))
        if status != "success":
            raise _unreadable()
        if self._acknowledged:
            return Reply(controlid, acknowledged=True)
        if self._authentication.get("status") == "failure":
            return Reply(controlid, refusal=classify(self._errors, "authentication"))
        if self._authentication.get("status") != "success" or self._errors:
            raise _unreadable()
        return Reply(controlid, tuple(self._results), session_seconds=_session_seconds(self._authentication))


def parse_reply(body: bytes, *, secrets: tuple[str, ...] = ()) -> Reply:
    """The reply in a body that is there as a whole. Raises ``Unreadable``."""
    return read_reply((body[n : n + _PIECE] for n in range(0, len(body), _PIECE)), secrets=secrets)


def read_reply(pieces: Iterable[bytes], *, secrets: tuple[str, ...] = (), max_bytes: int = MAX_REPLY_BYTES) -> Reply:
    """The reply in a body that comes in pieces. Raises ``Unreadable``."""
    reader = ReplyReader(secrets=secrets, max_bytes=max_bytes)
    for piece in pieces:
        reader.feed(piece)
    return reader.close()


def _unreadable() -> Unreadable:
    return Unreadable("Sage Intacct's answer is cut off or is no answer of its XML gateway.")


def _texts(element: etree._Element) -> dict[str, str]:
    return {str(child.tag): (child.text or "").strip() for child in element}


def _said_once(element: etree._Element, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """The texts of a block that decides. One that says a thing twice, or stands there twice, could be read either way:
    it raises ``Unreadable``."""
    texts = _texts(element)
    if before or len(texts) < len(element):
        raise _unreadable()
    return texts


def _record(element: etree._Element) -> Record:
    record: Record = {}
    for child in element:
        name = intern(str(child.tag))  # the same few names in thousands of records
        if len(child) == 0:
            record[name] = child.text or ""
        elif _is_list(child):
            record[name] = [_record(line) if len(line) else line.text or "" for line in child]
        else:
            record.update({f"{name}.{inner}": value for inner, value in _record(child).items()})
    return record


def _is_list(element: etree._Element) -> bool:
    """Owned lines share one tag: several of it, or one that has fields itself."""
    return len({child.tag for child in element}) == 1 and (len(element) > 1 or len(element[0]) > 0)


def _session_seconds(authentication: Mapping[str, str]) -> float | None:
    """The session's length by the server's own two times, so that differing clocks do not matter."""
    try:
        start = datetime.fromisoformat(authentication["sessiontimestamp"])
        end = datetime.fromisoformat(authentication["sessiontimeout"])
        return max(0.0, (end - start).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None
