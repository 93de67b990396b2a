"""Finds out whether the ports that the demo needs are free, and takes others where it may."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass

from tieout.local.environment import Ports

HOST = "127.0.0.1"
_TRIES = 50
USUAL = Ports()


class PortTaken(Exception):
    """A port that was asked for is in use; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A port for ``what``. With an ``option`` a person may choose it; ``chosen`` says that they did."""

    what: str
    port: int
    option: str = ""
    chosen: bool = False


def is_free(port: int) -> bool:
    """Whether nothing listens there, on the loopback interface or on all."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # What servers do: a port whose last connections are still winding down can be had again.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def take(api: int | None, sandbox: int | None, say: Callable[[str], None], usual: Ports = USUAL) -> Ports:
    """The ports to use; ``None`` stands for the usual one, or the next free one if that is in use.

    Raises ``PortTaken`` where a port that a person chose is in use.
    """
    used: set[int] = set()
    found = [
        _take(wanted, used, say)
        for wanted in (
            Wanted("Airflow's web server", api or usual.api, "--port", api is not None),
            Wanted("the twins", sandbox or usual.sandbox, "--sandbox-port", sandbox is not None),
            Wanted("the log server of Airflow's tasks", usual.worker_logs),
            Wanted("the log server of Airflow's triggerer", usual.trigger_logs),
            Wanted("the sandbox's mail server", usual.mail),
        )
    ]
    return Ports(*found)


def _take(wanted: Wanted, used: set[int], say: Callable[[str], None]) -> int:
    for port in range(wanted.port, wanted.port + _TRIES):
        if port not in used and port < 65536 and is_free(port):
            break
        if wanted.chosen:
            raise PortTaken(
                f"Port {port} ({wanted.what}) is in use by another program. Stop that program, or choose another "
                f"port with {wanted.option}, or leave {wanted.option} out and a free one is found."
            )
    else:
        raise PortTaken(f"No free port for {wanted.what} from {wanted.port} to {wanted.port + _TRIES - 1}.")
    if port != wanted.port:
        say(f"Port {wanted.port} is in use by another program, so {wanted.what} will use {port}")
    used.add(port)
    return port
