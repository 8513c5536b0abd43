import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, Series, WeatherSource
from backend.forecasting.scores import mean_pinball_loss
from ml.evaluation.backtest import disturbed_after
from ml.models.cluster_fit import nearest_means
from ml.models.clusters import ClusterModel, FittedClusters, Meters
from ml.operation.registry import pack_model, unpack_model
from tests.unit.ml.models.measured_homes import DAY, SITE, loads, nets

DAYS, TESTED = 100, 14
LEARNED = 12  # of the 17 homes; the others are new to the model


@pytest.fixture(scope="module")
def homes() -> list[Series]:
    return loads(17, DAYS + TESTED)


@pytest.fixture(scope="module")
def until(homes: list[Series]) -> int:
    return homes[0].start_utc + DAYS * DAY


@pytest.fixture(scope="module")
def fitted(homes: list[Series], until: int) -> FittedClusters:
    return ClusterModel(3).fit_all(Meters.of(homes[:LEARNED]), SITE, until)


def same(one: Forecast, other: Forecast) -> bool:
    return np.array_equal(one.quantiles, other.quantiles) and np.array_equal(one.mean, other.mean)


def losses(fitted: FittedClusters, homes: list[Series], until: int, hours: int, told: bool = False) -> float:
    """Pinball by the home's mean where only so many hours before each midnight are known. [1]"""
    found = []
    for home in homes:
        size = float(home.values[: DAYS * 24].mean())
        for day in range(TESTED):
            end = (DAYS + day) * 24
            known = np.full((1, 14 * 24), np.nan)
            known[0, 14 * 24 - hours :] = home.values[end - hours : end]
            origin = until + day * DAY
            meters = Meters(origin - 14 * DAY, 3600, known, np.array([size]) if told else None, home.unit)
            forecast = fitted.forecast_all(meters, origin, 24)[0]
            found.append(mean_pinball_loss(home.values[end : end + 24], forecast.quantiles) / size)
    return float(np.mean(found))


def test_measured_homes_are_forecast_better_than_by_the_spread_of_their_own_fortnight(homes, until, fitted):
    ours, plain = [], []
    for home in homes[:LEARNED]:
        for day in range(TESTED):
            end = (DAYS + day) * 24
            forecast = fitted.forecast(home, until + day * DAY, 24)
            late = home.values[end - 14 * 24 : end].reshape(14, 24)
            actual = home.values[end : end + 24]
            ours.append(mean_pinball_loss(actual, forecast.quantiles))
            plain.append(mean_pinball_loss(actual, np.quantile(late, LEVELS, axis=0)))
    assert np.mean(ours) < 0.97 * np.mean(plain)


def test_a_new_meter_is_forecast_the_better_the_more_is_known_of_it(homes, until, fitted):
    new = homes[LEARNED:]
    nothing, told, days, fortnight = (
        losses(fitted, new, until, hours, word)
        for hours, word in [(0, False), (0, True), (72, False), (336, False)]
    )
    assert fortnight < days < told < nothing


def test_a_new_meter_without_values_has_honest_quantiles(homes, until, fitted):
    forecast = fitted.forecast(Series(until, 3600, np.empty(0), unit="kWh"), until, 24)
    actual = np.stack([home.values[DAYS * 24 : (DAYS + TESTED) * 24].reshape(-1, 24) for home in homes])
    share = np.mean((actual >= forecast.quantiles[1]) & (actual <= forecast.quantiles[-2]))
    assert 0.65 < share < 0.95


def test_clusters_of_days_that_differ_are_told_apart(until):
    rng = np.random.default_rng(1)
    hours = np.arange(60 * 24) % 24
    day = np.where((hours >= 9) & (hours < 16), 4.0, 0.5)
    night = np.where((hours >= 22) | (hours < 5), 4.0, 0.5)
    rows = np.stack([shape * size for shape in (day, night) for size in (0.3, 0.5, 1, 2, 4, 8)])
    rows *= rng.gamma(20, 1 / 20, rows.shape)
    meters = Meters(until - 60 * DAY, 3600, rows, None, "kWh")
    fitted = ClusterModel(2).fit_all(meters, SITE, until)
    # Six hours of a new meter, from midnight on, say that it is one of the night, and larger than all.
    new = Series(until, 3600, 30 * night[:6], unit="kWh")
    forecast = fitted.forecast(new, until + 6 * 3600, 24)
    at = (np.arange(24) + 6) % 24
    awake = forecast.median[(at >= 22) | (at < 5)].mean()
    assert awake > 4 * forecast.median[(at >= 9) & (at < 16)].mean()
    assert 60 < awake < 240


def test_a_meter_that_stood_still_is_forecast_to_stand_still(until, fitted):
    dead = Series(until - 20 * DAY, 3600, np.zeros(20 * 24), unit="kWh")
    assert fitted.forecast(dead, until, 48).quantiles.max() < 1e-3


def test_many_at_once_are_the_same_as_one_by_one(homes, until, fitted):
    made = fitted.forecast_all(Meters.of(homes), until, 60)
    for home, forecast in zip(homes, made, strict=True):
        alone = fitted.forecast(home, until, 60)
        assert np.allclose(forecast.quantiles, alone.quantiles, rtol=1e-9)


def test_nothing_after_the_origin_changes_a_forecast(homes, until, fitted):
    told = disturbed_after(homes[1], until, seed=3)
    assert same(fitted.forecast(homes[1], until, 48), fitted.forecast(told, until, 48))


def test_nothing_after_the_end_of_learning_changes_the_model(homes, until, fitted):
    told = [disturbed_after(home, until, seed=4) for home in homes[:LEARNED]]
    assert pack_model(ClusterModel(3).fit_all(Meters.of(told), SITE, until)) == pack_model(fitted)


def test_a_kept_model_forecasts_the_same_to_the_last_bit(homes, until, fitted):
    read = unpack_model(pack_model(fitted))
    assert same(read.forecast(homes[0], until, 24), fitted.forecast(homes[0], until, 24))


def test_one_meter_alone_is_learned_and_roofs_go_below_zero(until):
    home = nets(1, 60)[0]
    fitted = ClusterModel().fit(home, SITE, home.end_utc, WeatherSource.NONE)
    forecast = fitted.forecast(home, home.end_utc, 24)
    assert forecast.median[12] < 0 < forecast.median[20]


def test_unknown_hours_and_quarter_hours_are_taken(homes, until):
    rows = np.repeat(np.stack([home.values for home in homes[:6]]), 4, axis=1)
    rows[::2, 3::7] = np.nan
    meters = Meters(homes[0].start_utc, 900, rows, None, "kWh")
    fitted = ClusterModel(2).fit_all(meters, SITE, until)
    quantiles, mean = fitted.courses(meters, until, 7 * 96)
    assert quantiles.shape == (6, len(LEVELS), 672)
    assert np.isfinite(quantiles).all()
    assert np.isfinite(mean).all()
    assert quantiles.min() >= 0


def test_too_little_to_learn_from_is_refused_with_what_is_needed(until):
    with pytest.raises(InputError, match=r"at most 20\.0 days.*21 are needed"):
        ClusterModel().fit_all(Meters.of(loads(2, 20)), SITE, loads(1, 20)[0].end_utc)


@pytest.mark.parametrize(
    ("step", "unit", "length", "word"),
    [(1800, "kWh", 24, "1800 s"), (3600, "W", 24, "in W"), (3600, "kWh", 200, "seven days")],
)
def test_what_does_not_fit_is_refused(until, fitted, step, unit, length, word):
    with pytest.raises(InputError, match=word):
        fitted.courses(
            Meters(until - 2 * DAY, step, np.ones((1, 4 * DAY // step)), None, unit), until, length
        )


def test_points_in_clumps_are_clustered_by_clump_and_alike_points_are_one():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(centre, 0.1, (20, 3)) for centre in (0.0, 5.0, 9.0)])
    label = nearest_means(points, 3, seed=0)
    assert [len(set(label[part : part + 20])) for part in (0, 20, 40)] == [1, 1, 1]
    assert len(set(label)) == 3
    assert nearest_means(np.ones((5, 2)), 3, seed=0).max() == 0
