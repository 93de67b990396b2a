"""Requests that are measured: made by hand, over one connection that stays open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks import servers
from benchmarks.measuring import Measured, compared


class Refused(RuntimeError):
    """What was to be measured was not done; the message is the answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A POST, again and again. ``body`` makes each request's content, ``each`` is how many ``of`` it is about, and a
    good answer holds ``proof`` just ``proofs`` times."""

    name: str
    of: str
    path: str
    content_type: str
    body: Callable[[], bytes]
    proof: bytes
    proofs: int
    each: int = 1

    def check(self, status: int, answer: bytes) -> None:
        """Raises ``Refused`` unless everything was done."""
        if status >= 300 or answer.count(self.proof) != self.proofs:
            raise Refused(f"{self.name}: status {status}, {answer[:2000]!r}")


class Client:
    """A connection to ``url`` that is used by one caller at a time."""

    def __init__(self, url: str, token: str = "") -> None:
        where = urlsplit(url)
        self._connection = HTTPConnection(str(where.hostname), where.port, timeout=60)
        self._token = token

    def close(self) -> None:
        self._connection.close()

    def post(self, call: Call) -> bytes:
        """The answer's body. Raises ``Refused``."""
        headers = {"Content-Type": call.content_type, "Authorization": f"Bearer {self._token}"}
        self._connection.request("POST", call.path, call.body(), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        call.check(answer.status, content)
        return content


def measured(call: Call, client: Client, seconds: float) -> Measured:
    """The call beside the same call to a bare server that answers what ``client``'s answered first."""
    with servers.bare(client.post(call), call.content_type) as url, closing(Client(url)) as other:
        return compared(call.name, call.of, lambda: client.post(call), lambda: other.post(call), seconds, call.each)
