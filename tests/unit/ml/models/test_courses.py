import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting.peaks import correlation_of_forecasts, peak_of
from ml.evaluation.backtest import disturbed_after
from ml.models.clusters import ClusterModel, Meters
from ml.models.courses import learn_correlation
from tests.unit.ml.models.measured_homes import DAY, SITE, loads


def test_how_hours_of_a_measured_home_go_together_is_learned_from_forecasts_that_came_true():
    homes = loads(8, 90)
    start = homes[0].start_utc
    fitted = ClusterModel(2).fit_all(Meters.of(homes), SITE, start + 50 * DAY)
    origins = [start + day * DAY for day in range(50, 89)]
    correlation = learn_correlation(fitted, homes[0], origins, 24)
    neighbours = np.diag(correlation, 1)
    assert 0.3 < neighbours.mean() < 0.95
    assert np.diag(correlation, 12).mean() < neighbours.mean()
    disturbed = disturbed_after(homes[0], origins[-1] + DAY, seed=1)
    assert np.array_equal(learn_correlation(fitted, disturbed, origins, 24), correlation)
    forecast = fitted.forecast(homes[0], origins[-1], 24)
    assert forecast.at(0.9).max() < peak_of(forecast, correlation).height[-1]


def test_without_a_forecast_there_is_nothing_to_learn_from():
    with pytest.raises(InputError, match="at least one span"):
        correlation_of_forecasts([], loads(1, 30)[0])
