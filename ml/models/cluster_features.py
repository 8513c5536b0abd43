"""What a model of many meters sees: a meter's own last fortnight, leaning on what its cluster does by its scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import LEVELS
from ml.models.home_features import known_quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["FEATURES", "WINDOW_DAYS", "OwnDays", "own_days", "regressors", "windows"]

FEATURES = 8
WINDOW_DAYS = 14
_BESIDE_SECONDS = 1800
_HALF_LIFE_DAYS = 3.0
_LEAN_DAYS = 4.0
_LEAN_LATE_DAYS = 1.5


@dataclass(frozen=True)
class OwnDays:
    """What meters did in the fortnight before an origin; G pairs of meter and origin, D intervals a day from it on.

    Attributes:
        days: How many of the days are known at the time of day. Shape (G, D). [1]
        quantiles: Of those days, half an hour before and after too, then their mean. Shape (L + 1, G, D).
        late: Mean at the same time of day, the last days counting more; NaN where unknown. Shape (G, D).
        rows: The days themselves, the latest last, NaN where unknown. Shape (G, 14, D).
        last_day: Mean of the last day, NaN where unknown. Shape (G, 1).
    """

    days: Values
    quantiles: Values
    late: Values
    rows: Values
    last_day: Values


def windows(values: Values, meters: NDArray[np.int64], origins: NDArray[np.int64], day: int) -> Values:
    """The fortnight before each origin, NaN where there is none. Shape (G, 14, D).

    Args:
        values: Shape (N, T).
        meters: Row of each pair. Shape (G,).
        origins: First place that is not known, at most T. Shape (G,).
        day: Intervals a day, D.
    """
    back = np.arange(-WINDOW_DAYS * day, 0)
    places = origins[:, np.newaxis] + back
    inside = places >= 0
    if not values.shape[1]:
        return np.full((len(meters), WINDOW_DAYS, day), np.nan)
    found = np.where(inside, values[meters[:, np.newaxis], np.maximum(places, 0)], np.nan)
    return found.reshape(len(meters), WINDOW_DAYS, day)


def own_days(rows: Values, step_seconds: int) -> OwnDays:
    """Sum windows up.

    Args:
        rows: As ``windows`` makes them.
        step_seconds: [s]
    """
    count, _, day = rows.shape
    known = np.isfinite(rows)
    beside = _beside(rows, max(1, _BESIDE_SECONDS // step_seconds))
    flat = beside.reshape(-1, count * day)
    some = np.isfinite(flat)
    mean = np.where(some, flat, 0.0).sum(axis=0) / np.maximum(some.sum(axis=0), 1)
    quantiles = np.vstack([known_quantiles(flat, LEVELS), mean]).reshape(-1, count, day)
    weights = 0.5 ** (np.arange(WINDOW_DAYS)[::-1] / _HALF_LIFE_DAYS)
    total = np.einsum("gdt,d->gt", known.astype(np.float64), weights)
    late = np.einsum("gdt,d->gt", np.where(known, rows, 0.0), weights)
    last = known[:, -1].sum(axis=1)
    last_day = np.where(known[:, -1], rows[:, -1], 0.0).sum(axis=1) / np.maximum(last, 1)
    return OwnDays(
        known.sum(axis=1).astype(np.float64),
        quantiles,
        np.where(total > 0, late / np.maximum(total, 1e-9), np.nan),
        rows,
        np.where(last > 0, last_day, np.nan)[:, np.newaxis],
    )


def _beside(rows: Values, reach: int) -> Values:
    """Each interval's days, and its neighbours': shape (2 · reach + 1, 14, G, D)."""
    count, days, day = rows.shape
    course = np.full((count, days * day + 2 * reach), np.nan)
    course[:, reach:-reach] = rows.reshape(count, -1)
    shifted = [course[:, one : one + days * day].reshape(rows.shape) for one in range(2 * reach + 1)]
    return np.stack(shifted).transpose(0, 2, 1, 3)


def regressors(own: OwnDays, profile: Values, scale: Values, level: int, days_ahead: int) -> Values:
    """Regressors of one level (the last is the mean), by scale. Shape (G, D, FEATURES).

    A meter that is new leans on its cluster: what it does not know yet is what the cluster does, times its scale.

    Args:
        own: The meters' own days.
        profile: What their clusters do at the intervals, by scale. Shape (L + 1, G, D).
        scale: Of the meters, above zero. Shape (G,).
        level: Row of the profile.
        days_ahead: Whole days between the origin and the interval, 0 to 6.
    """
    by = 1 / scale[:, np.newaxis]
    expected, middle = profile[level], profile[-1]
    share = own.days / (own.days + _LEAN_DAYS)
    late_share = own.days / (own.days + _LEAN_LATE_DAYS)
    mine = _or(own.quantiles[level] * by, expected)
    late = _or(own.late * by, middle)
    ones = np.ones_like(expected)
    level_of_late = _or(own.last_day * by, 1.0) * ones
    columns = [
        share * mine + (1 - share) * expected,
        expected,
        late_share * late + (1 - late_share) * middle,
        _or(own.rows[:, -1] * by, middle),
        _or(own.rows[:, -7 + days_ahead] * by, middle),
        middle * level_of_late,
        level_of_late,
        ones,
    ]
    return np.stack(columns, axis=2)


def _or(values: Values, instead: Values | float) -> Values:
    return np.where(np.isfinite(values), values, instead)
