"""Sentences about a record that is not what was planned. Pure; values are shown only where they cannot be personal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from include.core.decisions import Json, Key
from include.core.sync.rows import WriteRow

# Amounts, counts, ISO dates, currency codes: never a name, an address or a phone number.
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,8})?|\d{4}-\d\d-\d\d|[A-Z]{3}", re.ASCII)
_MOST_NAMED = 5


def unlike(expected: Mapping[str, str], actual: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The fields that the target shows otherwise than expected: field -> (expected, actual).

    A field that the target shows without being asked counts too: so it says that a record was reversed.
    """
    fields = {*expected, *actual}
    pairs = {field: (expected.get(field, ""), actual.get(field, "")) for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


def changed_after_posting(row: WriteRow, planned: Json) -> str:
    """For a written row whose source record is planned with other facts than it was written with."""
    names = sorted(name for name in {*row.facts, *planned} if row.facts.get(name) != planned.get(name))
    what = ", ".join(_change(name, row.facts.get(name), planned.get(name)) for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (
        f"{_source(row.key)} was changed after it was posted as {_target(row)}: {what or 'its facts'}{more}; "
        "nothing was sent, decide in Intacct or undo the change"
    )


def found_otherwise(row: WriteRow, differences: Mapping[str, tuple[str, str]]) -> str:
    """For a record that the target already holds under our key, but that does not show what was planned."""
    what = ", ".join(
        f"{name} is {actual or 'empty'}, planned {expected or 'empty'}"
        for name, (expected, actual) in sorted(differences.items())[:_MOST_NAMED]
    )
    return f"{_source(row.key)} is already posted as {_target(row)}, but there {what}; nothing was sent"


def reference_failed(key: Key, ref: Key, why: str) -> str:
    """For a write that was not sent because the record it refers to is not there."""
    return f"{_source(key)} waits for {ref.target_object} of {_source(ref)}: {why or 'it is not written yet'}"


def _source(key: Key) -> str:
    return f"{key.source_system} {key.source_object} {key.source_id}"


def _target(row: WriteRow) -> str:
    return f"{row.key.target_object} {row.natural_id or row.target_id}"


def _change(name: str, old: Any, new: Any) -> str:
    if _is_plain(old) and _is_plain(new):
        return f"{name} {old} -> {new}"
    return name


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None
