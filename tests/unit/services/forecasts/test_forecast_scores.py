"""How good kept forecasts were: sums that add up, held against the same figures computed in one go."""

from __future__ import annotations

import numpy as np
import pytest

from backend.forecasting import LEVELS, Series, WeatherSource
from backend.forecasting.packing import pack_values
from backend.forecasting.scores import coverage, mean_absolute_error, mean_pinball_loss, reliability
from backend.forecasting.yardstick import seasonal_naive
from backend.ports.forecast_records import ForecastRecord, ForecastScoreRecord
from backend.services.forecasts.score import daily_losses, score_figures, tell_scores

HOUR, DAY = 3600, 86_400
ZONE = "Europe/Paris"


def made(series: Series, origin_utc: int, length: int = 48) -> ForecastRecord:
    chance = np.random.default_rng(origin_utc)
    quantiles = np.sort(chance.normal(500, 100, (len(LEVELS), length)), axis=0)
    values = pack_values(quantiles[5], quantiles)
    weather = WeatherSource.NONE
    return ForecastRecord(
        "c",
        "community",
        "load",
        origin_utc,
        origin_utc,
        origin_utc,
        (),
        HOUR,
        length,
        "W",
        "",
        "m",
        weather,
        "",
        "",
        values,
    )


def scored(record: ForecastRecord, series: Series) -> ForecastScoreRecord:
    found = score_figures(record, series, ZONE)
    assert found is not None
    known, figures = found
    return ForecastScoreRecord(
        "c", "community", "load", record.origin_utc, record.made_utc, 0, known, figures
    )


@pytest.fixture(scope="module")
def series() -> Series:
    values = np.random.default_rng(0).normal(500, 90, 24 * 60)
    values[24 * 45 + 3] = np.nan
    return Series(0, HOUR, values)


def test_summed_figures_are_those_of_all_intervals_at_once(series: Series) -> None:
    from backend.forecasting.packing import unpack_values

    records = [made(series, day * DAY) for day in range(40, 57)]
    told = tell_scores([scored(record, series) for record in records])
    came = np.concatenate([series.values[one.origin_utc // HOUR :][:48] for one in records])
    pairs = [unpack_values(one.values, 48) for one in records]
    mean = np.concatenate([pair[0] for pair in pairs])
    quantiles = np.concatenate([pair[1] for pair in pairs], axis=1)
    naive = [seasonal_naive(series, one.origin_utc, 48) for one in records]
    overall = told["overall"]
    assert overall["intervals"] == np.isfinite(came).sum() == 17 * 48 - 2
    assert overall["mae"] == pytest.approx(mean_absolute_error(came, mean), rel=1e-5)
    assert overall["pinball"] == pytest.approx(mean_pinball_loss(came, quantiles), rel=1e-5)
    assert overall["coverage_80"] == pytest.approx(coverage(came, quantiles[1], quantiles[-2]), rel=1e-5)
    naive_mae = mean_absolute_error(came, np.concatenate([one.mean for one in naive]))
    assert overall["naive_mae"] == pytest.approx(naive_mae, rel=1e-5)
    assert overall["skill"] == pytest.approx(1 - overall["mae"] / naive_mae, rel=1e-4)
    assert told["reliability"]["observed"] == pytest.approx(reliability(came, quantiles).tolist(), rel=1e-5)


def test_leads_and_groups_part_the_intervals(series: Series) -> None:
    told = tell_scores([scored(made(series, day * DAY), series) for day in range(40, 47)])
    leads = {(one["from_hours"], one["to_hours"]): one["intervals"] for one in told["leads"]}
    assert leads == {(0, 1): 7, (1, 3): 14, (3, 6): 20, (6, 12): 42, (12, 24): 84, (24, 48): 167}
    parts = {one["group"]: one["intervals"] for one in told["groups"]}
    assert parts["night"] + parts["morning"] + parts["midday"] + parts["evening"] == 334
    assert parts["weekday"] + parts["weekend"] == 334
    assert parts["midday"] == 7 * 2 * 6


def test_the_course_has_each_local_day_once_from_a_day_ahead(series: Series) -> None:
    scores = [scored(made(series, day * DAY), series) for day in range(40, 44)]
    course = tell_scores(scores)["course"]
    # In Paris the day begins an hour before that of UTC.
    assert [(one["day"], one["intervals"]) for one in course] == [
        ("1970-02-10", 23),
        ("1970-02-11", 24),
        ("1970-02-12", 24),
        ("1970-02-13", 24),
        ("1970-02-14", 1),
    ]
    assert list(daily_losses(scores, 12)) == ["1970-02-10", "1970-02-11", "1970-02-12", "1970-02-13"]


def test_a_forecast_of_which_nothing_has_come_has_no_score(series: Series) -> None:
    assert score_figures(made(series, 60 * DAY), series, ZONE) is None


def test_what_came_later_adds_to_what_is_known(series: Series) -> None:
    known, _ = score_figures(made(series, 59 * DAY), series, ZONE) or (0, {})
    assert known == 24


def test_an_error_in_per_cent_is_told_only_of_what_was_never_zero_or_given_back(series: Series) -> None:
    records = [made(series, day * DAY) for day in range(46, 50)]
    always = tell_scores([scored(record, series) for record in records])["overall"]["mape_pct"]
    assert 5 < always < 40
    given = Series(0, HOUR, np.where(np.arange(len(series)) % 24 == 12, -5.0, series.values))
    assert tell_scores([scored(record, given) for record in records])["overall"]["mape_pct"] is None
