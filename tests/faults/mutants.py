"""Planted bugs: functions of the product, and what stands in their place. ``mutant_hunt`` lets the days find them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from importlib import import_module
from sys import modules
from typing import Any

_numbers = itertools.count()


@dataclass(frozen=True)
class Mutant:
    """``path`` is ``module:name`` or ``module:Class.name``; ``wrong`` takes the original and gives the replacement.
    ``kind`` is that of the schedules that are to find it; their seeds and weather are those of every day."""

    what: str
    path: str
    wrong: Callable[[Any], Any]
    kind: str = "writes"

    def plant(self) -> Callable[[], None]:
        """In this process, wherever the product holds the function by its name; what comes back undoes it."""
        owner, name = self._place()
        right = owner.__dict__[name]
        wrong = self.wrong(right)
        holders = [owner]
        if "." not in self.path.partition(":")[2]:
            ours = [
                one for one in list(modules.values()) if getattr(one, "__name__", "").startswith(("include.", "tieout"))
            ]
            holders += [one for one in ours if one is not owner and vars(one).get(name) is right]
        for holder in holders:
            setattr(holder, name, wrong)
        return lambda: [setattr(holder, name, right) for holder in holders] and None

    def planted(self) -> Any:
        """What stands in the place now."""
        owner, name = self._place()
        return owner.__dict__[name]

    def _place(self) -> tuple[Any, str]:
        module, _, path = self.path.partition(":")
        *classes, name = path.split(".")
        return reduce(getattr, classes, import_module(module)), name


def _never_looks(chunk: Any, items: Any) -> Any:
    for item in items:
        item.looked_at = chunk.work.now()
    return [item for item in items if item.key in chunk.claims.items]


def _no_read_back(absent: Any) -> Any:
    """What was sent without an answer is not looked for, only what is new."""

    def looks(chunk: Any, items: Any) -> Any:
        from include.core.sync import WriteState

        doubtful = [item for item in items if item.settled.state is WriteState.UNKNOWN]
        return [*_never_looks(chunk, doubtful), *absent(chunk, [item for item in items if item not in doubtful])]

    return looks


def _lost_is_refused(answers: Any) -> Any:
    from include.core.target import Lost, Refused

    return lambda chunk, group: {
        key: Refused(key, "", "no answer") if isinstance(one, Lost) else one
        for key, one in answers(chunk, group).items()
    }


def _lost_is_written(answers: Any) -> Any:
    from include.core.target import Lost, Written

    return lambda chunk, group: {
        key: Written(key, "1", "") if isinstance(one, Lost) else one for key, one in answers(chunk, group).items()
    }


def _first_for_all(answers: Any) -> Any:
    def wrong(chunk: Any, group: Any) -> Any:
        first = next(iter(answers(chunk, group).values()))
        return {item.key: replace(first, key=item.key) for item in group}

    return wrong


def _not_noted(_: Any) -> Any:
    """What is saved before a request leaves says no more than the claim did."""
    return lambda row, now, gone, lease: replace(row, lease_until=now + timedelta(seconds=lease))


def _soon_gone(intent: Any) -> Any:
    def wrong(row: Any, now: Any, gone: Any, lease: Any) -> Any:
        noted = intent(row, now, gone, lease)
        return replace(noted, running_until=noted.lease_until)

    return wrong


def _raised_at_once(_: Any) -> Any:
    from include.core.sync import WriteState

    return lambda row, now, gone: (replace(row, state=WriteState.PLANNED, epoch=row.epoch + 1), True)


def _first_try_only(write_back: Any) -> Any:
    return lambda run, loaded: write_back(run, loaded) if run.owner.attempt == 1 else dict(loaded["counts"])


def _cursor_first(slices: Any) -> Any:
    def wrong(run: Any) -> Any:
        cut = slices(run)
        window = run.window()
        if window.moves_cursor and window.cursor:
            run.store.raise_cursor(run.flow.name, window.cursor)
        return cut

    return wrong


def _no_overlap(choose: Any) -> Any:
    def wrong(**given: Any) -> Any:
        window = choose(**given)
        if window.kind == "modified" and given["cursor"]:
            return replace(window, start=min(given["cursor"], window.end))
        return window

    return wrong


def _finishes_whatever(finish: Any) -> Any:
    return lambda run, done, slices: finish(run, done, 0)


def _holds_stay_unseen(slices: Any) -> Any:
    def wrong(run: Any) -> Any:
        held = {hold.source_id for hold in run.store.open_holds(run.flow.name)}
        return [[one for one in cut if one not in held] for cut in slices(run)]

    return wrong


def _float_money(amount: Any) -> Any:
    return lambda where, value: f"{float(amount(where, value)):g}"


def _not_unique(call: Any) -> Any:
    return lambda client, functions, unique=False, seconds=None: call(client, functions, unique=False, seconds=seconds)


CHUNK, OUTCOMES = "include.core.sync.chunk:Chunk", "include.core.sync.outcomes"

MUTANTS: tuple[Mutant, ...] = (
    Mutant("skips the read-back after an unknown outcome", f"{CHUNK}._absent", _no_read_back),
    Mutant("takes a lost answer for a refusal", f"{CHUNK}._answers", _lost_is_refused),
    Mutant("takes a lost answer for a success", f"{CHUNK}._answers", _lost_is_written),
    Mutant("ignores partial failures: the first answer counts for all", f"{CHUNK}._answers", _first_for_all),
    Mutant("raises the epoch on mere absence", f"{OUTCOMES}:spent_and_absent", _raised_at_once),
    Mutant("never raises the epoch", f"{OUTCOMES}:spent_and_absent", lambda right: lambda row, now, gone: (row, False)),
    Mutant("drops the intent write", f"{OUTCOMES}:intent", _not_noted),
    Mutant("forgets that a request may be running", f"{OUTCOMES}:intent", _soon_gone),
    Mutant(
        "uses a new control id at every send",
        "include.core.decisions:Key.controlid",
        lambda right: lambda key, epoch: f"{key.text()}{next(_numbers)}",
    ),
    Mutant(
        "uses one control id for all records",
        "include.core.decisions:Key.controlid",
        lambda right: lambda key, epoch: "tieout",
    ),
    Mutant("does not ask for unique control ids", "include.connectors.intacct.client:IntacctClient.call", _not_unique),
    Mutant("writes back at a task's first try only", "tieout.steps:write_back", _first_try_only, "posting"),
    Mutant(
        "takes a claim that another worker still holds",
        "include.core.sync.claims:_is_held",
        lambda right: lambda row, owner, now: False,
    ),
    Mutant(
        "gives every claim the same number, so that no fence holds",
        "include.core.sync.claims:claim_number",
        lambda right: lambda owner, now: 1,
    ),
    Mutant("writes amounts through floats", "include.connectors.intacct.typed_payload:_amount", _float_money),
    Mutant("moves the cursor before the work is done", "tieout.steps:slices", _cursor_first, "whole"),
    Mutant("moves the cursor past what was left undone", "tieout.steps:finish", _finishes_whatever, "whole"),
    Mutant("reads from the cursor without overlap", "include.core.windows:choose_window", _no_overlap, "whole"),
    Mutant("does not hold what was refused", "tieout.steps:_refused", lambda right: lambda run, results: [], "whole"),
    Mutant("never looks at held records again", "tieout.steps:slices", _holds_stay_unseen, "whole"),
)
