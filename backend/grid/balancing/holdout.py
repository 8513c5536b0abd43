"""Which intervals a plan is made on, and which it is held against: loads of weeks that it has not seen.

Where there is as much, weeks spread over the whole span are fitted and all others held out. Neighbouring weeks would
know one season alone: what eight in a row leave over in the others is a third more than what eight spread over the
year leave. Where there is less, the plan is made on all, and the hold-out is cross-fitted: blocks are dealt out in turn
to folds, each fold is judged by a plan made on the others, and what is told is the mean over all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Intervals = NDArray[np.int64]

__all__ = ["LEAST_WEEKS", "Split", "split_intervals"]

LEAST_WEEKS = 8  # that a plan is made on where there are more
_HELD_WEEKS = 2  # that must be left
_PART = 3  # a plan is made on one week in so many, or on LEAST_WEEKS
_FOLDS = 4
_WEEK, _DAY, _HOUR = 7 * 86_400, 86_400, 3600


@dataclass(frozen=True, slots=True)
class Split:
    """How intervals are used.

    Attributes:
        kind: ``weeks`` where some are held out, ``days`` or ``hours`` where these are cross-fitted, ``none`` where
            there are too few.
        fit: Intervals that the plan is made on.
        folds: Pairs of the intervals that a judging plan is made on and those that it is judged by. With ``weeks`` the
            plan itself is judged, by one fold.
    """

    kind: str
    fit: Intervals
    folds: tuple[tuple[Intervals, Intervals], ...]

    @property
    def weeks(self) -> float:
        """Intervals that are fitted, as part of all. [1]"""
        held = sum(judged.size for _, judged in self.folds) if self.kind == "weeks" else 0
        return self.fit.size / max(self.fit.size + held, 1)


def split_intervals(starts_utc: Intervals, weeks: int = 0) -> Split:
    """Choose what a plan is made on.

    Args:
        starts_utc: Start of each interval, ascending. Shape (T,). [s since 1970, UTC]
        weeks: To make it on; 0 for a third of all, at least ``LEAST_WEEKS``. [1]
    """
    everything = np.arange(starts_utc.size, dtype=np.int64)
    if not everything.size:
        return Split("none", everything, ())
    week = (starts_utc - starts_utc[0]) // _WEEK
    count = int(week[-1]) + 1
    wanted = weeks or max(LEAST_WEEKS, count // _PART)
    if count >= wanted + _HELD_WEEKS:
        chosen = np.unique(((np.arange(wanted) + 0.5) * count / wanted).astype(np.int64))
        is_fit = np.isin(week, chosen)
        fit, held = np.flatnonzero(is_fit), np.flatnonzero(~is_fit)
        return Split("weeks", fit, ((fit, held),))
    for kind, seconds in (("days", _DAY), ("hours", _HOUR)):
        block = (starts_utc - starts_utc[0]) // seconds
        if block[-1] + 1 >= 2 * _FOLDS:
            fold = block % _FOLDS
            pairs = tuple((np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in range(_FOLDS))
            return Split(kind, everything, pairs)
    return Split("none", everything, ())
