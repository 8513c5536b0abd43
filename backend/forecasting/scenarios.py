"""Courses that several forecasts may take together, drawn so that they go up and down as such courses did before.

Each series alone follows its quantiles; which draw goes with which, from interval to interval and from series to
series, is taken from the ranks of what was measured on past days: the Schaake shuffle (Clark et al. 2004, *The Schaake
shuffle: a method for reconstructing space-time variability in forecasted precipitation and temperature fields*, section
3), an empirical copula that needs no fitting. Of measured courses the mean of their hour and kind of day is taken away
first, for the quantiles know it already.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.forecasting.forecast import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["COURSES_MIN", "draw_courses", "past_courses"]

COURSES_MIN = 8
"""With fewer past days, nothing is said about what goes together. [1]"""

_SATURDAY = 5
_DAY_SECONDS = 86_400


def past_courses(
    history: Values, start_utc: int, step_seconds: int, length: int, courses: int, time_zone: str
) -> Values:
    """The last courses of a length that are wholly known, a day apart, ending with the history.

    Args:
        history: Rows that belong together. Shape (S, T); NaN where unknown.
        start_utc: Start of its first interval. [s since 1970, UTC]
        step_seconds: Length of an interval; it divides a day. [s]
        length: Intervals of a course, H.
        courses: How many at most, M.
        time_zone: Whose hours and weekdays people live by.

    Returns:
        Shape (M or fewer, S, H): how far each is from the mean of its hour and kind of day.

    Raises:
        InputError: If fewer than ``COURSES_MIN`` are known.
    """
    kinds = _kinds(start_utc, step_seconds, history.shape[1], time_zone)
    beside = history - _means_by_kind(history, kinds)
    per_day = _DAY_SECONDS // step_seconds
    found: list[Values] = []
    for end in range(history.shape[1], length - 1, -per_day):
        course = beside[:, end - length : end]
        if np.isfinite(course).all():
            found.append(course)
        if len(found) == courses:
            break
    if len(found) < COURSES_MIN:
        raise InputError(
            f"{len(found)} past courses of {length} intervals are wholly known; to tell what goes together takes "
            f"{COURSES_MIN}."
        )
    return np.stack(found)


def draw_courses(quantiles: Values, past: Values, seed: int) -> Values:
    """As many equally likely courses as there are past ones.

    Of interval and series, the draws are the quantiles at (m + 1/2) / M; the one that goes with a past course has that
    course's rank. Ties of ranks (night without sun) are broken by chance.

    Args:
        quantiles: By ``LEVELS``. Shape (S, L, H).
        past: From ``past_courses``. Shape (M, S, H).
        seed: Of chance.

    Returns:
        Shape (M, S, H).
    """
    courses = len(past)
    chance = np.random.default_rng(seed).permuted(
        np.broadcast_to(np.arange(courses)[:, None, None], past.shape), axis=0
    )
    ranks = np.argsort(np.lexsort((chance, past), axis=0), axis=0)
    draws = _spread(quantiles, (np.arange(courses) + 0.5) / courses)
    return np.take_along_axis(draws, ranks, axis=0)


def _spread(quantiles: Values, levels: Values) -> Values:
    """Quantiles at other levels; beyond the outer ones their last slope goes on. Shape (M, S, H)."""
    known = np.asarray(LEVELS)
    above = np.clip(np.searchsorted(known, levels), 1, len(known) - 1)
    share = (levels - known[above - 1]) / (known[above] - known[above - 1])
    low, high = quantiles[:, above - 1], quantiles[:, above]
    return np.asarray(np.moveaxis(low + share[None, :, None] * (high - low), 1, 0))


def _kinds(start_utc: int, step_seconds: int, count: int, time_zone: str) -> NDArray[np.int64]:
    """A number per hour of the day and kind of day, of every interval. Shape (T,)."""
    zone = ZoneInfo(time_zone)
    per_day = _DAY_SECONDS // step_seconds
    kinds = np.empty(count, dtype=np.int64)
    for place in range(count):
        local = datetime.fromtimestamp(start_utc + place * step_seconds, UTC).astimezone(zone)
        slot = (local.hour * 3600 + local.minute * 60) // step_seconds
        kinds[place] = slot + per_day * max(local.weekday() - (_SATURDAY - 1), 0)
    return kinds


def _means_by_kind(history: Values, kinds: NDArray[np.int64]) -> Values:
    known = np.isfinite(history)
    places = int(kinds.max(initial=0)) + 1
    means = np.empty_like(history)
    for row, is_known in enumerate(known):
        sums = np.bincount(kinds[is_known], history[row, is_known], places)
        counts = np.bincount(kinds[is_known], minlength=places)
        means[row] = (sums / np.maximum(counts, 1))[kinds]
    return means
