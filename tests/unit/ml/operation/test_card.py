import json

import numpy as np
import pytest

from backend.forecasting import LEVELS, Series, Site, WeatherSource
from ml.evaluation.backtest import Backtest
from ml.operation.card import accuracy_of, describe_training

HOUR = 3600


def forecasts_of(error, spread, name="made", origins=20, hours=48):
    drawn = np.random.default_rng(5)
    actual = drawn.normal(100, 10, (origins, hours))
    mean = actual + drawn.normal(0, 1, (origins, hours)) * error * np.linspace(0.5, 1.5, hours)
    quantiles = mean[:, np.newaxis, :] + spread * np.linspace(-1.645, 1.645, len(LEVELS))[:, np.newaxis]
    starts = 1_500_000_000 // 86400 * 86400 + 86400 * np.arange(origins, dtype=np.int64)
    leads = HOUR * np.arange(1, hours + 1, dtype=np.int64)
    return Backtest(
        starts, leads, actual, mean, quantiles, (name,) * origins, HOUR, WeatherSource.OBSERVED, 1.0, 1
    )


def test_a_card_tells_accuracy_by_lead_group_and_level_as_plain_json():
    card = accuracy_of(forecasts_of(3, 3), forecasts_of(6, 6, "naive"), Site("America/Los_Angeles"))
    assert json.loads(json.dumps(card)) == card
    assert card["origins"] == 20
    assert card["weather"] == "observed"
    spans = [(row["from_hours"], row["to_hours"]) for row in card["by_lead"]]
    assert spans == [(0, 1), (1, 3), (3, 6), (6, 12), (12, 24), (24, 48)]
    assert sum(row["count"] for row in card["by_lead"]) == card["overall"]["count"] == 960
    assert card["by_lead"][-1]["mae"] > card["by_lead"][1]["mae"]
    assert card["overall"]["skill"] == pytest.approx(0.5, abs=0.1)
    assert [row["group"] for row in card["by_hour"]] == list(range(24))
    assert {row["group"] for row in card["by_day"]} == {"weekday", "weekend"}
    assert [row["level"] for row in card["reliability"]] == list(LEVELS)


def test_seasons_are_those_of_the_hemisphere():
    south = accuracy_of(
        forecasts_of(3, 3), forecasts_of(6, 6), Site("Australia/Sydney", latitude=-33.9, longitude=151.2)
    )
    north = accuracy_of(
        forecasts_of(3, 3), forecasts_of(6, 6), Site("Europe/Paris", latitude=48.9, longitude=2.3)
    )
    assert [row["group"] for row in south["by_season"]] == ["winter"]
    assert [row["group"] for row in north["by_season"]] == ["summer"]


def test_fallbacks_are_counted_and_what_nobody_knows_is_null():
    forecasts = forecasts_of(3, 3)
    names = ("made",) * 17 + ("seasonal-naive",) * 3
    unknown = Backtest(
        forecasts.origins_utc,
        forecasts.leads,
        np.full_like(forecasts.actual, np.nan),
        forecasts.mean,
        forecasts.quantiles,
        names,
        HOUR,
        WeatherSource.NONE,
        0.0,
        1,
    )
    card = accuracy_of(unknown, unknown, Site())
    assert card["fallbacks"] == 3
    assert card["overall"]["mae"] is None
    assert card["overall"]["skill"] is None
    json.dumps(card, allow_nan=False)


def test_the_training_is_told_without_what_came_later():
    series = Series(0, HOUR, np.array([1.0, np.nan, 3.0, 4.0]), {"air": np.zeros(9)})
    told = describe_training(series, 3 * HOUR)
    assert told["intervals"] == 3
    assert told["known_intervals"] == 2
    assert told["inputs"] == ["air"]
