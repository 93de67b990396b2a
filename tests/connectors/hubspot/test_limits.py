from __future__ import annotations

import bisect
import random
from collections.abc import Sequence

import pytest

from include.connectors.hubspot.limits import Bucket, Limits, RollingWindow
from include.core.errors import SettingsError
from tests.connectors.hubspot.virtual import VirtualClock


def most_in_any(times: Sequence[float], seconds: float) -> int:
    """The largest number of ``times`` in any half-open interval of ``seconds``."""
    ordered = sorted(times)
    return max(bisect.bisect_left(ordered, start + seconds - 1e-9) - place for place, start in enumerate(ordered))


def test_a_window_never_lets_more_through_than_its_allowance_however_calls_come() -> None:
    for seed in range(200):
        drawn = random.Random(seed)  # noqa: S311 (a repeatable draw)
        allowance = drawn.randint(1, 50)
        window = RollingWindow(allowance, 10.0)
        now, went = 0.0, []
        for _ in range(400):
            now += drawn.choice([0.0, 0.0, 0.001, 0.3, 2.0, 15.0])
            now = max(now, window.reserve(now))
            went.append(now)

        assert most_in_any(went, 10.0) <= allowance


@pytest.mark.parametrize(
    ("tier", "burst"), [("free", 100), ("starter", 100), ("professional", 190), ("enterprise", 190)]
)
@pytest.mark.parametrize("slots", [1, 2, 4, 7])
def test_all_slots_together_stay_within_nine_tenths_of_the_tier(tier: str, burst: int, slots: int) -> None:
    went: list[float] = []
    for _ in range(slots):
        clock = VirtualClock()
        limits = Limits(tier, slots, clock.now, clock.wait)
        while clock.now() < 1060:
            limits.admit(Bucket.GENERAL)
            went.append(clock.now())
            clock.seconds += 0.01

    assert most_in_any(went, 10.0) <= 0.9 * burst
    assert len(went) >= 0.8 * 6 * burst, "the allowance is also used"


@pytest.mark.parametrize("slots", [1, 2, 4, 8, 16])
def test_searches_of_all_slots_together_are_at_most_four_a_second(slots: int) -> None:
    went: list[float] = []
    for _ in range(slots):
        clock = VirtualClock()
        limits = Limits("professional", slots, clock.now, clock.wait)
        while clock.now() < 1030:
            limits.admit(Bucket.SEARCH)
            went.append(clock.now())

    assert most_in_any(went, 1.0) <= max(4, slots)
    assert most_in_any(went, 10.0) <= max(40, slots * 3)


def test_association_batches_have_the_smaller_allowance_of_their_own() -> None:
    clock = VirtualClock()
    limits = Limits("professional", 1, clock.now, clock.wait)
    went = []
    while clock.now() < 1040:
        limits.admit(Bucket.ASSOCIATIONS)
        went.append(clock.now())

    assert most_in_any(went, 10.0) <= 135


def test_the_headers_of_an_answer_replace_the_tier() -> None:
    clock = VirtualClock()
    limits = Limits("professional", 2, clock.now, clock.wait)
    headers = {"X-HubSpot-RateLimit-Max": "250", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}

    limits.learn(Bucket.GENERAL, headers)

    assert limits.allowance() == (112, 10.0)
    assert limits.allowance(Bucket.ASSOCIATIONS) == (67, 10.0)


def test_a_lowered_allowance_holds_for_calls_already_made() -> None:
    clock = VirtualClock()
    limits = Limits("professional", 1, clock.now, clock.wait)
    for _ in range(60):
        limits.admit(Bucket.GENERAL)
    limits.learn(Bucket.GENERAL, {"X-HubSpot-RateLimit-Max": "50"})

    limits.admit(Bucket.GENERAL)

    assert clock.now() == 1010


def test_when_others_have_used_up_the_interval_the_next_call_waits_a_little() -> None:
    clock = VirtualClock()
    limits = Limits("professional", 4, clock.now, clock.wait)

    limits.learn(Bucket.GENERAL, {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "3"})
    limits.admit(Bucket.GENERAL)

    assert clock.waits == [1.0]


@pytest.mark.parametrize("value", ["", "0", "-1", "abc", "1.5", "٣", "9" * 30])
def test_headers_that_make_no_sense_change_nothing(value: str) -> None:
    clock = VirtualClock()
    limits = Limits("professional", 1, clock.now, clock.wait)

    limits.learn(Bucket.GENERAL, {"X-HubSpot-RateLimit-Max": value, "X-HubSpot-RateLimit-Remaining": value})
    limits.admit(Bucket.GENERAL)

    assert limits.allowance() == (171, 10.0)
    assert clock.waits == []


def test_an_unknown_tier_or_no_slot_is_a_settings_error() -> None:
    clock = VirtualClock()
    with pytest.raises(SettingsError, match="free, starter, professional, enterprise"):
        Limits("gold", 1, clock.now, clock.wait)
    with pytest.raises(SettingsError, match="slots"):
        Limits("free", 0, clock.now, clock.wait)
