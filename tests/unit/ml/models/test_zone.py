from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from ml.evaluation.backtest import disturbed_after
from ml.features.calendar import calendar_of
from ml.models.stations import choose_stations, mixed, weather_scenarios
from ml.models.zone import FittedZone, ZoneModel
from ml.operation.registry import pack_model, unpack_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

HOUR, DAY, WEEK = 3600, 24, 168
START = 1_104_537_600  # Saturday, 1 January 2005
SITE = Site(country="US")
DAYS = 420


def weather(seed: int, days: int = DAYS) -> Values:
    """A year's course, a day's course, and fronts that stay for days."""
    random = np.random.default_rng(seed)
    hours = np.arange(days * DAY)
    fronts = np.zeros(len(hours))
    for hour in range(1, len(hours)):
        fronts[hour] = 0.98 * fronts[hour - 1] + random.normal(0, 0.8)
    year = -12 * np.cos(2 * np.pi * hours / (365 * DAY))
    return np.asarray(12 + year + 4 * np.sin(2 * np.pi * (hours - 9) / DAY) + fronts)


@cache
def zone(noise: float = 1.0) -> Series:
    """Heated and cooled by the mean of stations 1 and 3; a weekly rhythm, and growth."""
    stations = [weather(seed) for seed in range(4)]
    air = (stations[1] + stations[3]) / 2
    hours = np.arange(DAYS * DAY)
    rhythm = np.where(hours // DAY % 7 < 2, -8, 0) + 10 * np.sin(2 * np.pi * (hours - 12) / DAY)
    load = 100 + rhythm + 2 * np.maximum(14 - air, 0) + 3 * np.maximum(air - 20, 0) + hours / 2000
    load += np.random.default_rng(9).normal(0, noise, len(hours))
    inputs = {f"temperature_{number}": station for number, station in enumerate(stations)}
    return Series(START, HOUR, load, inputs, "kW")


def origin_of(hours: int) -> int:
    return START + hours * HOUR


@cache
def fitted() -> FittedZone:
    return ZoneModel().fit(zone(), SITE, origin_of(400 * DAY), WeatherSource.OBSERVED)


def test_the_stations_that_drive_a_load_are_found() -> None:
    series = zone()
    calendar = calendar_of(series.starts_utc, HOUR, SITE)
    table = np.stack(list(series.inputs.values()))
    choice = choose_stations(series.values, table, calendar)
    assert set(choice.chosen) == {1, 3}
    assert choice.error < 0.7 * choice.errors.min()
    assert fitted().stations == ("temperature_1", "temperature_3") or fitted().stations == (
        "temperature_3",
        "temperature_1",
    )


def test_a_silent_station_is_replaced_by_the_others_and_its_usual_distance() -> None:
    table = np.array([[10.0, 12.0, np.nan, 14.0], [20.0, 22.0, 23.0, 24.0]])
    assert mixed(table).tolist() == pytest.approx([15.0, 17.0, 18.0, 19.0])
    assert np.isnan(mixed(np.full((2, 1), np.nan))).all()


def test_a_week_ahead_is_told_nearly_as_well_as_noise_allows() -> None:
    series, origin = zone(), 400 * DAY
    forecast = fitted().forecast(series, origin_of(origin), WEEK)
    miss = forecast.mean - series.values[origin : origin + WEEK]
    assert np.sqrt((miss**2).mean()) < 1.6
    week_before = series.values[origin - WEEK : origin] - series.values[origin : origin + WEEK]
    assert np.abs(miss).mean() < 0.3 * np.abs(week_before).mean()
    inside = (series.values[origin : origin + WEEK] >= forecast.at(0.1)) & (
        series.values[origin : origin + WEEK] <= forecast.at(0.9)
    )
    assert 0.65 < inside.mean() < 0.95
    assert forecast.weather is WeatherSource.OBSERVED


def test_without_weather_ahead_that_of_earlier_years_stands_in_and_the_band_is_wider() -> None:
    series, origin = zone(), 400 * DAY
    blind = replace(
        series,
        inputs={
            name: np.where(np.arange(len(column)) < origin, column, np.nan)
            for name, column in series.inputs.items()
        },
    )
    with_it = fitted().forecast(series, origin_of(origin), WEEK)
    without = fitted().forecast(blind, origin_of(origin), WEEK)
    assert without.weather is WeatherSource.NONE
    assert (
        np.ptp(without.quantiles[:, -24:], axis=0).mean()
        > 2 * np.ptp(with_it.quantiles[:, -24:], axis=0).mean()
    )
    actual = series.values[origin : origin + WEEK]
    assert np.abs(without.mean - actual).mean() > np.abs(with_it.mean - actual).mean()


def test_nothing_after_the_origin_changes_a_forecast() -> None:
    series, origin = zone(), origin_of(400 * DAY)
    cut = replace(series, values=series.values[: 405 * DAY])
    plain = fitted().forecast(cut, origin, 48)
    for seed in (1, 2):
        other = fitted().forecast(disturbed_after(cut, origin, seed), origin, 48)
        assert np.array_equal(plain.mean, other.mean)
        assert np.array_equal(plain.quantiles, other.quantiles)


def test_nothing_after_the_fitting_changes_what_is_learned() -> None:
    until = origin_of(90 * DAY)
    series = zone()
    again = ZoneModel().fit(disturbed_after(series, until, 3), SITE, until, WeatherSource.OBSERVED)
    first = ZoneModel().fit(series, SITE, until, WeatherSource.OBSERVED)
    assert np.array_equal(again.weights, first.weights)
    assert np.array_equal(again.calibration.table, first.calibration.table)


def test_a_level_that_rose_since_the_fitting_is_followed() -> None:
    series, origin = zone(), 410 * DAY
    values = series.values.copy()
    values[402 * DAY :] += 15
    raised = replace(series, values=values)
    forecast = fitted().forecast(raised, origin_of(origin), DAY)
    off = values[origin : origin + DAY] - forecast.mean
    assert abs(off.mean()) < 8


def test_a_gap_is_filled_better_from_both_sides_than_from_one() -> None:
    series, begin = zone(), 200 * DAY
    values = series.values.copy()
    values[begin + 3 * DAY :] += 20
    values[begin : begin + WEEK] = np.nan
    gapped = replace(series, values=values)
    both = (
        ZoneModel().fit_around(gapped, SITE, WeatherSource.OBSERVED).backcast(gapped, origin_of(begin), WEEK)
    )
    one = ZoneModel().fit(gapped, SITE, origin_of(begin), WeatherSource.OBSERVED)
    ahead = one.forecast(gapped, origin_of(begin), WEEK)
    last = slice(6 * DAY, WEEK)
    truth = series.values[begin : begin + WEEK][last] + 20
    assert np.abs(both.mean[last] - truth).mean() < 0.6 * np.abs(ahead.mean[last] - truth).mean()


def test_outages_and_faults_in_the_history_count_little() -> None:
    series = zone()
    values = series.values.copy()
    values[100 * DAY : 100 * DAY + 12] = 0
    values[150 * DAY + 5] = 10_000
    faulty = ZoneModel().fit(
        replace(series, values=values), SITE, origin_of(400 * DAY), WeatherSource.OBSERVED
    )
    plain = fitted().forecast(series, origin_of(400 * DAY), WEEK)
    other = faulty.forecast(series, origin_of(400 * DAY), WEEK)
    assert np.abs(plain.mean - other.mean).max() < 3


def test_a_kept_zone_forecasts_the_same_to_the_last_bit() -> None:
    series, origin = zone(), origin_of(400 * DAY)
    again = unpack_model(pack_model(fitted()))
    before, after = fitted().forecast(series, origin, 48), again.forecast(series, origin, 48)
    assert np.array_equal(before.mean, after.mean)
    assert np.array_equal(before.quantiles, after.quantiles)
    assert after.unit == "kW"


def test_scenarios_go_on_from_the_last_known_day() -> None:
    known = weather(5, 800)
    known[-DAY:] += 10
    scenarios = weather_scenarios(known, WEEK, HOUR)
    last = known[-DAY:]
    assert len(scenarios) >= 7
    assert abs(scenarios[:, :3].mean() - last[:3].mean()) < 4
    assert np.isfinite(scenarios).all()
    assert weather_scenarios(weather(5, 20), 30, HOUR).shape == (14, 30)


def test_too_short_a_history_and_absent_inputs_are_refused_in_words() -> None:
    series = zone()
    with pytest.raises(InputError, match="56 days"):
        ZoneModel().fit(series, SITE, origin_of(40 * DAY), WeatherSource.OBSERVED)
    with pytest.raises(InputError, match="0 such inputs"):
        ZoneModel().fit(replace(series, inputs={}), SITE, series.end_utc, WeatherSource.OBSERVED)
    with pytest.raises(InputError, match=r"'temperature_[13]' is absent"):
        fitted().forecast(replace(series, inputs={}), origin_of(400 * DAY), 24)
    with pytest.raises(InputError, match="neither weather ahead"):
        weather_scenarios(np.full(5, 10.0), 24, HOUR)
