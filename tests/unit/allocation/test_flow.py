"""The flow key: the best for all together, level by level, and the same each time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation import Header, Row
from backend.allocation.flow import POTENTIAL_BIAS
from backend.allocation.flow_certificate import certify_flow, even_parts, step_of
from backend.allocation.flow_solver import cut_steps
from backend.allocation.sharing_key import SlotRows
from backend.community import Direction, LinkCap, LinkTerms
from backend.errors import BalanceError
from tests.unit.allocation.flow_cases import (
    NOTHING,
    allocate,
    cases,
    community,
    every_flow,
    key_of,
    score,
    solve,
)


@settings(max_examples=250, deadline=None)
@given(cases())
def test_no_other_flow_is_better_at_the_first_level_where_it_differs(case):
    if not sum(case["feed_in"]) or not sum(case["consumption"]):
        return
    found = score(case, solve(key_of(case), case["feed_in"], case["consumption"]).flows.tolist())
    assert found == min(score(case, flows) for flows in every_flow(case))


energy_lists = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 3_000_000)), min_size=1, max_size=7)


@settings(max_examples=200, deadline=None)
@given(energy_lists, energy_lists, st.sampled_from([1, 3, 8, 64]))
def test_without_caps_all_are_served_as_dynamic_serves_them_but_for_what_it_floors(
    feed_in, consumption, steps
):
    pool, demand = sum(feed_in), sum(consumption)
    result = allocate(
        community(len(feed_in), len(consumption), LinkTerms(own_first=False, costs=(), fairness_steps=steps)),
        [feed_in],
        [consumption],
    )
    assert result.total.tolist() == [min(pool, demand)]
    for given_to, used in zip(result.allocated[0].tolist(), consumption, strict=True):
        even = used * pool // demand if pool < demand else used
        assert even <= given_to < even + len(consumption)
    for sold, fed in zip(result.shared[0].tolist(), feed_in, strict=True):
        even = fed * demand // pool if demand < pool else fed
        assert even <= sold < even + len(feed_in)


def test_a_member_gets_its_own_energy_first_and_neighbours_what_is_left():
    key = community(1, 2, LinkTerms(costs=()), seats=[0, 0, 2])
    assert solve(key, [100], [80, 80]).flows.tolist() == [[80, 20]]


def test_a_donation_is_served_after_ones_own_and_before_all_others():
    terms = LinkTerms(donations=(("p0", "c2"),), costs=())
    key = community(1, 3, terms, seats=[0, 0, 2, 3])
    assert solve(key, [100], [50, 80, 30]).flows.tolist() == [[50, 20, 30]]


def test_a_preferred_producer_serves_first_where_it_costs_nobody_energy():
    key = community(2, 2, LinkTerms(own_first=False, preferences=(("c0", "p1"),), costs=()))
    assert solve(key, [60, 60], [60, 60]).flows.tolist() == [[0, 60], [60, 0]]
    assert solve(key, [60, 20], [60, 20]).flows[1].tolist() == [20, 0]


def test_a_cap_holds_its_link_to_its_power_over_the_interval():
    key = community(1, 2, LinkTerms(own_first=False, caps=(LinkCap("p0", "c0", 2),), costs=()))
    assert key.network.caps[0, 0] == 500  # 2 W over a quarter of an hour
    assert solve(key, [10_000], [10_000, 10_000]).flows.tolist() == [[500, 9_500]]
    assert solve(key, [10_000], [10_000, 0]).flows.sum() == 500


def test_a_cap_of_zero_closes_a_link():
    key = community(1, 1, LinkTerms(caps=(LinkCap("p0", "c0", 0),)))
    assert allocate(key, [[70]], [[70]]).total.tolist() == [0]


def test_the_nearer_serves_and_then_the_same_phase_in_the_voted_order():
    places = [(0, 0), (900, 0), (0, 0), (900, 0)]
    phases = ["L1", "L2", "L2", "L1"]
    near = community(
        2, 2, LinkTerms(own_first=False, costs=("distance", "phase")), places=places, phases=phases
    )
    assert solve(near, [40, 40], [40, 40]).flows.tolist() == [[40, 0], [0, 40]]
    same = community(
        2, 2, LinkTerms(own_first=False, costs=("phase", "distance")), places=places, phases=phases
    )
    assert solve(same, [40, 40], [40, 40]).flows.tolist() == [[0, 40], [40, 0]]


@settings(max_examples=100, deadline=None)
@given(cases(largest=2_000_000, most=6))
def test_every_solution_passes_its_certificate_and_keeps_to_energies_and_caps(case):
    key = key_of(case)
    result = allocate(key, [case["feed_in"]], [case["consumption"]])
    found = key.certify(
        np.array(case["consumption"]), np.array(case["feed_in"]), result.links.at(0), result.potentials[0]
    )
    assert not found
    assert (result.allocated[0] <= case["consumption"]).all()
    assert (result.shared[0] <= case["feed_in"]).all()
    assert result.allocated.sum() == result.shared.sum() == result.total[0] == result.links.energy.sum()
    assert (result.rounds[0, :, 1] == result.shared[0]).all()
    n_p = len(case["feed_in"])
    assert (result.rounds[0, :, 0] - POTENTIAL_BIAS == result.potentials[0, :n_p]).all()
    assert ((result.rounds[0, :, 0] > 0) & (result.rounds[0, :, 0] < 1 << 53)).all()


def test_the_same_input_gives_the_same_bits():
    rng = np.random.default_rng(5)
    feed_in, consumption = rng.integers(0, 10**6, (8, 12)), rng.integers(0, 10**6, (8, 20))
    terms = LinkTerms(preferences=(("c1", "p3"),), donations=(("p2", "c4"),))
    first, second = (allocate(community(12, 20, terms), feed_in, consumption) for _ in range(2))
    assert (first.rounds == second.rounds).all()
    assert (first.potentials == second.potentials).all()
    assert (first.links.energy == second.links.energy).all()
    assert (first.links.producer_slot == second.links.producer_slot).all()


def test_nights_and_empty_houses_have_no_links_and_no_potentials():
    result = allocate(community(2, 2), [[0, 0], [5, 5], [4, 0]], [[9, 9], [0, 0], [4, 0]])
    assert result.total.tolist() == [0, 0, 4]
    assert not result.potentials[:2].any()
    assert (result.rounds[:2, :, 0] == POTENTIAL_BIAS).all()
    assert len(result.links) == 1


def test_a_community_without_producers_shares_nothing():
    result = community(0, 2).allocate(
        np.ones((3, 2), dtype=np.int64),
        np.ones((3, 0), dtype=np.int64),
        consumer_slots=range(2),
        producer_slots=[],
        slots=2,
        t_in_day=np.arange(3),
    )
    assert result.rounds.shape == (3, 0, 2)
    assert not result.allocated.any()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 60), st.data(), st.sampled_from([1, 2, 7, 8, 64]))
def test_the_cut_of_a_demand_has_as_many_units_in_each_step_as_the_certificate_numbers(energy, data, steps):
    even = data.draw(st.integers(0, energy))
    units = np.arange(energy)
    numbered = step_of(units, np.full(energy, energy), np.full(energy, even), steps)
    counted = np.bincount(numbered, minlength=steps + 1)
    assert cut_steps(np.array([energy]), np.array([even]), steps)[0].tolist() == counted.tolist()
    assert (np.diff(numbered) >= 0).all()


def test_even_parts_are_exact_for_energies_whose_product_no_register_holds():
    assert even_parts(np.array([2**52, 3]), 2**52 + 1).tolist() == [2**52 * (2**52 + 1) // (2**52 + 3), 2]
    assert even_parts(np.array([0, 0]), 0).tolist() == [0, 0]


def test_largest_energies_are_shared_to_the_last_unit():
    most = 2**53 - 1
    result = allocate(community(2, 2, LinkTerms(own_first=False)), [[most, most]], [[most, 7]])
    assert result.total.tolist() == [most + 7]


@pytest.mark.parametrize("wrong", [-1, 2**53])
def test_energy_that_cannot_be_is_refused_before_anything_is_shared(wrong):
    with pytest.raises(BalanceError, match="interval 1 holds an energy that is negative or beyond"):
        allocate(NETWORK, [[1], [wrong]], [[1], [1]])
    with pytest.raises(BalanceError, match="interval 0 holds"):
        allocate(NETWORK, [[1]], [[wrong]])


NETWORK = community(1, 1, NOTHING)


def test_totals_that_might_overflow_are_refused():
    feed_in = np.full((1, 600), 2**53 - 1)
    with pytest.raises(BalanceError, match="600 points of up to 9007199254740991 mWh"):
        allocate(community(600, 1), feed_in, [[1]])


def test_a_solution_that_is_not_optimal_is_never_given(monkeypatch):
    monkeypatch.setattr(
        "backend.allocation.flow_solver.find_flow", lambda *_: np.array([[10, 0], [0, 30]], dtype=np.int64)
    )
    key = community(2, 2, LinkTerms(own_first=False, preferences=(("c0", "p1"),), costs=()))
    with pytest.raises(BalanceError, match="interval 0: the flow is not optimal, from slot 1 to slot 2"):
        solve(key, [30, 30], [30, 30])
    monkeypatch.setattr("backend.allocation.flow_solver.find_flow", lambda *_: None)
    with pytest.raises(BalanceError, match="found no flow"):
        solve(key, [30, 30], [30, 30])


def test_a_producers_row_is_its_round_and_a_consumers_lies_within_its_use():
    key = community(2, 1)
    result = allocate(key, [[30, 10]], [[20]])
    header = Header(0, 3, 40, 20, 20, 0, tuple((int(a), int(b)) for a, b in result.rounds[0]))
    assert [int(part) for part in result.shared[0]] == [15, 5]
    assert key.check_row(header, Row(0, Direction.FEED_IN, 30, 15))
    assert not key.check_row(header, Row(0, Direction.FEED_IN, 30, 14))
    assert not key.check_row(header, Row(1, Direction.FEED_IN, 10, 15))
    assert key.check_row(header, Row(2, Direction.CONSUMPTION, 20, 20))
    assert not key.check_row(header, Row(2, Direction.CONSUMPTION, 20, 21))
    assert not key.check_row(header, Row(2, Direction.FEED_IN, 20, 20))


def test_what_rows_contribute_to_a_stair_sums_to_its_round():
    key = community(2, 3)
    feed_in, consumption = [[30, 10], [0, 8], [0, 0]], [[20, 0, 9], [3, 3, 3], [1, 1, 1]]
    result = allocate(key, feed_in, consumption)
    rows = SlotRows(
        (Direction.FEED_IN,) * 2 + (Direction.CONSUMPTION,) * 3,
        np.vstack([np.array(feed_in).T, np.array(consumption).T]),
        np.vstack([result.shared.T, result.allocated.T]),
        np.ones((5, 3), dtype=np.bool_),
        result.rounds,
        result.links,
    )
    parts = key.contribute(rows)
    assert parts.shape == (5, 3, 2, 2)
    assert not parts[:2].any()
    assert not parts[..., 1].any()
    assert (parts[..., 0].sum(axis=0) == result.rounds[:, :, 1]).all()
    assert (parts[..., 0].sum(axis=2) == rows.allocated * (np.arange(5) >= 2)[:, None]).all()


def test_a_day_of_a_hundred_members_is_shared_within_seconds():
    rng = np.random.default_rng(1)
    sun = np.maximum(0, np.sin((np.arange(96) - 24) * np.pi / 48))
    feed_in = (sun[:, None] * rng.integers(200_000, 2_000_000, 50)).astype(np.int64)
    consumption = rng.integers(20_000, 800_000, (96, 50))
    places = [(45_760_000 + int(x), 4_880_000 + int(y)) for x, y in rng.integers(0, 20_000, (100, 2))]
    key = community(50, 50, LinkTerms(), seats=[*range(50), *range(50)], places=places)
    solve(key, feed_in[48], consumption[48])
    begin = time.perf_counter()
    result = allocate(key, feed_in, consumption)
    assert time.perf_counter() - begin < 2  # a month in a minute; 0.1 s where nothing else runs
    assert (result.total == np.minimum(feed_in.sum(axis=1), consumption.sum(axis=1))).all()


def test_the_flow_is_certified_where_points_are_idle():
    key = community(
        2, 3, LinkTerms(own_first=False, caps=(LinkCap("p1", "c2", 0),), preferences=(("c0", "p1"),))
    )
    solved = solve(key, [50, 0], [30, 0, 40])
    assert not certify_flow(key.network, solved)
    reduced = solved.producer_potentials[:, None] + key.network.weights.costs - solved.consumer_potentials
    assert (reduced[key.network.caps > 0] >= 0).all()
