"""In which order writes are sent, and what stands in a payload for a record that had to be written first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from include.core.decisions import Json, Key, Write
from include.core.errors import InvariantError


def references(payload: Any) -> Iterator[Key]:
    """The keys of all ``Ref`` JSON in a payload, in order, with repetitions."""
    if isinstance(payload, dict):
        if set(payload) == {"$ref"}:
            yield Key(*payload["$ref"])
        else:
            for value in payload.values():
                yield from references(value)
    elif isinstance(payload, list | tuple):
        for value in payload:
            yield from references(value)


def resolved(payload: Json, natural_ids: Mapping[Key, str]) -> Json:
    """The payload with each ``Ref`` JSON replaced by the natural id of the record it names."""
    return {name: _resolved(value, natural_ids) for name, value in payload.items()}


def _resolved(value: Any, natural_ids: Mapping[Key, str]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$ref"}:
            return natural_ids[Key(*value["$ref"])]
        return {name: _resolved(inner, natural_ids) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(inner, natural_ids) for inner in value]
    return value


def levels(writes: Sequence[Write]) -> list[list[Write]]:
    """The writes in levels, such that each refers only to earlier levels or to records outside this batch.

    Within a level the given order is kept. Writes that refer to each other in a circle: ``InvariantError``.
    """
    by_key = {write.key: write for write in writes}
    needs = {key: {ref for ref in references(by_key[key].payload) if ref in by_key} for key in by_key}
    placed: set[Key] = set()
    order: list[list[Write]] = []
    while len(placed) < len(by_key):
        level = [write for key, write in by_key.items() if key not in placed and needs[key] <= placed]
        if not level:
            first = next(key for key in by_key if key not in placed)
            raise InvariantError("writes refer to each other in a circle", record_id=first.text())
        order.append(level)
        placed.update(write.key for write in level)
    return order


def chunks(writes: Sequence[Write], size: int) -> list[list[Write]]:
    """Consecutive runs of at most ``size``."""
    return [list(writes[start : start + size]) for start in range(0, len(writes), max(1, size))]
