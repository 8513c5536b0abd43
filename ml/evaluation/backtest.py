"""A model judged as it would have been used: origin by origin, each with what was known by then.

The model is fitted on values that ended by its fitting instant, forecasts from later origins, and is fitted anew as
often as asked. The series goes into a forecast cut at the origin, so that a model that looks ahead finds nothing there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast, WeatherSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site
    from ml.models import FittedModel, Model

    Values = NDArray[np.float64]

__all__ = ["Backtest", "Rolling", "backtest", "disturbed_after", "origins_between"]


@dataclass(frozen=True)
class Backtest:
    """Forecasts from many origins beside what came.

    Attributes:
        origins_utc: Shape (N,). [s since 1970, UTC]
        leads: End of every interval after the origin. Shape (H,). [s]
        actual: What came, NaN where unknown. Shape (N, H).
        mean: Shape (N, H).
        quantiles: Shape (N, L, H).
        models: Name of the model behind each forecast; a fallback's where one took over. N of them.
        step_seconds: [s]
        weather: What weather the forecasts used.
        seconds: Spent on fitting. [s]
        fits: How often.
    """

    origins_utc: NDArray[np.int64]
    leads: NDArray[np.int64]
    actual: Values
    mean: Values
    quantiles: Values
    models: tuple[str, ...]
    step_seconds: int
    weather: WeatherSource
    seconds: float
    fits: int

    def within(self, from_seconds: int, to_seconds: int) -> Backtest:
        """Those intervals alone that end in (from, to] after their origin."""
        chosen = (self.leads > from_seconds) & (self.leads <= to_seconds)
        return replace(
            self,
            leads=self.leads[chosen],
            actual=self.actual[:, chosen],
            mean=self.mean[:, chosen],
            quantiles=self.quantiles[:, :, chosen],
        )

    def flat(self) -> tuple[Values, Values, Values]:
        """Actual, mean and quantiles as one course: shapes (N * H,), (N * H,), (L, N * H)."""
        levels = self.quantiles.transpose(1, 0, 2).reshape(len(LEVELS), -1)
        return self.actual.ravel(), self.mean.ravel(), levels


@dataclass(frozen=True)
class Rolling:
    """From when to forecast, how far, and how often to learn anew.

    Attributes:
        origins_utc: In order, on the series' grid. [s since 1970, UTC]
        length: Intervals per forecast, H.
        refit_every: Origins between fittings; 0 fits once, at the first.
    """

    origins_utc: Sequence[int]
    length: int
    refit_every: int = 0

    def __post_init__(self) -> None:
        if not self.origins_utc or list(self.origins_utc) != sorted(set(self.origins_utc)):
            raise InputError(
                "a backtest needs origins in order of time, each once, and at least one of them; "
                f"it was given {len(self.origins_utc)}."
            )


def origins_between(first_utc: int, last_utc: int, every_seconds: int) -> list[int]:
    """Origins from the first up to and without the last. [s since 1970, UTC]"""
    return list(range(first_utc, last_utc, every_seconds))


def backtest(
    model: Model,
    series: Series,
    site: Site,
    rolling: Rolling,
    *,
    weather: WeatherSource,
    known_at: Callable[[int], Series] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Forecast from each origin with a model that learned before it.

    Args:
        model: What to fit.
        series: Values up to and beyond the last origin; inputs as they would have been known, or observed ones, which
            ``weather`` then has to say.
        site: Where.
        rolling: From when, how far, how often learned anew.
        weather: What the inputs ahead are.
        known_at: The series as it was known at an origin, inputs ahead as they were forecast then; without it the
            series' own inputs are taken, whenever they became known.
        progress: Told how many origins of how many are done.

    Raises:
        InputError: If there is no origin, one is out of order, or the history before the first is too short.
    """
    origins = rolling.origins_utc
    fitted: FittedModel | None = None
    seconds, fits = 0.0, 0
    forecasts: list[Forecast] = []
    for number, origin in enumerate(origins):
        known = (known_at(origin) if known_at else series).before(origin)
        if fitted is None or (rolling.refit_every and number % rolling.refit_every == 0):
            begin = time.perf_counter()
            fitted = model.fit(known, site, origin, weather)
            seconds, fits = seconds + time.perf_counter() - begin, fits + 1
        forecasts.append(fitted.forecast(known, origin, rolling.length))
        if progress:
            progress(number + 1, len(origins))
    return Backtest(
        np.array(origins, dtype=np.int64),
        series.step_seconds * np.arange(1, rolling.length + 1, dtype=np.int64),
        np.stack([_actual(series, origin, rolling.length) for origin in origins]),
        np.stack([forecast.mean for forecast in forecasts]),
        np.stack([forecast.quantiles for forecast in forecasts]),
        tuple(forecast.model for forecast in forecasts),
        series.step_seconds,
        weather,
        seconds,
        fits,
    )


def _actual(series: Series, origin_utc: int, length: int) -> Values:
    place = series.place(origin_utc)
    known = series.values[place : place + length]
    return np.concatenate([known, np.full(length - len(known), np.nan)])


def disturbed_after(series: Series, instant_utc: int, seed: int) -> Series:
    """The same series with every value after an instant replaced by nonsense.

    A forecast from that instant, or a model fitted until then, must come out the same to the last bit: that is the
    test that nothing looks ahead. Inputs stay, for they are known ahead.
    """
    place = series.place(instant_utc)
    values = series.values.copy()
    nonsense = np.random.default_rng(seed).normal(size=len(values) - place) * 1e6
    nonsense[::3] = np.nan
    values[place:] = nonsense
    return replace(series, values=values)
