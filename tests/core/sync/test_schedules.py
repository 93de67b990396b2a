"""Bad days by seed: workers that die, sleep and wake, lost replies, late posting, restored backups, edits.

After each one every planned write has exactly one record in the target, the log says so, and running again sends
nothing. A failure prints its seed and story; ``Lab(seed, MemoryLog()).run()`` replays it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from include.core.decisions import Key
from include.core.sync import WriteState, outcomes, work
from include.core.sync.chunk import Chunk
from include.core.target import Lost, Refused
from tests.core.sync.lab import Lab, Verdict
from tests.core.sync.memory_log import MemoryLog
from tests.core.sync.naive import naive_apply
from tests.core.sync.state_log import StateLog, log_at

SEEDS = 2000


def bad_days(seeds: Iterable[int], log: Any) -> list[Verdict]:
    """The verdicts that are not good."""
    return [verdict for verdict in (Lab(seed, log).run() for seed in seeds) if not verdict.good]


def test_two_thousand_bad_days_leave_one_record_for_each_write() -> None:
    bad = bad_days(range(SEEDS), MemoryLog())

    assert not bad, f"{len(bad)} of {SEEDS} schedules, the first: {bad[0]}"


def test_bad_days_over_the_real_log_leave_one_record_for_each_write(log: StateLog) -> None:
    bad = bad_days(range(SEEDS, SEEDS + 150), log)

    assert not bad, f"{len(bad)} schedules, the first: {bad[0]}"


def test_bad_days_over_each_engine_leave_one_record_for_each_write(database_url: str) -> None:
    log = log_at(database_url)
    bad = bad_days(range(5000, 5008), log)
    log.close()

    assert not bad, f"{len(bad)} schedules, the first: {bad[0]}"


def test_the_real_log_and_the_log_in_memory_tell_the_same_story(log: StateLog) -> None:
    def story(seed: int, log: Any) -> list[str]:
        lab = Lab(seed, log)
        lab.run()
        return lab.trace

    for seed in range(7000, 7030):
        assert story(seed, log) == story(seed, MemoryLog())


def test_a_naive_write_path_fails_in_this_laboratory() -> None:
    verdicts = [Lab(seed, MemoryLog(), naive_apply).run() for seed in range(50)]

    assert sum(not verdict.good for verdict in verdicts) > 25
    assert sum(verdict.duplicates for verdict in verdicts) > 50


_numbers = itertools.count()
_absent, _answers, _intent = Chunk._absent, Chunk._answers, outcomes.intent


def _never_looks(chunk: Any, items: Any) -> Any:
    for item in items:
        item.looked_at = chunk.work.now()
    return [item for item in items if item.key in chunk.claims.items]


def _looks_after_the_first_send(chunk: Any, items: Any) -> Any:
    looks = _absent if chunk.__dict__.get("sent") else _never_looks
    chunk.__dict__["sent"] = True
    return looks(chunk, items)


def _lost_means_refused(chunk: Any, group: Any) -> Any:
    answers = _answers(chunk, group)
    return {key: Refused(key, "", "") if isinstance(answer, Lost) else answer for key, answer in answers.items()}


def _first_answer_for_all(chunk: Any, group: Any) -> Any:
    first = next(iter(_answers(chunk, group).values()))
    return {item.key: replace(first, key=item.key) for item in group}


def _saves_whatever_is_claimed_since(claims: Any, rows: Any) -> Any:
    claims.work.store.log.kept |= rows
    claims.stored.update(rows)
    return ()


_MISTAKES: dict[str, tuple[Any, str, Callable[..., Any] | property]] = {
    "never asks the target": (Chunk, "_absent", _never_looks),
    "asks the target only after sending": (Chunk, "_absent", _looks_after_the_first_send),
    "a new control id as soon as no record is found": (
        outcomes,
        "spent_and_absent",
        lambda row, now, gone: (replace(row, state=WriteState.PLANNED, epoch=row.epoch + 1), True),
    ),
    "never a new control id": (outcomes, "spent_and_absent", lambda row, now, gone: (row, False)),
    "another control id at every try": (Key, "controlid", lambda key, epoch: f"{key.text()}{next(_numbers)}"),
    "the same control id for ever": (Key, "controlid", lambda key, epoch: key.text()),
    "forgets that a request may be running": (
        outcomes,
        "intent",
        lambda row, now, gone, lease: replace(row, lease_until=_intent(row, now, gone, lease).lease_until),
    ),
    "takes a lost reply for a refusal": (Chunk, "_answers", _lost_means_refused),
    "takes one answer for all": (Chunk, "_answers", _first_answer_for_all),
    "lets a worker write that lost its claim": (work.Claims, "save", _saves_whatever_is_claimed_since),
    "trusts what it looked up long ago": (work.Work, "lease", property(lambda self: 1e9)),
    "replaces what may still arrive": (outcomes, "content_to_send", lambda row, write, now: row.with_content(write)),
}


@pytest.mark.parametrize("mistake", _MISTAKES)
def test_a_planted_mistake_is_found_within_a_thousand_schedules(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = _MISTAKES[mistake]
    monkeypatch.setattr(where, name, wrong)

    assert any(_fails(seed) for seed in range(1000))


def _fails(seed: int) -> bool:
    try:
        return not Lab(seed, MemoryLog()).run().good
    except Exception:
        return True
