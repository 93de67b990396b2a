from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tieout.local import listening_ports
from tieout.local.environment import Ports
from tieout.local.listening_ports import PortTaken, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_port_on_which_something_listens_is_not_free(taken: int) -> None:
    assert not is_free(taken)
    assert is_free(_free())


def test_a_chosen_port_that_is_taken_is_refused_with_the_remedy(taken: int) -> None:
    with pytest.raises(PortTaken, match=rf"Port {taken} \(Airflow's web server\) is in use .* --port"):
        listening_ports.take(taken, None, lambda _: None)


def test_a_chosen_twins_port_that_is_taken_names_its_own_option(taken: int) -> None:
    with pytest.raises(PortTaken, match="--sandbox-port"):
        listening_ports.take(_free(), taken, lambda _: None)


def test_a_usual_port_that_is_taken_is_replaced_and_said(taken: int) -> None:
    usual = Ports(api=taken, sandbox=_free(), worker_logs=_free(), trigger_logs=_free(), mail=_free())
    said: list[str] = []
    ports = listening_ports.take(None, None, said.append, usual)
    assert ports.api > taken
    assert said == [f"Port {taken} is in use by another program, so Airflow's web server will use {ports.api}"]


def test_no_port_is_given_to_two_programs() -> None:
    ports = listening_ports.take(_free(), None, lambda _: None)
    assert len({ports.api, ports.sandbox, ports.worker_logs, ports.trigger_logs, ports.mail}) == 5
