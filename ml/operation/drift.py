"""Whether a model in use has become worse than it was when it was judged, or sees what it never saw.

Losses of days are compared with those of the days that the model was judged by: each becomes the normal score of its
rank among them, and a one-sided CUSUM adds up what is above (Page 1954). Its limit follows from how rarely a model that
has not changed may raise it, by Siegmund's approximation of the run length (Siegmund 1985, eq. 2.51 as given by
Montgomery, *Introduction to Statistical Quality Control*, 9-4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["LossDrift", "cusum_limit", "input_drift", "loss_drift"]

_ALLOWANCE = 0.5  # half of the shift that is to be found soonest: one standard deviation
_OVERSHOOT = 1.166
_LIMIT_TOLERANCE = 1e-9
_REFERENCE_MIN = 14
_BINS = 10


@dataclass(frozen=True, slots=True)
class LossDrift:
    """Where the sum stands, and what it means.

    Attributes:
        statistic: The CUSUM after the last day. [standard deviations]
        limit: What raises an alarm. [standard deviations]
        since: Index of the day on which the present rise began, None where the sum is zero.
        alarm: Index of the first day above the limit, None where there is none.
        ratio: Mean loss since that rise began, by the reference's mean; of all days where there is no rise. [1]
    """

    statistic: float
    limit: float
    since: int | None
    alarm: int | None
    ratio: float


def loss_drift(reference: Values, recent: Values, days_between_false_alarms: float = 365.0) -> LossDrift:
    """Compare losses of recent days with those of the days by which a model was judged.

    Args:
        reference: A loss per day, at least 14. Shape (R,).
        recent: In order; NaN where a day could not be scored: it changes nothing. Shape (N,).
        days_between_false_alarms: On average, where the losses have not changed.

    Raises:
        InputError: If the reference is too short to compare with.
    """
    known = np.sort(reference[np.isfinite(reference)])
    if len(known) < _REFERENCE_MIN:
        raise InputError(
            f"a model that was judged by {len(known)} days tells no drift; judge it by {_REFERENCE_MIN} at least."
        )
    limit = cusum_limit(days_between_false_alarms)
    total, since, alarm = 0.0, None, None
    for day, loss in enumerate(recent):
        if not math.isfinite(loss):
            continue
        total = max(0.0, total + _normal_score(known, float(loss)) - _ALLOWANCE)
        if total == 0:
            since = None
        elif since is None:
            since = day
        if alarm is None and total > limit:
            alarm = day
    risen = recent[since:] if since is not None else recent
    risen = risen[np.isfinite(risen)]
    ratio = float(risen.mean() / known.mean()) if len(risen) and known.mean() > 0 else math.nan
    return LossDrift(total, limit, since, alarm, ratio)


def cusum_limit(days_between_false_alarms: float, allowance: float = _ALLOWANCE) -> float:
    """Limit whose mean run length without a change is that many days (Siegmund). [standard deviations]"""

    def run_length(limit: float) -> float:
        drift, height = -allowance, limit + _OVERSHOOT
        return (math.exp(-2 * drift * height) + 2 * drift * height - 1) / (2 * drift**2)

    low, high = 0.0, 50.0
    while high - low > _LIMIT_TOLERANCE:
        middle = (low + high) / 2
        low, high = (middle, high) if run_length(middle) < days_between_false_alarms else (low, middle)
    return high


def _normal_score(known: Values, loss: float) -> float:
    """Normal score of a loss's rank among known ones; the middle of ties, never beyond what so few can tell."""
    rank = (np.searchsorted(known, loss, "left") + np.searchsorted(known, loss, "right")) / 2
    return NormalDist().inv_cdf((float(rank) + 0.5) / (len(known) + 1))


def input_drift(reference: Values, recent: Values) -> float:
    """Population stability index between what an input was and what it is; above 0.25 it is another one. [1]

    Bins are the reference's tenths; half a value is added to each, so that an empty one stays finite.
    """
    reference, recent = reference[np.isfinite(reference)], recent[np.isfinite(recent)]
    if not len(reference) or not len(recent):
        return math.nan
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, _BINS + 1)[1:-1]))
    shares = []
    for values in (reference, recent):
        counts = np.bincount(np.searchsorted(edges, values, "right"), minlength=len(edges) + 1) + 0.5
        shares.append(counts / counts.sum())
    was, now = shares
    return float(((now - was) * np.log(now / was)).sum())
