"""One chunk of writes: claimed, looked up, sent, recorded, until each is settled or left to a later try."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from include.core import crash
from include.core.decisions import Key, Write
from include.core.errors import AuthError, RateLimited, SettingsError, Unavailable
from include.core.sync import outcomes
from include.core.sync.order import references, resolved
from include.core.sync.rows import WriteRow, WriteState
from include.core.sync.work import Claims, Item, Work
from include.core.target import Lost, NotSent, Outcome, Refused, Running, Send, Spent, Written

Group = list[Item]
Answers = Mapping[Key, Outcome]


def process(work: Work, writes: Sequence[Write], natural_ids: Mapping[Key, str]) -> dict[Key, WriteRow]:
    """Settle these writes, or enter them in ``work.left``. Returns the rows that other workers hold.

    Whatever happens, what is known is recorded and the claims are given back, except where the process is killed.
    """
    crash.point("sync.before_claim")
    now = work.now()
    claimed = work.store.claim(writes, work.owner, now, now + timedelta(seconds=work.lease))
    crash.point("sync.after_claim")
    items: dict[Key, Item] = {}
    held: dict[Key, WriteRow] = {}
    for write, answer in zip(writes, claimed, strict=True):
        if answer.mine:
            items[write.key] = Item(write, answer.row, answer.row.state is WriteState.UNKNOWN, now)
        elif answer.row.state is WriteState.WRITTEN:
            work.settle(write, answer.row, sent=False)
        else:
            held[write.key] = answer.row
    if items:
        claims = Claims(work, items)
        try:
            older = _older_references(work, items.values(), natural_ids)
            Chunk(work, claims, {**natural_ids, **older}).run(list(items.values()))
        finally:
            claims.give_back()
    return held


class Chunk:
    """The requests of one chunk. Groups of items are sent as one request each."""

    def __init__(self, work: Work, claims: Claims, natural_ids: Mapping[Key, str]) -> None:
        self.work = work
        self.claims = claims
        self.natural_ids = natural_ids
        self.lost_in_a_row = 0

    def run(self, items: Group) -> None:
        """Raises ``OutcomeUnknown`` where the target gives no answer at all, ``RateLimited`` or ``Unavailable`` where
        it asks for more patience than there is, and what the target raises."""
        groups = [self._absent(items)]
        while groups:
            groups += self._send(groups.pop(0))
            if groups and self.lost_in_a_row >= self.work.limits.lost_in_a_row:
                raise self.work.unknown(
                    f"{self.work.target.system} gave no readable answer {self.lost_in_a_row} times in a row; what was "
                    "sent is looked up before anything is sent again"
                )

    def _absent(self, items: Sequence[Item]) -> Group:
        """Ask the target for them; settle those that it holds, return the others."""
        if not items:
            return []
        found = self.work.target.find([_as_sent(item) for item in items])
        for item in items:
            item.looked_at = self.work.now()
        crash.point("sync.after_find")
        there = {item.key: item for item in items if item.key in found}
        self.claims.record({key: outcomes.found(item.settled, item.write, found[key]) for key, item in there.items()})
        return [item for item in items if item.key in self.claims.items]

    def _send(self, group: Group) -> list[Group]:
        """Send one request, settle what its answers settle, and return the groups to be sent next."""
        group = self._intended(group)
        if not group:
            return []
        answers = self._answers(group)
        crash.point("sync.after_send")
        self._record_what_is_sure(group, answers)
        in_doubt = [item for item in group if isinstance(answers[item.key], Lost | Refused | Spent)]
        absent = self._absent([item for item in in_doubt if item.key in self.claims.items])
        return self._next(group, answers, absent)

    def _intended(self, group: Group) -> Group:
        """Save that these are about to be sent. Those drop out that another worker has taken over, or that the target
        turns out to hold.

        What was looked up too long ago is looked up again, and after a sleep of this process the intent is saved anew:
        by now the target may have made the record, and forgotten the control id that would tell.
        """
        while group:
            now = self.work.now()
            if any((now - item.looked_at).total_seconds() > self.work.lease for item in group):
                group = self._absent(group)
                continue
            intents = {}
            for item in group:
                item.settled = outcomes.content_to_send(item.settled, item.write, now)
            group = [item for item in group if self._refers_to_known(item)]
            for item in group:
                intents[item.key] = outcomes.intent(item.settled, now, self.work.gone_after, self.work.lease)
            fenced = self.claims.save(intents)
            group = [item for item in group if item.key not in fenced]
            crash.point("sync.after_intent")
            if (self.work.now() - now).total_seconds() <= self.work.limits.lease_margin:
                break
            group = self._absent(group)
        return group

    def _refers_to_known(self, item: Item) -> bool:
        """If not, what may still arrive refers to a record that is not to be found: it is waited for."""
        if self.natural_ids.keys() >= set(references(item.settled.payload or {})):
            return True
        self._leave_to_arrive(item)
        return False

    def _answers(self, group: Group) -> Answers:
        """One answer for each; a record that the target says nothing about counts as lost."""
        sends = [
            Send(
                item.key, resolved(item.settled.payload or {}, self.natural_ids), item.key.controlid(item.settled.epoch)
            )
            for item in group
        ]
        try:
            answers = self.work.target.send(sends)
        except (AuthError, SettingsError):
            # These precede the request: nothing was sent, and the log shall not say that it may have been.
            self.claims.stored.update({item.key: item.settled for item in group})
            raise
        said = {answer.key: answer for answer in answers}
        return {item.key: said.get(item.key, Lost(item.key, "the answer leaves it out")) for item in group}

    def _record_what_is_sure(self, group: Group, answers: Answers) -> None:
        """Save it before anything else is asked."""
        rows: dict[Key, WriteRow] = {}
        for item in group:
            row = replace(item.settled, lease_until=self.claims.stored[item.key].lease_until)
            match answers[item.key]:
                case Written() as answer:
                    item.sent = True
                    rows[item.key] = outcomes.written(row, answer)
                case Refused(duplicate=False) as answer:
                    rows[item.key] = outcomes.rejected(row, answer)
                case Refused() | NotSent():
                    rows[item.key] = row
                case Spent():
                    item.sent = True
                    rows[item.key] = outcomes.spent(row)
                case Lost() | Running():
                    item.sent = True
                    item.settled = self.claims.stored[item.key]  # the intent stands
        self.claims.record(rows)
        crash.point("sync.after_record")

    def _next(self, group: Group, answers: Answers, absent: Group) -> list[Group]:
        """After one request: settle or leave what is not to be sent again, wait as needed, group the rest."""
        lost = [item for item in absent if isinstance(answers[item.key], Lost)]
        not_sent = [item for item in self._still(group) if isinstance(answers[item.key], NotSent)]
        for item in self._still(group):
            if isinstance(answers[item.key], Running):
                says = f"{self.work.target.system} is still working on it"
                self.claims.leave(item, self.work.unavailable(says, self.work.limits.running_retry))
        nothing_came = len(lost) == len(group)
        self.lost_in_a_row = self.lost_in_a_row + 1 if nothing_came else 0
        again = [item for item in absent if self._may_be_sent_again(item, answers[item.key])]
        again += self._risen([item for item in absent if isinstance(answers[item.key], Spent)])
        pauses = [self._pause(item.tries) for item in lost if item in again]
        if not_sent:
            pauses.append(self._patience(not_sent, answers))
        if pauses:
            self.work.wait(max(pauses))
        if nothing_came and len(again) > 1 and min(item.tries for item in again) > 1:
            return _halves(again)  # one record that the target chokes on must not take the others with it
        return [again + not_sent] if again or not_sent else []

    def _still(self, group: Group) -> Group:
        return [item for item in group if item.key in self.claims.items]

    def _may_be_sent_again(self, item: Item, answer: Outcome) -> bool:
        """Whether an absent record is sent again now; if not, it is settled or left."""
        if isinstance(answer, Spent):
            return False  # see _risen
        if isinstance(answer, Refused):
            if outcomes.may_arrive(item.settled, self.work.now()):
                self._leave_to_arrive(item)
            else:
                self.claims.record({item.key: outcomes.rejected(item.settled, answer)})
            return False
        item.tries += 1
        if item.tries < self.work.limits.lost_tries:
            return True
        why = answer.why if isinstance(answer, Lost) else ""
        self.claims.leave(item, self.work.unknown(f"{self.work.target.system} gave no readable answer for it: {why}"))
        return False

    def _risen(self, items: Group) -> Group:
        """Those whose spent control id may be replaced now, with the next one; the others are settled or left.

        A record that was made a moment ago may not be shown yet, so they are looked for once more.
        """

        def rise(item: Item) -> tuple[WriteRow, bool]:
            return outcomes.spent_and_absent(item.settled, self.work.now(), self.work.gone_after)

        if any(raised for _, raised in map(rise, items)):
            self.work.wait(self.work.limits.visible_after)
            items = self._absent(items)
        risen = []
        for item in items:
            item.settled, raised = rise(item)
            item.rises += 1
            if raised and item.rises <= self.work.limits.epochs:
                risen.append(item)
                continue
            self.claims.save({item.key: item.settled})
            if item.key in self.claims.items:
                self._leave_to_arrive(item)
        return risen

    def _leave_to_arrive(self, item: Item) -> None:
        until = item.settled.running_until or self.work.now()
        says = f"an earlier request to {self.work.target.system} may still make it"
        self.claims.leave(item, self.work.unavailable(says, (until - self.work.now()).total_seconds()))

    def _pause(self, tries: int) -> float:
        pauses = self.work.limits.pauses
        return pauses[min(tries, len(pauses)) - 1]

    def _patience(self, items: Group, answers: Answers) -> float:
        """How long to wait for a target that did nothing yet. Raises where that is more than this run may wait."""
        said = [answer for answer in (answers[item.key] for item in items) if isinstance(answer, NotSent)]
        asked = [answer.retry_after for answer in said if answer.retry_after is not None]
        pause = max(asked, default=0.0) or self._pause(1)
        if pause > self.work.patience:
            kind = RateLimited if asked else Unavailable
            raise kind(
                f"{self.work.target.system} asks to be called later: {said[0].why}",
                retry_after=pause,
                system=self.work.target.system,
            )
        self.work.patience -= pause
        return pause


def _older_references(work: Work, items: Collection[Item], known: Mapping[Key, str]) -> dict[Key, str]:
    """The natural ids of records that only the content sent before refers to.

    While that content may still arrive, it is what is sent again; the plan may by now name the record by its id, and
    knows no reference any more.
    """
    refs = {ref for item in items for ref in references(item.settled.payload or {})} - known.keys()
    rows = work.store.rows(refs) if refs else {}
    written = {key: row for key, row in rows.items() if row.state is WriteState.WRITTEN}
    unnamed = [row.write for row in written.values() if not row.natural_id]
    found = work.target.find(unnamed) if unnamed else {}
    named = {key: row.natural_id for key, row in written.items()} | {key: hit.natural_id for key, hit in found.items()}
    return {key: natural_id for key, natural_id in named.items() if natural_id}


def _as_sent(item: Item) -> Write:
    """The write as it was sent last, which may be older than what is planned now."""
    return item.settled.write if item.settled.payload is not None else item.write


def _halves(items: Collection[Item]) -> list[Group]:
    for item in items:
        item.tries = 1
    listed = list(items)
    middle = len(listed) // 2
    return [listed[:middle], listed[middle:]]
