"""The loading guide's own example, step by step."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.grid.transformers import CHARACTERISTICS, Solution, ThermalState, thermal_course

CASE = json.loads((Path(__file__).parent / "transformers" / "steps.json").read_text())


def course(step_minutes, solution):
    breaks, loads = CASE["breakpoints_minutes"], CASE["load_factors"]
    lasts = np.diff(breaks) // step_minutes
    factors = np.repeat(loads, lasts)
    characteristics = replace(
        CHARACTERISTICS[CASE["cooling"]],
        top_oil_rise=CASE["top_oil_rise"],
        hot_spot_gradient=CASE["hot_spot_gradient"],
        loss_ratio=CASE["loss_ratio"],
    )
    begin = ThermalState(CASE["ambient"] + CASE["top_oil_rise_at_start"], (0.0,), (0.0,))
    found = thermal_course(
        characteristics,
        factors,
        np.full(factors.size, CASE["ambient"]),
        step_minutes * 60,
        begin=begin,
        solution=solution,
    )
    ends = np.cumsum(lasts) - 1
    return found.top_oil[ends], found.hot_spot[ends]


@pytest.mark.parametrize("step_minutes", [1, 5])
def test_the_exponential_solution_gives_the_guides_temperatures_whatever_the_step(step_minutes):
    top_oil, hot_spot = course(step_minutes, Solution.EXPONENTIAL)
    tolerance = np.array(CASE["tolerance_kelvin"])
    assert (np.abs(top_oil - CASE["top_oil"]) <= tolerance).all(), top_oil
    assert (np.abs(hot_spot - CASE["hot_spot"]) <= tolerance).all(), hot_spot


def test_the_difference_solution_at_a_minute_is_near_them():
    exact = course(1, Solution.EXPONENTIAL)
    stepped = course(1, Solution.DIFFERENCE)
    assert np.abs(np.array(exact) - np.array(stepped)).max() < 1.3
    assert np.abs(np.array(exact) - np.array(stepped)).max() > 0.01, "they are two solutions, not one"
