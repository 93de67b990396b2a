"""``apply``: all writes of a batch, level by level and chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat

from include.core.decisions import Key, Write
from include.core.errors import InvariantError, OutcomeUnknown, TransientError, Unavailable
from include.core.sync import changes
from include.core.sync.chunk import process
from include.core.sync.order import chunks, levels, references
from include.core.sync.rows import Limits, Owner, Result, WriteRow, WriteState, WriteStore
from include.core.sync.work import Work
from include.core.target import Target

_DEFAULT_LIMITS = Limits()


def apply(
    writes: Sequence[Write],
    target: Target,
    store: WriteStore,
    *,
    owner: Owner,
    now: Callable[[], datetime],
    wait: Callable[[float], None],
    limits: Limits = _DEFAULT_LIMITS,
) -> list[Result]:
    """Make each write's record in the target exactly once; one result for each write, in order.

    Records that others refer to are written first. The same key may be planned several times with the same facts; with
    other facts the first stands and the others are held as ``planned_twice``. ``now`` gives aware UTC instants,
    ``wait`` sleeps that many seconds.

    If anything is not settled within ``limits``, everything else is settled and recorded first, and then
    ``OutcomeUnknown``, ``RateLimited`` or ``Unavailable`` is raised: call again with the same writes, after
    ``retry_after``. Also raises what the target raises before a request (``AuthError``, ``SettingsError``) and
    ``InvariantError`` where two records carry one key, references form a circle, or a write is for another system.
    """
    _check_systems(writes, target)
    first = {write.key: write for write in reversed(writes)}
    ordered = [first[key] for key in dict.fromkeys(write.key for write in writes)]
    work = Work(target, store, owner, now, wait, limits, limits.not_sent)
    log = _log(store, ordered)
    work.written |= {key: row.natural_id for key, row in log.items() if row.state is WriteState.WRITTEN}
    pauses = _pauses(limits)
    for level in levels(ordered):
        todo = _not_written(work, level, log)
        natural_ids = _natural_ids(work, todo, first, log)
        _apply_level(work, todo, natural_ids, pauses)
    _raise_for_left(work, len(ordered))
    return [_result(work, write, first[write.key]) for write in writes]


def _check_systems(writes: Sequence[Write], target: Target) -> None:
    for write in writes:
        if write.key.target_system != target.system:
            raise InvariantError(
                f"a write for {write.key.target_system} was given to {target.system}; nothing was sent",
                record_id=write.key.source_id,
            )


def _log(store: WriteStore, writes: Sequence[Write]) -> dict[Key, WriteRow]:
    """What the log knows of these writes and of the records they refer to."""
    keys = [write.key for write in writes]
    keys += [ref for write in writes for ref in references(write.payload)]
    return dict(store.rows(list(dict.fromkeys(keys))))


def _pauses(limits: Limits) -> Iterator[float]:
    """The waits for other workers, until the patience for them is used up."""
    left = limits.busy
    for pause in chain(limits.pauses, repeat(limits.pauses[-1])):
        if pause > left:
            return
        left -= pause
        yield pause


def _not_written(work: Work, level: Sequence[Write], log: Mapping[Key, WriteRow]) -> list[Write]:
    """Settle what the log knows to be written; return the others."""
    todo: list[Write] = []
    for write in level:
        row = log.get(write.key)
        if row is not None and row.state is WriteState.WRITTEN:
            work.settle(write, row, sent=False)
        else:
            todo.append(write)
    return todo


def _natural_ids(
    work: Work, writes: Sequence[Write], batch: Mapping[Key, Write], log: Mapping[Key, WriteRow]
) -> dict[Key, str]:
    """The natural ids of the written records that these writes refer to.

    Those whose own answer did not tell the natural id are looked up, all at once.
    """
    refs = dict.fromkeys(ref for write in writes for ref in references(write.payload))
    ids = {ref: work.written[ref] for ref in refs if ref in work.written}
    unnamed = [batch.get(ref) or log[ref].write for ref, natural_id in ids.items() if not natural_id]
    if unnamed:
        ids |= {key: hit.natural_id for key, hit in work.target.find(unnamed).items()}
    return {ref: natural_id for ref, natural_id in ids.items() if natural_id}


def _apply_level(work: Work, level: Sequence[Write], natural_ids: Mapping[Key, str], pauses: Iterator[float]) -> None:
    """Settle a level or enter it in ``work.left``; what other workers hold is asked for again after a pause."""
    todo = [write for write in level if _refers_to_what_is_there(work, write, natural_ids)]
    while todo:
        held: dict[Key, WriteRow] = {}
        for chunk in chunks(todo, work.target.chunk_size):
            held |= process(work, chunk, natural_ids)
        todo = [write for write in todo if write.key in held]
        pause = next(pauses, None) if todo else None
        if pause is None:
            work.left |= {key: _held_by_another(work, held[key]) for key in (write.key for write in todo)}
            return
        work.wait(pause)


def _refers_to_what_is_there(work: Work, write: Write, natural_ids: Mapping[Key, str]) -> bool:
    """If not, the write is held, or left where the record it refers to is left."""
    for ref in references(write.payload):
        if ref in natural_ids:
            continue
        if ref in work.left:
            work.left[write.key] = work.left[ref]
            return False
        failed = work.results.get(ref)
        why = changes.reference_failed(write.key, ref, failed.message if failed else "")
        work.results[write.key] = Result(write.key, "held", code="reference_not_written", message=why)
        return False
    return True


def _held_by_another(work: Work, row: WriteRow) -> Unavailable:
    wait = (row.lease_until - work.now()).total_seconds() if row.lease_until else 0.0
    return work.unavailable("another worker is writing it", wait)


def _raise_for_left(work: Work, planned: int) -> None:
    """Raise for what is left to a later try; one error for all, naming the first."""
    if not work.left:
        return
    unknown = {key: error for key, error in work.left.items() if isinstance(error, OutcomeUnknown)}
    key, error = next(iter((unknown or work.left).items()))
    text = (
        f"{len(work.left)} of {planned} writes are not settled yet and will be at the next try, nothing twice; "
        f"first {key.source_object} {key.source_id}: {error.message}"
    )
    if unknown:
        raise OutcomeUnknown(text, system=work.target.system, record_id=key.source_id)
    waits = [e.retry_after for e in work.left.values() if isinstance(e, TransientError) and e.retry_after]
    raise Unavailable(text, retry_after=max(waits, default=None), system=work.target.system, record_id=key.source_id)


def _result(work: Work, write: Write, first: Write) -> Result:
    result = work.results[write.key]
    if write.content_hash == first.content_hash:
        return result
    return Result(
        write.key,
        "held",
        result.target_id,
        result.natural_id,
        "planned_twice",
        f"{write.key.target_object} of {write.key.source_object} {write.key.source_id} is planned twice with "
        "different contents; the first one stands",
    )
