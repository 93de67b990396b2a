"""The Sage Intacct XML gateway as a function from request to response over one SQLite file."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from include.sandbox.clock import Clock
from include.sandbox.exchange import Request, Response
from include.sandbox.intacct import label, transport
from include.sandbox.intacct.authentication import Caller, authenticate, check_sender
from include.sandbox.intacct.catalogue.standard import standard_catalogue
from include.sandbox.intacct.context import Context
from include.sandbox.intacct.envelope import replies
from include.sandbox.intacct.envelope.parsing import parse_request
from include.sandbox.intacct.envelope.request import (
    Control,
    Envelope,
    Operation,
    check_size,
    read_control,
    read_envelope,
)
from include.sandbox.intacct.errors import (
    AuthenticationFailure,
    ControlFailure,
    GatewayFailure,
    too_many_requests,
)
from include.sandbox.intacct.functions.registry import LOADERS
from include.sandbox.intacct.gate import Gate, Running
from include.sandbox.intacct.idempotency import ControlIds
from include.sandbox.intacct.ledger.recurring import run_due
from include.sandbox.intacct.operations import Operations, Outcome, result_xml
from include.sandbox.intacct.query.counting import Counts
from include.sandbox.intacct.sessions import Session, end_all
from include.sandbox.intacct.store.customfields import restore_custom_fields
from include.sandbox.intacct.store.database import Database
from include.sandbox.intacct.store.export import count_books, export_books, part_of_books
from include.sandbox.intacct.store.seeding import Seeder
from include.sandbox.intacct.switches import Switches
from include.sandbox.intacct.tenant import Tenant


class IntacctTwin:
    """``path`` is a file or ``:memory:``; switches are the fields of ``Switches``.

    Calls may come from several threads: the books are worked on one call at a time, calls beyond ``concurrency``
    are answered with HTTP 429 at once. Reading and checking a request happens outside the lock.
    """

    name = "intacct"

    def __init__(self, path: str, clock: Clock, **switches: Any) -> None:
        self.switches = Switches(**switches)
        self.gate = Gate(self.switches.concurrency)
        self.surprises: list[BaseException] = []
        self._clock = clock
        self._lock = threading.RLock()
        self._running = Running()
        self._counts = Counts()
        self._recurring_checked: tuple[date, int] | None = None
        self._db = Database(path, standard_catalogue())
        restore_custom_fields(self._db)
        self._tenant = Tenant(self._db)

    def close(self) -> None:
        """Release the file; the twin is of no use afterwards."""
        with self._lock:
            self._db.close()

    # --- the protocol -----------------------------------------------------------------------------------------

    def owns(self, request: Request) -> bool:
        return request.path.lower().startswith("/ia/")

    def label(self, request: Request) -> str:
        return label.label_of(transport.request_xml(request))

    def handle(self, request: Request) -> Response:
        if not self.begin(request):
            full = too_many_requests()
            return self._answer(request, replies.gateway_failure(full.errorno, full.description), full.http_status)
        try:
            return self.handle_admitted(request)
        finally:
            self.end()

    def reset(self) -> None:
        with self._lock:
            self._db.reset()
            self._db.catalogue = standard_catalogue()
            self._db.create_tables()
            self._tenant.forget()
            self._running.clear()
            self.surprises.clear()

    def load(self, records: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            try:
                with self._db.transaction():
                    Seeder(self._db, self._tenant, self._context_for_seeding(), LOADERS).load(records)
            except BaseException:
                # What the load defined and is undone in the file must not live on in memory.
                self._db.catalogue = standard_catalogue()
                restore_custom_fields(self._db)
                self._tenant.forget()
                raise
            self._db.checkpoint()

    def export(self) -> Iterator[Mapping[str, Any]]:
        return export_books(self._db, self._lock)

    def count(self) -> Mapping[str, int]:
        return count_books(self._db, self._lock)

    def part(self, kind: str, skip: int, number: int) -> Sequence[Mapping[str, Any]]:
        return part_of_books(self._db, self._lock, kind, skip, number)

    # --- control ----------------------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """Everything in the books, for ``restore``."""
        with self._lock:
            return self._db.snapshot()

    def restore(self, snapshot: bytes, **switches: Any) -> None:
        """The books as they were in the snapshot, in a twin with these switches and nothing in work. Only for twins
        in memory."""
        with self._lock:
            self.switches = Switches(**switches)
            self.gate = Gate(self.switches.concurrency)
            self._db.restore(snapshot)
            self._db.catalogue = standard_catalogue()
            restore_custom_fields(self._db)
            self._tenant.forget()
            self._running = Running()
            self._recurring_checked = None
            self.surprises.clear()

    def begin(self, request: Request) -> bool:
        """Count a call in; False when as many as allowed are in. A server that keeps calls open beyond ``handle``
        calls this and ``end`` itself around ``handle_admitted``."""
        return self.gate.enter()

    def end(self) -> None:
        self.gate.leave()

    def mark_running(self, controlid: str, until: datetime) -> None:
        """Until then the service answers "concurrent request in process" for this function control id, as if a
        request whose answer was lost still went on."""
        self._running.mark(controlid, until)

    def end_sessions(self) -> None:
        """Every session is invalid from now on."""
        with self._lock:
            end_all(self._db)

    def api_transactions(self) -> Mapping[str, int]:
        """API transactions used, by month (``2026-11``)."""
        with self._lock:
            rows = self._db.execute('SELECT month, transactions FROM "_usage" ORDER BY month').fetchall()
        return {str(month): int(count) for month, count in rows}

    def offline_results(self) -> list[dict[str, Any]]:
        """Results of asynchronous requests, oldest first: what would be sent to the policy's URL."""
        with self._lock:
            return self._db.rows('SELECT seq, controlid, policyid, body FROM "_offline" ORDER BY seq')

    # --- one call ---------------------------------------------------------------------------------------------

    def handle_admitted(self, request: Request) -> Response:
        """Answer a call that was counted in. Never raises."""
        if request.method.upper() != "POST":
            return self._answer(request, replies.gateway_failure("GW-0015", "Only POST requests are accepted."), 405)
        control: Control | None = None
        try:
            sent = transport.request_xml(request)
            root = parse_request(sent, self.switches.max_request_bytes)
            control = read_control(root)
            envelope = read_envelope(root, strict=self.switches.strict)
            most, waiting = self.switches.max_functions, self.switches.max_asynchronous_characters
            check_size(envelope, len(sent), functions=most, asynchronous=waiting)
            return self._answer_envelope(request, envelope)
        except ControlFailure as failure:
            echoed = None if failure.anonymous else control
            return self._answer(request, replies.control_failure(echoed, failure.entries))
        except GatewayFailure as failure:
            text = replies.gateway_failure(failure.errorno, failure.description)
            return self._answer(request, text, failure.http_status)
        except Exception as error:
            self.surprises.append(error)
            return self._answer(request, "", 500)

    def _answer_envelope(self, request: Request, envelope: Envelope) -> Response:
        control = envelope.control
        controlids = [f.controlid for op in envelope.operations for f in op.functions if control.uniqueid]
        busy = self._running.enter(controlids, self._clock.now())
        try:
            with self._lock:
                check_sender(self._tenant, control)
                if control.policyid:
                    return self._answer_later(request, envelope, busy)
                text, bare = self._operations(request, envelope, busy)
        finally:
            self._running.leave(controlids)
        if bare is not None:
            gzipped = self.switches.gzip_responses
            return transport.answer(request, 200, bare[0], gzipped=gzipped, content_type=bare[1])
        return self._answer(request, text)

    def _answer_later(self, request: Request, envelope: Envelope, busy: frozenset[str]) -> Response:
        text, _ = self._operations(request, envelope, busy)
        self._db.execute(
            'INSERT INTO "_offline" (controlid, policyid, body) VALUES (?, ?, ?)',
            (envelope.control.controlid, envelope.control.policyid, text),
        )
        return self._answer(request, replies.acknowledgement(envelope.control))

    def _operations(
        self, request: Request, envelope: Envelope, busy: frozenset[str]
    ) -> tuple[str, tuple[str, str] | None]:
        parts: list[str] = []
        bare: tuple[str, str] | None = None
        for operation in envelope.operations:
            try:
                text, operation_bare = self._operation(request, envelope.control, operation, busy)
            except AuthenticationFailure as failure:
                extra = envelope.control.additional_error_info
                text = replies.authentication_failure(failure.user, failure.company, failure.entry, extra=extra)
                operation_bare = None
            parts.append(text)
            bare = operation_bare or bare
        return replies.response(replies.control_block("success", envelope.control), *parts), bare

    def _operation(
        self, request: Request, control: Control, operation: Operation, busy: frozenset[str]
    ) -> tuple[str, tuple[str, str] | None]:
        now = self._clock.now()
        caller = authenticate(self._db, self._tenant, self.switches, control, operation, now)
        context = self._context(caller, now, request.base_url)
        controlids = ControlIds(self._db, self.switches, self._tenant["company_id"], control.senderid, now)
        self._run_recurring(context)
        runner = Operations(context, control, controlids, busy, self.surprises.append)
        outcomes = runner.run(operation.functions, transaction=operation.transaction)
        self._meter(outcomes, now)
        session: Session = caller.session
        block = replies.authentication_block(
            replies.Authenticated(
                caller.user.userid, self._tenant["company_id"], session.locationid, now, session.until
            )
        )
        extra = control.additional_error_info
        results = [result_xml(outcome, extra=extra) for outcome in outcomes]
        bare = outcomes[0].result.bare if len(outcomes) == 1 else None
        return f"<operation>{block}{''.join(results)}</operation>", bare

    def _run_recurring(self, context: Context) -> None:
        """Recurring invoices fall due when the date changes; looked for once a day, and after any change of them."""
        marker = (context.today, self._db.changes_of("ARRECURINVOICE"))
        if marker != self._recurring_checked:
            run_due(replace(context, entity="", userid="scheduler"))
            self._recurring_checked = (context.today, self._db.changes_of("ARRECURINVOICE"))

    def _meter(self, outcomes: list[Outcome], now: datetime) -> None:
        used = sum(outcome.result.transactions for outcome in outcomes if outcome.status == "success")
        if used:
            self._db.execute(
                'INSERT INTO "_usage" (month, transactions) VALUES (?, ?) '
                "ON CONFLICT (month) DO UPDATE SET transactions = transactions + excluded.transactions",
                (now.strftime("%Y-%m"), used),
            )

    def _context(self, caller: Caller, now: datetime, base_url: str) -> Context:
        return Context(
            db=self._db,
            tenant=self._tenant,
            switches=self.switches,
            now=now,
            userid=caller.user.userid,
            userno=caller.user.number,
            entity=caller.session.locationid,
            session=caller.session.id,
            base_url=base_url,
            denied=caller.user.denied,
            counts=self._counts,
        )

    def _context_for_seeding(self) -> Context:
        return Context(self._db, self._tenant, self.switches, self._clock.now(), userid="seed", seeding=True)

    def _answer(self, request: Request, text: str, status: int = 200) -> Response:
        return transport.answer(request, status, text, gzipped=self.switches.gzip_responses)
