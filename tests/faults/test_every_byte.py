"""Answers that break off: at every byte, one after the other, of one answer of each kind, however it is framed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from include.connectors.hubspot.batch import NewRecord, batch_create, batch_upsert
from include.connectors.hubspot.filters import Filter
from include.connectors.hubspot.search import iter_search
from include.connectors.intacct.codec import Function
from include.connectors.intacct.customers import build_create_customer
from include.connectors.intacct.errors import Unreadable
from include.connectors.intacct.query import build_query
from include.core.errors import OutcomeUnknown, Unavailable
from tests.faults.company import Company
from tests.faults.cutting import FRAMES, Cutter, cutter
from tests.faults.quiet import quiet
from tests.faults.world import free_cached_properties

PEOPLE = [{"email": f"{name}@clearwell.example", "firstname": name} for name in ("ada", "bo")]


def creates(at: Cutter) -> Any:
    made = [
        Function(build_create_customer({"CUSTOMERID": name, "NAME": name}), f"tieout-{name}")
        for name in ("CUT-1", "CUT-2")
    ]
    results = at.intacct.call(made, unique=True)
    assert all(result.ok for result in results), results
    return results


def queries(at: Cutter) -> Any:
    query = build_query("ARTERM", ["NAME", "DUEDATE"], page_size=3)
    (result,) = at.intacct.call([Function(query)])
    assert len(result.records) == 3
    return result


def upserts(at: Cutter) -> Any:
    done = batch_upsert(at.hubspot, "contacts", "email", PEOPLE)
    assert len(done.updated) == len(PEOPLE)
    return done


def searches(at: Cutter) -> Any:
    ids = [deal["deal_id"] for deal in at.company.manifest["deals"][:2]]
    found = list(iter_search(at.hubspot, "deals", [[Filter.is_in("hs_object_id", ids)]], ["dealname"]))
    assert len(found) == 2
    return found


def makes(at: Cutter) -> Any:
    task = NewRecord({"hs_timestamp": "2026-11-16T12:00:00Z", "hs_task_subject": "Call"}, ())
    done = batch_create(at.hubspot, "tasks", {"trace": task})
    assert len(done.created) == 1
    return done


KINDS: dict[Callable[[Cutter], Any], type[Exception]] = {
    creates: Unreadable,  # it was sent: what was asked for may have happened
    queries: Unreadable,
    upserts: Unavailable,
    searches: Unavailable,
    makes: OutcomeUnknown,
}


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    free_cached_properties()
    with quiet():
        yield Company.make(2, 1)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("call", KINDS, ids=lambda call: call.__name__)
def test_an_answer_that_breaks_off_at_any_byte_is_never_a_success_and_never_a_crash(
    company: Company, call: Callable[[Cutter], Any], frame: str
) -> None:
    outcomes, limits = {}, set()
    with cutter(company) as at:
        for byte, outcome in at.outcomes(lambda: call(at), frame):
            outcomes[byte] = outcome
            limits.add(at.hubspot.limits.allowance())
    assert len(limits) == 1  # half a number in a header is no limit
    whole = outcomes[max(outcomes)]
    assert len(outcomes) > 400
    taken = {byte for byte, outcome in outcomes.items() if outcome == whole}
    assert max(outcomes) in taken <= set(range(max(outcomes) - FRAMES[frame], len(outcomes)))
    lost = [outcome for byte, outcome in outcomes.items() if byte not in taken]
    assert {type(outcome) for outcome in lost} == {KINDS[call]}
