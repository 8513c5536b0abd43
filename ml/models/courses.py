"""How a model's errors went together over the intervals of past spans: what peaks and sums of a forecast need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.forecasting.peaks import correlation_of_forecasts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from backend.forecasting import Series
    from ml.models.model import FittedModel

    Values = NDArray[np.float64]

__all__ = ["learn_correlation"]


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
