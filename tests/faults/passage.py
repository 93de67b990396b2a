"""One request's way to the twin and its answer's way back, with the fault that the seed drew for it.

What the twin has executed stays executed, whether or not anyone still waits for the answer.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from include.sandbox import fault_bodies
from include.sandbox.exchange import Request, Response
from include.sandbox.fault_refusals import Refusal, refused
from include.sandbox.wire import compressed
from tests.faults.wire import EOF, RESET, Piece, Socket, on_the_wire

if TYPE_CHECKING:
    from tests.faults.network import Call, Network

LATEST = {"intacct": 1100.0, "hubspot": 60.0}
"""How long after it was sent a request may still be executed, in seconds; Tieout allows Intacct 900 after its own
deadline of 300."""
_MOST_WORK = 250.0
_CONTROLIDS = re.compile(rb'<function controlid="([^"]+)"')
_RETRY_AFTER = ("", "", "1", "7", "45", "120", "900", "-5", "soon", "1e9")


class Passage:
    """One request on its way to the twin, and the answer on its way back."""

    def __init__(self, network: Network, sock: Socket, request: Request, twin: Any, call: Call) -> None:
        self.network, self.sock, self.request, self.twin, self.call = network, sock, request, twin, call
        self.rng = network.rng
        self.after = network.timeline.call_after

    def begin(self) -> None:
        kind, travel = self.call.fault, self.rng.uniform(0.01, 0.3)
        if kind == "request_lost":
            self.call.executed = False
            self._silence(travel)
            self.network.end(self.call, None)
        elif kind == "late":
            self._late()
        elif kind == "worked_on":
            self.after(travel, self._work)
        elif kind in {"status", "html", "too_many", "off_line"}:
            self.call.executed = False
            self.after(travel, lambda: self._answer(self._instead()))
        else:
            self.after(travel, self._arrive)

    def _arrive(self) -> None:
        kind = self.call.fault
        if kind == "session" or kind == "moved":
            self._end_sessions()
        if not self._admitted():
            self._answer(self._busy())
            return
        self._count()
        self.network.partly = kind == "partial"
        request = self._as_addressed()
        response = self._handled(request)
        self.network.partly = False
        if kind == "twice" and self.call.system == "intacct":
            response = self._handled(request)  # a middle box sent it twice; the first answer got lost
        if kind == "reply_lost":
            self._silence(self.rng.uniform(0.0, 1.0))
            self.network.end(self.call, None)
            self._leave(0.0)
            return
        if kind in {"status_done", "html_done", "empty_done", "garbage_done"}:
            response = self._instead(response)
        self._answer(self._relocated(response))

    def _handled(self, request: Request) -> Response:
        handle = getattr(self.twin, "handle_admitted", self.twin.handle)
        response: Response = handle(request)
        surprises = getattr(self.twin, "surprises", None)
        if surprises:
            raise surprises[0]
        return response

    def _admitted(self) -> bool:
        return self.call.system != "intacct" or self.twin.begin(self.request)

    def _leave(self, seconds: float) -> None:
        if self.call.system == "intacct":
            self.after(seconds, self.twin.end)

    def _answer(self, response: Response) -> None:
        """Send it back, whole, slowly or cut."""
        kind, rng = self.call.fault, self.rng
        self.network.end(self.call, response)
        if self.call.system == "intacct" and rng.random() < 0.3:
            response = compressed(response, self.request.headers.get("accept-encoding", ""))
        date = format_datetime(self.network.clock(self.call.system), usegmt=True)
        wire = on_the_wire(replace(response, headers={"Date": date, **response.headers}))
        travel = rng.uniform(0.02, 0.4)
        pieces: list[tuple[float, Piece]] = [(travel, wire)]
        if kind == "slow":
            pieces = [(rng.choice([3.0, 20.0, 100.0, 200.0]), wire)]
        elif kind == "dribble":
            size = max(1, len(wire) // rng.choice([4, 12]))
            step = rng.choice([0.5, 9.0, 40.0])
            pieces = [(step * n, wire[at : at + size]) for n, at in enumerate(range(0, len(wire), size), 1)]
        elif kind == "cut":
            at = rng.randrange(len(wire))
            pieces = [(travel, wire[:at])] if at else []
            pieces.append((travel + 0.1, rng.choice([EOF, RESET])))
        for due, piece in pieces:
            self.sock.deliver(due, piece)
        if self.call.executed:
            self._leave(pieces[-1][0])
        if rng.random() < 0.05:
            self.sock.deliver(pieces[-1][0] + rng.uniform(1.0, 20.0), EOF)  # idle connections are closed

    def _silence(self, seconds: float) -> None:
        """Nothing comes back: the connection breaks, or stays open without a word."""
        if self.rng.random() < 0.6:
            self.sock.deliver(seconds, self.rng.choice([EOF, RESET]))

    def _late(self) -> None:
        """It waits, on the way or with Intacct, which knows of it only then, and is executed long after its sender gave
        up."""
        seconds = self.rng.uniform(1.0, LATEST[self.call.system])
        self.sock.deliver(min(seconds, self.rng.uniform(0.5, 400.0)), RESET)
        on_the_way = self.rng.choice([0.0, self.rng.uniform(0.0, seconds)])
        self.after(on_the_way, lambda: self._runs_for(seconds - on_the_way))
        self._count()

        def execute() -> None:
            response = self._handled(self._as_addressed())
            self.network.end(self.call, response)

        self.after(seconds, execute)

    def _work(self) -> None:
        """Intacct takes its time, within the client's deadline; whoever sends it again meanwhile is told so."""
        if not self._admitted():
            self._answer(self._busy())
            return
        seconds = self.rng.uniform(1.0, _MOST_WORK)
        self._runs_for(seconds)
        self._count()
        self.after(seconds, lambda: self._answer(self._relocated(self._handled(self._as_addressed()))))

    def _runs_for(self, seconds: float) -> None:
        until = self.network.clock("intacct") + timedelta(seconds=seconds - 0.001)  # it is not in its own way
        for controlid in self._controlids():
            self.twin.mark_running(controlid, until)

    def _count(self) -> None:
        if self.network.carried_out is not None:
            self.network.carried_out.update(self._controlids())

    def _controlids(self) -> list[str]:
        """Those that must be unique; HubSpot knows none."""
        if self.call.system != "intacct" or b"<uniqueid>true</uniqueid>" not in self.request.body:
            return []
        return [controlid.decode() for controlid in _CONTROLIDS.findall(self.request.body)]

    def _busy(self) -> Response:
        self.call.executed = False
        return fault_bodies.error_status("intacct", 429, errorno="GW-0010")

    def _end_sessions(self) -> None:
        if self.call.system == "intacct":
            self.twin.end_sessions()
            self.network.address += self.call.fault == "moved"

    def _as_addressed(self) -> Request:
        """Companies move between Intacct's machines: a session is known at the address that its login named."""
        return replace(self.request, path="/ia/xml/xmlgw.phtml") if self.call.system == "intacct" else self.request

    def _relocated(self, response: Response) -> Response:
        if not self.network.address or self.call.system != "intacct":
            return response
        return replace(response, body=response.body.replace(b"/xml/xmlgw.phtml<", b"/xml/moved/xmlgw.phtml<"))

    def _instead(self, done: Response | None = None) -> Response:
        """What somebody on the way answers in the twin's place."""
        rng, system = self.rng, self.call.system
        match self.call.fault:
            case "too_many":
                policy = rng.choice(["TEN_SECONDLY_ROLLING", "SECONDLY", "TEN_SECONDLY_ROLLING", "DAILY"])
                at = self.network.clock(system) + timedelta(seconds=40)
                asked = rng.choice([*_RETRY_AFTER, format_datetime(at)])
                return fault_bodies.error_status(system, 429, policy=policy, retry_after=asked)
            case "html" | "html_done":
                return fault_bodies.html_page(200)
            case "empty_done":
                return Response(200)
            case "garbage_done":
                return fault_bodies.garbage(done or Response(200))
            case "off_line" if system == "intacct":
                levels = ["control", "authentication", "gateway"]
                return refused(self.request, Refusal(rng.choice(levels), "", "The Service is Temporarily Off-line", ""))
            case _:
                return fault_bodies.error_status(system, rng.choice([500, 502, 503, 504]))
