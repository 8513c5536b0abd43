"""A plain forecast by similar days, and what it says of overload.

Each of the last days of the same kind (working day, Saturday, Sunday) goes on as a course of its own, so that the
courses keep the evening peak in the evening and show how much such days differ. It knows no weather and no holidays: a
forecaster that does takes its place behind ``backend.ports.load_forecasts``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from backend.errors import InputError
from backend.grid.transformers.characteristics import characteristics_of
from backend.grid.transformers.thermal import ThermalState, thermal_course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.network import Transformer

    Values = NDArray[np.float64]

__all__ = [
    "RISK_LEVELS",
    "SIMILAR_DAYS",
    "OverloadRisk",
    "forecast_similar_days",
    "method_of",
    "overload_risk",
]

SIMILAR_DAYS = 8
RISK_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
_COURSES_MIN = 4
_SATURDAY = 5
_SECONDS_PER_DAY = 86400


@dataclass(frozen=True)
class OverloadRisk:
    """What a forecast says of a transformer, interval by interval.

    Attributes:
        mean: Load factor of the fullest winding, mean of the courses. Shape (T,). [1]
        quantiles: By ``RISK_LEVELS``. Shape (5, T). [1]
        overload: Probability that the factor is above one; NaN by fewer than four courses. Shape (T,). [1]
        ever: Probability that the peak of all intervals is; NaN likewise. [1]
        hot_spot: Of the hottest phase, mean of the courses. Shape (T,). [°C]
        hot_spot_high: What nine of ten are below. Shape (T,). [°C]
        courses: How many the figures rest on.
    """

    mean: Values
    quantiles: Values
    overload: Values
    ever: float
    hot_spot: Values
    hot_spot_high: Values
    courses: int

    @property
    def low(self) -> Values:
        """What nine of ten courses are above. Shape (T,). [1]"""
        return np.asarray(self.quantiles[0])

    @property
    def high(self) -> Values:
        """What nine of ten are below. Shape (T,). [1]"""
        return np.asarray(self.quantiles[-1])


def forecast_similar_days(
    history: Values, start_utc: int, step_seconds: int, ahead: int, time_zone: str
) -> Values:
    """Courses after the history, each following one of the last similar days.

    The first course follows the latest similar day of each day ahead, the second the one before, up to eight; where a
    day has fewer similar ones, its earliest is repeated, and a kind that was never seen takes days of any kind.

    Args:
        history: Shape (rows, T), all known.
        start_utc: Start of its first interval. [s since 1970, UTC]
        step_seconds: Length of an interval; it divides a day. [s]
        ahead: Intervals to forecast.
        time_zone: IANA name.

    Returns:
        Shape (members, rows, ahead).

    Raises:
        InputError: If the history has no whole day, or a step does not divide one.
    """
    if _SECONDS_PER_DAY % step_seconds:
        raise InputError(f"a step of {step_seconds} s does not divide a day; take one that does.")
    if not np.isfinite(history).all():
        raise InputError("a history with unknown intervals cannot be forecast; fill or leave them out first.")
    per_day = _SECONDS_PER_DAY // step_seconds
    days = _days_of(start_utc, step_seconds, history.shape[1], time_zone, per_day)
    if not days:
        raise InputError(
            f"a history of {history.shape[1]} intervals of {step_seconds} s has no whole day to go by."
        )
    members = min(SIMILAR_DAYS, len(days))
    after = start_utc + history.shape[1] * step_seconds
    instants = after + step_seconds * np.arange(ahead)
    found = np.empty((members, history.shape[0], ahead))
    zone = ZoneInfo(time_zone)
    similar: dict[date, list[int]] = {}
    for index, instant in enumerate(instants.tolist()):
        local = datetime.fromtimestamp(instant, UTC).astimezone(zone)
        place = min((local.hour * 3600 + local.minute * 60 + local.second) // step_seconds, per_day - 1)
        begins = similar.setdefault(local.date(), _similar(local.date(), days, members))
        for member, begin in enumerate(begins):
            found[member, :, index] = history[:, begin + place]
    return found


def method_of(courses: int) -> str:
    """What made so many courses: similar days give eight at most, models more."""
    return "similar days" if courses <= SIMILAR_DAYS else "model"


def _days_of(start_utc: int, step_seconds: int, length: int, time_zone: str, per_day: int) -> dict[date, int]:
    """First interval of each whole local day in the history, in order; days of 23 and 25 hours are left out."""
    zone = ZoneInfo(time_zone)
    first = datetime.fromtimestamp(start_utc, UTC).astimezone(zone).date()
    days: dict[date, int] = {}
    for offset in range(length // per_day + 2):
        day = first + timedelta(days=offset)
        begin, end = (
            int(datetime(one.year, one.month, one.day, tzinfo=zone).timestamp())
            for one in (day, day + timedelta(days=1))
        )
        whole = end - begin == _SECONDS_PER_DAY and (begin - start_utc) % step_seconds == 0
        place = (begin - start_utc) // step_seconds
        if whole and place >= 0 and place + per_day <= length:
            days[day] = place
    return days


def _kind(day: date) -> int:
    return max(day.weekday(), _SATURDAY - 1)


def _similar(day: date, days: dict[date, int], members: int) -> list[int]:
    """First intervals of the last days of the same kind, latest first; filled up with the earliest of them."""
    alike = [begin for other, begin in days.items() if _kind(other) == _kind(day)] or list(days.values())
    latest = alike[-members:][::-1]
    return latest + [latest[-1]] * (members - len(latest))


def overload_risk(
    transformer: Transformer,
    courses: Values,
    ambient: Values,
    step_seconds: int,
    begin: ThermalState | None = None,
) -> OverloadRisk:
    """Turn possible courses of a load into probabilities.

    A probability is that of the normal distribution of which the courses are a sample: Student's, of a further value
    beside n others, with n - 1 degrees of freedom. So eight courses far below the rating tell a small risk, not none,
    and a few tell nothing.

    Args:
        transformer: Which.
        courses: Load factors. Shape (members, P, T). [1]
        ambient: Air, as far as it is known ahead. Shape (T,). [°C]
        step_seconds: Length of an interval. [s]
        begin: State at their start.
    """
    fullest = courses.max(axis=1)
    characteristics = characteristics_of(transformer)
    hot = np.stack(
        [
            thermal_course(characteristics, course, ambient, step_seconds, begin=begin).hot_spot
            for course in courses
        ]
    )
    return OverloadRisk(
        mean=fullest.mean(axis=0),
        quantiles=np.quantile(fullest, RISK_LEVELS, axis=0),
        overload=_beyond_rating(fullest),
        ever=float(_beyond_rating(fullest.max(axis=1, keepdims=True))[0]),
        hot_spot=hot.mean(axis=0),
        hot_spot_high=np.quantile(hot, 0.9, axis=0),
        courses=fullest.shape[0],
    )


def _beyond_rating(factors: Values) -> Values:
    """Probability that a further value is above one, by columns of a sample. Shape (members, T) to (T,). [1]"""
    members = factors.shape[0]
    if members < _COURSES_MIN:
        return np.full(factors.shape[1], np.nan)
    mean, spread = factors.mean(axis=0), factors.std(axis=0, ddof=1) * np.sqrt(1 + 1 / members)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(spread > 0, (1 - mean) / spread, np.where(mean > 1, -np.inf, np.inf))
    return 1 - _student(at, members - 1)


def _student(at: Values, freedom: int) -> Values:
    """Distribution function of Student's t for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = np.arctan(at / np.sqrt(freedom))
    sine, cosine = np.sin(angle), np.cos(angle)
    total, term = np.zeros_like(cosine), cosine if freedom % 2 else np.ones_like(cosine)
    for order in range(2 + freedom % 2, freedom + 1, 2):
        total = total + term
        term = term * cosine**2 * (order - 1) / order
    within = 2 / np.pi * (angle + sine * total) if freedom % 2 else sine * total
    return np.asarray((1 + within) / 2)
