"""What every sharing key keeps, whoever consumes and produces what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation import Header, Row, split_producers
from backend.allocation.dynamic import DynamicKey
from backend.allocation.static import StaticKey
from backend.community import Direction

LARGEST = 2**53 - 1
energies = st.one_of(
    st.integers(0, 5), st.integers(0, 10**9), st.integers(2**50 - 2, 2**50 + 2), st.integers(0, LARGEST)
)


@st.composite
def intervals(draw):
    """Consumption and feed-in of one interval, their slots interleaved with gaps, and a key."""
    n_c, n_p = draw(st.integers(0, 6)), draw(st.integers(0, 5))
    slots = n_c + n_p + draw(st.integers(0, 4)) or 1
    order = draw(st.permutations(range(slots)))
    consumers, producers = sorted(order[:n_c]), sorted(order[n_c : n_c + n_p])
    consumption = draw(st.lists(energies, min_size=n_c, max_size=n_c))
    feed_in = draw(st.lists(energies, min_size=n_p, max_size=n_p))
    cuts = sorted(draw(st.lists(st.integers(0, 1_000_000), min_size=slots, max_size=slots)))
    coefficients = tuple(after - before for before, after in zip([0, *cuts], cuts, strict=False))
    key = draw(st.sampled_from([DynamicKey(), StaticKey(coefficients)]))
    return key, consumption, feed_in, consumers, producers, slots, draw(st.integers(0, 99))


def allocate(key, consumption, feed_in, consumers, producers, slots, t):
    return key.allocate(
        np.array([consumption], dtype=np.int64).reshape(1, -1),
        np.array([feed_in], dtype=np.int64).reshape(1, -1),
        consumer_slots=consumers,
        producer_slots=producers,
        slots=slots,
        t_in_day=np.array([t], dtype=np.int64),
    )


@settings(max_examples=400, deadline=None)
@given(intervals())
def test_what_is_allocated_is_what_is_shared_and_none_gets_or_gives_more_than_it_has(case):
    _, consumption, feed_in, *_ = case
    result = allocate(*case)
    allocated, shared = result.allocated[0].tolist(), result.shared[0].tolist()
    assert sum(allocated) == sum(shared) <= min(sum(consumption), sum(feed_in))
    assert all(
        0 <= part <= energy
        for part, energy in zip([*allocated, *shared], [*consumption, *feed_in], strict=True)
    )


@settings(max_examples=400, deadline=None)
@given(intervals())
def test_the_loops_and_the_contracts_check_agree_row_by_row(case):
    key, consumption, feed_in, consumers, producers, slots, t = case
    result = allocate(*case)
    header = Header(t, slots, sum(feed_in), sum(consumption), int(result.total[0]), int(result.tau[0]))
    for slot, energy, part in zip(consumers, consumption, result.allocated[0].tolist(), strict=True):
        assert key.check_row(header, Row(slot, Direction.CONSUMPTION, energy, part))
    for slot, energy, part in zip(producers, feed_in, result.shared[0].tolist(), strict=True):
        assert key.check_row(header, Row(slot, Direction.FEED_IN, energy, part))
    assert split_producers(header.allocated, feed_in, producers, slots, t) == (
        result.shared[0].tolist(),
        header.tau,
    )


@settings(max_examples=200, deadline=None)
@given(intervals(), st.randoms(use_true_random=False))
def test_exchanging_members_changes_nothing_but_the_producers_rounding(case, random):
    key, consumption, feed_in, consumers, producers, slots, t = case
    order_c, order_p = list(range(len(consumption))), list(range(len(feed_in)))
    random.shuffle(order_c)
    random.shuffle(order_p)
    moved = key
    if isinstance(key, StaticKey):
        weights = list(key.coefficients_ppm)
        for place, origin in enumerate(order_c):
            weights[consumers[place]] = key.coefficients_ppm[consumers[origin]]
        moved = StaticKey(tuple(weights))
    before = allocate(*case)
    after = allocate(
        moved,
        [consumption[i] for i in order_c],
        [feed_in[i] for i in order_p],
        consumers,
        producers,
        slots,
        t,
    )
    assert after.allocated[0].tolist() == [before.allocated[0, i] for i in order_c]
    assert all(
        abs(int(after.shared[0, place]) - int(before.shared[0, i])) <= 1 for place, i in enumerate(order_p)
    )


@settings(max_examples=200, deadline=None)
@given(intervals())
def test_a_replay_gives_the_same_bits(case):
    one, two = allocate(*case), allocate(*case)
    for name in ("allocated", "shared", "tau", "total"):
        assert np.array_equal(getattr(one, name), getattr(two, name))


@settings(max_examples=200, deadline=None)
@given(st.lists(energies, min_size=2, max_size=8), energies)
def test_dynamic_gives_who_consumes_more_at_least_as_much(consumption, pool):
    case = (
        DynamicKey(),
        sorted(consumption),
        [pool],
        range(len(consumption)),
        [len(consumption)],
        len(consumption) + 1,
        0,
    )
    allocated = allocate(*case).allocated[0].tolist()
    assert allocated == sorted(allocated)


@settings(max_examples=200, deadline=None)
@given(st.lists(energies, min_size=1, max_size=6), st.integers(0, 2**52 - 1), st.integers(0, 2**52))
def test_more_feed_in_never_takes_energy_from_anyone(consumption, pool, more):
    n = len(consumption)
    coefficients = tuple([1_000_000 // n] * n)
    for key in (DynamicKey(), StaticKey(coefficients)):
        small = allocate(key, consumption, [pool], range(n), [n], n + 1, 0).allocated[0]
        large = allocate(key, consumption, [pool + more], range(n), [n], n + 1, 0).allocated[0]
        assert (large >= small).all()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, LARGEST), min_size=1, max_size=8),
    st.integers(0, 1 << 62),
    st.integers(0, 99),
    st.integers(1, 20),
)
def test_the_producers_split_is_exact_whatever_the_total(feed_in, wish, t, gap):
    allocated = wish % (sum(feed_in) + 1)
    places = [gap * i for i in range(len(feed_in))]
    slots = places[-1] + gap
    shared, tau = split_producers(allocated, feed_in, places, slots, t)
    assert sum(shared) == allocated
    assert all(part <= energy for part, energy in zip(shared, feed_in, strict=True))
    assert 0 <= tau <= slots


@pytest.mark.parametrize(("n_c", "n_p"), [(0, 0), (0, 2), (3, 0)])
def test_a_side_without_members_shares_nothing(n_c, n_p):
    case = (DynamicKey(), [5] * n_c, [5] * n_p, range(n_c), range(n_c, n_c + n_p), 6, 0)
    assert allocate(*case).total[0] == 0
