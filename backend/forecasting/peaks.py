"""The peak of a forecast: when it falls, how high it is, and how probable it is that a limit is passed at all.

Quantiles of single intervals do not tell this, for neighbouring intervals err together: twelve hours that each pass a
limit with 10 % pass it together with anything from 10 to 72 %. So courses are drawn: normal scores that are correlated
over the intervals, as past ones were (a Gaussian copula, as in Pinson, Madsen, Nielsen, Papaefthymiou and Klöckl 2009,
Wind Energy 12, section 3), each pushed through its interval's quantiles. A sum's peak, its energy over a limit and its
duration are then read from the courses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.forecast import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.forecasting.forecast import Forecast
    from backend.forecasting.series import Series

    Values = NDArray[np.float64]

__all__ = [
    "Peak",
    "correlation_of_forecasts",
    "draw_courses",
    "normal_scores",
    "peak_among",
    "peak_of",
    "score_correlation",
]

COURSES = 1000
_FLAT = 1e-12
_EIGENVALUE_LEAST = 1e-8
_PRIOR_DAYS = 20.0
_PRIOR_HOURS = 3.0
_CORRELATION_MAX = 0.999
_SCORE_MAX = 3.0
_INTERVALS_MAX = 7 * 96
_COURSES_MAX = 100_000
# Standard normal quantiles of LEVELS.
_LEVEL_SCORES = np.array(
    [
        -1.6448536269514722,
        -1.2815515655446004,
        -0.8416212335729142,
        -0.5244005127080407,
        -0.2533471031357997,
        0.0,
        0.2533471031357997,
        0.5244005127080407,
        0.8416212335729142,
        1.2815515655446004,
        1.6448536269514722,
    ]
)


@dataclass(frozen=True)
class Peak:
    """The highest interval of a span.

    Attributes:
        probabilities: That the peak falls into an interval; they sum to one. Shape (H,). [1]
        start_utc: Of the interval that is most probably the peak. [s since 1970, UTC]
        height: Quantiles of the peak's height, by ``LEVELS``. Shape (L,). [unit]
        mean_height: [unit]
        limit: What the probabilities below are of; NaN where none was asked for. [unit]
        above: That any interval of the span is above the limit. [1]
        above_each: That an interval is. Shape (H,). [1]
        intervals_above: How many intervals are above it on average. [1]
        excess: What is above it, summed over the intervals, on average. [unit · intervals]
    """

    probabilities: Values
    start_utc: int
    height: Values
    mean_height: float
    limit: float
    above: float
    above_each: Values
    intervals_above: float
    excess: float

    def at(self, level: float) -> float:
        """Quantile of the height at one of ``LEVELS``. [unit]"""
        return float(self.height[LEVELS.index(level)])

    def place_at(self, level: float) -> int:
        """Index of the interval by which the peak has begun with that probability."""
        return min(int(np.searchsorted(np.cumsum(self.probabilities), level)), len(self.probabilities) - 1)


def normal_scores(actual: Values, quantiles: Values) -> Values:
    """Where measured values lay among their quantiles, as standard normal scores, in [-3, 3].

    Values on a step of equal quantiles (a night without sun) get the middle of the step. Linear in the score between
    quantiles and beyond the outer ones.

    Args:
        actual: NaN where unknown, which stays NaN. Shape (N,).
        quantiles: By ``LEVELS``. Shape (L, N).

    Returns:
        Shape (N,). [1]
    """
    below = (quantiles < actual).sum(axis=0)
    up_to = (quantiles <= actual).sum(axis=0)
    column = np.arange(len(actual))
    low = np.clip(below - 1, 0, len(LEVELS) - 2)
    width = quantiles[low + 1, column] - quantiles[low, column]
    share = (actual - quantiles[low, column]) / np.where(width > _FLAT, width, np.inf)
    scores = _LEVEL_SCORES[low] + share * (_LEVEL_SCORES[low + 1] - _LEVEL_SCORES[low])
    first, last = np.clip(below, 0, len(LEVELS) - 1), np.clip(up_to - 1, 0, len(LEVELS) - 1)
    on_step = up_to > below
    scores = np.where(on_step, (_LEVEL_SCORES[first] + _LEVEL_SCORES[last]) / 2, scores)
    return np.where(np.isfinite(actual), np.clip(scores, -_SCORE_MAX, _SCORE_MAX), np.nan)


def score_correlation(scores: Values, step_seconds: int) -> Values:
    """How normal scores of the intervals of past spans went together.

    Few spans say little of many pairs of intervals, so that the correlation leans on one that decays exponentially with
    the time between, fitted to the same scores, as if that had been seen on 20 further days.

    Args:
        scores: Of past forecasts, NaN where unknown. Shape (spans, H).
        step_seconds: [s]

    Returns:
        Correlation, positive definite, ones on the diagonal. Shape (H, H). [1]

    Raises:
        InputError: If there is no span, or one is longer than seven days.
    """
    length = _length_of(scores)
    known = np.isfinite(scores)
    filled = np.where(known, scores, 0.0)
    counts = known.astype(np.float64).T @ known
    size = np.sqrt((filled**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    unit = filled / np.where(size > _FLAT, size, np.inf)
    seen = unit.T @ unit / np.maximum(counts, 1)
    lags = np.abs(np.subtract.outer(np.arange(length), np.arange(length)))
    decayed = np.exp(-lags * step_seconds / 3600 / _decay_hours(seen, counts, lags, step_seconds))
    share = counts / (counts + _PRIOR_DAYS)
    mixed = np.clip(share * seen + (1 - share) * decayed, -_CORRELATION_MAX, _CORRELATION_MAX)
    np.fill_diagonal(mixed, 1.0)
    return _definite(mixed)


def _length_of(scores: Values) -> int:
    if len(scores.shape) != len(("spans", "intervals")) or not len(scores):
        raise InputError(
            f"scores of past forecasts are spans by intervals, at least one span; got {scores.shape}."
        )
    if not 0 < scores.shape[1] <= _INTERVALS_MAX:
        raise InputError(
            f"a span has 1 to {_INTERVALS_MAX} intervals (seven days of quarter-hours), not {scores.shape[1]}."
        )
    return int(scores.shape[1])


def _decay_hours(seen: Values, counts: Values, lags: NDArray[np.int64], step_seconds: int) -> float:
    """Hours after which 1/e is left, by the mean correlation of neighbours; three where nothing is known."""
    near = (lags == 1) & (counts > 0)
    if counts.sum() < _PRIOR_DAYS or not near.any():
        return _PRIOR_HOURS
    mean = float(np.clip(np.average(seen[near], weights=counts[near]), 0.05, _CORRELATION_MAX))
    return max(-step_seconds / 3600 / float(np.log(mean)), step_seconds / 3600 / 3)


def _definite(matrix: Values) -> Values:
    """The matrix with eigenvalues above zero and ones on the diagonal."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    made = (vectors * np.maximum(values, _EIGENVALUE_LEAST)) @ vectors.T
    size = np.sqrt(np.diag(made))
    return np.asarray(made / np.outer(size, size))


def draw_courses(forecast: Forecast, correlation: Values, count: int = COURSES, seed: int = 0) -> Values:
    """Courses that may come, each interval's values spread as its quantiles say. Shape (count, H). [unit]

    Each interval is drawn at the same ranks in every forecast (one of ``count`` equal parts of its distribution each),
    so that its own spread is exact and only what goes with what is left to chance. Beyond the outer quantiles their
    slope goes on, as far as a normal score of three; what is never below zero at the outermost quantile stays so.

    Raises:
        InputError: If the correlation does not fit the forecast, or too many courses are asked for.
    """
    length = len(forecast)
    if correlation.shape != (length, length):
        raise InputError(
            f"the correlation is of {correlation.shape[0]} intervals, the forecast of {length}; learn it from spans of "
            "the same length."
        )
    if not 1 < count <= _COURSES_MAX:
        raise InputError(f"{count} courses were asked for; 2 to {_COURSES_MAX:,} can be drawn.")
    root = np.linalg.cholesky(correlation)
    drawn = np.random.default_rng(seed).standard_normal((count, length)) @ root.T
    ranks = np.argsort(np.argsort(drawn, axis=0), axis=0)
    scores = _normal_quantiles(count)[ranks]
    return _at_scores(forecast.quantiles, scores)


def _normal_quantiles(count: int) -> Values:
    """Standard normal quantiles of the middles of equal parts, in [-3, 3]. Shape (count,)."""
    from statistics import NormalDist

    normal = NormalDist()
    middles = (np.arange(count) + 0.5) / count
    return np.clip([normal.inv_cdf(float(one)) for one in middles], -_SCORE_MAX, _SCORE_MAX)


def _at_scores(quantiles: Values, scores: Values) -> Values:
    """Values at normal scores. Shapes (L, H), (count, H) to (count, H)."""
    low = np.clip(np.searchsorted(_LEVEL_SCORES, scores, side="right") - 1, 0, len(LEVELS) - 2)
    column = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    share = (scores - _LEVEL_SCORES[low]) / (_LEVEL_SCORES[low + 1] - _LEVEL_SCORES[low])
    begin, end = quantiles[low, column], quantiles[low + 1, column]
    values = begin + share * (end - begin)
    return np.asarray(np.where(quantiles[0] >= 0, np.maximum(values, 0.0), values))


def peak_of(
    forecast: Forecast, correlation: Values, limit: float = float("nan"), count: int = COURSES, seed: int = 0
) -> Peak:
    """When the highest interval of a forecast comes, how high it is, and how probable a limit is passed.

    Args:
        forecast: Of the span.
        correlation: As ``score_correlation`` makes it. Shape (H, H). [1]
        limit: NaN where none is asked for. [unit]
        count: Courses that are drawn.
        seed: Of the courses: the same forecast and seed give the same peak.

    Raises:
        InputError: As ``draw_courses``.
    """
    return peak_among(draw_courses(forecast, correlation, count, seed), forecast.starts_utc, limit)


def peak_among(courses: Values, starts_utc: NDArray[np.int64], limit: float = float("nan")) -> Peak:
    """The same of courses that are drawn already, or of a part of their intervals.

    Args:
        courses: Equally likely. Shape (M, H). [unit]
        starts_utc: Of the intervals. Shape (H,). [s since 1970, UTC]
        limit: NaN where none is asked for. [unit]
    """
    highest = courses.max(axis=1)
    # Where several intervals are equally high, each is the peak in part.
    tops = courses >= highest[:, np.newaxis]
    probabilities = (tops / tops.sum(axis=1, keepdims=True)).mean(axis=0)
    beyond = courses > limit
    excess = np.where(beyond, courses - limit, 0.0).sum(axis=1).mean()
    return Peak(
        probabilities=probabilities,
        start_utc=int(starts_utc[int(np.argmax(probabilities))]),
        height=np.quantile(highest, LEVELS),
        mean_height=float(highest.mean()),
        limit=limit,
        above=float(beyond.any(axis=1).mean()),
        above_each=beyond.mean(axis=0),
        intervals_above=float(beyond.sum(axis=1).mean()),
        excess=float(excess),
    )


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
