"""Mail to a server with a certificate of its own making."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from include.core.errors import SettingsError
from include.notices.mail_server import MailServer, Security
from include.notices.target import MailTarget
from tests.notices.conftest import SENDER, Runs
from tests.notices.samples import mails


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for ``localhost``, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[MailServer]:
    """A server that wants encryption and the login ``me``."""
    security: Security = request.param
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    encryption = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def known(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"me", b"secret"), handled=False)

    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=port,
        authenticator=known,
        auth_required=True,
        auth_require_tls=security == "starttls",
        **encryption,
    )
    controller.start()
    try:
        yield MailServer("localhost", port, SENDER, security, "me", "secret", timeout=5)
    finally:
        controller.stop()


def test_a_certificate_that_nobody_vouches_for_is_refused(server: MailServer, runs: Runs) -> None:
    with pytest.raises(SettingsError, match="smtp_default: the mail server's certificate cannot be trusted"):
        runs.run(mails("anna"), MailTarget(server))


def test_mail_travels_encrypted_to_a_trusted_server(
    server: MailServer, runs: Runs, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert [result.state for result in runs.run(mails("anna", "ben"), MailTarget(server))] == ["written"] * 2


def test_a_trusted_certificate_of_another_name_is_refused(
    server: MailServer, runs: Runs, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(SettingsError, match="certificate"):
        runs.run(mails("anna"), MailTarget(replace(server, host="127.0.0.1")))


def test_the_connection_can_do_without_a_check_of_the_certificate(server: MailServer, runs: Runs) -> None:
    target = MailTarget(replace(server, verify=False))
    assert [result.state for result in runs.run(mails("anna"), target)] == ["written"]
