from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from backend.allocation import Header, Row, allocate_period, execution, sharing_key
from backend.allocation.equal import EqualKey
from backend.allocation.incentive import IncentiveKey
from backend.allocation.pairwise import PairwiseKey
from backend.allocation.priority import PriorityKey
from backend.allocation.scheduled import ScheduledKey
from backend.allocation.static import StaticKey
from backend.allocation.static_cascade import StaticCascadeKey
from backend.community import Direction, SharingKeyChoice
from backend.errors import BalanceError
from backend.metering import PeriodReadings
from backend.quantities import PeriodCalendar, SettlementPeriod

CONSUMPTION, FEED_IN = Direction.CONSUMPTION, Direction.FEED_IN
DIRECTIONS = [FEED_IN, CONSUMPTION, None, FEED_IN, CONSUMPTION, CONSUMPTION]
CALENDAR = PeriodCalendar(SettlementPeriod(date(2017, 3, 25), date(2017, 3, 28)), "Europe/Paris", 60)
THIRDS = (0, 333_333, 0, 0, 333_333, 333_334)
SECOND_DAY = slice(24, 47)  # of 23 hours


def readings_of(seed=3, gone=5):
    """Three days; a slot is away on the second, and slot 2 has no point."""
    energy = np.random.default_rng(seed).integers(0, 10**6, (6, CALENDAR.interval_count))
    active = np.ones((6, 3), dtype=np.bool_)
    active[2], active[gone, 1] = False, False
    energy[~np.repeat(active, CALENDAR.intervals_per_day, axis=1)] = 0
    nothing = np.zeros(energy.shape, dtype=np.uint8)
    return PeriodReadings(CALENDAR, energy, nothing, nothing, active)


KEYS: dict[str, Any] = {
    "equal": EqualKey(credits_consumers=True),
    "static": StaticKey(THIRDS, credits_consumers=True),
    "static_cascade": StaticCascadeKey(THIRDS, producer_ppm=(1, 0, 0, 1_000_000)),
    "priority": PriorityKey(THIRDS, tier_methods=(5, 3, 4), tiers=(0, 0, 0, 0, 1)),
    "scheduled": ScheduledKey.of(np.repeat(np.array(THIRDS)[:, None], CALENDAR.interval_count, axis=1)),
    "pairwise": PairwiseKey((0, 3), (0, 0, 500_000, 1, 0, 0, 0, 0, 500_000, 9, 0, 999_990)),
    "incentive": IncentiveKey(),
}


@pytest.mark.parametrize("method", KEYS)
def test_each_row_of_a_period_is_what_its_header_allows(method):
    readings, key = readings_of(), KEYS[method]
    result = allocate_period(readings, DIRECTIONS, key)
    starts = CALENDAR.day_offsets
    for index in (0, 23, 24, 46, 47, 70):
        t = index - max(offset for offset in starts if offset <= index)
        totals = (
            int(column[index]) for column in (result.feed_in, result.consumption, result.total, result.tau)
        )
        pool, used, given, tau = totals
        rounds = tuple((pool_, weight) for pool_, weight in result.rounds[index].tolist())
        header = Header(t, 6, pool, used, given, tau, rounds)
        for slot, direction in enumerate(DIRECTIONS):
            if direction is None or not readings.active_intervals()[slot, index]:
                continue
            energy, allocated = int(readings.energy[slot, index]), int(result.allocated[slot, index])
            row = Row(slot, direction, energy, allocated, THIRDS[slot])
            assert key.check_row(header, row)
            assert key.credited_of(header, row) == result.credited[slot, index]


@pytest.mark.parametrize("method", KEYS)
def test_who_is_away_has_no_part_in_anything_on_that_day(method):
    result = allocate_period(readings_of(), DIRECTIONS, KEYS[method])
    for slot, columns in ((5, SECOND_DAY), (2, slice(None))):
        assert not result.allocated[slot, columns].any()
        assert not result.credited[slot, columns].any()
        assert result.parts is None or not result.parts[slot, columns].any()


def test_equal_parts_are_of_those_who_are_members_on_the_day():
    result = allocate_period(readings_of(), DIRECTIONS, KEYS["equal"])
    assert result.rounds[:, 0, 1].tolist() == [3] * 24 + [2] * 23 + [3] * 24
    assert (result.total + result.credited.sum(axis=0) <= result.feed_in).all()
    assert (result.feed_in - result.total - result.credited.sum(axis=0) < 3).all()


def test_members_may_be_told_by_interval():
    readings = readings_of()
    active = readings.active_intervals().copy()
    active[4, 3] = False
    readings.energy[4, 3] = 0
    assert allocate_period(readings, DIRECTIONS, KEYS["equal"], active).rounds[3, 0, 1] == 2


@pytest.mark.parametrize("method", ["static_cascade", "priority", "pairwise"])
def test_the_rows_parts_sum_to_the_headers_weights(method):
    result = allocate_period(readings_of(), DIRECTIONS, KEYS[method])
    assert result.parts is not None
    place = 0 if method == "pairwise" else 1
    assert np.array_equal(result.parts[..., place].sum(axis=0), result.rounds[..., 1])


def test_keys_without_rounds_have_no_parts():
    result = allocate_period(readings_of(), DIRECTIONS, KEYS["static"])
    assert (result.parts, result.rounds.shape) == (None, (71, 0, 2))


def test_links_by_pairs_sum_to_what_consumers_got_and_producers_gave():
    result = allocate_period(readings_of(), DIRECTIONS, KEYS["pairwise"])
    links = result.links
    assert links is not None
    by_slot = np.zeros((6, 71), dtype=np.int64)
    np.add.at(by_slot, (links.consumer_slot, links.interval), links.energy)
    np.add.at(by_slot, (links.producer_slot, links.interval), links.energy)
    assert np.array_equal(by_slot, result.allocated)
    assert set(links.producer_slot.tolist()) == {0, 3}


def test_an_incentive_credits_both_sides_and_nets_nothing():
    result = allocate_period(readings_of(), DIRECTIONS, KEYS["incentive"])
    both = np.minimum(result.feed_in, result.consumption)
    assert not result.allocated.any()
    assert not result.total.any()
    for slots in ([0, 3], [1, 4, 5]):
        credited = result.credited[slots].sum(axis=0)
        assert ((credited <= both) & (both - credited < 3)).all()


def test_an_interval_too_large_for_the_loops_is_settled_among_the_others():
    readings = readings_of()
    readings.energy[[0, 1, 4], 30] = 2**53 - 1  # of the second day, when slot 5 is away
    for key in KEYS.values():
        result = allocate_period(readings, DIRECTIONS, key)
        usual = allocate_period(readings_of(), DIRECTIONS, key)
        others = np.arange(71) != 30
        assert np.array_equal(result.allocated[:, others], usual.allocated[:, others])
        assert not result.allocated[5, 30]
        assert not result.credited[5, 30]
    cascade = allocate_period(readings, DIRECTIONS, KEYS["static_cascade"])
    pool = int(readings.energy[[0, 3], 30].sum())
    assert cascade.rounds[30, 0].tolist() == [pool, 666_666]
    assert cascade.allocated[1, 30] == pool * 333_333 // 666_666
    assert cascade.parts is not None
    assert np.array_equal(cascade.parts[..., 1].sum(axis=0), cascade.rounds[..., 1])


def test_a_schedule_of_another_length_of_slots_leaves_the_rest_with_nothing():
    key = ScheduledKey.of(np.full((2, 71), 500_000))
    result = allocate_period(readings_of(), DIRECTIONS, key)
    assert result.allocated[1].any()
    assert not result.allocated[[4, 5]].any()


def test_pieces_on_several_threads_give_what_one_piece_gives(monkeypatch):
    one = {method: allocate_period(readings_of(), DIRECTIONS, key) for method, key in KEYS.items()}
    monkeypatch.setattr(execution, "_THREADS_FROM", 0)
    monkeypatch.setattr(execution, "count_processors", lambda: 2)
    for method, key in KEYS.items():
        several = allocate_period(readings_of(), DIRECTIONS, key)
        for name in ("allocated", "tau", "rounds", "credited", "parts"):
            assert np.array_equal(getattr(several, name), getattr(one[method], name))
        alone = one[method].links
        if several.links is not None and alone is not None:
            assert np.array_equal(several.links.energy, alone.energy)


@pytest.mark.parametrize("energy", [-1, 2**53])
def test_pairs_refuse_an_energy_that_none_can_have(energy):
    readings = readings_of()
    readings.energy[0, 7] = energy
    with pytest.raises(BalanceError, match="interval 7 holds an energy that is negative or beyond"):
        allocate_period(readings, DIRECTIONS, KEYS["pairwise"])


def test_a_period_is_allocated_by_the_key_that_a_community_chose():
    slots = {"roof": 0, "anna": 1, "barn": 3, "bert": 4, "carl": 5}
    choice = SharingKeyChoice("static", {"anna": 333_333, "bert": 333_333, "carl": 333_334}, "consumer")
    key = sharing_key(choice, slots, directions=DIRECTIONS)
    chosen, direct = (allocate_period(readings_of(), DIRECTIONS, k) for k in (key, KEYS["static"]))
    assert np.array_equal(chosen.allocated, direct.allocated)
    assert np.array_equal(chosen.credited, direct.credited)
