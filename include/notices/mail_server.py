"""A mail server and how it is talked to: SMTP by the standard library."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Literal

from include.core.errors import AuthError, SettingsError, Unmapped
from include.notices.plain import mail_address, one_line

Security = Literal["tls", "starttls", "none"]
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Unready(Exception):
    """The mail server cannot be talked to now; nothing was sent. The message says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply code, with the enhanced status code where the server gave one. Its text is left out: it may hold
    addresses."""

    code: int
    status: str = ""

    @classmethod
    def of(cls, answer: tuple[int, bytes]) -> Reply:
        match = re.match(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b", answer[1])
        return cls(answer[0], match.group(1).decode() if match else "")

    @property
    def good(self) -> bool:
        return 200 <= self.code < 300

    @property
    def final(self) -> bool:
        """A refusal that a repetition does not change."""
        return 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.status}".strip()


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. ``sender`` is an address, with a name or without (``Tieout <books@company.example>``);
    ``access_token`` signs in by XOAUTH2 in place of ``password``; ``verify`` checks the certificate; ``timeout`` is the
    seconds that one answer may take; ``name`` is the connection's, for messages to people."""

    host: str
    port: int
    sender: str
    security: Security = "tls"
    login: str = ""
    password: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    verify: bool = True
    timeout: float = 30.0
    name: str = "smtp_default"

    @property
    def from_name(self) -> str:
        return one_line(parseaddr(self.sender)[0], 100)

    @property
    def from_address(self) -> str:
        """Raises ``SettingsError`` where the sender is no address."""
        try:
            return mail_address(parseaddr(self.sender if self.sender.isprintable() else "")[1])
        except Unmapped:
            raise self.wrong("its sender (From email) is no e-mail address.") from None

    @contextmanager
    def session(self, deadline: float) -> Iterator[smtplib.SMTP]:
        """A signed-in SMTP session, cut off at ``deadline`` (``time.monotonic``), whatever the server does.

        Raises ``Unready``, or ``SettingsError`` and ``AuthError`` where a person must repair the connection.
        """
        self.check()
        smtp = self._smtp()
        cut = threading.Timer(max(0.0, deadline - time.monotonic()), _cut_off, [smtp])
        cut.daemon = True
        cut.start()
        try:
            self._connect(smtp)
            self._sign_in(smtp)
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            cut.cancel()
            smtp.close()

    def check(self) -> None:
        """Raises ``SettingsError`` where no mail can be sent like this, without asking the server."""
        self.from_address  # noqa: B018 - it raises
        if (self.password or self.access_token) and self.security == "none" and self.host not in _LOOPBACK:
            raise self.wrong("it would send the password unencrypted; leave TLS or SSL enabled.")

    def wrong(self, why: str) -> SettingsError:
        return SettingsError(f"Airflow connection {self.name}: {why}", system="mail")

    def _smtp(self) -> smtplib.SMTP:
        """Not connected yet: the greeting is cut off like every other answer."""
        if self.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self.timeout, context=self._context())
        else:
            smtp = smtplib.SMTP(timeout=self.timeout)
        # The name that the certificate must show; smtplib takes it only where it connects by itself.
        smtp._host = self.host  # type: ignore[attr-defined]
        return smtp

    def _connect(self, smtp: smtplib.SMTP) -> None:
        with self._told():
            code, text = smtp.connect(self.host, self.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, text)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        with self._told():
            smtp.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                smtp.starttls(context=self._context())
                smtp.ehlo()
            if self.access_token:
                identity = self.login or self.from_address
                token = f"user={identity}\1auth=Bearer {self.access_token}\1\1"
                code, text = smtp.docmd("AUTH", "XOAUTH2 " + base64.b64encode(token.encode()).decode())
                if code != 235:
                    raise smtplib.SMTPAuthenticationError(code, text)
            elif self.login and self.password:
                smtp.login(self.login, self.password)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors before the first message, by what happens next. No text of the server is passed on."""
        try:
            yield
        except ssl.SSLCertVerificationError:
            raise self.wrong("the mail server's certificate cannot be trusted.") from None
        except smtplib.SMTPNotSupportedError:
            raise self.wrong("the mail server does not offer what it asks for (STARTTLS or a sign-in).") from None
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise Unready(f"the mail server does not let us sign in now ({error.smtp_code})") from None
            raise AuthError(
                f"The mail server refuses login and password of Airflow connection {self.name}; correct them there.",
                system="mail",
                code=str(error.smtp_code),
            ) from None
        except smtplib.SMTPResponseException as error:
            if error.smtp_code >= 500:
                raise self.wrong(f"the mail server refuses to serve us ({error.smtp_code}).") from None
            raise Unready(f"the mail server is not ready ({error.smtp_code})") from None
        except socket.gaierror as error:
            if error.errno == socket.EAI_NONAME:
                raise self.wrong("there is no mail server of the name in its host.") from None
            raise Unready("the mail server's name cannot be looked up now") from None
        except (OSError, ValueError, smtplib.SMTPException) as error:  # ValueError: smtplib decodes what it is asked
            raise Unready(f"the mail server cannot be reached ({type(error).__name__})") from None


def _cut_off(smtp: smtplib.SMTP) -> None:
    sock = smtp.sock
    with suppress(OSError):
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
