"""Whoever edits a deal, a company, a contact or a line can put any text into any field: one such record never stops the
others of its slice, nor holds them up."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.security.company import everything_switched_on
from tests.security.permissions import company
from tieout import steps

TEXTS = (
    *("9" * 5000, "1e999", "1e-999", "NaN", "-1", "1,5", " 1 ", "\u0663", "P99999999999M"),
    *("9999-12-31", "0000-00-00T00:00:00Z", "2026-02-30", "", "x" * 70_000, "\u2028=1", "a\nb", "{company}"),
)
OURS = {"became"}
"""What the flow itself writes into a record when it reads it, not a field of HubSpot's."""


def fields(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from fields(part, (*path, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from fields(part, (*path, place))
    elif (value is None or isinstance(value, str)) and not OURS & {*path}:
        yield path


def with_text(record: Any, path: tuple[Any, ...], text: str) -> Any:
    changed = copy.deepcopy(record)
    at = changed
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = text
    return changed


@pytest.mark.parametrize(
    "flow",
    [
        "hubspot_closed_won_to_intacct_invoice",
        "hubspot_company_to_intacct_customer",
        "hubspot_company_to_intacct_vendor",
    ],
)
def test_no_text_in_any_field_stops_the_other_records_of_its_slice(
    flow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = everything_switched_on(tmp_path / "settings")
    monkeypatch.setenv("TIEOUT_SETTINGS_DIR", str(folder))
    file = folder / "hubspot_closed_won_to_intacct_invoice.yaml"
    file.write_text(file.read_text().replace("  rest: by_hand", "  rest: invoice_when_due"))
    decided = import_module(f"include.flows.{flow}").FLOW
    with company() as demo:
        run = demo.run(flow=decided, post_mode="dry_run")
        ids = [one for part in steps.slices(run) for one in part]
        good, *records = decided.read(run, ids).values()
        usual = [one for one in steps.plan(run, [good]) if one]
        known: set[tuple[Any, ...]] = set()
        for record in records:
            new = {path: tuple(part for part in path if isinstance(part, str)) for path in fields(record)}
            for place, path in enumerate(path for path, name in new.items() if name not in known):
                known.add(new[path])
                poisoned = [with_text(record, path, text) for text in TEXTS[place % 4 :: 4]]
                started = time.monotonic()
                for one in poisoned:
                    told = steps.plan(run, [good, one])
                    assert [part for part in usual if part in told] == usual, path
                assert time.monotonic() - started < 30, path
        assert len(known) > 20
