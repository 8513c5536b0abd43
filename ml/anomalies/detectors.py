"""How odd a day is: by each of its figures, by an isolation forest over all, by an autoencoder over its course.

The forest (Liu, Ting and Zhou 2008) isolates days whose figures are rare together; the autoencoder, a small network
that must pass a day's course through six numbers, misses courses that are not made of usual ones. Each is told as the
share of usual days that are as odd, on the meter's own scale, and all are joined by the harmonic mean of the shares.
Days of the history are scored by detectors that did not learn from them: weeks are dealt into two halves and each is
scored by what the other taught.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ml.anomalies.budget import surprise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ml.anomalies.features import DayFigures

    Values = NDArray[np.float64]

__all__ = ["DayScores", "score_days"]

_TREES = 200
_FOREST_DAYS = 512
_LAYERS = (16, 6, 16)
_ROUNDS = 60
_LEARN_MAX = 12_000  # days; more teach little and take long
_WEEK = 7
_TINY = 1e-9
_HIGH = 0.95
_WIDE_MIN = 0.1
_SETTLED_DAYS = 28  # before, a meter's own scale is mostly everybody's
_SETTLED_MIN = 200
_OWN_DAYS = 120
_SHRINK = 60.0  # days that a meter's own level of oddness is held to be worth as much as everybody's


@dataclass(frozen=True)
class DayScores:
    """How odd days are.

    Attributes:
        joined: Minus the logarithm of the harmonic mean of all shares; NaN where not judged. Shape (M, D).
        forest: Isolation forest alone, on the meter's own scale. Shape (M, D).
        encoder: Autoencoder alone, likewise: logarithm of the mean squared miss of the course. Shape (M, D).
        usual: Days of the history that the scores were held against. Shape (M, D).
        tails: Minus the logarithm of the share of days with so much of a figure. Shape (M, D, figures).
    """

    joined: Values
    forest: Values
    encoder: Values
    usual: NDArray[np.bool_]
    tails: Values


def score_days(figures: DayFigures, history: NDArray[np.bool_], seed: int = 0) -> DayScores:
    """Score all days; the models learn from days of the history alone.

    Args:
        figures: Of all days.
        history: Which days count as usual. Shape (D,).
        seed: Of the forest and the autoencoder.
    """
    judged = figures.judged
    usual = judged & history[None, :]
    settled = usual & (np.cumsum(judged, axis=1) > _SETTLED_DAYS)
    usual = settled if settled.sum() >= _SETTLED_MIN else usual
    halves = np.arange(judged.shape[1]) // _WEEK % 2
    odd = np.stack([_beside_own(one, usual, judged) for one in np.moveaxis(figures.odd, 2, 0)], axis=2)
    learned = [_two(odd, figures.course, judged, usual & (halves == half)[None, :], seed) for half in (0, 1)]
    forest, encoder = (
        _beside_own(_dealt([one[place] for one in learned], usual, halves), usual, judged) for place in (0, 1)
    )
    tails = np.stack([surprise(one, one[usual]) for one in np.moveaxis(odd, 2, 0)], axis=2)
    both = np.stack([surprise(one, one[usual]) for one in (forest, encoder)], axis=2)
    joined = _harmonic(np.concatenate([tails, both], axis=2))
    return DayScores(np.where(judged, joined, np.nan), forest, encoder, usual, tails)


def _dealt(scores: Sequence[Values], usual: NDArray[np.bool_], halves: NDArray[np.int64]) -> Values:
    """Of a usual day the score by what the other half taught, of any other the mean of both. Shape (M, D)."""
    found = (scores[0] + scores[1]) / 2
    for half in (0, 1):
        found = np.where(usual & (halves == half)[None, :], scores[1 - half], found)
    return np.asarray(found)


def _harmonic(surprises: Values) -> Values:
    """Minus the logarithm of the harmonic mean of shares, over the last axis (Wilson 2019): dependent ones too."""
    top = surprises.max(axis=2)
    return np.asarray(top + np.log(np.exp(surprises - top[:, :, None]).mean(axis=2)))


def _two(
    odd: Values, course: Values, judged: NDArray[np.bool_], learn: NDArray[np.bool_], seed: int
) -> tuple[Values, Values]:
    """Scores of all judged days by a forest and an autoencoder that learned from some."""
    from sklearn.ensemble import IsolationForest
    from sklearn.neural_network import MLPRegressor
    from threadpoolctl import threadpool_limits

    chosen = np.flatnonzero(learn.ravel())
    if chosen.size > _LEARN_MAX:
        chosen = np.sort(np.random.default_rng(seed).choice(chosen, _LEARN_MAX, replace=False))
    odd = odd.reshape(-1, odd.shape[2])
    course = np.nan_to_num(course.reshape(-1, course.shape[2]))
    asked = np.flatnonzero(judged.ravel())
    forest_scores, misses = np.full(judged.size, np.nan), np.full(judged.size, np.nan)
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so many rounds are enough, converged or not
        forest: Any = IsolationForest(
            n_estimators=_TREES, max_samples=min(_FOREST_DAYS, chosen.size), random_state=seed
        )
        forest.fit(odd[chosen])
        forest_scores[asked] = -forest.score_samples(odd[asked])
        network: Any = MLPRegressor(
            hidden_layer_sizes=_LAYERS,
            activation="tanh",
            alpha=1e-3,
            max_iter=_ROUNDS,
            random_state=seed,
            learning_rate_init=3e-3,
        )
        course = course - course[chosen].mean(axis=0)
        network.fit(course[chosen], course[chosen])
        missed = ((network.predict(course[asked]) - course[asked]) ** 2).mean(axis=1)
        misses[asked] = np.log(missed + _TINY)
    return forest_scores.reshape(judged.shape), misses.reshape(judged.shape)


def _beside_own(values: Values, usual: NDArray[np.bool_], judged: NDArray[np.bool_]) -> Values:
    """Figures on each meter's own scale: from its median, in distances to its own 95 % quantile.

    Both are those of the months before the week of the day, so that a home that changes its ways is told once and not
    for ever. They count the more the more of the days are known; the rest is everybody's. Shape (M, D).
    """
    everybody = values[usual]
    if not everybody.size:
        return values
    middle, high = (float(one) for one in np.quantile(everybody, [0.5, _HIGH]))
    visible = np.where(judged, values, np.nan)
    found = values.copy()
    for begin in range(0, values.shape[1], _WEEK):
        end = begin + _WEEK
        past = np.sort(visible[:, max(0, begin - _OWN_DAYS) : begin], axis=1)
        count = np.isfinite(past).sum(axis=1)
        share = count / (count + _SHRINK)
        own_middle, own_high = (_pick(past, count, level) for level in (0.5, _HIGH))
        place = share * own_middle + (1 - share) * middle
        wide = share * (own_high - own_middle) + (1 - share) * (high - middle)
        found[:, begin:end] = (values[:, begin:end] - place[:, None]) / np.maximum(wide, _WIDE_MIN)[:, None]
    return found


def _pick(ordered: Values, count: NDArray[np.int64], level: float) -> Values:
    """Quantile of each row's first values, zero where there are none. Shape (M,)."""
    if not ordered.shape[1]:
        return np.zeros(len(ordered))
    at = np.clip(np.ceil(level * count).astype(np.int64) - 1, 0, ordered.shape[1] - 1)
    return np.nan_to_num(np.take_along_axis(ordered, at[:, None], axis=1)[:, 0])
