"""What a day's prices are explained by: those of the days before, and what is forecast of the day itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.prices.days import HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ml.prices.days import PriceDays

    Values = NDArray[np.float64]
    Places = NDArray[np.int64]

__all__ = ["INPUT_LAGS", "PRICE_LAGS", "Asinh", "day_features", "hour_features"]

PRICE_LAGS = (1, 2, 3, 7)
"""Days back whose 24 prices are read (Lago et al. 2021, section 4.2). [days]"""
INPUT_LAGS = (0, 1, 7)
"""Days back whose inputs are read, 0 being the day itself (ibidem). [days]"""
_NORMAL_MAD = 0.6744897501960817  # median absolute deviation of a standard normal


@dataclass(frozen=True)
class Asinh:
    """The area hyperbolic sine about the median, which tames spikes (Uniejewski, Weron and Ziel 2018, section III).

    Attributes:
        centre: Medians. Shape (P,) or ().
        scale: Median absolute deviations, as of a normal; positive.
    """

    centre: Values
    scale: Values

    @classmethod
    def of(cls, sample: Values, axis: int | None = 0) -> Asinh:
        """Learn from a sample; what does not vary keeps its scale."""
        centre = np.median(sample, axis=axis)
        spread = np.median(np.abs(sample - centre), axis=axis) / _NORMAL_MAD
        return cls(np.asarray(centre), np.where(spread > 1e-9 * (1 + np.abs(centre)), spread, 1.0))

    def __call__(self, values: Values) -> Values:
        """To the tame scale."""
        return np.asarray(np.arcsinh((values - self.centre) / self.scale))

    def back(self, tamed: Values) -> Values:
        """To the scale of prices."""
        return np.asarray(np.sinh(tamed) * self.scale + self.centre)

    def state(self) -> Mapping[str, Any]:
        """Plain values."""
        return {"centre": self.centre, "scale": self.scale}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Asinh:
        """As it was."""
        return cls(np.asarray(state["centre"]), np.asarray(state["scale"]))


def day_features(days: PriceDays, rows: Places) -> tuple[Values, Values, tuple[tuple[str, int], ...]]:
    """Features of whole days, the same for each of its hours.

    Args:
        days: Prices of every row that is ``PRICE_LAGS`` before are read, known or forecast.
        rows: Days to describe. [row]

    Returns:
        Courses, shape (N, C, 24): prices at their lags, then inputs at theirs; flags of weekdays and holidays, shape
        (N, 8), with the season's sine and cosine behind, (N, 10); and of each course its name and its lag.
    """
    courses = [days.prices[rows - lag] for lag in PRICE_LAGS]
    labels = [("price", lag) for lag in PRICE_LAGS]
    for place, name in enumerate(days.names):
        courses += [days.inputs[rows - lag, place] for lag in INPUT_LAGS]
        labels += [(name, lag) for lag in INPUT_LAGS]
    angle = 2 * np.pi * days.year_share[rows]
    flags = np.column_stack(
        [
            days.weekday[rows, np.newaxis] == np.arange(7),
            days.holiday[rows],
            np.sin(angle),
            np.cos(angle),
        ]
    ).astype(np.float64)
    return np.stack(courses, axis=1), flags, tuple(labels)


def hour_features(days: PriceDays, rows: Places, tame: Asinh) -> Values:
    """Features of single hours, for models that learn all hours together. Shape (N, 24, F).

    Beside an hour's own lags they hold what the day is like as a whole, and what an input is above that of yesterday
    and of last week: a price moves with the change of what it rests on.

    Args:
        days: See ``day_features``.
        rows: Days to describe. [row]
        tame: Of prices.
    """
    lagged = [tame(days.prices[rows - lag]) for lag in PRICE_LAGS]
    yesterday = lagged[0]
    columns = [*lagged, yesterday - lagged[-1]]
    whole = [
        yesterday.mean(axis=1),
        yesterday[:, -1],
        yesterday[:, 20],
        yesterday.max(axis=1),
        yesterday.min(axis=1),
        yesterday.std(axis=1),
        lagged[1].mean(axis=1),
        lagged[-1].mean(axis=1),
    ]
    for place in range(len(days.names)):
        now, before, week = (days.inputs[rows - lag, place] for lag in INPUT_LAGS)
        columns += [now, now - before, now - week]
        whole += [now.mean(axis=1), now.max(axis=1), (now - before).mean(axis=1)]
    if len(days.names) > 1:
        first, second = (days.inputs[rows, place] - days.inputs[rows - 1, place] for place in range(2))
        columns += [first - second, days.inputs[rows, 0] - days.inputs[rows, 1]]
    whole += [days.weekday[rows], days.holiday[rows], days.year_share[rows]]
    wide = [
        np.broadcast_to(np.asarray(one, dtype=np.float64)[:, np.newaxis], (len(rows), HOURS)) for one in whole
    ]
    hours = np.broadcast_to(np.arange(HOURS, dtype=np.float64), (len(rows), HOURS))
    return np.stack([*columns, *wide, hours], axis=2)
