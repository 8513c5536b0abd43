"""A plant's days: how much of the clear sky's energy each gave, and when its middle was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.solar.rows import Course

    Values = NDArray[np.float64]

__all__ = ["Days", "days_of"]

CLEAR_ENOUGH = 0.6
"""Of the usual ratio, on a day whose middle tells the clock. [1]"""


@dataclass(frozen=True)
class Days:
    """A plant's days, each from one midnight of the sun to the next.

    Attributes:
        starts_utc: Shape (D,). [s since 1970, UTC]
        ratio: Energy by the clear sky's, NaN where too little is known. Shape (D,). [1]
        centre: Middle of production minus that of the clear sky, NaN on days that are not bright. Shape (D,). [h]
        power: By interval. Shape (D, I). [W]
        clear: By interval. Shape (D, I). [W]
    """

    starts_utc: NDArray[np.int64]
    ratio: Values
    centre: Values
    power: Values
    clear: Values


def days_of(course: Course, first: int | None = None) -> Days:
    """Part a course into days.

    Args:
        course: Power and clear sky.
        first: Index at which a day begins; by default the middle of the plant's night.

    Raises:
        InputError: If it has not one whole day.
    """
    day = course.per_day
    count_all = len(course.power) // day
    if not count_all:
        raise InputError("a plant's days need at least one; give more history.")
    light = course.clear[: count_all * day].reshape(-1, day).sum(axis=0)
    turn = np.angle(np.sum(light * np.exp(2j * np.pi * np.arange(day) / day))) / (2 * np.pi) * day
    phase = round(turn + day / 2) % day if first is None else first
    count = (len(course.power) - phase) // day
    span = slice(phase, phase + count * day)
    power, clear = course.power[span].reshape(count, day), course.clear[span].reshape(count, day)
    known = np.isfinite(power)
    of_known = np.where(known, clear, 0.0).sum(axis=1)
    made = np.where(known, np.maximum(power, 0.0), 0.0)
    enough = (of_known > 0.9 * clear.sum(axis=1)) & (of_known > 0)
    ratio = np.where(enough, made.sum(axis=1) / np.where(enough, of_known, 1.0), np.nan)
    hours = np.arange(day) * course.step_seconds / 3600
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (made * hours).sum(axis=1) / made.sum(axis=1)
        noon = (clear * hours).sum(axis=1) / clear.sum(axis=1)
    usual = float(np.nanmedian(ratio)) if np.isfinite(ratio).any() else 0.0
    bright = np.nan_to_num(ratio) > CLEAR_ENOUGH * usual
    starts = course.start_utc + course.step_seconds * (phase + day * np.arange(count, dtype=np.int64))
    centre = np.where(bright & known.all(axis=1), middle - noon, np.nan)
    return Days(starts, ratio, centre, power, clear)
