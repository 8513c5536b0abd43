"""What comes back after an outage, and whom it overloads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting.cold_load import ColdLoad
from backend.grid import ConnectionSeries, Origin
from backend.grid.outage import Outages, find_element, tell_pick_up
from tests.small_network import small_network

WATTS = np.array([[2_000.0], [3_000], [1_500], [6_000]]) * (1.0 + np.arange(48) % 4)  # at worst 50 kW
COLD = ColdLoad()


def outages(rated: float = 100e3, watts: np.ndarray = WATTS) -> Outages:
    network = small_network()
    network = replace(network, transformers=(replace(network.transformers[0], rated_volt_amperes=rated),))
    return Outages(network, ConnectionSeries(0, 900, watts, watts * 0.0, (Origin.PROFILE,) * 4))


def test_what_comes_back_is_told_of_what_was_dark_alone() -> None:
    found = outages()
    told = tell_pick_up(found, find_element(found.network, "west"), 2.0, COLD, -5.0)
    # Duty 0.15 + 20 K x 0.025 = 0.65; 1.5 times the load is thermostatic; diversity is lost within half an hour.
    excess = 1.5 * 0.35 * (1 - np.exp(-4))
    assert told.excess == pytest.approx(excess)
    assert told.mean_watts == pytest.approx(12_500 * excess)
    assert told.worst_watts == pytest.approx(20_000 * excess)
    assert told.excess_low < told.excess < told.excess_high
    assert told.fitted == 0
    assert told.full == ()
    course = COLD.excess(np.array([told.lasting_hours]), 2.0, -5.0)
    assert course[0] == pytest.approx(0.1 * told.excess)


def test_energy_is_that_under_the_course_of_the_excess() -> None:
    found = outages()
    told = tell_pick_up(found, find_element(found.network, "T1"), 4.0, COLD, -5.0)
    since = np.arange(0.0, 48.0, 0.001) + 0.0005
    under = COLD.excess(since, 4.0, -5.0).sum() * 0.001
    assert told.watt_hours == pytest.approx(12_500 * 2.5 * under, rel=1e-3)


def test_a_transformer_that_cannot_take_all_at_once_is_told_steps_that_hold() -> None:
    found = outages(rated=70e3)
    told = tell_pick_up(found, find_element(found.network, "T1"), 2.0, COLD, -5.0)
    (full,) = told.full
    assert full.usual == pytest.approx(50 / 70)
    assert full.back == pytest.approx(50 * (1 + told.excess) / 70)
    assert full.back > 1
    assert len(full.steps) > 1
    assert sum(step.share for step in full.steps) == pytest.approx(1)
    # Held at every minute, with an excess that is exceeded 1 time in 10.
    minutes = np.arange(0, 24 * 60) / 60
    load = np.zeros(minutes.size)
    for step in full.steps:
        wide = told.excess_high / told.excess
        excess = COLD.excess(minutes - step.after_hours, 2.0 + step.after_hours, -5.0)
        load += 50e3 * step.share * ((minutes >= step.after_hours) + wide * excess)
    assert load.max() <= 70e3 * (1 + 1e-9)
    assert load.max() > 0.99 * 70e3
    assert "T1 (70 kVA) reaches" in full.sentence()
    assert "first" in full.sentence()


def test_steps_that_cannot_help_are_not_told() -> None:
    found = outages(rated=45e3)
    (full,) = tell_pick_up(found, find_element(found.network, "T1"), 2.0, COLD, -5.0).full
    assert full.steps == ()
    assert "usual load is 111%" in full.sentence()


def test_what_stayed_live_behind_a_transformer_does_not_pick_up() -> None:
    found = outages(rated=55e3)
    told = tell_pick_up(found, find_element(found.network, "west"), 2.0, COLD, -5.0)
    (full,) = told.full
    assert full.back == pytest.approx((30 + 20 * (1 + told.excess)) / 55)


def test_feed_in_takes_nothing_off_what_comes_back() -> None:
    watts = WATTS.copy()
    watts[1] = -40_000.0
    found = outages(rated=70e3, watts=watts)
    told = tell_pick_up(found, find_element(found.network, "T1"), 2.0, COLD, -5.0)
    assert told.full[0].usual == pytest.approx((50 - 12) / 70)


def test_without_loads_the_excess_alone_is_told() -> None:
    network = small_network()
    told = tell_pick_up(Outages(network), find_element(network, "T1"), 2.0, COLD).as_dict()
    assert (told["mean_extra_kw"], told["extra_kwh"], told["transformers"]) == (None, None, [])
    assert told["extra_pct"] > 0
    assert told["temperature_celsius"] is None
    assert told["assumed"]
    assert "No temperature" in told["note"]


@pytest.mark.parametrize(
    ("hours", "celsius"), [(0.0, 5.0), (721.0, 5.0), (float("nan"), 5.0), (1.0, float("inf"))]
)
def test_an_outage_that_cannot_be_is_refused(hours: float, celsius: float) -> None:
    found = outages()
    with pytest.raises(InputError, match="at its end"):
        tell_pick_up(found, find_element(found.network, "T1"), hours, COLD, celsius)
