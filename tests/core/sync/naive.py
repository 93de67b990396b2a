"""A write path as it is often written: send, retry when no answer comes, remember what succeeded. The control of the
experiment: if the laboratory finds nothing wrong with this one, the laboratory is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from include.core import crash
from include.core.decisions import Key, Write
from include.core.errors import Unavailable
from include.core.sync import Limits, Owner, Result, WriteState, WriteStore
from include.core.sync.order import chunks, levels, resolved
from include.core.target import Refused, Send, Target, Written

_sent = 0


def naive_apply(
    writes: Sequence[Write],
    target: Target,
    store: WriteStore,
    *,
    owner: Owner,
    now: Callable[[], datetime],
    wait: Callable[[float], None],
    limits: Limits,
) -> list[Result]:
    results: dict[Key, Result] = {}
    ids: dict[Key, str] = {}
    for level in levels(writes):
        rows = store.rows([write.key for write in level])
        done = {key: row for key, row in rows.items() if row.state is WriteState.WRITTEN}
        results |= {key: Result(key, "unchanged", row.target_id, row.natural_id) for key, row in done.items()}
        for chunk in chunks([write for write in level if write.key not in done], target.chunk_size):
            results |= _send_until_answered(chunk, target, store, owner, now, wait, ids)
        if any(write.key not in results for write in level):
            raise Unavailable("some were not sent")
        ids |= {write.key: results[write.key].natural_id or "C-1" for write in level}
    return [results[write.key] for write in writes]


def _send_until_answered(
    chunk: Sequence[Write],
    target: Target,
    store: WriteStore,
    owner: Owner,
    now: Callable[[], datetime],
    wait: Callable[[float], None],
    ids: dict[Key, str],
) -> dict[Key, Result]:
    global _sent
    results: dict[Key, Result] = {}
    rows = {answer.row.key: answer.row for answer in store.claim(chunk, owner, now(), now() + timedelta(seconds=1))}
    for _ in range(3):
        todo = [write for write in chunk if write.key not in results]
        if not todo:
            break
        _sent += 1
        sends = [Send(w.key, resolved(w.payload, {**ids}), f"{w.key.text()}-{_sent}") for w in todo]
        crash.point("sync.after_intent")
        for answer in target.send(sends):
            if isinstance(answer, Written):
                results[answer.key] = Result(answer.key, "written", answer.target_id, answer.natural_id)
                row = replace(rows[answer.key], state=WriteState.WRITTEN, target_id=answer.target_id, payload=None)
                store.save([replace(row, owner=None, lease_until=None)])
            elif isinstance(answer, Refused):
                results[answer.key] = Result(answer.key, "rejected", code=answer.code, message=answer.message)
        crash.point("sync.after_send")
        wait(1.0)
    return results
