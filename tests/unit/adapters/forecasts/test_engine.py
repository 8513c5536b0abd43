import numpy as np
import pytest

from backend.adapters.demo_data import read_homes
from backend.adapters.demo_data.homes import FIRST_HOUR_UTC
from backend.adapters.forecasts.engine import LocalEngine
from backend.forecasting import Series, Site, WeatherSource
from backend.ports.forecasting import ForecastTarget
from ml.operation.registry import unpack_model

SITE = Site("Etc/GMT+8", "US", "CA")
DAYS = 60
UNTIL = FIRST_HOUR_UTC + DAYS * 86_400


@pytest.fixture(scope="module")
def many():
    """A hundred and four homes: each of the measured ones, its days moved by whole weeks."""
    loads = read_homes().gross_loads()[:, : 24 * 280] / 1e3
    rows = [np.roll(load, -24 * 7 * shift)[: 24 * (DAYS + 1)] for shift in range(7) for load in loads][:104]
    return [Series(FIRST_HOUR_UTC, 3600, np.maximum(row, 0.0)) for row in rows]


@pytest.fixture(scope="module")
def trained(many):
    return LocalEngine().train_all(ForecastTarget.LOAD, many, SITE, UNTIL, WeatherSource.NONE)


def test_many_homes_are_learned_by_clusters_and_each_is_forecast_by_its_own_history(many, trained):
    assert trained.name == "clusters"
    engine = LocalEngine()
    low, high = sorted(many, key=lambda one: one.values[:1000].mean())[:: len(many) - 1]
    forecasts = [engine.forecast(trained, one, UNTIL, 24) for one in (low, high)]
    assert forecasts[0].model == "clusters"
    assert forecasts[1].mean.sum() > 2 * forecasts[0].mean.sum()
    assert (forecasts[0].quantiles >= 0).all()


def test_the_same_homes_make_the_same_model_and_what_came_later_changes_nothing(many, trained):
    later = [
        Series(one.start_utc, 3600, np.append(one.values[: 24 * DAYS], np.full(24, 7e6))) for one in many
    ]
    again = LocalEngine().train_all(ForecastTarget.LOAD, later, SITE, UNTIL, WeatherSource.NONE)
    assert again.id == trained.id
    assert again.data_hash == trained.data_hash
    other = LocalEngine(seed=1).train_all(ForecastTarget.LOAD, many, SITE, UNTIL, WeatherSource.NONE)
    assert other.id != trained.id


def test_the_kept_model_reads_back_as_what_it_was(many, trained):
    kept = unpack_model(trained.content).forecast(many[0], UNTIL, 24)
    assert kept.quantiles.tolist() == LocalEngine().forecast(trained, many[0], UNTIL, 24).quantiles.tolist()


def test_few_homes_are_learned_by_trees_that_all_of_them_grew(many):
    few = LocalEngine(quick=True).train_all(ForecastTarget.LOAD, many[:3], SITE, UNTIL, WeatherSource.NONE)
    assert few.name == "homes"
    assert few.card["effort"] == "quick"


def test_where_a_model_cannot_the_seasonal_naive_stands_in_and_says_why(many, trained):
    quarters = Series(FIRST_HOUR_UTC, 900, np.repeat(many[0].values, 4) / 4)
    made = LocalEngine().forecast(trained, quarters, UNTIL, 96)
    assert made.model == "seasonal-naive"
    assert "3600 s" in made.reason
