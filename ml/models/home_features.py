"""What a model of homes sees of an interval: the home's own last days by its own scale, the calendar, the weather."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import LEVELS
from ml.features.calendar import calendar_of
from ml.features.lags import last_known, mean_before, same_slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.forecasting import Series, Site

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["HomeTable", "home_table", "known_quantiles"]

_DAY_SECONDS = 86400
_WEEK = 7
_MONTH = 28
_FORTNIGHT = 14
_SHAPE_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
_HALF_LIVES_DAYS = (3.0, 10.0)
_SCALE_LEAST_SHARE = 0.02
_BESIDE_SECONDS = 1800
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class HomeTable:
    """Rows of intervals, each seen from an origin.

    Attributes:
        features: By the home's scale where they are values; NaN where unknown. Shape (N, F).
        scale: What the home used (or used and fed) on average of late; 0 where it did nothing. Shape (N,). [unit]
        own: Quantiles of the home's last fortnight around the same time of day and, last, their mean, by its scale.
            Shape (L + 1, N). [1]
        actual: What came, NaN where unknown. Shape (N,). [unit]
    """

    features: Values
    scale: Values
    own: Values
    actual: Values

    def __len__(self) -> int:
        return len(self.scale)

    def rows(self, chosen: Whole) -> HomeTable:
        """Some of them."""
        return HomeTable(self.features[chosen], self.scale[chosen], self.own[:, chosen], self.actual[chosen])

    @staticmethod
    def joined(tables: Sequence[HomeTable]) -> HomeTable:
        """One below the other."""
        return HomeTable(
            np.concatenate([one.features for one in tables]),
            np.concatenate([one.scale for one in tables]),
            np.concatenate([one.own for one in tables], axis=1),
            np.concatenate([one.actual for one in tables]),
        )


def home_table(series: Series, site: Site, inputs: Sequence[str], places: Whole, origins: Whole) -> HomeTable:
    """Features of intervals of one home, of values before each row's origin only.

    Args:
        series: Of the home.
        site: Where it stands.
        inputs: Names of the columns known ahead that count.
        places: Of the intervals, may be beyond the values. Shape (N,).
        origins: First place not known to each row, at most its interval's. Shape (N,).
    """
    chunks = [
        _chunk(
            series,
            site,
            inputs,
            places[begin : begin + _ROWS_AT_ONCE],
            origins[begin : begin + _ROWS_AT_ONCE],
        )
        for begin in range(0, len(places), _ROWS_AT_ONCE)
    ]
    if not chunks:
        empty = np.empty(0)
        return HomeTable(np.empty((0, 0)), empty, np.empty((len(LEVELS) + 1, 0)), empty)
    return HomeTable.joined(chunks)


def _chunk(series: Series, site: Site, inputs: Sequence[str], places: Whole, origins: Whole) -> HomeTable:
    values, day = series.values, _DAY_SECONDS // series.step_seconds
    around = _around(values, places, origins, day, series.step_seconds)
    same = around[len(around) // 2]
    scale = _scale(values, origins, day)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_scale = np.where(scale > 0, 1 / scale, 0.0)
    columns = [*same[:_WEEK], same[2 * _WEEK - 1]]
    columns += list(known_quantiles(around.reshape(-1, len(places)), _SHAPE_LEVELS))
    columns += [_faded(same, half_life) for half_life in _HALF_LIVES_DAYS]
    columns += [_mean_of(same[_WEEK - 1 :: _WEEK])]
    columns += [mean_before(values, origins, days * day) for days in (1, 3, 7)]
    columns += [mean_before(values, origins, max(hours * 3600 // series.step_seconds, 1)) for hours in (1, 4)]
    columns += [last_known(values, origins, day)]
    own = _own(around[:, :_FORTNIGHT].reshape(-1, len(places)), same)
    beside = _calendar(series, site, places, origins) + _inputs(series, inputs, places, origins, day)
    features = np.stack([*[column * by_scale for column in columns], *beside], axis=1)
    inside = places < len(values)
    actual = np.where(inside, values[np.minimum(places, len(values) - 1)], np.nan)
    return HomeTable(features, scale, own * by_scale, actual)


def _around(values: Values, places: Whole, origins: Whole, day: int, step_seconds: int) -> Values:
    """The home's last four weeks at the same time of day, half an hour to an hour before and after it too.

    Shape (beside, 28, N), the latest day first.
    """
    reach = max(1, _BESIDE_SECONDS // step_seconds)
    return np.stack(
        [
            same_slot(values, np.maximum(places + shift, origins), origins, day, _MONTH)
            for shift in range(-reach, reach + 1)
        ]
    )


def _scale(values: Values, origins: Whole, day: int) -> Values:
    """Mean size of the last four weeks, and never less than a small part of the mean size of all that was known."""
    sizes = np.abs(values)
    late = mean_before(sizes, origins, _MONTH * day)
    ever = mean_before(sizes, origins, max(len(values), 1))
    return np.nan_to_num(np.fmax(late, _SCALE_LEAST_SHARE * ever))


def _own(late: Values, same: Values) -> Values:
    """Quantiles and mean of the last fortnight; where it is unknown, of the four weeks, else zero."""
    quantiles = known_quantiles(late, LEVELS)
    found = np.vstack([quantiles, _mean_of(late)])
    instead = np.vstack([known_quantiles(same, LEVELS), _mean_of(same)])
    return np.nan_to_num(np.where(np.isfinite(found), found, instead))


def _faded(same: Values, half_life_days: float) -> Values:
    """Mean of the known days, those of late counting more."""
    weights = 0.5 ** (np.arange(len(same)) / half_life_days)[:, np.newaxis] * np.isfinite(same)
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (weights * np.nan_to_num(same)).sum(axis=0) / total, np.nan)


def _mean_of(rows: Values) -> Values:
    return _faded(rows, np.inf)


def known_quantiles(rows: Values, levels: Sequence[float]) -> Values:
    """Quantiles of the known values of each column, linear between them; NaN where none is known.

    Args:
        rows: Shape (K, N).
        levels: L of them. [1]

    Returns:
        Shape (L, N).
    """
    ranked = np.sort(rows, axis=0)
    count = np.isfinite(ranked).sum(axis=0)
    found = np.full((len(levels), rows.shape[1]), np.nan)
    some = count > 0
    for number, level in enumerate(levels):
        rank = level * np.maximum(count - 1, 0)
        low = np.floor(rank).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(count - 1, 0))
        column = np.arange(rows.shape[1])
        share = rank - low
        between = (1 - share) * ranked[low, column] + share * ranked[high, column]
        found[number, some] = between[some]
    return found


def _calendar(series: Series, site: Site, places: Whole, origins: Whole) -> list[Values]:
    # Rows come in any order; the calendar wants time in order.
    unique, place = np.unique(places, return_inverse=True)
    known = calendar_of(series.start_utc + unique * series.step_seconds, series.step_seconds, site)
    lead = (places - origins) * series.step_seconds / 3600
    columns = [known.slot * 24 / known.slots, known.weekday, known.resting, known.bridge]
    return [*[column.astype(np.float64)[place] for column in columns], lead, np.floor(lead / 24)]


def _inputs(series: Series, inputs: Sequence[str], places: Whole, origins: Whole, day: int) -> list[Values]:
    """Each input at the interval, and how far it is off the week before the origin: what has changed since."""
    found: list[Values] = []
    for name in inputs:
        column = series.inputs[name]
        ahead = np.where(places < len(column), column[np.minimum(places, len(column) - 1)], np.nan)
        same = np.stack([same_slot(column, places, origins, day, _WEEK)])[0]
        found += [ahead, ahead - _mean_of(same)]
    return found
