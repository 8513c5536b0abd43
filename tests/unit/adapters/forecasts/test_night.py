"""Night is exactly zero, and what is merely unknown is not night."""

from __future__ import annotations

import numpy as np

from backend.adapters.forecasts.engine import _dark
from backend.forecasting import LEVELS, Forecast, Series

DAY, DAYS = 24, 30
SUN = np.maximum(0.0, 1000 * np.sin((np.arange(DAYS * DAY) % DAY - 6) / 12 * np.pi)).round()
AHEAD = Forecast(DAYS * DAY * 3600, 3600, np.full(DAY, 50.0), np.full((len(LEVELS), DAY), 50.0), "any")


def _is_dark(values: np.ndarray) -> np.ndarray:
    made = _dark(AHEAD, Series(0, 3600, values))
    assert ((made.quantiles == 0).all(axis=0) == (made.mean == 0)).all()
    return np.asarray(made.mean == 0)


def test_hours_that_gave_nothing_for_weeks_are_exactly_zero() -> None:
    assert _is_dark(SUN).tolist() == [not 6 < hour < 18 for hour in range(DAY)]


def test_hours_that_nothing_is_known_of_are_not_taken_for_night() -> None:
    """The meter was silent for a month but for one night."""
    values = np.full(DAYS * DAY, np.nan)
    values[-5:] = SUN[-5:]
    assert _is_dark(values).tolist() == [hour >= 19 for hour in range(DAY)]
    assert not _is_dark(np.full(DAYS * DAY, np.nan)).any()
