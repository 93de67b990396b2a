"""The shape of our calls in time, against a twin that refuses whatever HubSpot would refuse."""

from __future__ import annotations

import pytest

from include.connectors.hubspot.associations import read_associations
from include.connectors.hubspot.batch import batch_read
from include.connectors.hubspot.listing import iter_all
from include.connectors.hubspot.search import iter_search
from include.core.errors import RateLimited
from tests.connectors.hubspot.twin import MORNING, Account, account, deal

ROWS = [deal(n) for n in range(1, 1001)]


def seconds(hubspot: Account) -> float:
    return (hubspot.clock.now() - MORNING).total_seconds()


@pytest.mark.parametrize(("tier", "floor"), [("professional", 190), ("starter", 100)])
def test_reading_at_full_speed_is_never_refused_and_close_to_what_hubspot_allows(tier: str, floor: int) -> None:
    with account(deal(1), tier=tier) as hubspot:
        client = hubspot.another_client(tier=tier)
        calls = 480
        for _ in range(calls):
            batch_read(client, "deals", ["1"], ["dealname"])

        assert hubspot.statuses() == [200] * calls
        assert seconds(hubspot) <= 1.15 * calls / floor * 10


def test_a_tier_that_is_set_too_high_is_put_right_by_the_first_answer() -> None:
    with account(deal(1), tier="starter") as hubspot:
        client = hubspot.another_client(tier="enterprise")
        for _ in range(240):
            batch_read(client, "deals", ["1"], ["dealname"])

        assert set(hubspot.statuses()) == {200}


def test_searching_is_never_refused() -> None:
    with account(*ROWS) as hubspot:
        assert len(list(iter_search(hubspot.client, "deals", [], ["dealname"]))) == 1000

        assert hubspot.statuses() == [200] * 5
        assert seconds(hubspot) == pytest.approx(1.0, abs=0.01)


def test_mixed_work_is_never_refused() -> None:
    with account(*ROWS) as hubspot:
        for _ in range(12):
            ids = [one.id for one in iter_search(hubspot.client, "deals", [], [], after_id="700")]
            batch_read(hubspot.client, "deals", ids, ["dealname"])
            for to_type in ("companies", "contacts", "line_items"):
                read_associations(hubspot.client, "deals", to_type, ids)
            list(iter_all(hubspot.client, "deals", ["dealname"]))

        assert set(hubspot.statuses()) <= {200, 207}


def test_when_others_use_the_same_token_refusals_are_waited_out() -> None:
    with account(*ROWS) as hubspot:
        other = hubspot.another_client()
        for _ in range(400):
            batch_read(other, "deals", ["1"], ["dealname"])
            assert len(batch_read(hubspot.client, "deals", ["1"], ["dealname"]).records) == 1

        statuses = hubspot.statuses()
        assert statuses.count(429) <= 0.05 * len(statuses)


@pytest.mark.parametrize("unit", ["none", "s", "ms"])
def test_a_refusal_is_waited_out_whatever_the_unit_of_its_header(unit: str) -> None:
    with account(*ROWS[:1], burst=10, retry_after=unit) as hubspot:
        for _ in range(10):
            batch_read(hubspot.another_client(), "deals", ["1"], [])
        begun = seconds(hubspot)

        batch_read(hubspot.another_client(), "deals", ["1"], [])

        assert 429 in hubspot.statuses()
        assert seconds(hubspot) - begun <= 11


def test_the_days_last_call_is_the_last_one() -> None:
    with account(*ROWS[:1], daily=3) as hubspot:
        for _ in range(3):
            batch_read(hubspot.client, "deals", ["1"], [])

        with pytest.raises(RateLimited, match="midnight"):
            batch_read(hubspot.client, "deals", ["1"], [])
        assert hubspot.statuses() == [200, 200, 200, 429]
