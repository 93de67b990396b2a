"""A mail server that answers what a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

_USUAL = {
    "": "220 mail.example ESMTP",
    "EHLO": "250-mail.example\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 welcome",
    "DATA": "354 go ahead",
    "QUIT": "221 bye",
}


@contextmanager
def smtp_script(replies: Mapping[str, str]) -> Iterator[int]:
    """Its port on this machine. ``replies``: command (``""``: the greeting) -> the reply in place of the usual one."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers = {**_USUAL, **replies}

    def converse(sock: socket.socket) -> None:
        with sock, suppress(OSError), sock.makefile("rb") as lines:
            sock.sendall(answers[""].encode() + b"\r\n")
            for line in lines:
                command = line.decode("utf-8", "replace").split()[:1]
                reply = answers.get((command or ["?"])[0].upper(), "250 ok")
                sock.sendall(reply.encode() + b"\r\n")

    def serve() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                threading.Thread(target=converse, args=(sock,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
