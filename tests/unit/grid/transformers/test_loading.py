from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import Phases, Transformer
from backend.grid.transformers import (
    TransformerLoad,
    free_capacity,
    growth_until_hot,
    rank_by_load,
    summarise_loading,
)

RATED = Transformer("t", "a", "b", 300e3, 20e3, 400.0)


def load_of(watts, reactive=0.0, transformer=RATED, step=900):
    watts = np.array(watts, dtype=float)
    return TransformerLoad(transformer, 1_500_000_000, step, watts, np.full(watts.shape, reactive), "flow")


def air(load, celsius=20.0):
    return np.full(load.length, celsius)


def test_the_fullest_winding_counts_and_not_the_sum():
    even, uneven = load_of([[50e3], [50e3], [50e3]]), load_of([[150e3], [0], [0]])
    assert even.volt_amperes[0] == uneven.volt_amperes[0] == 150e3
    assert even.fullest[0] == 0.5
    assert uneven.fullest[0] == 1.5
    assert free_capacity(even).volt_amperes == pytest.approx(150e3)
    assert free_capacity(uneven).volt_amperes == pytest.approx(-150e3)


def test_what_is_free_fills_the_rating_to_the_brim_and_not_beyond():
    rng = np.random.default_rng(3)
    load = TransformerLoad(
        RATED, 0, 900, rng.uniform(-60e3, 70e3, (3, 50)), rng.uniform(0, 30e3, (3, 50)), "flow"
    )
    free = free_capacity(load)
    for added in (free.draw_watts, -free.feed_in_watts):
        filled = TransformerLoad(RATED, 0, 900, load.watts + added / 3, load.vars, "flow")
        assert filled.factors.max() == pytest.approx(1.0)


def test_reactive_power_beyond_the_rating_leaves_less_than_nothing():
    assert free_capacity(load_of([[0.0], [0.0], [0.0]], reactive=120e3)).draw_watts == pytest.approx(-60e3)


def test_a_transformer_of_one_phase_has_its_whole_rating_on_it():
    one = load_of([[20e3]], transformer=replace(RATED, phases=Phases.L2, rated_volt_amperes=25e3))
    assert one.fullest[0] == pytest.approx(0.8)


def test_the_figures_of_a_course_are_those_of_its_intervals():
    watts = np.full((3, 96), 30e3)
    watts[0, 70:74] = 120e3
    load = load_of(watts)
    told = summarise_loading(load, air(load))
    assert told.peak_factor == pytest.approx(1.2)
    assert told.peak_start_utc == 1_500_000_000 + 70 * 900
    assert told.hours_over == 1.0
    assert told.now_factor == pytest.approx(0.3)
    assert told.duration[0] == pytest.approx(1.2)
    assert told.duration[-1] == pytest.approx(0.3)
    assert list(told.duration) == sorted(told.duration, reverse=True)
    assert told.free.draw_watts == pytest.approx(-60e3)
    assert told.hot_spot_peak > told.hot_spot_now
    assert told.lost_hours == pytest.approx(told.ageing * 24)


def test_a_load_may_grow_until_a_limit_is_met_exactly():
    watts = np.full((3, 96 * 3), 40e3)
    load = load_of(watts)
    growth = growth_until_hot(load, air(load))
    grown = load_of(watts * growth)
    assert grown.thermal(air(load)).hot_spot.max() == pytest.approx(120.0, abs=1e-3)
    assert growth_until_hot(load, air(load, 40.0)) < growth


def test_a_short_peak_may_grow_further_than_a_steady_load():
    peaky = np.full((3, 96), 5e3)
    peaky[:, 40:44] = 40e3
    steady = np.full((3, 96), 40e3)
    assert growth_until_hot(load_of(peaky), np.full(96, 20.0)) > growth_until_hot(
        load_of(steady), np.full(96, 20.0)
    )


def test_the_fullest_transformer_comes_first():
    loads = [load_of(np.full((3, 4), at), transformer=replace(RATED, id=str(at))) for at in (1e3, 9e4, 4e4)]
    ranked = rank_by_load([summarise_loading(load, air(load)) for load in loads])
    assert [one.transformer for one in ranked] == ["90000.0", "40000.0", "1000.0"]


def test_a_transformer_without_a_rating_is_named():
    with pytest.raises(InputError, match='transformer "t" is rated 0 VA; give its rating'):
        load_of([[0], [0], [0]], transformer=replace(RATED, rated_volt_amperes=0.0))


def test_a_load_of_other_phases_than_the_transformers_is_refused():
    with pytest.raises(InputError, match='transformer "t" has 3 phases'):
        load_of([[0], [0]])
