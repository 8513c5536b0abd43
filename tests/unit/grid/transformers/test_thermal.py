from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Transformer
from backend.grid.transformers import (
    CHARACTERISTICS,
    NORMAL_LIFE_HOURS,
    Paper,
    Solution,
    ageing_rates,
    characteristics_of,
    limits_of,
    rest_state,
    thermal_course,
)

SMALL = CHARACTERISTICS["distribution"]


def transformer(**changes):
    return replace(Transformer("t", "a", "b", 400e3, 20e3, 400.0), **changes)


def test_at_rated_load_and_twenty_degrees_a_small_transformer_reaches_its_rated_temperatures():
    found = thermal_course(SMALL, np.ones(96), np.full(96, 20.0), 900)
    assert found.top_oil[-1] == pytest.approx(75.0)
    assert found.hot_spot[-1] == pytest.approx(98.0)
    assert found.ageing[-1] == pytest.approx(1.0)
    assert found.lost_hours == pytest.approx(24.0)


@pytest.mark.parametrize("kind", sorted(CHARACTERISTICS))
@pytest.mark.parametrize("solution", list(Solution))
def test_a_constant_load_ends_in_the_steady_state_from_wherever_it_began(kind, solution):
    characteristics = CHARACTERISTICS[kind]
    cold = rest_state(characteristics, np.zeros(1), 20.0)
    found = thermal_course(
        characteristics, np.full(400, 0.9), np.full(400, 20.0), 900, begin=cold, solution=solution
    )
    rest = rest_state(characteristics, np.array([0.9]), 20.0)
    assert found.top_oil[-1] == pytest.approx(rest.top_oil, abs=1e-6)
    assert found.hot_spot[-1] == pytest.approx(rest.top_oil + rest.first[0] - rest.second[0], abs=1e-6)


def test_the_exponential_solution_is_the_same_in_quarter_hours_and_in_minutes():
    factors = np.random.default_rng(1).uniform(0, 1.5, 60)
    air = np.linspace(5, 25, 60)
    coarse = thermal_course(CHARACTERISTICS["ONAN"], factors, air, 900)
    fine = thermal_course(CHARACTERISTICS["ONAN"], np.repeat(factors, 15), np.repeat(air, 15), 60)
    assert np.allclose(coarse.hot_spot, fine.hot_spot[14::15])


def test_a_course_in_two_parts_is_the_course_in_one():
    factors, air = np.random.default_rng(2).uniform(0, 1.5, (3, 80)), np.full(80, 15.0)
    whole = thermal_course(SMALL, factors, air, 900)
    first = thermal_course(SMALL, factors[:, :33], air[:33], 900)
    second = thermal_course(SMALL, factors[:, 33:], air[33:], 900, begin=first.state)
    assert np.allclose(whole.hot_spot, np.concatenate([first.hot_spot, second.hot_spot]))


def test_one_loaded_phase_is_hotter_than_three_that_share_its_current_and_its_oil_is_cooler_than_under_three_such():
    air = np.full(200, 20.0)
    one = thermal_course(SMALL, np.array([[1.5], [0.0], [0.0]]) * np.ones(200), air, 900)
    shared = thermal_course(SMALL, np.full(200, 0.5), air, 900)
    all_three = thermal_course(SMALL, np.full((3, 200), 1.5), air, 900)
    assert one.hot_spot[-1] > shared.hot_spot[-1] + 20
    assert one.top_oil[-1] < all_three.top_oil[-1]


def test_a_sudden_load_overshoots_where_k21_is_above_one():
    factors = np.concatenate([np.full(100, 0.2), np.full(300, 1.3)])
    found = thermal_course(CHARACTERISTICS["ONAF"], factors, np.full(400, 20.0), 60)
    gradient = found.hot_spot - found.top_oil
    assert gradient.max() > gradient[-1] + 5


def test_kraft_doubles_its_ageing_every_six_kelvins_and_upgraded_paper_lives_longer_when_hot():
    assert ageing_rates(np.array([98.0, 104.0, 92.0])).tolist() == [1.0, 2.0, 0.5]
    assert ageing_rates(np.array([110.0]), Paper.UPGRADED)[0] == pytest.approx(1.0)
    assert ageing_rates(np.array([98.0]), Paper.UPGRADED)[0] == pytest.approx(0.282, abs=5e-4)
    assert NORMAL_LIFE_HOURS == 180_000


def test_size_cooling_and_its_own_losses_choose_what_is_recommended():
    assert characteristics_of(transformer()) == SMALL
    assert characteristics_of(transformer(rated_volt_amperes=40e6)) == CHARACTERISTICS["ONAN"]
    assert characteristics_of(transformer(cooling="OFWF", rated_volt_amperes=40e6)) == CHARACTERISTICS["OFAF"]
    known = transformer(copper_loss_watts=4600.0, iron_loss_watts=610.0)
    assert characteristics_of(known).loss_ratio == pytest.approx(7.54, abs=0.01)
    assert limits_of(transformer()).load_factor == 1.5
    assert limits_of(transformer(rated_volt_amperes=250e6)).load_factor == 1.3


def test_an_unknown_cooling_is_named():
    with pytest.raises(InputError, match='transformer "t" has the cooling "fans"; known are ODAF'):
        characteristics_of(transformer(cooling="fans"))


@pytest.mark.parametrize(
    ("factors", "air", "named"),
    [
        ([0.5, np.nan], [20.0, 20.0], "the load of interval 1 is"),
        ([0.5, -0.1], [20.0, 20.0], "the load of interval 1 is"),
        ([0.5, 0.5], [20.0, 900.0], "interval 1 is said to have 900"),
        ([0.5, 0.5], [20.0, np.nan], "interval 1 is said to have nan"),
        ([0.5, 0.5], [20.0], "2 intervals stands beside 1"),
    ],
)
def test_a_load_or_an_air_temperature_that_cannot_be_is_named(factors, air, named):
    with pytest.raises(InputError, match=named):
        thermal_course(SMALL, np.array(factors), np.array(air), 900)
