"""Forecasts of parts and of their sums that add up: homes, feeders, a community.

Each node is forecast on its own, by whatever model is best there, and the forecasts contradict each other. The
trace-minimising reconciliation (MinT: Wickramasuriya, Athanasopoulos and Hyndman 2019, Journal of the American
Statistical Association 114, section 2.3) moves all of them by the least that makes them add up, those with large errors
further than those with small ones. Where a sum has no forecast of its own, its quantiles come from the parts' together
with how their errors went together (empirical copula: Ben Taieb, Taylor and Hyndman 2021, same journal 116, section 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting import LEVELS, Forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Hierarchy", "Reconciliation", "add_up"]

NODES_MAX = 3000
"""Beyond it the covariance of all nodes is no longer held in memory lightly."""
_RESIDUALS_MIN = 20
_SAMPLES_MAX = 600
_SCALE_LEAST, _SCALE_MOST = 0.5, 1.5
_CELLS_MAX = 5_000_000  # of one block of the samples of all parts


@dataclass(frozen=True)
class Hierarchy:
    """Which nodes are sums of which others.

    Attributes:
        parts: Names of what is summed: homes.
        sums: Names of sums and of the parts in each; every part once at most in a sum.
    """

    parts: tuple[str, ...]
    sums: Mapping[str, Sequence[str]]

    def __post_init__(self) -> None:
        names = self.nodes
        if not self.parts or len(set(names)) != len(names):
            raise InputError("a hierarchy needs parts, and every part and sum a name of its own.")
        if len(names) > NODES_MAX:
            raise InputError(
                f"{len(names)} nodes are too many to reconcile at once; take {NODES_MAX} at most."
            )
        known = set(self.parts)
        for name, within in self.sums.items():
            if not within or len(set(within)) != len(within) or not known.issuperset(within):
                raise InputError(
                    f"the sum {name!r} must name parts that there are, each once, and at least one."
                )

    @property
    def nodes(self) -> tuple[str, ...]:
        """Sums, then parts; rows of ``matrix``."""
        return (*self.sums, *self.parts)

    @property
    def matrix(self) -> Values:
        """What each part counts for in each node: 0 or 1. Shape (N, P)."""
        place = {name: index for index, name in enumerate(self.parts)}
        upper = np.zeros((len(self.sums), len(self.parts)))
        for row, within in enumerate(self.sums.values()):
            upper[row, [place[name] for name in within]] = 1.0
        return np.vstack([upper, np.eye(len(self.parts))])


@dataclass(frozen=True)
class Reconciliation:
    """How forecasts of a hierarchy's nodes are made to add up.

    Attributes:
        hierarchy: What adds up.
        weights: Forecasts of all nodes to those of the parts. Shape (P, N).
        scales: What is left of each node's spread. Shape (N,). [1]
        covariance: ``shrunk`` where the errors' correlations were told, ``variances`` where there were too few.
    """

    hierarchy: Hierarchy
    weights: Values
    scales: Values
    covariance: str

    @classmethod
    def fit(cls, hierarchy: Hierarchy, residuals: Mapping[str, Values]) -> Reconciliation:
        """Learn from held-out errors which forecasts to trust.

        Args:
            hierarchy: What adds up.
            residuals: Of every node at the same intervals, actual less forecast, NaN where unknown. Shape (T,) each.

        Raises:
            InputError: If a node has none, they differ in length, or fewer than twenty intervals of a node are known.
        """
        table = _table(hierarchy.nodes, residuals)
        counts = np.isfinite(table).sum(axis=1)
        if counts.min() < _RESIDUALS_MIN:
            poorest = hierarchy.nodes[int(counts.argmin())]
            raise InputError(
                f"{poorest!r} has {int(counts.min())} known errors, {_RESIDUALS_MIN} are needed to weigh it."
            )
        complete = table[:, np.isfinite(table).all(axis=0)]
        told = complete.shape[1] >= _RESIDUALS_MIN
        spread = np.nanmean(table**2, axis=1)
        # A node that never errs would rule all others, and its weight could not be told: a trace of error is left.
        spread = np.maximum(spread, 1e-9 * max(float(spread.max()), 1e-30))
        inverse = _inverse(complete, spread) if told else np.diag(1 / spread)
        summing = hierarchy.matrix
        weights = np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse)
        scales = np.ones(len(hierarchy.nodes))
        if told:
            after = summing @ (weights @ complete)
            before = np.sqrt(np.maximum((complete**2).mean(axis=1), spread * 1e-9))
            scales = np.clip(np.sqrt((after**2).mean(axis=1)) / before, _SCALE_LEAST, _SCALE_MOST)
        return cls(
            hierarchy, np.asarray(weights, dtype=np.float64), scales, "shrunk" if told else "variances"
        )

    def reconcile(self, forecasts: Mapping[str, Forecast], floor: float | None = None) -> dict[str, Forecast]:
        """Move forecasts so that the means add up; quantiles go along, narrower where the errors become smaller.

        Args:
            forecasts: Of every node, of the same intervals.
            floor: Below it no part can be, and no sum below so many of it: 0 for consumption.

        Returns:
            Of every node; names, weather and reasons are kept.

        Raises:
            InputError: If a node has no forecast, or intervals or units differ.
        """
        chosen = _aligned(self.hierarchy.nodes, forecasts)
        parts = self.weights @ np.stack([forecast.mean for forecast in chosen])
        summing = self.hierarchy.matrix
        least = np.full(len(chosen), -np.inf if floor is None else floor)
        if floor is not None:
            parts = np.maximum(parts, floor)
            least = floor * summing.sum(axis=1)
        means = summing @ parts
        moved = {}
        for row, (name, forecast) in enumerate(zip(self.hierarchy.nodes, chosen, strict=True)):
            quantiles = means[row] + (forecast.quantiles - forecast.mean) * self.scales[row]
            moved[name] = replace(forecast, mean=means[row], quantiles=np.maximum(quantiles, least[row]))
        return moved


def add_up(forecasts: Sequence[Forecast], residuals: Values | None = None, model: str = "sum") -> Forecast:
    """Forecast a sum that has no forecast of its own.

    The parts are drawn together as their errors came together; without errors to tell, they are taken as independent
    of each other: every part in an order of its own, the same each time.

    Args:
        forecasts: Of the parts, of the same intervals.
        residuals: Held-out errors of the parts at the same instants, NaN where unknown. Shape (P, T).
        model: Name of the result.

    Raises:
        InputError: If there are none, or intervals or units differ.
    """
    if not forecasts:
        raise InputError("a sum needs the forecast of one part at least.")
    names = [str(index) for index in range(len(forecasts))]
    chosen = _aligned(names, dict(zip(names, forecasts, strict=True)))
    ranks = _ranks(residuals, len(chosen))
    mean = np.sum([forecast.mean for forecast in chosen], axis=0)
    length, samples = len(mean), ranks.shape[1]
    quantiles = np.empty((len(LEVELS), length))
    block = max(1, _CELLS_MAX // samples)
    for begin in range(0, length, block):
        within = slice(begin, min(begin + block, length))
        total = np.zeros((samples, within.stop - within.start))
        for row, forecast in enumerate(chosen):
            total += _drawn(forecast.quantiles[:, within], ranks[row])
        # The tails beyond the outer levels are cut in the draws, so the mean is kept and the draws tell the spread.
        total += mean[within] - total.mean(axis=0)
        quantiles[:, within] = np.quantile(total, LEVELS, axis=0)
    return replace(
        chosen[0], mean=mean, quantiles=np.maximum.accumulate(quantiles, axis=0), model=model, reason=""
    )


def _table(names: Sequence[str], residuals: Mapping[str, Values]) -> Values:
    missing = [name for name in names if name not in residuals]
    if missing:
        raise InputError(f"there are no errors of {missing[0]!r}; every part and sum needs them.")
    if len({len(residuals[name]) for name in names}) != 1:
        raise InputError("the errors of all nodes must be of the same intervals; their counts differ.")
    return np.stack([residuals[name] for name in names])


def _inverse(complete: Values, spread: Values) -> Values:
    """Inverse of the errors' covariance, correlations shrunk towards none (Schäfer and Strimmer 2005, section 2.4)."""
    count = complete.shape[1]
    scaled = complete / np.sqrt(spread)[:, np.newaxis]
    correlation = scaled @ scaled.T / count
    variance = ((scaled**2) @ (scaled**2).T / count - correlation**2) / (count - 1)
    off = ~np.eye(len(spread), dtype=np.bool_)
    squares = float((correlation[off] ** 2).sum())
    share = float(np.clip(variance[off].sum() / squares, 0.0, 1.0)) if squares > 0 else 1.0
    # Sums that equal their parts exactly have a singular covariance however many errors there are.
    share = max(share, 1e-4)
    shrunk = np.where(off, (1 - share) * correlation, np.maximum(np.diag(correlation), 1e-6)[:, np.newaxis])
    root = 1 / np.sqrt(spread)
    return np.asarray(np.linalg.inv(shrunk) * np.outer(root, root))


def _aligned(names: Sequence[str], forecasts: Mapping[str, Forecast]) -> list[Forecast]:
    missing = [name for name in names if name not in forecasts]
    if missing:
        raise InputError(f"there is no forecast of {missing[0]!r}; every part and sum needs one.")
    chosen = [forecasts[name] for name in names]
    grids = {(one.origin_utc, one.step_seconds, len(one), one.unit) for one in chosen}
    if len(grids) != 1:
        raise InputError(
            "forecasts that add up must begin together and have the same step, length and unit; these differ."
        )
    return chosen


def _ranks(residuals: Values | None, parts: int) -> Values:
    """Levels at which the parts are drawn together. Shape (P, samples), in (0, 1)."""
    complete = np.empty((parts, 0))
    if residuals is not None:
        if residuals.shape[0] != parts:
            raise InputError(f"there are errors of {residuals.shape[0]} parts, and forecasts of {parts}.")
        complete = residuals[:, np.isfinite(residuals).all(axis=0)]
    count = complete.shape[1]
    if count < _RESIDUALS_MIN:
        return np.asarray(_independent(parts))
    if count > _SAMPLES_MAX:
        complete = complete[:, np.linspace(0, count - 1, _SAMPLES_MAX).astype(np.int64)]
    order = complete.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray((order + 0.5) / complete.shape[1])


def _independent(parts: int) -> Values:
    """Each row all levels, in an order of its own: seeded, for its result must be the same each time."""
    random = np.random.default_rng(0)
    levels = (np.arange(_SAMPLES_MAX) + 0.5) / _SAMPLES_MAX
    return np.stack([random.permutation(levels) for _ in range(parts)])


def _drawn(quantiles: Values, ranks: Values) -> Values:
    """Values at levels; the outer segments' slopes go on beyond the outer levels. Shapes (L, H), (M,) to (M, H)."""
    levels = np.asarray(LEVELS)
    inside = np.clip(np.searchsorted(levels, ranks), 1, len(levels) - 1)
    share = (ranks - levels[inside - 1]) / (levels[inside] - levels[inside - 1])
    low, high = quantiles[inside - 1], quantiles[inside]
    return np.asarray(low + share[:, np.newaxis] * (high - low))
