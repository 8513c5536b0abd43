"""The phase allocator beside what one would use instead, in small."""

from __future__ import annotations

import numpy as np
import pytest

from backend.errors import BalanceError
from backend.services.benchmarks import phases
from backend.services.benchmarks.phase_rivals import solve_by_highs, switch_greedily
from backend.services.benchmarks.phases import HomesYear, PhaseSizes, bench_phases, make_district
from tests.unit.grid.balancing.worlds import best_by_trial, series, world

HOMES = HomesYear("made homes", np.random.default_rng(5).gamma(0.6, 800.0, (4, 12 * 168)), 3600)
SIZES = PhaseSizes(customers=(20, 30), seconds=(1.0, 1.0), long_seconds=0.5)


@pytest.fixture
def day():
    """Six connections and six hours of minutes."""
    network, _, _ = world(2)
    return network, series(np.random.default_rng(2).gamma(0.6, 900.0, (6, 360)), step=60)


def test_solvers_agree_and_districts_are_held_against_a_long_run(day):
    network, minutes = day
    result = bench_phases(network, minutes, HOMES, SIZES)
    assert [row.what.strip() for row in result.measurements] == [
        "6 customers, 24 intervals",
        "CP-SAT",
        "HiGHS",
        "360 intervals, whole plan",
        "20 customers, 2 switches",
        "made on the unseen weeks",
        "long run",
        "best switch one by one, NumPy",
        "30 customers, 3 switches",
    ]
    notes = [row.note for row in result.measurements]
    assert all("proven" in note for note in notes[:4])
    assert "held out" in notes[4]
    assert "kW there: ours is +" in notes[5]
    assert "off" in notes[6]


def test_a_solver_that_proves_another_optimum_is_a_fault(day, monkeypatch):
    monkeypatch.setattr(phases, "solve_by_highs", lambda *_: (1.0, True))
    network, minutes = day
    with pytest.raises(BalanceError, match=r"HiGHS proves 1\.000 W"):
        bench_phases(network, minutes, HOMES, SIZES)


@pytest.mark.parametrize("seed", range(3))
def test_the_rivals_are_what_they_say(seed):
    _, _, problem = world(seed)
    best = best_by_trial(problem)
    value, is_proven = solve_by_highs(problem, 30.0)
    assert is_proven
    assert value == pytest.approx(best, rel=1e-6)
    greedy = switch_greedily(problem)
    assert best * (1 - 1e-6) <= greedy <= problem.imbalance(problem.home)
    single = problem.limited_to(1)
    assert switch_greedily(single) == pytest.approx(best_by_trial(single), rel=1e-6)


def test_a_district_is_uneven_and_the_same_each_time():
    network, told = make_district(HOMES, 300)
    again, _ = make_district(HOMES, 300)
    assert network == again
    counts = [sum(str(one.phases) == f"L{phase}" for one in network.connections) for phase in (1, 2, 3)]
    assert counts[0] > counts[1] > counts[2]
    assert told.watts.shape == (300, 12 * 168)
