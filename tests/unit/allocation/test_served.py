"""Who served whom: matrices of whole milliwatt-hours whose margins are exact."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.allocation import served_kernels
from backend.allocation.links import LinkFlows, PeriodMatrix
from backend.allocation.served import (
    PLAIN_TOTAL,
    multiply_halves,
    served_interval,
    served_matrix,
    weigh,
    weigh_huge,
)
from backend.errors import BalanceError
from tests.vectors.reference_money import Served


def split(total, cuts):
    """A whole number in len(cuts) + 1 parts."""
    edges = [0, *sorted(cut % (total + 1) for cut in cuts), total]
    return [after - before for before, after in pairwise(edges)]


@st.composite
def periods(draw, largest=10**7):
    """What was shared and allocated in a few intervals: the same total in each."""
    n_p, n_c, count = draw(st.integers(1, 6)), draw(st.integers(1, 8)), draw(st.integers(1, 5))
    whole = st.integers(0, largest)
    columns = []
    for _ in range(count):
        total = draw(st.one_of(st.just(0), st.integers(0, 9), whole))
        given_by = split(total, draw(st.lists(whole, min_size=n_p - 1, max_size=n_p - 1)))
        columns.append((given_by, split(total, draw(st.lists(whole, min_size=n_c - 1, max_size=n_c - 1)))))
    shared, allocated = zip(*columns, strict=True)
    return np.array(shared, dtype=np.int64).T, np.array(allocated, dtype=np.int64).T


def weights_of(shared, allocated):
    """w as the module's docstring gives it, in Python's integers."""
    totals = [sum(int(x) for x in column) for column in shared.T]
    return [
        [
            sum(
                (int(s) << 32) // total * int(a)
                for s, a, total in zip(row, column, totals, strict=True)
                if total
            )
            for column in allocated
        ]
        for row in shared
    ]


@settings(max_examples=300, deadline=None)
@given(periods())
def test_both_margins_are_exact_and_every_cell_is_next_to_its_weight(period):
    shared, allocated = period
    matrix = served_matrix(shared, allocated)
    assert matrix.sum(axis=1).tolist() == shared.sum(axis=1).tolist()
    assert matrix.sum(axis=0).tolist() == allocated.sum(axis=1).tolist()
    for row, weights in zip(matrix.tolist(), weights_of(shared, allocated), strict=True):
        for cell, weight in zip(row, weights, strict=True):
            assert weight >> 32 <= cell <= -(-weight >> 32)


@settings(max_examples=300, deadline=None)
@given(periods(largest=2**52))
def test_margins_stay_exact_for_energies_that_no_double_product_holds(period):
    shared, allocated = period
    matrix = served_matrix(shared, allocated)
    assert matrix.min() >= 0
    assert matrix.sum(axis=1).tolist() == shared.sum(axis=1).tolist()
    assert matrix.sum(axis=0).tolist() == allocated.sum(axis=1).tolist()


@settings(max_examples=200, deadline=None)
@given(periods(largest=2**44))
def test_the_product_of_doubles_is_the_product_of_integers(period):
    shared, allocated = period
    lit = np.flatnonzero(shared.sum(axis=0))
    shared, allocated = shared[:, lit], allocated[:, lit]
    if lit.size == 0:
        return
    plain, marks = weigh(shared, allocated, shared.sum(axis=0))
    huge, huge_marks = weigh_huge(shared, allocated, shared.sum(axis=0))
    weights = weights_of(shared, allocated)
    assert plain.tolist() == huge.tolist() == [[w >> 32 for w in row] for row in weights]
    assert marks.tolist() == huge_marks.tolist()
    assert marks.tolist() == [[(w > 0) + (w % 2**32 > 0) for w in row] for row in weights]


@pytest.mark.parametrize(("energy", "count"), [(2**38, 60), (2**34, 1000), (2**30, 8928), (2**22, 2976)])
def test_operands_are_cut_so_that_no_sum_of_doubles_loses_a_unit(energy, count):
    rng = np.random.default_rng(7)
    allocated = rng.integers(energy - energy // 9, energy, (3, count)) | 1
    shared = np.vstack([allocated.sum(axis=0) - 7, np.full(count, 7)])
    assert int(shared.sum()) <= PLAIN_TOTAL
    halves = multiply_halves(shared, allocated, shared.sum(axis=0)).tolist()
    joined = [
        [(x << 16) + y for x, y in zip(*rows, strict=True)]
        for rows in zip(halves[:2], halves[2:], strict=True)
    ]
    assert joined == weights_of(shared, allocated)


def test_a_year_beyond_seventy_gigawatt_hours_is_done_in_integers_of_any_size():
    allocated = np.random.default_rng(8).integers(2**39, 2**40, (3, 300))
    shared = np.vstack([allocated.sum(axis=0) - 1, np.ones(300, dtype=np.int64)])
    assert int(shared.sum()) > PLAIN_TOTAL
    matrix = served_matrix(shared, allocated)
    assert matrix.sum(axis=1).tolist() == shared.sum(axis=1).tolist()
    assert matrix.sum(axis=0).tolist() == allocated.sum(axis=1).tolist()


@given(periods(largest=40))
def test_the_vectors_are_served_by_the_same_steps_written_plainly(period):
    shared, allocated = period
    plain = Served(dict(enumerate(shared.tolist())), dict(enumerate(allocated.tolist()))).flows
    matrix = served_matrix(shared, allocated)
    assert plain == {(p, i): int(matrix[p, i]) for p in range(len(shared)) for i in range(len(allocated))}


def test_who_gave_nothing_or_took_nothing_has_no_link():
    shared = np.array([[6, 0], [0, 0], [4, 3]])
    allocated = np.array([[10, 0], [0, 3], [0, 0]])
    assert served_matrix(shared, allocated).tolist() == [[6, 0, 0], [0, 0, 0], [4, 3, 0]]


def test_units_that_floors_leave_go_to_whoever_lacks_most_then_to_the_first_slot():
    # 10 and 5 served to three of 5: the thirds leave one unit of the first row's 3.33, two of the second's 1.67.
    assert served_interval(np.array([10, 5]), np.array([5, 5, 5])).tolist() == [[4, 3, 3], [1, 2, 2]]


def test_an_alternating_path_mends_what_the_greedy_order_spoiled():
    cells = np.array([[1, 1], [1, 0]], dtype=np.uint8)
    matrix, rows, columns = np.zeros((2, 2), dtype=np.int64), np.array([1, 1]), np.array([1, 1])
    assert served_kernels.place_units(cells, matrix, rows, columns) == 2
    assert matrix.tolist() == [[0, 1], [1, 0]]
    assert cells.tolist() == [[1, 2], [2, 0]]


def test_what_no_open_cell_can_take_still_finds_a_place():
    matrix = np.zeros((2, 2), dtype=np.int64)
    served_kernels.place_rest(matrix, np.array([3, 2]), np.array([1, 4]))
    assert matrix.tolist() == [[1, 2], [0, 2]]


def test_one_producer_serves_each_exactly_what_they_got():
    allocated = np.array([[3, 1, 0], [4, 1, 5]])
    assert served_matrix(allocated.sum(axis=0, keepdims=True), allocated).tolist() == [[4, 10]]


@pytest.mark.parametrize(("n_p", "n_c"), [(0, 0), (2, 0), (0, 3), (2, 3)])
def test_nothing_shared_is_served_to_nobody(n_p, n_c):
    empty = served_matrix(np.zeros((n_p, 4), dtype=np.int64), np.zeros((n_c, 4), dtype=np.int64))
    assert empty.shape == (n_p, n_c)
    assert not empty.any()


def test_no_interval_is_served_by_nobody():
    assert served_matrix(np.zeros((2, 0), dtype=np.int64), np.zeros((3, 0), dtype=np.int64)).shape == (2, 3)


def test_an_interval_that_does_not_balance_is_refused_with_its_numbers():
    with pytest.raises(BalanceError, match="interval 1: 5 mWh were shared but 4 mWh allocated"):
        served_matrix(np.array([[1, 5]]), np.array([[1, 4]]))
    with pytest.raises(BalanceError, match="negative"):
        served_matrix(np.array([[3], [-1]]), np.array([[2]]))


def test_a_month_of_three_hundred_by_a_thousand_is_exact_and_near():
    rng = np.random.default_rng(3)
    pool = rng.integers(0, 10**6, (300, 96))
    taken = np.full((1000, 96), 10**5) + rng.integers(0, 9, (1000, 96))
    taken[0] += pool.sum(axis=0) - taken.sum(axis=0)
    matrix = served_matrix(pool, taken)
    assert (matrix.sum(axis=1) == pool.sum(axis=1)).all()
    assert (matrix.sum(axis=0) == taken.sum(axis=1)).all()
    real = sum(
        Fraction(int(s * a), int(total))
        for s, a, total in zip(pool[7], taken[9], pool.sum(axis=0), strict=True)
    )
    assert abs(matrix[7, 9] - real) < 1


def test_links_of_a_matrix_are_those_with_energy_by_consumer_then_producer():
    links = PeriodMatrix.of(np.array([[0, 2], [3, 4]]), [5, 7], [1, 6])
    assert links.consumer_slot.tolist() == [1, 6, 6]
    assert links.producer_slot.tolist() == [7, 5, 7]
    assert links.energy.tolist() == [3, 2, 4]


def test_flows_are_put_in_order_and_summed_over_the_period():
    flows = LinkFlows.of(
        np.array([1, 0, 0, 1, 1]),
        np.array([9, 9, 8, 8, 8]),
        np.array([2, 2, 2, 1, 2]),
        np.array([5, 1, 4, 0, 7]),
    )
    assert flows.interval.tolist() == [0, 0, 1, 1]
    assert flows.producer_slot.tolist() == [8, 9, 8, 9]
    assert flows.energy.tolist() == [4, 1, 7, 5]
    assert len(flows) == 4
    period = flows.over_period()
    assert list(zip(period.consumer_slot, period.producer_slot, period.energy, strict=True)) == [
        (2, 8, 11),
        (2, 9, 6),
    ]
    assert flows.at(1).energy.tolist() == [7, 5]
    assert flows.at(5).energy.tolist() == []


def test_no_flows_make_an_empty_period():
    nothing = np.zeros(0, dtype=np.int64)
    assert LinkFlows.of(nothing, nothing, nothing, nothing).over_period().energy.tolist() == []


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 1, 1), (0, 2, 2)), ((0, 2, 1), (0, 1, 2)), ((0, 1, 2), (0, 1, 1)), ((0, 1, 1), (0, 1, 1))],
)
def test_flows_out_of_order_are_a_mistake_of_ours(first, second):
    interval, consumer, producer = (np.array(pair) for pair in zip(first, second, strict=True))
    with pytest.raises(AssertionError, match="sorted"):
        LinkFlows(interval, producer, consumer, np.array([1, 1]))
