from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series
from backend.forecasting.scores import mean_pinball_loss, reliability
from ml.solar.bands import learn_bands
from ml.solar.behind_meter import split_net_load
from ml.solar.fleet import Copula, add_forecasts, learn_copula, normal_scores, scenarios_of
from ml.solar.ramps import find_ramps, ramp_probability
from tests.unit.ml.solar.measured_plants import DAY, FONTANA, course, measured

ROOFS = tuple(home for home in range(1, 18) if home not in {7, 15})
LEVEL_DAYS = 150
TEST_DAYS = 120
LEARN_DAYS = 60


def _forecasts_of(home: int) -> tuple[list[Forecast], np.ndarray]:
    """Forecasts of a roof's days from the clearness of the day before, by what that missed until then."""
    roof = course(home)
    days = len(roof.power) // 24
    made = np.where(roof.lit, np.nan_to_num(np.resize(roof.power, len(roof.clear))), 0.0)[: days * 24]
    made, clear = made.reshape(days, 24), np.where(roof.lit, roof.clear, 0.0)[: days * 24].reshape(days, 24)
    ratio = made.sum(axis=1) / clear.sum(axis=1)
    lit = clear[1:LEVEL_DAYS] > 0
    before = np.repeat(ratio[: LEVEL_DAYS - 1], 24).reshape(-1, 24)[lit]
    came = (made[1:LEVEL_DAYS] / np.maximum(clear[1:LEVEL_DAYS], 1.0))[lit]
    bands = learn_bands(before, came, np.zeros(len(came), dtype=int), 1)
    forecasts = []
    for day in range(LEVEL_DAYS, LEVEL_DAYS + TEST_DAYS):
        around = bands.around(np.full(24, ratio[day - 1]), np.zeros(24, dtype=int))
        quantiles = np.maximum(around, 0.0) * clear[day]
        forecasts.append(Forecast(roof.start_utc + DAY * day, 3600, quantiles[5], quantiles, "yesterday"))
    return forecasts, made[LEVEL_DAYS : LEVEL_DAYS + TEST_DAYS]


@pytest.fixture(scope="module")
def roofs() -> list[tuple[list[Forecast], np.ndarray]]:
    return [_forecasts_of(home) for home in ROOFS]


def _copula(roofs: list[tuple[list[Forecast], np.ndarray]], days: int) -> Copula:
    scores = [
        np.concatenate([normal_scores(actual[day], made[day].quantiles) for day in range(days)])
        for made, actual in roofs
    ]
    widths = [
        np.concatenate([made[day].quantiles[-1] - made[day].quantiles[0] for day in range(days)])
        for made, _ in roofs
    ]
    return learn_copula(np.array(scores), 3600, np.array(widths))


def test_the_sum_of_measured_roofs_is_told_better_than_by_adding_quantiles_or_by_strangers(
    roofs: list[tuple[list[Forecast], np.ndarray]],
):
    copula = _copula(roofs, LEARN_DAYS)
    strangers = Copula(np.eye(len(ROOFS)), copula.fading_seconds)
    ways: dict[str, list[np.ndarray]] = {"copula": [], "strangers": [], "adding": []}
    for day in range(LEARN_DAYS, TEST_DAYS):
        made = [forecasts[day] for forecasts, _ in roofs]
        ways["copula"].append(add_forecasts(made, copula, 400).quantiles)
        ways["strangers"].append(add_forecasts(made, strangers, 400).quantiles)
        ways["adding"].append(np.sum([one.quantiles for one in made], axis=0))
    came = np.sum([actual[LEARN_DAYS:] for _, actual in roofs], axis=0).ravel()
    light = np.hstack(ways["adding"])[-1] > 0
    off = {
        way: np.abs(reliability(came[light], np.hstack(of)[:, light]) - np.asarray(LEVELS)).mean()
        for way, of in ways.items()
    }
    losses = {way: mean_pinball_loss(came, np.hstack(of)) for way, of in ways.items()}
    assert off["copula"] < 0.5 * off["strangers"]
    assert losses["copula"] < losses["adding"]
    assert losses["copula"] < losses["strangers"]


def test_scenarios_keep_each_sites_quantiles_and_go_along_with_each_other(
    roofs: list[tuple[list[Forecast], np.ndarray]],
):
    copula = _copula(roofs, LEARN_DAYS)
    made = [forecasts[25] for forecasts, _ in roofs]
    drawn = scenarios_of(made, copula, 2000, seed=4)
    noon = int(np.argmax(made[0].mean))
    found = np.quantile(drawn[:, 0, noon], 0.8)
    assert found == pytest.approx(made[0].at(0.8)[noon], rel=0.03)
    assert np.corrcoef(drawn[:, 0, noon], drawn[:, 1, noon])[0, 1] > 0.5
    assert np.array_equal(drawn, scenarios_of(made, copula, 2000, seed=4))
    assert not drawn[:, :, made[0].quantiles[-1] == 0].any()
    assert drawn.min() >= 0


def test_scenarios_of_other_sites_or_of_too_many_values_are_refused(
    roofs: list[tuple[list[Forecast], np.ndarray]],
):
    made = [forecasts[25] for forecasts, _ in roofs]
    copula = _copula(roofs, LEARN_DAYS)
    with pytest.raises(InputError, match="the copula is of 15 sites"):
        scenarios_of(made[:3], copula, 100, 0)
    with pytest.raises(InputError, match="at most"):
        scenarios_of(made, copula, 10**6, 0)
    late = replace(made[1], origin_utc=made[1].origin_utc + 3600)
    with pytest.raises(InputError, match="forecast 1 is not"):
        scenarios_of([made[0], late], Copula(np.eye(2), 3600.0), 10, 0)


def test_ramps_are_told_with_their_ends_and_sizes():
    values = np.array([0, 0, 1, 5, 9, 9, 9, 2, 1, 1], dtype=float)
    ramps = find_ramps(Series(0, 3600, values), 2 * 3600, 6.0)
    assert [(one.start_utc // 3600, one.end_utc // 3600, one.change) for one in ramps] == [
        (1, 5, 9.0),
        (5, 9, -8.0),
    ] or [(one.change > 0, abs(one.change) >= 7) for one in ramps] == [(True, True), (False, True)]
    with pytest.raises(InputError, match="whole steps"):
        find_ramps(Series(0, 3600, values), 1800, 6.0)


def test_a_measured_cloudy_day_has_ramps_and_a_night_has_none():
    series = measured(1)
    spring = Series(series.start_utc, 3600, np.nan_to_num(series.values))
    ramps = find_ramps(spring, 3600, 1200.0)
    assert len(ramps) > 50
    for ramp in ramps:
        begin, end = spring.place(ramp.start_utc), spring.place(ramp.end_utc)
        assert spring.values[end - 1] - spring.values[begin] == ramp.change


def test_the_probability_of_a_ramp_is_the_share_of_scenarios_that_have_one():
    scenarios = np.array([[0.0, 5.0, 5.0], [0.0, 1.0, 1.0], [5.0, 0.0, 5.0], [0.0, 6.0, 0.0]])
    probability = ramp_probability(scenarios, 3600, 3600, 4.0)
    assert probability.up.tolist() == [0.5, 0.25]
    assert probability.down.tolist() == [0.25, 0.25]


@pytest.mark.parametrize(("home", "others"), [(3, (1, 5, 17, 2)), (6, (1, 5, 17, 2)), (8, (1, 5, 17, 2))])
def test_net_load_is_split_into_use_and_sun_by_roofs_nearby(home: int, others: tuple[int, ...]):
    made, used = measured(home).values, measured(home, "load").values
    net = Series(measured(home).start_utc, 3600, used - made)
    split = split_net_load(net, FONTANA, tuple(measured(other).values for other in others))
    known = np.isfinite(net.values)
    assert np.allclose((split.use - split.sun)[known], net.values[known])
    assert split.use[known].min() >= -1e-9
    assert np.nanmean(np.abs(split.sun - made)) < 0.06 * np.nanmean(made)
    assert split.peak == pytest.approx(float(np.nanquantile(made, 0.999)), rel=0.06)


def test_net_load_is_split_by_the_clear_sky_alone_more_vaguely():
    made, used = measured(9).values, measured(9, "load").values
    net = Series(measured(9).start_utc, 3600, used - made)
    split = split_net_load(net, FONTANA)
    assert np.nanmean(np.abs(split.sun - made)) < 0.35 * np.nanmean(made)


def test_a_home_without_a_roof_is_given_none():
    used = measured(2, "load")
    split = split_net_load(used, FONTANA, (measured(1).values, measured(5).values))
    assert split.peak < 500


def test_net_load_of_days_or_without_light_is_refused():
    series = measured(1)
    with pytest.raises(InputError, match="28 days"):
        split_net_load(replace(series, values=series.values[: 24 * 20]), FONTANA)
    with pytest.raises(InputError, match="nothing tells the light"):
        split_net_load(series, replace(FONTANA, latitude=float("nan")))


def test_bands_rise_and_hold_what_they_are_of():
    generator = np.random.default_rng(3)
    forecast = generator.uniform(0, 1, 4000)
    actual = forecast + generator.normal(0, 0.05 + 0.2 * forecast)
    groups = np.zeros(4000, dtype=int)
    bands = learn_bands(forecast[:3000], actual[:3000], groups[:3000], 1)
    found = bands.around(forecast[3000:], groups[3000:])
    assert (np.diff(found, axis=0) >= 0).all()
    inside = (actual[3000:] >= found[1]) & (actual[3000:] <= found[-2])
    assert inside.mean() == pytest.approx(0.8, abs=0.04)
    low, high = forecast[3000:] < 0.3, forecast[3000:] > 0.7
    assert inside[low].mean() == pytest.approx(0.8, abs=0.08)
    assert inside[high].mean() == pytest.approx(0.8, abs=0.08)
