"""What the write path promises, one promise at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from include.core import crash
from include.core.decisions import Key, Ref, Write
from include.core.errors import AuthError, InvariantError, OutcomeUnknown, RateLimited, Unavailable
from include.core.sync import Limits, Owner, Result, WriteState, apply
from include.core.target import Found, Outcome, Refused, Send
from tests.core.sync.gateway import (
    DEADLINE,
    SETTLE,
    START,
    Fault,
    Gateway,
    Habits,
    Line,
    VirtualClock,
    cut_after,
    posted_late,
    reply_lost,
    request_lost,
    too_many_requests,
)
from tests.core.sync.memory_log import MemoryLog
from tests.core.sync.plans import customer, customer_key, edited, invoice, invoice_key

LIMITS = Limits(busy=20.0, not_sent=60.0)
GONE_AFTER = LIMITS.lease_margin + DEADLINE + SETTLE
_PLAIN = Habits()


@dataclass
class Bench:
    """A gateway, a log and a clock, and tasks that apply writes over them."""

    habits: Habits = _PLAIN
    chunk_size: int = 100
    clock: VirtualClock = field(default_factory=VirtualClock)
    log: MemoryLog = field(default_factory=MemoryLog)
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.clock, self.habits, self.chunk_size)

    def run(
        self,
        *writes: Write,
        faults: Sequence[Fault] = (),
        line: Line | None = None,
        run: str = "run-1",
        attempt: int = 1,
        during_wait: Callable[[], None] = lambda: None,
    ) -> list[Result]:
        def wait(seconds: float) -> None:
            self.waits.append(seconds)
            self.clock.advance(seconds)
            during_wait()

        return apply(
            writes,
            line or Line(self.gateway, list(faults)),
            self.log,
            owner=Owner(run, "load", 0, attempt),
            now=self.clock.now,
            wait=wait,
            limits=LIMITS,
        )

    def totals(self) -> list[str]:
        return [document.payload["total"] for document in self.gateway.documents if "total" in document.payload]

    def calls(self) -> tuple[int, int]:
        return len(self.gateway.looks), len(self.gateway.requests)

    def state(self, key: Key) -> WriteState:
        return self.log.kept[key].state


@pytest.fixture
def bench() -> Iterator[Bench]:
    yield Bench()
    crash.install(None)


def states(results: Sequence[Result]) -> list[str]:
    return [result.state for result in results]


# -- the plain day ---------------------------------------------------------------------------------------------------


def test_a_write_is_made_once_and_then_unchanged_without_any_call(bench: Bench) -> None:
    first = bench.run(invoice("7"))
    calls = bench.calls()
    second = bench.run(invoice("7"), attempt=2)

    assert first == [Result(invoice_key("7"), "written", "1", "I-7")]
    assert second == [Result(invoice_key("7"), "unchanged", "1", "I-7")]
    assert bench.calls() == calls == (1, 1)


def test_a_hundred_writes_are_one_look_up_and_one_request(bench: Bench) -> None:
    results = bench.run(*(invoice(str(n)) for n in range(100)))

    assert set(states(results)) == {"written"}
    assert bench.calls() == (1, 1)


def test_results_come_in_the_order_of_the_writes_and_chunks_are_of_the_targets_size() -> None:
    bench = Bench(chunk_size=3)
    writes = [invoice(str(n)) for n in range(8)]
    results = bench.run(*writes)

    assert [result.key for result in results] == [write.key for write in writes]
    assert [len(request) for request in bench.gateway.requests] == [3, 3, 2]


def test_a_customer_is_written_before_the_invoice_that_refers_to_it(bench: Bench) -> None:
    results = bench.run(invoice("7", "501"), customer("501"))

    assert states(results) == ["written", "written"]
    assert [send.key for request in bench.gateway.requests for send in request] == [
        customer_key("501"),
        invoice_key("7"),
    ]
    assert bench.gateway.live(invoice_key("7"))[0].payload["customer"] == "C-501"


def test_a_reference_inside_a_list_of_lines_is_replaced_too(bench: Bench) -> None:
    lines = [{"item": "PLAN", "project": Ref(customer_key("501")).to_json()}]
    write = replace(invoice("7"), payload={**invoice("7").payload, "lines": lines})
    bench.run(customer("501"), write)

    assert bench.gateway.live(invoice_key("7"))[0].payload["lines"] == [{"item": "PLAN", "project": "C-501"}]


def test_a_reference_to_a_record_of_an_earlier_run_is_taken_from_the_log(bench: Bench) -> None:
    bench.run(customer("501"))
    bench.run(invoice("7", "501"), run="run-2")

    assert bench.gateway.live(invoice_key("7"))[0].payload["customer"] == "C-501"


def test_a_reference_whose_name_the_target_did_not_tell_is_looked_up() -> None:
    bench = Bench(Habits(names_records=False))
    bench.run(customer("501"), invoice("7", "501"))

    assert bench.gateway.live(invoice_key("7"))[0].payload["customer"] == "C-501"


def test_a_reference_to_nothing_is_held_and_nothing_is_sent(bench: Bench) -> None:
    (result,) = bench.run(invoice("7", "501"))

    assert (result.state, result.code) == ("held", "reference_not_written")
    assert bench.calls() == (0, 0)


def test_references_in_a_circle_stop_everything(bench: Bench) -> None:
    one = replace(invoice("1"), payload={"x": Ref(invoice_key("2")).to_json()})
    two = replace(invoice("2"), payload={"x": Ref(invoice_key("1")).to_json()})

    with pytest.raises(InvariantError):
        bench.run(one, two)
    assert bench.calls() == (0, 0)


def test_a_customer_planned_by_two_deals_is_written_once(bench: Bench) -> None:
    results = bench.run(customer("501"), invoice("7", "501"), customer("501"), invoice("8", "501"))

    assert states(results) == ["written"] * 4
    assert len(bench.gateway.documents) == 3


def test_a_record_planned_twice_with_different_contents_is_written_once_and_the_second_held(bench: Bench) -> None:
    first, second = bench.run(invoice("7"), edited(invoice("7"), total="90.00"))

    assert (first.state, second.state, second.code) == ("written", "held", "planned_twice")
    assert bench.totals() == ["100.00"]


def test_nothing_to_write_calls_nobody(bench: Bench) -> None:
    assert bench.run() == []
    assert bench.calls() == (0, 0)


def test_a_write_for_another_system_stops_everything(bench: Bench) -> None:
    other = replace(invoice("7"), key=replace(invoice_key("7"), target_system="hubspot"))

    with pytest.raises(InvariantError, match="hubspot"):
        bench.run(invoice("8"), other)
    assert bench.calls() == (0, 0)


def test_a_row_of_the_log_does_not_show_its_payload(bench: Bench) -> None:
    bench.run(replace(invoice("7", bad=True), payload={"bad": True, "email": "ada@brightwater.example"}))

    assert "ada@" not in repr(bench.log.kept[invoice_key("7")])


# -- lost replies ----------------------------------------------------------------------------------------------------


def test_invoice_is_posted_once_when_the_reply_is_lost(bench: Bench) -> None:
    results = bench.run(invoice("7"), invoice("8"), faults=[reply_lost])

    assert states(results) == ["written", "written"]
    assert bench.totals() == ["100.00", "100.00"]
    assert bench.calls() == (2, 1)


def test_invoice_is_posted_once_when_the_request_is_lost(bench: Bench) -> None:
    results = bench.run(invoice("7"), faults=[request_lost, request_lost])

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]
    assert len({send.controlid for request in bench.gateway.requests for send in request}) == 1


def test_what_a_cut_reply_leaves_out_is_looked_up_and_what_it_says_is_recorded(bench: Bench) -> None:
    results = bench.run(invoice("1"), invoice("2"), invoice("3"), faults=[cut_after(1)])

    assert states(results) == ["written"] * 3
    assert bench.gateway.looks[1] == [invoice_key("2"), invoice_key("3")]
    assert len(bench.gateway.documents) == 3


def test_a_request_that_is_still_running_is_left_to_a_later_try_and_never_sent_under_another_id(bench: Bench) -> None:
    with pytest.raises(Unavailable) as error:
        bench.run(invoice("7"), faults=[posted_late(200.0)])
    assert error.value.retry_after == LIMITS.running_retry
    bench.clock.advance(200.0)
    results = bench.run(invoice("7"), attempt=2)

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]
    assert {send.controlid for request in bench.gateway.requests for send in request} == {invoice_key("7").controlid(0)}


def test_a_spent_control_id_is_not_replaced_while_the_first_request_may_still_be_posted() -> None:
    bench = Bench(Habits(honest=False))
    with pytest.raises(Unavailable) as error:
        bench.run(invoice("7"), faults=[posted_late(250.0)])
    assert error.value.retry_after == pytest.approx(GONE_AFTER - DEADLINE - 1.0)
    bench.clock.advance(error.value.retry_after)
    bench.run(invoice("7"), attempt=2)

    assert bench.totals() == ["100.00"]


def test_what_may_still_arrive_is_counted_from_the_sending_not_from_the_intent(bench: Bench) -> None:
    sleepy = {"sync.after_intent": 25.0}
    crash.install(lambda name: bench.clock.advance(sleepy.pop(name, 0.0)))
    with pytest.raises(Unavailable):
        bench.run(invoice("7"), faults=[posted_late(200.0)])

    until = bench.log.kept[invoice_key("7")].running_until
    assert until is not None
    assert until >= START + timedelta(seconds=25.0 + DEADLINE + SETTLE)


class _Killed(BaseException):
    pass


def killed_at(place: str) -> Callable[[str], None]:
    """The process dies there, and saves nothing on its way out."""
    dead: list[str] = []

    def hook(name: str) -> None:
        if name == place or dead:
            dead.append(name)
            raise _Killed

    return hook


def test_what_was_sent_before_a_kill_is_known_though_the_deal_is_edited_before_the_next_try(bench: Bench) -> None:
    """The memo cannot be seen in a look-up: only the note before the sending tells which one the books hold."""
    crash.install(killed_at("sync.after_send"))
    with pytest.raises(_Killed):
        bench.run(invoice("7", memo="as it was"))
    crash.install(None)
    (result,) = bench.run(invoice("7", memo="as it is now"), attempt=2)

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert bench.log.kept[invoice_key("7")].facts["memo"] == bench.gateway.documents[0].payload["memo"] == "as it was"


def refused(line: Line, sends: Sequence[Send]) -> Sequence[Outcome]:
    """By a target that does not know of a request which is still on its way."""
    return [Refused(send.key, "BL01001973", "the period is closed") for send in sends]


def test_what_may_arrive_after_a_refusal_is_known_though_the_deal_is_edited_before_the_next_try(bench: Bench) -> None:
    """A refusal of the second sending says nothing of the first, which no look-up could tell from the edited one."""
    (result,) = bench.run(invoice("7", memo="as it was"), faults=[posted_late(DEADLINE + 100.0), refused])
    assert result.state == "rejected"
    bench.clock.advance(GONE_AFTER)
    (result,) = bench.run(invoice("7", memo="as it is now"), attempt=2)

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert bench.log.kept[invoice_key("7")].facts["memo"] == bench.gateway.documents[0].payload["memo"] == "as it was"


def test_edited_content_is_not_sent_beside_what_may_still_arrive_after_a_refusal(bench: Bench) -> None:
    bench.run(invoice("7", memo="as it was"), faults=[posted_late(DEADLINE + 100.0), refused])
    (result,) = bench.run(invoice("7", memo="as it is now"), faults=[refused], attempt=2)
    assert result.state == "rejected"
    bench.clock.advance(GONE_AFTER)
    (result,) = bench.run(invoice("7", memo="as it is now"), attempt=3)

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert {send.payload["memo"] for request in bench.gateway.requests for send in request} == {"as it was"}


def test_what_was_refused_once_and_then_sent_before_a_kill_gets_no_other_control_id_while_it_may_arrive() -> None:
    """The note before the sending replaces the memory of the refusal, which would allow the next control id at once."""
    bench = Bench(Habits(honest=False))
    bench.run(invoice("7", bad=True))
    crash.install(killed_at("sync.after_send"))
    with pytest.raises(_Killed):
        bench.run(invoice("7"), faults=[posted_late(200.0)], run="run-2")
    crash.install(None)
    with pytest.raises(Unavailable):
        bench.run(invoice("7"), run="run-2", attempt=2)
    bench.clock.advance(200.0)
    bench.run(invoice("7"), run="run-2", attempt=3)

    assert bench.totals() == ["100.00"]


def test_a_process_that_slept_before_sending_looks_again(bench: Bench) -> None:
    sleepy = {"sync.after_intent": 600.0}
    crash.install(lambda name: bench.clock.advance(sleepy.pop(name, 0.0)))
    results = bench.run(invoice("7"))

    assert states(results) == ["written"]
    assert bench.calls() == (2, 1)


def test_a_target_that_never_answers_is_asked_four_times_and_the_rest_is_not_sent() -> None:
    bench = Bench(chunk_size=2)
    with pytest.raises(OutcomeUnknown):
        bench.run(*(invoice(str(n)) for n in range(8)), faults=[request_lost] * 20)

    assert len(bench.gateway.requests) == 4
    assert invoice_key("7") not in bench.log.kept
    assert bench.state(invoice_key("0")) is WriteState.UNKNOWN


def test_one_record_that_the_target_chokes_on_does_not_take_the_others_with_it(bench: Bench) -> None:
    class Choking(Line):
        def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
            poisoned = any(send.key.source_id == "5" for send in sends)
            self.faults = [request_lost] if poisoned else []
            return super().send(sends)

    with pytest.raises(OutcomeUnknown) as error:
        bench.run(*(invoice(str(n)) for n in range(16)), line=Choking(bench.gateway))

    assert error.value.record_id == "5"
    assert len(bench.gateway.documents) == 15
    assert {row.state for key, row in bench.log.kept.items() if key.source_id != "5"} == {WriteState.WRITTEN}


def test_what_may_still_arrive_keeps_its_content_and_the_edited_deal_is_held(bench: Bench) -> None:
    with pytest.raises(Unavailable):
        bench.run(invoice("7"), faults=[posted_late(200.0)])
    bench.clock.advance(200.0)
    (result,) = bench.run(edited(invoice("7"), total="150.00"), attempt=2)

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert "total 100.00 -> 150.00" in result.message
    assert bench.totals() == ["100.00"]


def test_a_record_that_shows_what_is_planned_now_is_no_difference_although_something_older_was_in_doubt(
    bench: Bench,
) -> None:
    with pytest.raises(Unavailable):
        bench.run(invoice("7"), faults=[posted_late(200.0)])
    (due, send) = bench.gateway.in_work.popitem()[1]
    bench.gateway.in_work[send.controlid] = (due, replace(send, payload={**send.payload, "total": "150.00"}))
    bench.clock.advance(200.0)
    (result,) = bench.run(edited(invoice("7"), total="150.00"), attempt=2)

    assert result.state == "written"
    assert bench.log.kept[invoice_key("7")].facts["total"] == "150.00"


def test_once_nothing_can_arrive_any_more_the_edited_content_is_sent(bench: Bench) -> None:
    with pytest.raises(OutcomeUnknown):
        bench.run(invoice("7"), faults=[request_lost] * 3)
    bench.clock.advance(GONE_AFTER)
    results = bench.run(edited(invoice("7"), total="150.00"), attempt=2)

    assert states(results) == ["written"]
    assert bench.totals() == ["150.00"]


# -- what the target says --------------------------------------------------------------------------------------------


def test_a_refused_record_is_a_dead_letter_with_its_payload_and_stops_nobody(bench: Bench) -> None:
    bad, good = bench.run(invoice("7", bad=True), invoice("8"))

    assert (bad.state, bad.code, bad.message) == ("rejected", "BL01001973", "the period is closed")
    assert good.state == "written"
    row = bench.log.kept[invoice_key("7")]
    assert (row.state, row.payload, row.owner) == (WriteState.REJECTED, invoice("7", bad=True).payload, None)


def test_a_refused_record_is_tried_again_when_planned_again_under_the_same_control_id(bench: Bench) -> None:
    bench.run(invoice("7", bad=True))
    results = bench.run(invoice("7"), run="run-2")

    assert states(results) == ["written"]
    assert {send.controlid for request in bench.gateway.requests for send in request} == {invoice_key("7").controlid(0)}


def test_a_control_id_burnt_by_a_refusal_is_replaced_at_once() -> None:
    bench = Bench(Habits(burns=True))
    bench.run(invoice("7", bad=True))
    results = bench.run(invoice("7"), run="run-2")

    assert states(results) == ["written"]
    assert bench.log.kept[invoice_key("7")].epoch == 1
    assert bench.totals() == ["100.00"]


def test_a_control_id_spent_by_nobody_we_remember_is_replaced_only_when_its_request_must_be_over() -> None:
    bench = Bench(Habits(honest=False))
    forgotten = Send(invoice_key("7"), invoice("7").payload, invoice_key("7").controlid(0))
    bench.gateway.execute_later(forgotten, DEADLINE + SETTLE - 1.0)
    with pytest.raises(Unavailable) as error:
        bench.run(invoice("7"))
    assert error.value.retry_after == GONE_AFTER
    bench.clock.advance(GONE_AFTER)
    results = bench.run(invoice("7"), attempt=2)

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]


def test_a_record_made_a_moment_ago_that_an_old_log_has_forgotten_is_seen_before_another_is_made() -> None:
    bench = Bench(Habits(lag=10.0))
    with pytest.raises(OutcomeUnknown):
        bench.run(invoice("7"), faults=[request_lost] * 3)
    bench.clock.advance(GONE_AFTER)
    backup = bench.log.backup()
    bench.run(invoice("7"), attempt=2)
    bench.log.restore(backup)
    results = bench.run(invoice("7"), attempt=3)

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]


def test_the_customer_of_an_invoice_was_refused_so_the_invoice_is_held_and_says_why(bench: Bench) -> None:
    refused = replace(customer("501"), payload={**customer("501").payload, "bad": True})
    _, result = bench.run(refused, invoice("7", "501"))

    assert (result.state, result.code) == ("held", "reference_not_written")
    assert "the period is closed" in result.message
    assert invoice_key("7") not in bench.log.kept


def test_a_number_taken_by_another_record_is_a_refusal() -> None:
    bench = Bench(Habits(unique_numbers=True))
    bench.run(invoice("7"))
    other = replace(invoice("8"), payload=invoice("7").payload)
    (result,) = bench.run(other)

    assert (result.state, result.code) == ("rejected", "BL03002185")


def test_a_number_taken_by_our_own_record_is_found_to_be_ours() -> None:
    bench = Bench(Habits(unique_numbers=True, forgets=0.0, lag=100.0))
    with pytest.raises(Unavailable):
        bench.run(invoice("7"), faults=[reply_lost])
    bench.clock.advance(100.0)
    results = bench.run(invoice("7"), attempt=2)

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]


def test_a_target_that_asks_for_patience_gets_it(bench: Bench) -> None:
    results = bench.run(invoice("7"), faults=[too_many_requests(20.0), too_many_requests(None)])

    assert states(results) == ["written"]
    assert bench.waits == [20.0, 1.0]


def test_a_target_that_asks_for_too_much_patience_is_left_to_a_later_try_with_nothing_in_doubt(bench: Bench) -> None:
    with pytest.raises(RateLimited) as error:
        bench.run(invoice("7"), faults=[too_many_requests(50.0), too_many_requests(50.0)])

    assert error.value.retry_after == 50.0
    row = bench.log.kept[invoice_key("7")]
    assert (row.state, row.running_until, row.owner) == (WriteState.PLANNED, None, None)


def test_wrong_credentials_leave_nothing_in_doubt(bench: Bench) -> None:
    class LockedOut(Line):
        def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
            raise AuthError("wrong password")

    with pytest.raises(AuthError):
        bench.run(invoice("7"), line=LockedOut(bench.gateway))

    row = bench.log.kept[invoice_key("7")]
    assert (row.state, row.running_until, row.owner) == (WriteState.PLANNED, None, None)


def test_an_error_of_ours_while_sending_leaves_it_in_doubt_and_gives_the_claim_back(bench: Bench) -> None:
    class Broken(Line):
        def send(self, sends: Sequence[Send]) -> Sequence[Outcome]:
            super().send(sends)
            raise KeyError("a bug in reading the answer")

    with pytest.raises(KeyError):
        bench.run(invoice("7"), line=Broken(bench.gateway))
    assert bench.state(invoice_key("7")) is WriteState.UNKNOWN
    results = bench.run(invoice("7"), run="run-2")

    assert states(results) == ["written"]
    assert bench.totals() == ["100.00"]


def test_a_target_that_goes_down_between_chunks_leaves_the_finished_chunks_recorded() -> None:
    bench = Bench(chunk_size=1)

    class Down(Line):
        def find(self, writes: Sequence[Write]) -> dict[Key, Found]:
            if writes[0].key == invoice_key("8"):
                raise Unavailable("offline", retry_after=60.0)
            return dict(super().find(writes))

    with pytest.raises(Unavailable):
        bench.run(invoice("7"), invoice("8"), line=Down(bench.gateway))

    assert bench.state(invoice_key("7")) is WriteState.WRITTEN
    assert bench.log.kept[invoice_key("8")].owner is None


# -- a lost or old state ---------------------------------------------------------------------------------------------


def test_a_record_planned_by_a_lost_state_database_is_found_and_not_sent(bench: Bench) -> None:
    bench.run(customer("501"), invoice("7", "501"))
    bench.log.empty()
    results = bench.run(customer("501"), invoice("7", "501"), run="run-2")

    assert states(results) == ["unchanged", "unchanged"]
    assert [result.target_id for result in results] == ["1", "2"]
    assert len(bench.gateway.requests) == 2


def test_a_record_found_in_the_target_with_another_total_is_held_and_says_what_differs(bench: Bench) -> None:
    bench.run(invoice("7"))
    bench.log.empty()
    (result,) = bench.run(edited(invoice("7"), total="120.00"))

    assert (result.state, result.code, result.target_id) == ("held", "changed_after_posting", "1")
    assert "total is 100.00, planned 120.00" in result.message
    assert len(bench.gateway.requests) == 1


def test_a_record_found_otherwise_is_accepted_once_somebody_has_put_it_right(bench: Bench) -> None:
    bench.run(invoice("7"))
    bench.log.empty()
    bench.run(edited(invoice("7"), total="120.00"))
    bench.gateway.documents[0] = replace(bench.gateway.documents[0], payload={"total": "120.00"})
    results = bench.run(edited(invoice("7"), total="120.00"), run="run-2")

    assert states(results) == ["unchanged"]
    assert len(bench.gateway.requests) == 1


def test_what_the_target_shows_unasked_about_a_record_counts_as_a_difference(bench: Bench) -> None:
    class Reversed(Line):
        def find(self, writes: Sequence[Write]) -> dict[Key, Found]:
            actual = {"total": "100.00", "STATE": "Reversed"}
            return {writes[0].key: Found(writes[0].key, "1", "INV-1", actual)}

    (result,) = bench.run(invoice("7"), line=Reversed(bench.gateway))

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert "STATE is Reversed" in result.message


def test_a_changed_record_is_held_with_its_plain_changes_and_without_personal_data(bench: Bench) -> None:
    before = replace(invoice("7"), facts={"amount": "100.00", "due": "2026-12-01", "contact": "Ada Lovelace"})
    after = replace(invoice("7"), facts={"amount": "90.00", "due": "2026-12-31", "contact": "Grace Hopper"})
    bench.run(before)
    calls = bench.calls()
    (result,) = bench.run(after, run="run-2")

    assert (result.state, result.code) == ("held", "changed_after_posting")
    assert "amount 100.00 -> 90.00, contact, due 2026-12-01 -> 2026-12-31" in result.message
    assert "Ada" not in result.message
    assert bench.calls() == calls


def test_a_customer_changed_after_it_was_written_holds_no_invoices(bench: Bench) -> None:
    bench.run(customer("501"))
    changed = replace(customer("501"), facts={"name": "another"})
    results = bench.run(changed, invoice("7", "501"), run="run-2")

    assert states(results) == ["held", "written"]


def test_the_payload_is_dropped_from_the_log_once_written(bench: Bench) -> None:
    bench.run(invoice("7"))

    assert bench.log.kept[invoice_key("7")].payload is None


# -- several workers -------------------------------------------------------------------------------------------------


def claimed_by(bench: Bench, write: Write, owner: Owner, seconds: float = 90.0) -> None:
    now = bench.clock.now()
    bench.log.claim([write], owner, now, now + timedelta(seconds=seconds))


def test_a_record_that_another_run_is_writing_is_waited_for(bench: Bench) -> None:
    claimed_by(bench, invoice("7"), Owner("run-2", "load"), seconds=5.0)
    results = bench.run(invoice("7"), invoice("8"))

    assert states(results) == ["written", "written"]
    assert [[send.key.source_id for send in request] for request in bench.gateway.requests] == [["8"], ["7"]]


def test_a_record_that_another_run_holds_for_long_is_left_with_the_time_its_claim_ends(bench: Bench) -> None:
    claimed_by(bench, invoice("7"), Owner("run-2", "load"))
    with pytest.raises(Unavailable) as error:
        bench.run(invoice("7"), invoice("8"))

    assert sum(bench.waits) <= LIMITS.busy
    assert error.value.retry_after == pytest.approx(90.0 - sum(bench.waits))
    assert bench.state(invoice_key("8")) is WriteState.WRITTEN


def test_an_invoice_is_left_too_while_its_customer_is_in_another_runs_hands(bench: Bench) -> None:
    claimed_by(bench, customer("501"), Owner("run-2", "load"))
    with pytest.raises(Unavailable):
        bench.run(customer("501"), invoice("7", "501"))

    assert bench.gateway.documents == []


def test_a_record_written_by_another_run_meanwhile_is_unchanged(bench: Bench) -> None:
    claimed_by(bench, invoice("7"), Owner("run-2", "load", 0, 1))

    def other_run_finishes() -> None:
        bench.run(invoice("7"), run="run-2", attempt=2)

    results = bench.run(invoice("7"), during_wait=other_run_finishes)

    assert states(results) == ["unchanged"]
    assert bench.totals() == ["100.00"]


def test_a_later_try_of_the_same_task_takes_over_at_once(bench: Bench) -> None:
    claimed_by(bench, invoice("7"), Owner("run-1", "load", 0, 1))
    results = bench.run(invoice("7"), attempt=2)

    assert states(results) == ["written"]
    assert bench.waits == []


def test_a_worker_whose_claim_was_taken_over_sends_nothing_more(bench: Bench) -> None:
    class Overtaken(Line):
        def find(self, writes: Sequence[Write]) -> dict[Key, Found]:
            claimed_by(bench, invoice("7"), Owner("run-1", "load", 0, 2))
            return dict(super().find(writes))

    with pytest.raises(Unavailable):
        bench.run(invoice("7"), line=Overtaken(bench.gateway))

    assert bench.gateway.requests == []


def _planned_by_id(deal: str, company: str) -> Write:
    """The invoice as it is planned once its customer is there: by its id, not by a reference."""
    write = invoice(deal)
    return replace(write, payload={**write.payload, "customer": f"C-{company}"})


@pytest.mark.parametrize("names", [True, False])
def test_what_may_still_arrive_is_sent_again_though_the_plan_no_longer_refers_to_its_customer(names: bool) -> None:
    bench = Bench(Habits(names_records=names))
    with pytest.raises(OutcomeUnknown):
        bench.run(customer("1"), invoice("7", "1"), faults=[lambda line, sends: None, *[request_lost] * 3])

    bench.run(_planned_by_id("7", "1"), attempt=2)

    assert [document.payload["customer"] for document in bench.gateway.documents[1:]] == ["C-1"]


def test_what_may_still_arrive_is_waited_for_where_its_customer_is_forgotten() -> None:
    bench = Bench()
    with pytest.raises(OutcomeUnknown):
        bench.run(customer("1"), invoice("7", "1"), faults=[lambda line, sends: None, *[request_lost] * 3])
    del bench.log.kept[customer_key("1")]

    with pytest.raises(Unavailable) as caught:
        bench.run(_planned_by_id("7", "1"), attempt=2)
    bench.clock.advance(caught.value.retry_after or 0.0)
    bench.run(_planned_by_id("7", "1"), attempt=3)

    assert bench.totals() == ["100.00"]
