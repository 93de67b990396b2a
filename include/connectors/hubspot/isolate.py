"""One poison record must not fail its batch: find it, and let the others through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from include.connectors.hubspot.errors import Refusal
from include.connectors.hubspot.partial import Partial
from include.connectors.hubspot.wire import BadShape
from include.core.errors import Rejected

Send = Callable[[Sequence[str]], Partial]


def send_isolating(
    send: Send, keys: Sequence[str], wanted: Mapping[str, Mapping[str, str | None]]
) -> Iterator[Partial]:
    """Send ``keys`` and whatever must be sent again in smaller parts, until every key is done or refused.

    For repeatable writes only. A whole batch refused because of a property that does not exist, or cannot be
    written, takes out the records that carry it at once; any other refusal halves the batch, at most ``2 x
    log2(n)`` calls for one poison record. Keys an answer is silent about are halved too; raises ``BadShape``
    when a single one is.
    """
    try:
        partial = send(keys)
    except Rejected as refused:
        if len(keys) == 1:
            yield Partial({}, {keys[0]: refused}, ())
            return
        carrying = _carrying(refused, keys, wanted)
        if carrying:
            yield Partial({}, dict.fromkeys(carrying, refused), ())
            rest = [key for key in keys if key not in carrying]
            if rest:
                yield from send_isolating(send, rest, wanted)
            return
        yield from _halved(send, keys, wanted)
        return
    yield partial
    if partial.silent:
        if len(keys) == 1:
            raise BadShape("results", "about the record that was sent")
        yield from _halved(send, partial.silent, wanted)


def _halved(send: Send, keys: Sequence[str], wanted: Mapping[str, Mapping[str, str | None]]) -> Iterator[Partial]:
    middle = max(1, len(keys) // 2)
    for half in (keys[:middle], keys[middle:]):
        if half:
            yield from send_isolating(send, half, wanted)


def _carrying(refused: Rejected, keys: Sequence[str], wanted: Mapping[str, Mapping[str, str | None]]) -> set[str]:
    unwritable = refused.unwritable if isinstance(refused, Refusal) else ()
    return {key for key in keys if any(name in wanted[key] for name in unwritable)}
