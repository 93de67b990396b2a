"""Marked secrets, every shape in which one could leak, and the search for them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape


def shapes(secret: str) -> dict[str, bytes]:
    """Every way in which text that holds ``secret`` could show it, by the name of the encoding."""
    raw = secret.encode()
    return {
        "raw": raw,
        "url": quote(secret, safe="").encode(),
        "form": quote_plus(secret).encode(),
        "xml": escape(secret, {'"': "&quot;", "'": "&apos;"}).encode(),
        "xml text": escape(secret).encode(),
        "html": html.escape(secret).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "repr": repr(secret)[1:-1].encode(),
        "repr of bytes": repr(raw)[2:-1].encode(),
        "json in json": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "hex": raw.hex().encode(),
        "utf-16": secret.encode("utf-16-le"),
        **{f"base64 at {shift}": _base64(raw, shift) for shift in range(3)},
        **{f"base64url at {shift}": _base64(raw, shift).translate(_URL_SAFE) for shift in range(3)},
    }


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _base64(raw: bytes, shift: int) -> bytes:
    """What every base64 of a text has in common in which ``raw`` begins ``shift`` bytes after a group of three."""
    start, whole = {0: 0, 1: 4, 2: 4}[shift], (len(raw) + shift) // 3 * 4
    return base64.b64encode(b"?" * shift + raw)[start:whole]


@dataclass
class Sweep:
    """Looks through places where a canary must not stand. ``places`` are those that were looked at, ``hits`` the
    canaries that stood in them: (place, name of the canary, encoding). ``marks``: texts of which every canary has one,
    where there are many canaries."""

    canaries: Mapping[str, str]
    encoded: bool = True
    marks: tuple[str, ...] = ("",)
    places: set[str] = field(default_factory=set)
    hits: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._needles = [
            (name, encoding, needle)
            for name, secret in self.canaries.items()
            for encoding, needle in (shapes(secret) if self.encoded else {"raw": secret.encode()}).items()
        ]

    def look(self, place: str, content: str | bytes) -> None:
        hay = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self.places.add(place)
        if any(mark.encode() in hay for mark in self.marks):
            self.hits += [(place, name, encoding) for name, encoding, needle in self._needles if needle in hay]

    def look_at_all(self, places: Iterable[tuple[str, str | bytes]]) -> None:
        for place, content in places:
            self.look(place, content)


def everything_about(error: BaseException) -> Iterator[tuple[str, str]]:
    """All that a log, a reporter of errors or a person with a debugger's print could show of an exception."""
    import traceback

    yield "text", str(error)
    yield "repr", repr(error)
    yield "arguments", repr(error.args)
    yield "attributes", repr(vars(error))
    yield "traceback", "".join(traceback.format_exception(error))
