import csv
import gzip
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.anomalies import AnomalyKind
from backend.grid.transformers import CHARACTERISTICS, Paper, thermal_course
from ml.anomalies.cooling import find_cooling_faults
from ml.anomalies.hazard import AssetRecords, fit_hazard
from ml.anomalies.life import LIFE_CRITERIA_HOURS, LifeScenario, life_outlook
from ml.anomalies.oil import FittedOil, OilModel

ROOT = Path(__file__).parents[4]
SHARED_DATA = Path(os.environ.get("PARTAGE_SHARED_DATA", ROOT.parent / "shared" / "data"))
DAY = 86400
BEGIN = 1_467_331_200  # 1 July 2016


@pytest.fixture(scope="module")
def ett():
    file = SHARED_DATA / "ett" / "ETTh2.csv.gz"
    if not file.exists():
        pytest.skip(f"the transformer's courses are not at {file}; set PARTAGE_SHARED_DATA to their folder")
    rows = list(csv.reader(io.StringIO(gzip.decompress(file.read_bytes()).decode())))
    values = np.array([row[1:] for row in rows[1:14401]], dtype=np.float64)
    loads = {name: values[:, place] for place, name in enumerate(rows[0][1:7])}
    return Series(BEGIN, 3600, values[:, 6], loads, "°C")


@pytest.fixture(scope="module")
def warmed():
    """Oil by IEC 60076-7 under real-shaped load and air, 200 days, with a thermometer's noise."""
    dice = np.random.default_rng(1)
    hours = np.arange(200 * 24)
    drawn = np.repeat(dice.normal(size=200), 24)
    load = 0.5 + 0.25 * np.sin(2 * np.pi * (hours % 24 - 12) / 24) + 0.06 * drawn
    air = 12 + 8 * np.sin(2 * np.pi * hours / 8766) + 4 * np.repeat(dice.normal(size=200), 24)
    course = thermal_course(CHARACTERISTICS["ONAN"], load, air, 3600)
    oil = course.top_oil + 0.5 * dice.normal(size=len(hours))
    return Series(BEGIN, 3600, oil, {"load": load, "ambient": air}, "°C")


def test_oil_ahead_is_better_than_staying_and_than_yesterday_in_a_real_transformer(ett):
    until = BEGIN + 11520 * 3600
    fitted = OilModel().fit(ett, Site(), until, WeatherSource.NONE)
    ours, stays, yesterday, inside = [], [], [], []
    for origin in range(11520, 14400 - 24, 97):
        forecast = fitted.forecast(ett, BEGIN + origin * 3600, 24)
        came = ett.values[origin : origin + 24]
        ours.append(np.abs(forecast.mean - came).mean())
        stays.append(np.abs(ett.values[origin - 1] - came).mean())
        yesterday.append(np.abs(ett.values[origin - 24 : origin] - came).mean())
        inside.append((came >= forecast.at(0.1)) & (came <= forecast.at(0.9)))
    assert np.mean(ours) < 0.95 * np.mean(yesterday)
    assert np.mean(yesterday) < np.mean(stays)
    assert 0.7 <= np.mean(inside) <= 0.95


def test_what_comes_after_the_origin_never_changes_the_oil_ahead(warmed):
    origin = BEGIN + 180 * DAY
    fitted = OilModel().fit(warmed, Site(), origin, WeatherSource.NONE)
    values = warmed.values.copy()
    values[180 * 24 :] = 99.0
    loads = {name: np.where(np.arange(len(one)) < 180 * 24, one, 9.0) for name, one in warmed.inputs.items()}
    other = replace(warmed, values=values, inputs=loads)
    again = OilModel().fit(other, Site(), origin, WeatherSource.NONE)
    np.testing.assert_array_equal(
        fitted.forecast(warmed, origin, 48).quantiles, again.forecast(other, origin, 48).quantiles
    )


def test_an_oil_model_is_the_same_once_it_was_kept(warmed):
    origin = BEGIN + 180 * DAY
    fitted = OilModel().fit(warmed, Site(), origin, WeatherSource.NONE)
    again = FittedOil.from_state(fitted.state())
    np.testing.assert_array_equal(
        again.forecast(warmed, origin, 168).quantiles, fitted.forecast(warmed, origin, 168).quantiles
    )


def test_quarter_hours_are_forecast_by_the_same_model(warmed):
    finer = Series(
        BEGIN,
        900,
        np.repeat(warmed.values, 4),
        {key: np.repeat(one, 4) for key, one in warmed.inputs.items()},
        "°C",
    )
    origin = BEGIN + 180 * DAY
    fine = OilModel().fit(finer, Site(), origin, WeatherSource.NONE).forecast(finer, origin, 96)
    hourly = OilModel().fit(warmed, Site(), origin, WeatherSource.NONE).forecast(warmed, origin, 24)
    assert fine.mean.reshape(24, 4).mean(axis=1) == pytest.approx(hourly.mean, abs=0.5)


def test_oil_without_history_or_load_is_refused(warmed):
    with pytest.raises(InputError, match="30 days of oil temperature are known; 39 are needed"):
        OilModel().fit(warmed, Site(), BEGIN + 30 * DAY, WeatherSource.NONE)
    fitted = OilModel().fit(warmed, Site(), BEGIN + 100 * DAY, WeatherSource.NONE)
    with pytest.raises(InputError, match="the loads load are absent"):
        fitted.forecast(replace(warmed, inputs={"ambient": warmed.inputs["ambient"]}), BEGIN + 120 * DAY, 24)
    with pytest.raises(InputError, match="more than the seven days"):
        fitted.forecast(warmed, BEGIN + 120 * DAY, 169)


def test_an_untouched_transformer_has_no_cooling_fault(warmed, ett):
    assert not find_cooling_faults("t", warmed, BEGIN + 140 * DAY, BEGIN + 200 * DAY, 2.0)
    assert len(find_cooling_faults("t", ett, BEGIN + 365 * DAY, BEGIN + 540 * DAY, 2.0)) <= 1


def test_oil_that_warms_by_three_kelvins_beyond_its_load_is_told_where_the_air_is_known(warmed):
    values = warmed.values.copy()
    values[160 * 24 : 170 * 24] += 3.0
    found = find_cooling_faults(
        "t", replace(warmed, values=values), BEGIN + 140 * DAY, BEGIN + 200 * DAY, 2.0
    )
    assert [one.kind for one in found] == [AnomalyKind.COOLING]
    assert abs(found[0].start_utc - (BEGIN + 160 * DAY)) <= DAY
    assert found[0].figures["excess_kelvin"] == pytest.approx(3.0, abs=1.0)
    assert "too warm over three days" in found[0].reason


def test_more_load_warms_the_oil_and_is_no_fault(warmed):
    load = warmed.inputs["load"].copy()
    load[160 * 24 : 170 * 24] += 0.15
    air = warmed.inputs["ambient"]
    oil = thermal_course(CHARACTERISTICS["ONAN"], load, air, 3600).top_oil
    oil = oil + 0.5 * np.random.default_rng(2).normal(size=len(oil))
    heavy = replace(warmed, values=oil, inputs={"load": load, "ambient": air})
    assert not find_cooling_faults("t", heavy, BEGIN + 140 * DAY, BEGIN + 200 * DAY, 2.0)


def test_days_after_the_span_change_no_cooling_finding(warmed):
    values = warmed.values.copy()
    values[190 * 24 :] += 30
    span = BEGIN + 140 * DAY, BEGIN + 190 * DAY
    assert find_cooling_faults(
        "t", replace(warmed, values=values), span[0], span[1], 50.0
    ) == find_cooling_faults("t", warmed, span[0], span[1], 50.0)


def rated(hot_spot_at_rest: float) -> LifeScenario:
    """A constant load of one, in air that brings the hot spot to a temperature."""
    rise = CHARACTERISTICS["distribution"].top_oil_rise + CHARACTERISTICS["distribution"].hot_spot_gradient
    return LifeScenario(np.ones(200), np.full(200, hot_spot_at_rest - rise), 3600)


def test_at_rated_hot_spot_a_new_transformer_lives_its_criterion():
    found = life_outlook(
        CHARACTERISTICS["distribution"], [rated(98.0)], (0.0, 0.0), criteria_hours=[150_000.0]
    )
    assert found.ageing == pytest.approx(1.0, abs=0.001)
    assert found.years == pytest.approx((17.11, 17.11, 17.11), abs=0.05)


def test_six_kelvins_more_halve_the_rest_and_half_used_halves_it_again():
    hot = life_outlook(
        CHARACTERISTICS["distribution"], [rated(104.0)], (0.5, 0.5), criteria_hours=[150_000.0]
    )
    assert hot.years[1] == pytest.approx(17.11 / 4, abs=0.05)


def test_what_is_not_known_widens_the_years_and_growth_shortens_them():
    scenarios = [rated(90.0), rated(96.0), rated(102.0)]
    sure = life_outlook(CHARACTERISTICS["distribution"], scenarios, (0.3, 0.3), criteria_hours=[150_000.0])
    open_ = life_outlook(CHARACTERISTICS["distribution"], scenarios, (0.1, 0.6))
    growing = life_outlook(CHARACTERISTICS["distribution"], scenarios, (0.1, 0.6), growth=(0.03, 0.01))
    assert open_.years[2] - open_.years[0] > sure.years[2] - sure.years[0]
    assert growing.years[1] < open_.years[1]
    assert (np.diff(open_.ending) >= 0).all()
    assert open_.ending[-1] <= 1
    assert len(LIFE_CRITERIA_HOURS) == 4


def test_a_cool_transformer_lasts_beyond_the_horizon_and_says_so():
    found = life_outlook(
        CHARACTERISTICS["distribution"],
        [LifeScenario(np.full(48, 0.3), np.full(48, 10.0), 3600)],
        (0.0, 0.2),
        paper=Paper.UPGRADED,
    )
    assert found.years == (80.0, 80.0, 80.0)
    assert "something else will end its service" in found.reason


@pytest.mark.parametrize(("scenarios", "used"), [([], (0.0, 0.1)), ([rated(90.0)], (0.5, 0.2))])
def test_a_life_without_course_or_with_a_part_that_cannot_be_is_refused(scenarios, used):
    with pytest.raises(InputError, match=r"no course|part of life"):
        life_outlook(CHARACTERISTICS["distribution"], scenarios, used)


def simulated(count, seed, shape=4.0, scale=45.0, effect=0.7):
    """Assets that fail by a known Weibull hazard, watched for 15 years from some age: simulated, not recorded."""
    dice = np.random.default_rng(seed)
    load = dice.normal(size=count)
    ages = scale * (-np.log(dice.uniform(size=count)) / np.exp(effect * load)) ** (1 / shape)
    entered = dice.uniform(0, 40, size=count)
    seen = ages > entered
    left = np.minimum(ages, entered + 15)
    return AssetRecords(entered[seen], left[seen], (ages <= entered + 15)[seen], load[seen, None], ("load",))


def test_a_weibull_hazard_that_made_records_is_found_in_them():
    found = fit_hazard(simulated(1200, 1))
    assert found.kind == "weibull"
    assert found.shape == pytest.approx(4.0, rel=0.2)
    assert found.scale == pytest.approx(45.0, rel=0.1)
    assert found.weights[0] / found.wide[0] == pytest.approx(0.7, rel=0.25)


def test_the_kind_that_foretells_better_is_kept_and_failing_never_falls():
    def threshold_effect(count):
        dice = np.random.default_rng(3)
        load = dice.normal(size=count)
        yearly = np.where(np.abs(load) > 1.2, 0.12, 0.005)
        years = np.minimum(dice.geometric(yearly), 20).astype(np.float64)
        failed = years < 20
        return AssetRecords(np.zeros(count), years, failed, load[:, None])

    records = threshold_effect(1500)
    found = fit_hazard(records)
    assert found.kind == "boosting"
    assert found.scores["boosting"] > found.scores["weibull"]
    risky, calm = (found.failing(5.0, 10, np.array([one])) for one in (2.0, 0.0))
    assert risky[-1] > 0.5
    assert calm[-1] < 0.2
    assert (np.diff(risky) >= 0).all()
    low, middle, high = found.remaining_years(5.0, np.array([2.0]))
    assert low < middle < high


def test_too_few_failures_or_impossible_ages_are_refused():
    with pytest.raises(InputError, match="2 failures are recorded"):
        fit_hazard(AssetRecords(np.zeros(50), np.full(50, 9.0), np.arange(50) < 2, np.zeros((50, 1))))
    with pytest.raises(InputError, match="asset 0 is watched from 5 to 4 years"):
        AssetRecords(np.array([5.0]), np.array([4.0]), np.array([True]), np.zeros((1, 0)))
