"""Which clusters a meter resembles by what is seen of it so far, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.models.clusters import FittedClusters

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Resemblance", "resemble", "widened"]

_ALIKE_HOURS = 0.15  # intervals of a day are not independent: what one says counts for this part
_SURE_DAYS = 14.0
_LEAST_SPREAD = 0.05
_FARTHEST = 9.0
_STILL = 1e-4
# Gauss-Hermite nodes and weights of a normal distribution, five of them.
_NODES = np.array([-2.8569700, -1.3556262, 0.0, 1.3556262, 2.8569700])
_WEIGHTS = np.array([0.0112574, 0.2220759, 0.5333333, 0.2220759, 0.0112574])


@dataclass(frozen=True)
class Resemblance:
    """What is taken for granted of meters.

    Attributes:
        weights: How likely each cluster is. Shape (N, K). [1]
        scale: Mean size. Shape (N,). [unit]
        unsure: Standard deviation of its logarithm, beyond that of a meter with a whole fortnight. Shape (N,).
    """

    weights: Values
    scale: Values
    unsure: Values


def resemble(
    fitted: FittedClusters, rows: Values, kind: Whole, slot: Whole, expected: Values | None
) -> Resemblance:
    """Weigh clusters and sizes by Bayes' rule, the size's prior being what is told of it, or the middle of all meters.

    Args:
        fitted: The clusters.
        rows: Last fortnights, NaN where unknown. Shape (N, 14, D).
        kind: Of day, of each place of them. Shape (14 · D,).
        slot: Likewise.
        expected: Size that is told, NaN or None where none is. Shape (N,). [unit]
    """
    count, day = len(rows), rows.shape[2]
    cells = 2 * day
    cell = kind * day + slot
    flat = rows.reshape(count, -1)
    known = np.isfinite(flat)
    member = np.zeros((flat.shape[1], cells))
    member[np.arange(len(cell)), cell] = 1.0
    whole = np.where(known, flat, 0.0)
    sums, counts = whole @ member, known.astype(np.float64) @ member
    seen = np.abs(whole).sum(axis=1)
    days = known.sum(axis=1) / day
    # What each cluster would have used in the very intervals that were seen, at a scale of one.
    would = counts @ fitted.size.reshape(len(fitted.shares), -1).T
    logs, unlikely, unsure = _sizes(fitted, seen, would, days, expected)
    mean = fitted.profiles[..., -1].reshape(len(fitted.shares), -1)
    variance = fitted.variance.reshape(len(fitted.shares), -1)
    support = np.log(fitted.shares)[np.newaxis] - 0.5 * unlikely
    for cluster in range(len(fitted.shares)):
        scaled = sums / np.exp(logs[:, cluster])[:, np.newaxis]
        off = (scaled - counts * mean[cluster]) ** 2 / np.maximum(counts, 1) / variance[cluster]
        support[:, cluster] -= 0.5 * _ALIKE_HOURS * np.minimum(off, _FARTHEST).sum(axis=1) * (24 / day)
    support -= support.max(axis=1, keepdims=True)
    weights = np.exp(support)
    weights /= weights.sum(axis=1, keepdims=True)
    scale = np.exp((weights * logs).sum(axis=1))
    return Resemblance(weights, scale, unsure)


def _sizes(
    fitted: FittedClusters, seen: Values, would: Values, days: Values, expected: Values | None
) -> tuple[Values, Values, Values]:
    """Logarithm of the size by cluster, how far that is off what was told, squared and by its spread: shapes (N, K).

    Then its spread beyond a whole fortnight's, shape (N,).
    """
    middle, among, about, daily = (float(one) for one in fitted.scales)
    daily = max(daily, _LEAST_SPREAD)
    prior = np.full(len(seen), middle)
    prior_spread = np.full(len(seen), max(among, _LEAST_SPREAD))
    if expected is not None:
        told = np.isfinite(expected)
        prior[told] = np.log(expected[told])
        prior_spread[told] = max(about, _LEAST_SPREAD)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = seen[:, np.newaxis] / would
        # What stood still is next to nothing by the scale of the others, not unknown.
        found = np.log(np.maximum(ratio, _STILL * np.exp(prior)[:, np.newaxis]))
    usable = np.isfinite(found)
    strength = np.where(usable, (days / daily**2)[:, np.newaxis], 0.0)
    # A whole fortnight speaks for itself: the prior fades as days come in.
    fade = np.clip(1 - days / _SURE_DAYS, 0.0, 1.0)
    weight = np.maximum(fade / prior_spread**2, 1e-9)[:, np.newaxis]
    logs = (weight * prior[:, np.newaxis] + strength * np.where(usable, found, 0.0)) / (weight + strength)
    off = np.where(usable, found, prior[:, np.newaxis]) - prior[:, np.newaxis]
    unlikely = fade[:, np.newaxis] * np.minimum((off / prior_spread[:, np.newaxis]) ** 2, _FARTHEST)
    variance = 1 / (weight + strength).max(axis=1)
    own = daily**2 / _SURE_DAYS
    return logs, unlikely, np.sqrt(np.maximum(np.where(fade > 0, variance - own, 0.0), 0.0))


def widened(found: Values, unsure: Values) -> Values:
    """Quantiles of a value whose scale is known only so far: those of the mixture over its lognormal distribution.

    Args:
        found: Levels and, last, the mean. Shape (N, L + 1, D). Widened in place where it is needed.
        unsure: Standard deviation of the logarithm of the scale. Shape (N,).
    """
    for row in np.flatnonzero(unsure > _LEAST_SPREAD).tolist():
        factors = np.exp(unsure[row] * _NODES)
        levels = np.asarray(LEVELS)
        # Each level stands for the part of the distribution that is nearest to it.
        edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
        parts = np.outer(_WEIGHTS, np.diff(edges)).ravel()
        values = (factors[:, np.newaxis, np.newaxis] * found[row, :-1]).reshape(len(parts), -1)
        order = np.argsort(values, axis=0)
        ranked = np.take_along_axis(values, order, axis=0)
        share = np.cumsum(parts[order], axis=0) - parts[order] / 2
        for column in range(ranked.shape[1]):
            found[row, :-1, column] = np.interp(levels, share[:, column], ranked[:, column])
        found[row, -1] *= np.exp(unsure[row] ** 2 / 2)
    return found
