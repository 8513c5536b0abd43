import numpy as np
import pytest

from backend.adapters.demo_data.homes import read_homes
from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast
from backend.forecasting.peaks import draw_courses, normal_scores, peak_of, score_correlation

LEVEL_SCORES = np.array([-1.645, -1.282, -0.842, -0.524, -0.253, 0, 0.253, 0.524, 0.842, 1.282, 1.645])
NORMAL = np.repeat(LEVEL_SCORES[:, np.newaxis], 12, axis=1)


def forecast_of(quantiles: np.ndarray, unit: str = "W") -> Forecast:
    return Forecast(0, 3600, quantiles[5], quantiles, "test", unit=unit)


def test_intervals_that_err_apart_pass_a_limit_far_more_often_than_those_that_err_together():
    forecast = forecast_of(NORMAL + 10)
    alone = peak_of(forecast, np.eye(12), limit=11.282, count=20_000)
    together = peak_of(forecast, 0.999 + 0.001 * np.eye(12), limit=11.282, count=20_000)
    assert alone.above == pytest.approx(1 - 0.9**12, abs=0.01)
    assert together.above == pytest.approx(0.1, abs=0.01)
    assert alone.above_each == pytest.approx(np.full(12, 0.1), abs=1e-3)
    assert alone.intervals_above == pytest.approx(1.2, abs=0.01)
    assert together.mean_height == pytest.approx(10, abs=0.1)
    assert alone.mean_height == pytest.approx(11.629, abs=0.03)  # mean of the largest of 12 normal values


def test_the_peak_falls_where_the_highest_interval_is():
    quantiles = NORMAL.copy()
    quantiles[:, 7] += 2.0
    peak = peak_of(forecast_of(quantiles), np.eye(12))
    assert peak.start_utc == 7 * 3600
    assert peak.probabilities.argmax() == 7
    assert 0.4 < peak.probabilities[7] < 0.8
    assert peak.probabilities.sum() == pytest.approx(1)
    sure = forecast_of(np.repeat(np.arange(12.0)[np.newaxis], 11, axis=0))
    assert peak_of(sure, np.eye(12)).probabilities[11] == 1
    assert (peak_of(sure, np.eye(12)).height == 11).all()


def test_equal_intervals_share_the_peak():
    flat = peak_of(forecast_of(np.zeros((11, 4))), np.eye(4), limit=0.0)
    assert flat.probabilities == pytest.approx(np.full(4, 0.25))
    assert flat.above == 0


def test_what_is_above_a_limit_is_summed_over_the_intervals():
    sure = forecast_of(np.repeat(np.array([[1.0, 5.0, 7.0]]), 11, axis=0))
    peak = peak_of(sure, np.eye(3), limit=4.0)
    assert peak.excess == pytest.approx(1 + 3)
    assert (peak.above, peak.intervals_above) == (1.0, 2.0)
    without = peak_of(sure, np.eye(3))
    assert (without.excess, without.above) == (0.0, 0.0)


def test_the_same_seed_draws_the_same_courses_and_each_interval_keeps_its_spread():
    forecast = forecast_of(NORMAL)
    correlation = 0.8 ** np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    courses = draw_courses(forecast, correlation, 4000, seed=7)
    assert np.array_equal(courses, draw_courses(forecast, correlation, 4000, seed=7))
    assert np.quantile(courses, LEVELS, axis=0) == pytest.approx(NORMAL, abs=0.01)
    assert np.mean(courses[:, 0] * courses[:, 1]) == pytest.approx(0.8, abs=0.03)


def test_courses_of_what_is_never_negative_are_not():
    courses = draw_courses(forecast_of(np.maximum(NORMAL, 0.0)), np.eye(12), 2000)
    assert courses.min() == 0


def test_scores_are_the_normal_places_of_values_among_their_quantiles():
    actual = np.array([0.0, -1.645, 1.0, 50.0, np.nan])
    scores = normal_scores(actual, NORMAL[:, :5])
    assert scores[:4] == pytest.approx([0, -1.645, 1.0, 3.0], abs=2e-3)
    assert np.isnan(scores[4])
    night = np.zeros((11, 1))
    assert normal_scores(np.zeros(1), night) == pytest.approx([0.0])
    steps = np.array([[0.0]] * 4 + [[float(one)] for one in range(1, 8)])
    assert normal_scores(np.zeros(1), steps) == pytest.approx([(-1.645 - 0.524) / 2], abs=1e-3)


def test_a_correlation_is_learned_from_many_spans_and_leans_on_decay_with_few():
    rng = np.random.default_rng(2)
    truth = 0.7 ** np.abs(np.subtract.outer(np.arange(24), np.arange(24)))
    many = rng.multivariate_normal(np.zeros(24), truth, 2000)
    assert score_correlation(many, 3600) == pytest.approx(truth, abs=0.08)
    few = score_correlation(many[:3], 3600)
    assert np.linalg.eigvalsh(few).min() > 0
    assert np.abs(few - truth).max() < 0.5
    unknown = score_correlation(np.full((1, 24), np.nan), 3600)
    assert unknown[0, 3] == pytest.approx(np.exp(-1))


def test_peaks_of_measured_homes_are_as_high_as_was_said():
    homes = read_homes().gross_loads()[:, 1 : 1 + 24 * 360].reshape(17, 360, 24) / 1e6

    def told(home: np.ndarray, day: int) -> np.ndarray:
        return np.asarray(np.quantile(home[day - 28 : day], LEVELS, axis=0))

    past = [normal_scores(home[day], told(home, day)) for day in range(28, 160, 2) for home in homes]
    correlation = score_correlation(np.stack(past), 3600)
    below: dict[str, list[np.ndarray]] = {"learned": [], "apart": []}
    for day in range(160, 300, 10):
        for home in homes:
            forecast = forecast_of(told(home, day), "kWh")
            for name, how in (("learned", correlation), ("apart", np.eye(24))):
                below[name].append(home[day].max() <= peak_of(forecast, how, count=400).height)
    off = {name: np.abs(np.mean(found, axis=0) - LEVELS).max() for name, found in below.items()}
    assert off["learned"] < 0.12
    assert off["apart"] > off["learned"]


@pytest.mark.parametrize(
    ("act", "word"),
    [
        (lambda: draw_courses(forecast_of(NORMAL), np.eye(3)), "of 3 intervals, the forecast of 12"),
        (lambda: draw_courses(forecast_of(NORMAL), np.eye(12), 1), "2 to 100,000"),
        (lambda: score_correlation(np.empty((0, 4)), 3600), "at least one span"),
        (lambda: score_correlation(np.zeros((1, 700)), 3600), "not 700"),
    ],
)
def test_what_does_not_fit_is_refused(act, word):
    with pytest.raises(InputError, match=word):
        act()
