from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from backend.allocation import Header, Row, allocate_period, execution, kernels, sharing_key
from backend.community import Direction, SharingKeyChoice
from backend.errors import BalanceError
from backend.metering import PeriodReadings
from backend.quantities import PeriodCalendar, SettlementPeriod

DYNAMIC = sharing_key(SharingKeyChoice("dynamic"), {})


def allocate(consumption, feed_in, key=DYNAMIC, t=0):
    consumption, feed_in = np.array(consumption, dtype=np.int64), np.array(feed_in, dtype=np.int64)
    n_c, n_p = consumption.shape[1], feed_in.shape[1]
    return key.allocate(
        consumption,
        feed_in,
        consumer_slots=range(n_c),
        producer_slots=range(n_c, n_c + n_p),
        slots=n_c + n_p,
        t_in_day=np.full(len(consumption), t),
    )


def test_a_pool_too_small_is_shared_by_consumption_and_floored():
    result = allocate([[3, 3, 1]], [[4, 1]])
    assert result.allocated.tolist() == [[2, 2, 0]]
    assert result.shared.sum() == 4


def test_a_pool_large_enough_serves_everyone_in_full():
    assert allocate([[3, 3, 1]], [[5, 2]]).allocated.tolist() == [[3, 3, 1]]


def test_the_unit_that_flooring_leaves_goes_round_by_one_slot_each_interval():
    takers = [int(np.argmax(allocate([[1, 0]], [[1, 1, 1]], t=t).shared)) for t in range(10)]
    assert takers[:5] == [0, 2, 1, 0, 0]
    assert sorted(set(takers)) == [0, 1, 2]


def test_a_negative_energy_is_refused_by_interval():
    with pytest.raises(BalanceError, match="interval 1 holds an energy that is negative"):
        allocate([[1, 2], [1, -2]], [[1], [1]])


def test_an_energy_beyond_javascripts_integers_is_refused():
    with pytest.raises(BalanceError, match="beyond 2\\^53-1"):
        allocate([[2**53]], [[1]])


@pytest.mark.parametrize("producers", [1, 3])
def test_totals_beyond_what_the_loops_hold_are_shared_exactly(producers):
    # 100 consumers near 2^53 pass 2^59: this interval is done in Python's integers
    consumption = [[2**53 - 1 - i for i in range(100)]]
    result = allocate(consumption, [[2**53 - 1] * producers])
    pool, total = producers * (2**53 - 1), sum(consumption[0])
    assert total > 2**59
    assert result.allocated[0].tolist() == [pool * c // total for c in consumption[0]]
    assert result.shared.sum() == result.allocated.sum() == result.total[0]


def test_a_total_that_no_header_can_hold_is_refused():
    with pytest.raises(BalanceError, match="beyond 2\\^63-1"):
        allocate([[2**53 - 1] * 1025], [[1]])


def test_pieces_on_several_threads_give_what_one_piece_gives(monkeypatch):
    draw = np.random.default_rng(7)
    consumption, feed_in = draw.integers(0, 10**7, (97, 40)), draw.integers(0, 10**8, (97, 5))
    one = allocate(consumption, feed_in)
    monkeypatch.setattr(execution, "_THREADS_FROM", 0)
    monkeypatch.setattr(execution, "count_processors", lambda: 2)
    several = allocate(consumption, feed_in)
    for name in ("allocated", "shared", "tau", "total"):
        assert np.array_equal(getattr(one, name), getattr(several, name))


def test_a_loop_that_does_not_balance_stops_the_program(monkeypatch):
    def broken(data, given, begin, end):
        given.codes[begin:end] = kernels.BROKEN

    monkeypatch.setattr(kernels, "allocate_intervals", broken)
    with pytest.raises(BalanceError, match="interval 0: the allocation does not balance"):
        allocate([[3, 3, 1]], [[4, 1]])


@pytest.mark.parametrize(("parts", "expected"), [([2, 2, 1], 4), ([4, 0, 0], 4), ([-1, 3, 2], 4)])
def test_the_loops_own_check_sees_a_wrong_sum_an_excess_and_a_negative_part(parts, expected):
    limits = np.array([3, 3, 3], dtype=np.int64)
    assert kernels.is_within(np.array([2, 1, 1], dtype=np.int64), limits, np.int64(4))
    assert not kernels.is_within(np.array(parts, dtype=np.int64), limits, np.int64(expected))


def test_a_key_that_gives_more_than_is_there_is_caught_in_a_huge_interval(monkeypatch):
    def generous(self, slot, energy, header):
        return energy + (slot == 0)

    monkeypatch.setattr(type(DYNAMIC), "part_of", generous)
    with pytest.raises(BalanceError, match="This is a fault of Partage"):
        allocate([[2**53 - 1] * 100], [[2**53 - 1] * 120])


def test_a_period_keeps_slots_in_place_and_counts_t_from_each_midnight():
    calendar = PeriodCalendar(SettlementPeriod(date(2017, 3, 25), date(2017, 3, 28)), "Europe/Paris", 60)
    draw = np.random.default_rng(3)
    energy = draw.integers(0, 10**6, (5, calendar.interval_count))
    energy[2] = 0
    nothing = np.zeros(energy.shape, dtype=np.uint8)
    readings = PeriodReadings(calendar, energy, nothing, nothing, np.ones((5, 3), dtype=bool))
    feed_in, consumption = Direction.FEED_IN, Direction.CONSUMPTION
    result = allocate_period(readings, [feed_in, consumption, None, feed_in, consumption], DYNAMIC)
    assert not result.allocated[2].any()
    assert np.array_equal(result.allocated[[0, 3]].sum(axis=0), result.allocated[[1, 4]].sum(axis=0))
    last = calendar.day_offsets[2] - 1  # 23 hours on 26 March
    pool, total, given, tau = (
        int(c[last]) for c in (result.feed_in, result.consumption, result.total, result.tau)
    )
    header = Header(22, 5, pool, total, given, tau)
    for slot, direction in ((0, feed_in), (1, consumption), (3, feed_in), (4, consumption)):
        row = Row(
            slot,
            direction,
            int(energy[slot, last]),
            int(result.allocated[slot, last]),
        )
        assert DYNAMIC.check_row(header, row)


def parts_of(total):
    """Energies below 2^53 that sum to a total."""
    whole, rest = divmod(total, 2**53 - 1)
    return [2**53 - 1] * whole + [rest]


@pytest.mark.parametrize(
    ("pool", "energy", "total"),
    [
        (18197029379883987, 8754157988188347, 18197029379884241),  # the guess in floating point is 2 too high
        (10716415315197911, 8964164290111055, 10716415315346237),  # 3 too high
        (294401635750988959, 8922086553688555, 294401635750989417),  # 2 too low
    ],
)
def test_a_guess_that_is_off_by_several_units_is_corrected(pool, energy, total):
    assert int(float(energy) * (float(pool) / float(total))) - pool * energy // total in {2, 3, -2}
    result = allocate([[energy, *parts_of(total - energy)]], [parts_of(pool)])
    assert result.allocated[0, 0] == pool * energy // total


def test_a_millionth_of_every_product_of_a_remainder_and_a_coefficient_is_floored_exactly():
    # Multiplying and cutting off never fall where the product rises, so that the edges of each unit stand for all.
    whole = np.arange(1, 10**6 + 1, dtype=np.int64)
    for product, expected in ((whole * 10**6, whole), (whole * 10**6 - 1, whole - 1)):
        assert np.array_equal((product.astype(np.float64) * kernels.MILLIONTH).astype(np.int64), expected)
