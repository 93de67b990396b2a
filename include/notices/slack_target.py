"""A Slack incoming webhook as a target of the write path. The promise is mail's (``target``): at least once after a
lost answer, never again once Slack has confirmed. Slack cannot tell a message that came twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from include.core.decisions import Key, Write
from include.core.errors import SettingsError
from include.core.target import Found, Lost, NotSent, Outcome, Refused, Send, Written
from include.notices.notice import Notice
from include.notices.slack_blocks import as_slack
from include.notices.slack_transport import unspoken

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CONNECT, _ANSWER = 10.0, 20.0
_MOST = 200
_BUSY = 30.0


class SlackTarget:
    """One webhook. Its ``url`` is a secret: it stands in no message and no ``repr``. ``session`` brings proxy and TLS;
    ``name`` is the connection's, for messages to people. Raises ``SettingsError`` for an address that is none."""

    system = "slack"
    chunk_size = 1  # one message per call, and a refused webhook is told before anything else is sent
    request_deadline = 60.0
    settle_seconds = 0.0

    def __init__(self, url: str, session: requests.Session, *, name: str = "slack_default") -> None:
        self._name = name
        self._url = self._checked(url)
        self._session = unspoken(session, self._url)

    def find(self, writes: Sequence[Write]) -> Mapping[Key, Found]:
        """Nothing: a webhook only takes messages."""
        return {}

    def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
        """Raises ``SettingsError`` where Slack no longer takes anything from this webhook."""
        return [self._post(send) for send in sends]

    def _post(self, send: Send) -> Outcome:
        body = as_slack(Notice.from_json(send.payload))
        try:
            answer = self._session.post(self._url, json=body, timeout=(_CONNECT, _ANSWER), allow_redirects=False)
        # No text of these errors is passed on: it holds the webhook's address.
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._wrong("Slack's certificate cannot be trusted.") from None
            return Lost(send.key, "the connection to Slack broke (SSLError)")
        except (requests.RequestException, OSError) as error:
            if _before_sending(error):
                return NotSent(send.key, f"Slack cannot be reached ({type(error).__name__})", _BUSY)
            return Lost(send.key, f"no answer came from Slack ({type(error).__name__})")
        text = answer.content[:_MOST].decode("utf-8", "replace").strip()
        return self._outcome(send.key, answer.status_code, text, answer.headers.get("Retry-After", ""))

    def _outcome(self, key: Key, status: int, text: str, retry_after: str) -> Outcome:
        word = text if text.isascii() and text.replace("_", "").isalnum() and len(text) <= 60 else f"status {status}"
        if status == 200:
            return Written(key, "posted") if text == "ok" else Lost(key, "Slack's answer is not its usual ok")
        if status == 429:
            return NotSent(key, "Slack asks for patience", _seconds(retry_after))
        if status >= 500:
            return Lost(key, f"Slack failed ({status})")
        if status == 400 and word not in {"invalid_token", "no_team"}:
            return Refused(key, word, f"Slack refuses this notice ({word}); report it, other notices are not affected.")
        raise self._wrong(f"Slack takes nothing from this webhook ({word}); make a new one and put it there.")

    def _checked(self, url: str) -> str:
        try:
            parts = urlsplit(url.strip())
            secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        except ValueError:
            secure = False
        if not secure or not parts.hostname or parts.username is not None:
            raise self._wrong("it does not hold the https address of a Slack webhook.")
        return url.strip()

    def _wrong(self, why: str) -> SettingsError:
        return SettingsError(f"Airflow connection {self._name}: {why}", system="slack")


def _before_sending(error: Exception) -> bool:
    """Whether the connection was never made, so that nothing can have left."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | NameResolutionError)


def _seconds(retry_after: str) -> float:
    """Slack says whole seconds; a date or nothing counts as half a minute."""
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else _BUSY
