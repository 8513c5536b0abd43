"""How a model's errors went together over the intervals of past spans: what peaks and sums of a forecast need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting.peaks import normal_scores, score_correlation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Forecast, Series
    from ml.models.model import FittedModel

    Values = NDArray[np.float64]

__all__ = ["correlation_of_forecasts", "learn_correlation"]


def correlation_of_forecasts(forecasts: Sequence[Forecast], series: Series) -> Values:
    """Correlation of normal scores over the intervals of forecasts that have come true. Shape (H, H). [1]

    Args:
        forecasts: Of one length; those that were made before the values were known.
        series: What came; intervals beyond its end are unknown.

    Raises:
        InputError: If there is none, or a span is longer than seven days.
    """
    scores = []
    for forecast in forecasts:
        place = series.place(forecast.origin_utc)
        known = series.values[place : place + len(forecast)]
        actual = np.concatenate([known, np.full(len(forecast) - len(known), np.nan)])
        scores.append(normal_scores(actual, forecast.quantiles))
    table = np.stack(scores) if scores else np.empty((0, 1))
    return score_correlation(table, series.step_seconds)


def learn_correlation(fitted: FittedModel, series: Series, origins_utc: Sequence[int], length: int) -> Values:
    """The same of a model's forecasts from past origins, each from what was known at it. Shape (length, length). [1]

    Args:
        fitted: Its quantiles must not have learned from the spans, or they are too sure: origins after its learning.
        series: With the values that came.
        origins_utc: Past origins, one a day at the same time of day, 30 or more for a good result. [s since 1970, UTC]
        length: Intervals of a span.

    Raises:
        InputError: As the model, and as ``correlation_of_forecasts``.
    """
    made = [fitted.forecast(series.before(origin), origin, length) for origin in origins_utc]
    return correlation_of_forecasts(made, series)
