"""Thresholds from a false-alarm budget: conformal p-values, alarms counted as episodes, discoveries over many meters.

A day's p-value is the share of days of the history that look at least as odd, the day itself counted (Vovk, Gammerman
and Shafer 2005, section 2.2). It is exact where the day is exchangeable with them; days are not quite: seasons drift,
odd days come in rows, meters differ. That is why alarms are counted as they are told (days in a row are one), why a
meter is held against its own days as well as against everybody's, why a threshold leaves room for weeks that differ
from one another, and why what a budget really gives is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = [
    "DAYS_PER_YEAR",
    "FALSE_DISCOVERIES",
    "conformal",
    "count_episodes",
    "discoveries",
    "safe_threshold",
    "surprise",
    "threshold",
]

DAYS_PER_YEAR = 365.25
FALSE_DISCOVERIES = 0.1
_TAIL = 0.05
_TAIL_MIN = 40
_APART_DAYS = 3  # odd days with fewer calm days between them are one episode
_BLOCK_DAYS = 28  # alarms of so many days, of all meters together, are one draw: a season moves them all
_SURE = 0.8416  # normal score of 80 %


def conformal(scores: Values, calibration: Values) -> Values:
    """Share of calibration scores at or above each, it included; 1 where unknown. Any shape. [1]"""
    known = np.sort(calibration[np.isfinite(calibration)])
    above = known.size - np.searchsorted(known, np.nan_to_num(scores, nan=-np.inf), side="left")
    return np.where(np.isfinite(scores), (above + 1.0) / (known.size + 1.0), 1.0)


def surprise(scores: Values, calibration: Values) -> Values:
    """Minus the logarithm of the share of calibration scores above each; NaN where unknown. Any shape. [1]

    Above the 95 % quantile the share is that of a generalised Pareto tail fitted by probability-weighted moments
    (Hosking and Wallis 1987), so that what is far beyond all that was seen counts for more than what is just beyond.
    """
    known = np.sort(calibration[np.isfinite(calibration)])
    if known.size < _TAIL_MIN:
        return np.where(np.isfinite(scores), -np.log(conformal(scores, calibration)), np.nan)
    cut = float(np.quantile(known, 1 - _TAIL))
    excess = known[known > cut] - cut
    share = (known.size - np.searchsorted(known, np.nan_to_num(scores), side="left") + 1.0) / (
        known.size + 1.0
    )
    told = -np.log(share)
    if excess.size > 1 and excess[-1] > 0:
        form, scale = _pareto(excess)
        beyond = np.maximum(np.nan_to_num(scores) - cut, 0)
        tail = -np.log(excess.size / known.size) + np.log1p(form * beyond / scale) / form
        told = np.where(beyond > 0, tail, np.minimum(told, -np.log(excess.size / known.size)))
    return np.where(np.isfinite(scores), told, np.nan)


def _pareto(excess: Values) -> tuple[float, float]:
    """Form and scale of a generalised Pareto distribution, the form held in [0.02, 0.5]."""
    mean = float(excess.mean())
    ranks = (np.arange(excess.size) + 0.65) / excess.size
    weighted = float((excess * (1 - ranks)).mean())
    form = 2 - mean / max(mean - 2 * weighted, 1e-9 * mean)
    form = min(max(form, 0.02), 0.5)
    return form, mean * (1 - form)


def count_episodes(alarms: NDArray[np.bool_]) -> int:
    """Alarms as a person sees them: days in a row, with at most two calm ones between, are one. Shape (M, D)."""
    return int(_begins(alarms).sum())


def _begins(alarms: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """First days of episodes. Shape (M, D)."""
    recent = np.zeros(alarms.shape, dtype=bool)
    for back in range(1, _APART_DAYS + 1):
        recent[:, back:] |= alarms[:, :-back]
    return np.asarray(alarms & ~recent)


def threshold(scores: Values, budget: float) -> float:
    """The lowest score at which the days given would have kept to a budget.

    Args:
        scores: Of days that count as usual, NaN where not judged. Shape (M, D).
        budget: False alarms per meter and year. [1/year]

    Returns:
        A day above it is an alarm; the highest of all where the days are too few for the budget.
    """
    return _lowest(scores, lambda alarms: float(count_episodes(alarms)), budget)


def safe_threshold(scores: Values, budget: float) -> float:
    """The same, with room for what the days given do not tell: other weeks have other alarms.

    Alarms are no independent draws. Days follow one another, and a season moves all meters: four weeks of all of them
    are taken as one draw. The threshold is the lowest at which the alarms and 0.84 of their standard error, from block
    to block (the ratio estimator of clusters, Cochran 1977, section 11.7) and at least Poisson's, stay within the
    budget: where weeks to come are like those given, it is kept with 80 %.

    Args:
        scores: As for ``threshold``.
        budget: Likewise.
    """
    judged = np.isfinite(scores).sum(axis=0)
    block = np.arange(scores.shape[1])[::-1] // _BLOCK_DAYS  # the last is whole
    share = np.bincount(block, weights=judged) / max(judged.sum(), 1)
    seen = share > 0

    def at_most(alarms: NDArray[np.bool_]) -> float:
        counts = np.bincount(block, weights=_begins(alarms).sum(axis=0))
        total, draws = float(counts.sum()), int(seen.sum())
        apart = ((counts - total * share)[seen] ** 2).sum() * draws / max(draws - 1, 1)
        return total + _SURE * float(np.sqrt(max(total, apart)))

    return _lowest(scores, at_most, budget)


def _lowest(scores: Values, told: Callable[[NDArray[np.bool_]], float], budget: float) -> float:
    """The lowest score above which what is told of the alarms stays within a budget."""
    judged = np.isfinite(scores)
    allowed = budget * judged.sum() / DAYS_PER_YEAR
    levels = np.unique(scores[judged])
    if not levels.size:
        return float("inf")
    low, high = 0, len(levels) - 1  # at the highest no day is above
    filled = np.where(judged, scores, -np.inf)
    while low < high:
        middle = (low + high) // 2
        if told(filled > levels[middle]) <= allowed:
            high = middle
        else:
            low = middle + 1
    return float(levels[low])


def discoveries(p_values: Values, rate: float = FALSE_DISCOVERIES) -> NDArray[np.bool_]:
    """Which stand among all with at most this share of them false (Benjamini and Hochberg 1995). Shape (N,)."""
    count = p_values.size
    order = np.argsort(p_values, kind="stable")
    under = p_values[order] <= rate * np.arange(1, count + 1) / max(count, 1)
    kept = np.zeros(count, dtype=bool)
    if under.any():
        kept[order[: int(np.flatnonzero(under)[-1]) + 1]] = True
    return kept
