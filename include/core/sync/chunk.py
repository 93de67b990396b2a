"""One chunk of writes: claimed, looked up, sent, recorded, until each is settled or left to a later try."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from include.core import crash
from include.core.decisions import Key, Write
from include.core.errors import AuthError, OutcomeUnknown, RateLimited, SettingsError, TieoutError, Unavailable
from include.core.sync import outcomes
from include.core.sync.order import resolved
from include.core.sync.rows import Limits, Owner, Result, WriteRow, WriteState, WriteStore
from include.core.target import Lost, NotSent, Outcome, Refused, Running, Send, Spent, Target, Written


@dataclass(slots=True)
class Item:
    """One write in work. ``settled``: the row without the request in flight; ``sent``: it may be our own
    sending that made the record; ``tries``: sends without an answer; ``rises``: control ids found spent."""

    write: Write
    settled: WriteRow
    sent: bool
    tries: int = 0
    rises: int = 0


@dataclass(slots=True)
class Work:
    """What one ``apply`` shares among its chunks: its partners; the results so far, the natural ids of what
    is written, and what is left to a later try with the reason; ``patience``: seconds it may still wait for
    the target."""

    target: Target
    store: WriteStore
    owner: Owner
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    limits: Limits
    patience: float
    results: dict[Key, Result] = field(default_factory=dict)
    written: dict[Key, str] = field(default_factory=dict)
    left: dict[Key, TieoutError] = field(default_factory=dict)

    @property
    def gone_after(self) -> float:
        return self.target.request_deadline + self.target.settle_seconds

    @property
    def lease(self) -> float:
        return self.target.request_deadline + self.limits.lease_margin

    def settle(self, write: Write, row: WriteRow, *, sent: bool) -> None:
        self.results[row.key] = outcomes.result(row, write, sent=sent)
        if row.state is WriteState.WRITTEN:
            self.written[row.key] = row.natural_id


def process(work: Work, writes: Sequence[Write], natural_ids: Mapping[Key, str]) -> dict[Key, WriteRow]:
    """Settle these writes, or enter them in ``work.left``. Returns the rows that other workers hold.

    Whatever happens, what is known is recorded and the claims are given back, except where the process is
    killed.
    """
    crash.point("sync.before_claim")
    now = work.now()
    claimed = work.store.claim(writes, work.owner, now, now + timedelta(seconds=work.lease))
    crash.point("sync.after_claim")
    items: dict[Key, Item] = {}
    held: dict[Key, WriteRow] = {}
    for write, answer in zip(writes, claimed, strict=True):
        if answer.mine:
            items[write.key] = Item(write, answer.row, sent=answer.row.state is WriteState.UNKNOWN)
        elif answer.row.state is WriteState.WRITTEN:
            work.settle(write, answer.row, sent=False)
        else:
            held[write.key] = answer.row
    if items:
        chunk = Chunk(work, items, natural_ids)
        try:
            chunk.run()
        finally:
            chunk.give_back()
    return held


class Chunk:
    """``items`` are the writes still in work; ``held`` the rows as they are stored, while we hold their
    claim."""

    def __init__(self, work: Work, items: dict[Key, Item], natural_ids: Mapping[Key, str]) -> None:
        self.work = work
        self.items = items
        self.natural_ids = natural_ids
        self.stored = {key: item.settled for key, item in items.items()}
        self.lost_in_a_row = 0

    def run(self) -> None:
        absent = self._look(list(self.items.values()))
        groups = [absent] if absent else []
        while groups:
            group = groups.pop(0)
            groups += self._send(group)
            if groups and self.lost_in_a_row >= self.work.limits.lost_in_a_row:
                raise OutcomeUnknown(
                    f"{self.work.target.system} gave no readable answer {self.lost_in_a_row} times in a row; "
                    "what was sent is looked up before anything is sent again",
                    system=self.work.target.system,
                )

    def give_back(self) -> None:
        """Release the claims still held, keeping what the rows say. Never hides the error that is on its
        way."""
        rows = [outcomes.released(row) for row in self.stored.values()]
        if rows:
            crash.point("sync.before_release")
            with suppress(TieoutError):
                self.work.store.save(rows)
            self.stored.clear()

    # -- looking
    # -------------------------------------------------------------------------------------------------

    def _look(self, items: Sequence[Item]) -> list[Item]:
        """Settle those that the target already holds; return the others."""
        if not items:
            return []
        found = self.work.target.find([self._as_sent(item) for item in items])
        crash.point("sync.after_find")
        there = {item.write.key: found[item.write.key] for item in items if item.write.key in found}
        self._record({key: outcomes.found(self.items[key].settled, hit) for key, hit in there.items()})
        return [item for item in items if item.write.key in self.items]

    def _as_sent(self, item: Item) -> Write:
        return item.settled.write if item.settled.payload is not None else item.write

    # -- sending
    # -------------------------------------------------------------------------------------------------

    def _send(self, group: list[Item]) -> list[list[Item]]:
        """Send one request; settle what its answers settle; return the groups to be sent next."""
        group = self._intend(group)
        if not group:
            return []
        answers = self._answers(group)
        crash.point("sync.after_send")
        self._record_definite(group, answers)
        looked_for = [item for item in group if isinstance(answers[item.write.key], Spent | Lost | Refused)]
        absent = self._look([item for item in looked_for if item.write.key in self.items])
        return self._again(group, answers, absent)

    def _intend(self, group: list[Item]) -> list[Item]:
        """Save that these are about to be sent. Those that another worker has taken over drop out."""
        now = self.work.now()
        intents = {}
        for item in group:
            item.settled = outcomes.content_to_send(item.settled, item.write, now)
            intents[item.write.key] = outcomes.intent(item.settled, now, self.work.gone_after, self.work.lease)
        fenced = self._save(intents)
        crash.point("sync.after_intent")
        return [item for item in group if item.write.key not in fenced]

    def _answers(self, group: list[Item]) -> dict[Key, Outcome]:
        """One answer for each; a record that the target says nothing about counts as lost."""
        sends = [
            Send(key, resolved(item.settled.payload or {}, self.natural_ids), key.controlid(item.settled.epoch))
            for key, item in ((item.write.key, item) for item in group)
        ]
        try:
            answers = self.work.target.send(sends)
        except (AuthError, SettingsError):
            self.stored.update({item.write.key: item.settled for item in group})  # these precede the request
            raise
        said = {answer.key: answer for answer in answers}
        return {send.key: said.get(send.key) or Lost(send.key, "the answer leaves it out") for send in sends}

    def _record_definite(self, group: Sequence[Item], answers: Mapping[Key, Outcome]) -> None:
        """Save what the answers say for sure before anything else is asked."""
        rows: dict[Key, WriteRow] = {}
        for item in group:
            match answers[item.write.key]:
                case Written() as answer:
                    item.sent = True
                    rows[answer.key] = outcomes.written(item.settled, answer)
                case Refused(duplicate=False) as answer:
                    rows[answer.key] = outcomes.rejected(item.settled, answer)
                case Refused() | NotSent() as answer:
                    rows[answer.key] = replace(item.settled, lease_until=self.stored[answer.key].lease_until)
                case Spent(key):
                    item.sent = True
                    rows[key] = replace(
                        item.settled, state=_spent_state(item.settled), lease_until=self.stored[key].lease_until
                    )
                case Lost() | Running() as answer:
                    item.sent = True
                    item.settled = self.stored[answer.key]  # the intent stands
        self._record(rows)
        crash.point("sync.after_record")

    # -- what next
    # -----------------------------------------------------------------------------------------------

    def _again(
        self, group: Sequence[Item], answers: Mapping[Key, Outcome], absent: Collection[Item]
    ) -> list[list[Item]]:
        lost = [item for item in absent if isinstance(answers[item.write.key], Lost)]
        self.lost_in_a_row = self.lost_in_a_row + 1 if len(lost) == len(group) else 0
        again = [item for item in absent if self._may_follow(item, answers[item.write.key])]
        pauses = [self._pause_after_loss(item) for item in lost if item in again]
        not_sent = [item for item in _of(NotSent, group, answers) if item.write.key in self.items]
        if not_sent:
            pauses.append(self._patience(not_sent, answers))
        for item in _of(Running, group, answers):
            if item.write.key in self.items:
                self._leave(item, self._still_running())
        if pauses:
            self.work.wait(max(pauses))
        if len(lost) == len(group) and len(again) > 1 and min(item.tries for item in again) > 1:
            return self._halves(again)  # one record that the target chokes on must not take the others with it
        return [again + not_sent] if again or not_sent else []

    def _may_follow(self, item: Item, answer: Outcome) -> bool:
        """Whether an absent record is sent again now; if not, it is settled or left."""
        now = self.work.now()
        key = item.write.key
        if isinstance(answer, Spent):
            row, raised = outcomes.spent_and_absent(item.settled, now, self.work.gone_after)
            item.settled, item.rises = row, item.rises + 1
            raised = raised and item.rises <= self.work.limits.epochs
            if not raised:
                self._save({key: row})
                self._leave(item, self._may_arrive(item, now))
            return raised
        if isinstance(answer, Refused):
            if item.settled.running_until is not None and now < item.settled.running_until:
                self._leave(item, self._may_arrive(item, now))
            else:
                self._record({key: outcomes.rejected(item.settled, answer)})
            return False
        item.tries += 1
        if item.tries < self.work.limits.lost_tries:
            return True
        why = answer.why if isinstance(answer, Lost) else ""
        self._leave(item, OutcomeUnknown(f"no readable answer for it: {why}", system=self.work.target.system))
        return False

    def _pause_after_loss(self, item: Item) -> float:
        return self.work.limits.pauses[min(item.tries, len(self.work.limits.pauses)) - 1]

    def _patience(self, items: Sequence[Item], answers: Mapping[Key, Outcome]) -> float:
        """How long to wait for a target that did nothing yet; raises once the patience of this run is used
        up."""
        answer = next(a for a in (answers[item.write.key] for item in items) if isinstance(a, NotSent))
        asked = max((a.retry_after or 0.0 for a in answers.values() if isinstance(a, NotSent)), default=0.0)
        pause = max(asked, self.work.limits.pauses[0])
        if pause > self.work.patience:
            kind = RateLimited if answer.retry_after is not None else Unavailable
            raise kind(
                f"{self.work.target.system} asks to be called later: {answer.why}",
                retry_after=pause,
                system=self.work.target.system,
            )
        self.work.patience -= pause
        return pause

    def _halves(self, items: list[Item]) -> list[list[Item]]:
        for item in items:
            item.tries = 1
        middle = len(items) // 2
        return [items[:middle], items[middle:]]

    def _still_running(self) -> Unavailable:
        return Unavailable(
            f"{self.work.target.system} is still working on it",
            retry_after=self.work.limits.running_retry,
            system=self.work.target.system,
        )

    def _may_arrive(self, item: Item, now: datetime) -> Unavailable:
        until = item.settled.running_until or now
        return Unavailable(
            f"an earlier request to {self.work.target.system} may still make it",
            retry_after=max(1.0, (until - now).total_seconds()),
            system=self.work.target.system,
        )

    # -- the log
    # -------------------------------------------------------------------------------------------------

    def _leave(self, item: Item, why: TieoutError) -> None:
        """To a later try. Its claim is given back at the end of the chunk."""
        self.work.left[item.write.key] = why
        self.items.pop(item.write.key, None)

    def _record(self, rows: Mapping[Key, WriteRow]) -> None:
        """Save rows; those that are settled by it leave this chunk with their result."""
        fenced = self._save(rows)
        for key, row in rows.items():
            if key in fenced:
                continue
            item = self.items[key]
            if row.owner is None:
                self.work.settle(item.write, row, sent=item.sent)
                del self.items[key]
                del self.stored[key]

    def _save(self, rows: Mapping[Key, WriteRow]) -> Collection[Key]:
        """Save rows of ours; returns the keys that another worker has taken over, which leave this chunk."""
        fenced = self.work.store.save(list(rows.values())) if rows else ()
        self.stored.update(rows)
        for key in fenced:
            self.stored.pop(key, None)
            if key in self.items:
                error = Unavailable("another worker has taken it over", retry_after=self.work.lease)
                self._leave(self.items[key], error)
        return fenced


def _of(kind: type, group: Sequence[Item], answers: Mapping[Key, Outcome]) -> list[Item]:
    return [item for item in group if isinstance(answers[item.write.key], kind)]


def _spent_state(settled: WriteRow) -> WriteState:
    """A spent control id is remembered as rejected only if we remember the refusal."""
    return settled.state if settled.state is WriteState.REJECTED else WriteState.UNKNOWN
