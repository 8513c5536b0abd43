"""How loads may go on, by models that learn from all of them together: implements ``LoadForecaster``.

Each row's quantiles are those of the model of homes, learned in seconds from the rows themselves; its courses go up and
down with the others' as on past days. Where the history is short, or there are too many rows for a page to wait for,
similar days go on instead, as they do without models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.adapters.forecasts.engine import LocalEngine
from backend.errors import InputError
from backend.forecasting import Series, Site, WeatherSource
from backend.forecasting.scenarios import draw_courses, past_courses
from backend.forecasting.series import STEPS_SECONDS
from backend.grid.transformers import forecast_similar_days
from backend.ports.forecasting import ForecastTarget

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["ModelCourses"]

_DAY = 86_400
_HISTORY_DAYS_MIN = 42
_LEARNED_ROWS = 24
_SEED = 11


@dataclass(frozen=True)
class ModelCourses:
    """Implements ``backend.ports.load_forecasts.LoadForecaster``.

    Attributes:
        courses: How many. [1]
        rows_max: With more rows that vary, similar days go on instead. [1]
    """

    courses: int = 16
    rows_max: int = 120

    def __call__(
        self, history: Values, start_utc: int, step_seconds: int, ahead: int, time_zone: str
    ) -> Values:
        """See the port."""
        days = history.shape[1] * step_seconds / _DAY
        varying = np.flatnonzero(np.ptp(history, axis=1) > 0) if history.size else np.zeros(0, np.int64)
        if (
            step_seconds not in STEPS_SECONDS
            or start_utc % step_seconds
            or days < _HISTORY_DAYS_MIN
            or not 0 < len(varying) <= self.rows_max
            or ahead * step_seconds > 7 * _DAY
        ):
            return forecast_similar_days(history, start_utc, step_seconds, ahead, time_zone)
        try:
            drawn = self._drawn(history[varying], start_utc, step_seconds, ahead, time_zone)
        except InputError:
            return forecast_similar_days(history, start_utc, step_seconds, ahead, time_zone)
        found = np.repeat(history[None, :, -1:], ahead, axis=2).repeat(len(drawn), axis=0)
        found[:, varying] = drawn
        return np.asarray(found)

    def _drawn(self, rows: Values, start_utc: int, step_seconds: int, ahead: int, time_zone: str) -> Values:
        """Courses of rows that vary. Shape (members, rows, ahead)."""
        series = [Series(start_utc, step_seconds, np.ascontiguousarray(row)) for row in rows]
        end = series[0].end_utc
        chosen = np.unique(np.linspace(0, len(series) - 1, _LEARNED_ROWS).astype(int))
        engine = LocalEngine(quick=True)
        learned = [series[at] for at in chosen]
        site = Site(time_zone)
        model = engine.train_all(ForecastTarget.NET, learned, site, end, WeatherSource.NONE)
        made = engine.forecast_many(model, series, [end], ahead)
        quantiles = np.stack([one[0].quantiles for one in made])
        past = past_courses(rows, start_utc, step_seconds, ahead, self.courses, time_zone)
        drawn = draw_courses(quantiles, past, _SEED)
        # No further out than anything measured: the outermost slope goes on beyond the last quantile.
        return np.clip(drawn, rows.min(axis=1)[None, :, None], rows.max(axis=1)[None, :, None])
