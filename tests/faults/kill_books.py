"""What stands in both systems after a killed and completed run, against what an undisturbed run left there.

Knows nothing of the flows: record for record and field for field the two must be alike, but for the times at which
something was written. Mails count once each: a second one carries the same Message-ID, which readers drop.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from include.sandbox.control_client import Control
from tests.flows.twin_books import amount

_TOTAL = "TRX_TOTALENTERED"
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Picture:
    """``records``: system and kind -> id -> fields. ``told``: whom the messages went to, and their subjects."""

    records: Mapping[tuple[str, str], Mapping[str, Fields]]
    told: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, control: Control) -> Picture:
        records: dict[tuple[str, str], dict[str, Fields]] = defaultdict(dict)
        today = control.now()
        times = re.compile(rf"({today:%Y-%m-%d}T|{today:%m/%d/%Y} )[0-9:.]+Z?")
        for row in control.books("intacct"):
            kind = records["intacct", row["object"]]
            kind[str(row["record"].get("RECORDNO") or len(kind))] = _fields(row, times)
        for row in control.books("hubspot"):
            kind = records["hubspot", row["type"]]
            kind[str(row.get("id") or len(kind))] = _fields(row, times)
        messages = control.messages()
        return cls(records, frozenset((one["system"], *one.get("to", ()), one.get("subject", "")) for one in messages))


@dataclass(frozen=True)
class Difference:
    """``duplicates`` and ``lost``: records more and fewer than there should be. ``cents_off``: the sum of what
    documents of one kind, customer and currency come to too much or too little."""

    duplicates: int
    lost: int
    cents_off: int
    said: tuple[str, ...]


def difference(found: Picture, wanted: Picture) -> Difference:
    kinds = sorted(found.records.keys() | wanted.records.keys())
    more = {kind: len(found.records.get(kind, {})) - len(wanted.records.get(kind, {})) for kind in kinds}
    totals, right = _totals(found), _totals(wanted)
    return Difference(
        sum(max(0, number) for number in more.values()),
        sum(max(0, -number) for number in more.values()),
        int(sum(abs(totals[key] - right[key]) for key in totals.keys() | right.keys()) * 100),
        tuple(_said(found, wanted)),
    )


def _said(found: Picture, wanted: Picture) -> Iterator[str]:
    for kind in sorted(found.records.keys() | wanted.records.keys()):
        mine, right = found.records.get(kind, {}), wanted.records.get(kind, {})
        for one in sorted(mine.keys() | right.keys()):
            if one not in right:
                yield f"{' '.join(kind)} {one} is one too many"
            elif one not in mine:
                yield f"{' '.join(kind)} {one} is missing"
            elif mine[one] != right[one]:
                names = sorted(n for n in mine[one].keys() | right[one].keys() if mine[one].get(n) != right[one].get(n))
                told = ", ".join(f"{n} is {mine[one].get(n)}, not {right[one].get(n)}" for n in names)
                yield f"{' '.join(kind)} {one}: {told}"
    for message in sorted(wanted.told ^ found.told):
        yield f"a message {'was not sent' if message in wanted.told else 'is one too many'}: {' '.join(message)}"


def _fields(row: Mapping[str, Any], times: re.Pattern[str]) -> Fields:
    flat = {name: value for name, value in row.items() if name not in {"record", "properties"}}
    flat |= row.get("record") or {}
    flat |= row.get("properties") or {}
    return {name: times.sub("today", _text(value)) for name, value in flat.items()}


def _text(value: Any) -> str:
    """Lists are sets: in which order links were made says nothing."""
    if isinstance(value, list):
        return json.dumps(sorted(_text(one) for one in value))
    if isinstance(value, Mapping):
        return json.dumps({name: _text(one) for name, one in sorted(value.items())})
    return str(value)


def _totals(picture: Picture) -> dict[tuple[str, str, str], Decimal]:
    totals: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for (_, kind), rows in picture.records.items():
        for row in rows.values():
            if row.get(_TOTAL):
                totals[kind, row.get("CUSTOMERID", ""), row.get("CURRENCY", "")] += amount(row, _TOTAL)
    return totals
