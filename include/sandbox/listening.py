"""Starting and stopping the HTTP server: on a port of this machine only, in this thread or in one of its
own."""

from __future__ import annotations

import errno
import socket
import threading
import time

import uvicorn

from include.sandbox.server import make_app
from include.sandbox.state import Sandbox

HOST = "127.0.0.1"


class PortTaken(OSError):
    """The port cannot be had; the message is a sentence for the person who asked for it."""


def bind(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one. Raises ``PortTaken``."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(512)
    except (OSError, OverflowError) as error:
        sock.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            why = f"port {port} is taken by another program (perhaps a sandbox that still runs)"
        else:
            why = f"port {port} cannot be used: {error}"
        raise PortTaken(f"The sandbox cannot start: {why}. Choose another with --port, or 0 for a free one.") from None
    return sock


class Listening:
    """One uvicorn server on a bound socket. ``run`` serves in this thread until a signal or ``stop``;
    ``start`` serves in a thread of its own and returns once it answers."""

    def __init__(self, sandbox: Sandbox, sock: socket.socket) -> None:
        self._sock = sock
        self._thread: threading.Thread | None = None
        config = uvicorn.Config(
            make_app(sandbox),
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,  # the twins' answers tell the time of the twins' clock
            # Clients keep connections in pools; a short time-out would close them under a request just sent.
            timeout_keep_alive=300,
            # Stalled calls must not keep the process alive.
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        host, port = self._sock.getsockname()
        return f"http://{host}:{port}"

    def run(self) -> None:
        self._server.run(sockets=[self._sock])

    def start(self) -> None:
        """Raises ``RuntimeError`` if the server does not come up within ten seconds."""
        self._thread = threading.Thread(target=self.run, name="sandbox", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the sandbox's server did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop serving and wait until the port is free."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10)
        self._sock.close()
