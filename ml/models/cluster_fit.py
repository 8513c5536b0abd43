"""How clusters of meters are learned: k-means on the shape of days, profiles, quantile regressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting import LEVELS
from ml.models.cluster_features import FEATURES, OwnDays, own_days, regressors, windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = [
    "KINDS_OF_DAY",
    "LearningSet",
    "day_shapes",
    "learn_levels",
    "learning_set",
    "nearest_means",
    "profiles_of",
    "spread_of",
]

KINDS_OF_DAY = 2
"""Working and resting days."""
_ROUNDS = 12
_MEANS_ROUNDS = 25
_SMALLEST_MISS = 0.02
_RIDGE = 1e-4
_TINY = 1e-6
_ROWS_MAX = 16_000
_ROWS_MIN = 200
_HOURS = 24
_KNOWN_MIN = 0.5


@dataclass(frozen=True)
class LearningSet:
    """Pairs of meter and origin with what came after.

    Attributes:
        cluster: Of the meter. Shape (G,).
        scale: Mean size of the fortnight before. Shape (G,). [unit]
        weight: That by the meter's mean size: a miss by scale counts as it does in the unit. Shape (G,). [1]
        own: The fortnights.
        actual: The day from the origin on, and a later one; NaN where unknown. Shape (2, G, D). [unit]
        ahead: Whole days between origin and the later one. Shape (G,).
        kind: Of day, of each interval. Shape (2, G, D).
        slot: Of the local day. Shape (2, G, D).
    """

    cluster: Whole
    scale: Values
    weight: Values
    own: OwnDays
    actual: Values
    ahead: Whole
    kind: Whole
    slot: Whole

    def chosen(self, rows: Whole) -> LearningSet:
        """Some of the pairs."""
        own = OwnDays(
            self.own.days[rows],
            self.own.quantiles[:, rows],
            self.own.late[rows],
            self.own.rows[rows],
            self.own.last_day[rows],
        )
        return LearningSet(
            self.cluster[rows],
            self.scale[rows],
            self.weight[rows],
            own,
            self.actual[:, rows],
            self.ahead[rows],
            self.kind[:, rows],
            self.slot[:, rows],
        )


def learning_set(
    values: Values, meters: Whole, origins: Whole, ahead: Whole, cells: tuple[Whole, Whole], step_seconds: int
) -> LearningSet:
    """Windows before origins and the days after them; pairs whose fortnight did nothing are left out.

    Args:
        values: Shape (N, T).
        meters: Row of each pair. Shape (G,).
        origins: With seven days after them in the series. Shape (G,).
        ahead: 1 to 6. Shape (G,).
        cells: Kind of day and slot of each place. Shape (T,) each.
        step_seconds: [s]
    """
    day = 86400 // step_seconds
    rows = windows(values, meters, origins, day)
    known = np.isfinite(rows)
    size = np.where(known, np.abs(rows), 0.0).sum(axis=(1, 2)) / np.maximum(known.sum(axis=(1, 2)), 1)
    usable = (size > 0) & (known.mean(axis=(1, 2)) > _KNOWN_MIN)
    rows, meters, origins, ahead, size = (
        rows[usable],
        meters[usable],
        origins[usable],
        ahead[usable],
        size[usable],
    )
    near = origins[:, np.newaxis] + np.arange(day)
    places = np.stack([near, near + ahead[:, np.newaxis] * day])
    kinds, slots = cells
    sums, counts = np.bincount(meters, size), np.bincount(meters)
    return LearningSet(
        meters,
        size,
        size / (sums / np.maximum(counts, 1))[meters],
        own_days(rows, step_seconds),
        values[meters[:, np.newaxis], places],
        ahead,
        kinds[places],
        slots[places],
    )


def day_shapes(values: Values, kind: Whole, slot: Whole, slots: int) -> Values:
    """Each meter's mean of every hour on working and resting days, by its size. Shape (N, 48); zeros for no use."""
    cell = kind * _HOURS + slot * _HOURS // slots
    member = np.zeros((values.shape[1], KINDS_OF_DAY * _HOURS))
    member[np.arange(len(cell)), cell] = 1.0
    known = np.isfinite(values)
    whole = np.where(known, values, 0.0)
    sums, counts = whole @ member, known.astype(np.float64) @ member
    size = np.abs(whole).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    shape = sums / np.maximum(counts, 1) / np.where(size > 0, size, np.inf)[:, np.newaxis]
    both = np.concatenate([shape[:, _HOURS:], shape[:, :_HOURS]], axis=1)
    other = np.concatenate([counts[:, _HOURS:], counts[:, :_HOURS]], axis=1)
    # A meter without a resting day yet is taken to rest as it works.
    return np.where(counts > 0, shape, np.where(other > 0, both, 0.0))


def nearest_means(points: Values, count: int, seed: int) -> Whole:
    """Cluster points by k-means, begun as k-means++ does it. Shape (N, F) to (N,); clusters numbered 0 to K - 1.

    Clusters that end up empty are dropped.
    """
    drawn = np.random.default_rng(seed)
    centres = [points[int(drawn.integers(len(points)))]]
    for _ in range(1, min(count, len(points))):
        away = _distances(points, np.stack(centres)).min(axis=1)
        if away.sum() <= 0:
            break
        centres.append(points[int(drawn.choice(len(points), p=away / away.sum()))])
    means = np.stack(centres)
    label = np.zeros(len(points), dtype=np.int64)
    for _ in range(_MEANS_ROUNDS):
        found = _distances(points, means).argmin(axis=1)
        means = np.stack(
            [
                points[found == one].mean(axis=0) if (found == one).any() else means[one]
                for one in range(len(means))
            ]
        )
        if (found == label).all():
            break
        label = found
    return np.asarray(np.unique(label, return_inverse=True)[1].astype(np.int64))


def _distances(points: Values, centres: Values) -> Values:
    cross = points @ centres.T
    apart = (points**2).sum(axis=1)[:, np.newaxis] - 2 * cross + (centres**2).sum(axis=1)
    return np.asarray(np.maximum(apart, 0.0))


def profiles_of(learned: LearningSet, clusters: int, slots: int) -> tuple[Values, Values, Values]:
    """What clusters do by scale.

    Returns:
        Quantiles and, last, the mean: shape (K, 2, slots, L + 1); mean size and variance: shape (K, 2, slots). [1]
    """
    table = np.zeros((clusters, KINDS_OF_DAY, slots, len(LEVELS) + 1))
    size, variance = np.zeros(table.shape[:3]), np.ones(table.shape[:3])
    with np.errstate(invalid="ignore"):
        ratio = learned.actual[0] / learned.scale[:, np.newaxis]
    for cluster in range(clusters):
        ours = learned.cluster == cluster
        values, kind, slot = ratio[ours].ravel(), learned.kind[0][ours].ravel(), learned.slot[0][ours].ravel()
        known = np.isfinite(values)
        values, cell = values[known], (kind * slots + slot)[known]
        order = np.argsort(cell, kind="stable")
        cuts = np.searchsorted(cell[order], np.arange(KINDS_OF_DAY * slots + 1))
        ranked = values[order]
        for one in range(KINDS_OF_DAY * slots):
            part = ranked[cuts[one] : cuts[one + 1]]
            if len(part) < len(LEVELS):
                # Too few resting days to tell: any day at that time.
                other = (one + slots) % (KINDS_OF_DAY * slots)
                part = np.concatenate([part, ranked[cuts[other] : cuts[other + 1]]])
            place = (cluster, one // slots, one % slots)
            if len(part):
                table[place][:-1] = np.quantile(part, LEVELS)
                table[place][-1] = part.mean()
                size[place] = np.abs(part).mean()
                variance[place] = part.var() + _SMALLEST_MISS * size[place] ** 2 + _TINY
    return table, size, variance


def spread_of(logs: Values) -> float:
    """Robust standard deviation of logarithms: 1.4826 times the median distance from the median."""
    known = logs[np.isfinite(logs)]
    return float(1.4826 * np.median(np.abs(known - np.median(known)))) if len(known) else 0.0


def learn_levels(learned: LearningSet, profiles: Values, drawn: np.random.Generator) -> Values:
    """Weights of the regressors, for the day from the origin and for later ones. Shape (2, K, L + 1, FEATURES)."""
    clusters = profiles.shape[0]
    weights = np.zeros((2, clusters, len(LEVELS) + 1, FEATURES))
    weights[:, :, :, :2] = 0.5  # own days and the profile, where there is too little to learn from
    for cluster in range(clusters):
        part = learned.chosen(np.flatnonzero(learned.cluster == cluster))
        for later in (0, 1):
            rows, target = _design(part, profiles, later)
            known = np.flatnonzero(np.isfinite(target))
            if len(known) < _ROWS_MIN:
                continue
            if len(known) > _ROWS_MAX:
                known = np.sort(drawn.choice(known, _ROWS_MAX, replace=False))
            begin = weights[later, cluster, -1]
            weight = np.repeat(part.weight, part.actual.shape[2])[known]
            begin = _least_squares(rows(len(LEVELS))[known], target[known], weight, begin)
            weights[later, cluster, -1] = begin
            for number, level in enumerate(LEVELS):
                weights[later, cluster, number] = _quantile_weights(
                    rows(number)[known], target[known], weight, level, begin
                )
    return weights


def _design(part: LearningSet, profiles: Values, later: int) -> tuple[Callable[[int], Values], Values]:
    """The regressors of a level, by request, and the target by scale; rows are flat."""
    profile = np.moveaxis(profiles[part.cluster[:, np.newaxis], part.kind[later], part.slot[later]], -1, 0)
    target = (part.actual[later] / part.scale[:, np.newaxis]).ravel()

    def rows(level: int) -> Values:
        if not later:
            return regressors(part.own, profile, part.scale, level, 0).reshape(-1, FEATURES)
        found = np.zeros((*part.actual[1].shape, FEATURES))
        for ahead in np.unique(part.ahead).tolist():
            ours = np.flatnonzero(part.ahead == ahead)
            one = part.chosen(ours)
            found[ours] = regressors(one.own, profile[:, ours], one.scale, level, ahead)
        return found.reshape(-1, FEATURES)

    return rows, target


def _quantile_weights(rows: Values, target: Values, counted: Values, level: float, begin: Values) -> Values:
    """Linear quantile regression by iteratively reweighted least squares (Schlossmacher 1973, for any level)."""
    weights = begin
    for _ in range(_ROUNDS):
        miss = target - rows @ weights
        tilt = counted * np.where(miss > 0, level, 1 - level) / np.maximum(np.abs(miss), _SMALLEST_MISS)
        weights = _least_squares(rows, target, tilt, begin)
    return weights


def _least_squares(rows: Values, target: Values, tilt: Values, begin: Values) -> Values:
    """Weighted, drawn a little to where it began, so that regressors that say the same share."""
    weighted = rows * tilt[:, np.newaxis]
    pull = _RIDGE * float(tilt.sum())
    return np.asarray(
        np.linalg.solve(weighted.T @ rows + pull * np.eye(rows.shape[1]), weighted.T @ target + pull * begin)
    )
