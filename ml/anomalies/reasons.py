"""Why a day, or a row of days, is told: which hours, how far from what was expected, the nearest usual day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from backend.forecasting.anomalies import AnomalyKind
from ml.anomalies.features import NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ml.anomalies.days import DayTable, Expectation

    Values = NDArray[np.float64]

__all__ = ["Told", "tell"]

_WATTS = 1000.0
_NOTABLE = 0.3
_CLEAR = 3.0
"""A figure that one day in twenty has says nothing by itself. [minus logarithm of the share]"""
_FAULT_HOURS = 6.0  # a shorter zero is an interruption, no dead meter
_SIGNS = {"less_energy": -1.0, "less_for_a_week": -1.0, "low_hours": -1.0, "lower_base": -1.0}
_SIGNS |= {"more_energy": 1.0, "more_for_a_week": 1.0, "high_hours": 1.0, "peak": 1.0, "higher_base": 1.0}
_RUNS = {"zero": "zero_hours", "standstill": "still_hours"}
_KINDS = {
    "zero": AnomalyKind.DEAD_METER,
    "standstill": AnomalyKind.STUCK_METER,
    "more_for_a_week": AnomalyKind.CHANGED_LEVEL,
    "less_for_a_week": AnomalyKind.CHANGED_LEVEL,
}


@dataclass(frozen=True)
class Told:
    """A finding's words.

    Attributes:
        kind: What it looks like.
        cause: The figure that stands out most, ``course`` where none does by itself.
        reason: In words.
        figures: Behind them.
    """

    kind: AnomalyKind
    cause: str
    reason: str
    figures: dict[str, float]


def tell(
    table: DayTable, expected: Expectation, tails: Values, meter: int, days: NDArray[np.int64], worst: int
) -> Told:
    """Say why.

    Args:
        table: The days.
        expected: What was to be expected.
        tails: Surprise of each figure, shape (M, D, figures).
        meter: Which meter. [index]
        days: Which days, in a row.
        worst: The oddest of them.
    """
    runs = {
        "zero": float(table.zero_hours[meter, days].max()),
        "standstill": float(table.still_hours[meter, days].max()),
    }
    cause = _cause(tails[meter, worst], tails[meter, days].max(axis=0), runs)
    actual = np.where(np.isfinite(table.hours[meter]), table.hours[meter], expected.hours[meter])
    usual = expected.hours[meter]
    first, last = _hours_of(actual[worst] - usual[worst], expected.spread[meter, worst], _SIGNS.get(cause))
    figures = {
        "days": float(len(days)),
        "worst_day_utc": float(table.starts_utc[worst]),
        "actual_kilowatt_hours": float(actual[worst].sum()) / _WATTS,
        "expected_kilowatt_hours": float(usual[worst].sum()) / _WATTS,
        "first_hour": float(first),
        "last_hour": float(last),
        "hours_actual_watts": float(actual[worst, first:last].mean()),
        "hours_expected_watts": float(usual[worst, first:last].mean()),
        "base_actual_watts": _base(actual[worst]),
        "base_expected_watts": _base(usual[worst]),
        "zero_hours": runs["zero"],
        "still_hours": runs["standstill"],
    }
    nearest = int(expected.nearest[meter, worst])
    if nearest >= 0:
        figures["nearest_day_utc"] = float(table.starts_utc[nearest])
        figures["nearest_distance_spreads"] = float(expected.distance[meter, worst])
    longest = table.zero_hours if cause == "zero" else table.still_hours
    told_day = int(days[np.argmax(longest[meter, days])]) if cause in _RUNS else worst
    words = _words(cause, figures, table.dates[told_day])
    if nearest >= 0 and cause not in {"zero", "standstill"}:
        words += f" The nearest usual day was {_day(table.dates[nearest])}."
    kind = _KINDS.get(cause, AnomalyKind.UNUSUAL_DAY)
    if runs.get(cause, _FAULT_HOURS) < _FAULT_HOURS:
        kind = AnomalyKind.UNUSUAL_DAY
    return Told(kind, cause, words, figures)


def _cause(of_worst: Values, of_all: Values, runs: dict[str, float]) -> str:
    """What names a fault of the meter comes first, then what stands out most."""
    for name, hours in runs.items():
        if hours >= _FAULT_HOURS and of_all[NAMES.index(name)] >= _CLEAR:
            return name
    place = int(np.argmax(of_worst))
    return NAMES[place] if of_worst[place] >= _CLEAR else "course"


def _hours_of(miss: Values, spread: Values, sign: float | None) -> tuple[int, int]:
    """The hours in a row in which most is amiss, of a sign if one is given: first, and the one after the last."""
    odd = (np.abs(miss) if sign is None else np.maximum(sign * miss, 0.0)) / spread
    above = odd - max(1.0, float(np.median(odd)), _NOTABLE * float(odd.max()))
    best, first, last, begin, total = 0.0, int(np.argmax(odd)), int(np.argmax(odd)) + 1, 0, 0.0
    for hour, gain in enumerate(above.tolist()):
        if total <= 0:
            begin, total = hour, 0.0
        total += gain
        if total > best:
            best, first, last = total, begin, hour + 1
    return first, last


def _base(hours: Values) -> float:
    return float(np.partition(hours, 3)[3])


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _words(cause: str, figures: dict[str, float], day: date) -> str:
    at = _day(day)
    energy = (
        f"{figures['actual_kilowatt_hours']:.1f} kWh where {figures['expected_kilowatt_hours']:.1f} kWh were "
        "expected"
    )
    hours = (
        f"from {figures['first_hour']:.0f} to {figures['last_hour']:.0f} h it drew "
        f"{figures['hours_actual_watts'] / _WATTS:.2f} kW where {figures['hours_expected_watts'] / _WATTS:.2f} kW "
        "were expected"
    )
    base = (
        f"{figures['base_actual_watts']:.0f} W, where it is {figures['base_expected_watts']:.0f} W on days of its "
        "kind"
    )
    if cause in {"zero", "standstill"} and figures[_RUNS[cause]] < _FAULT_HOURS:
        what = "exactly zero" if cause == "zero" else "one and the same value"
        return f"On {at} it showed {what} for {figures[_RUNS[cause]]:.0f} h, which it seldom does: an interruption."
    told = {
        "more_energy": f"On {at} the meter showed {energy}; {hours}.",
        "less_energy": f"On {at} the meter showed {energy}; {hours}.",
        "more_for_a_week": f"In the week to {at} it kept above what was expected while the neighbours did not; that "
        f"day {energy}.",
        "less_for_a_week": f"In the week to {at} it kept below what was expected while the neighbours did not; that "
        f"day {energy}.",
        "high_hours": f"On {at} {hours}.",
        "low_hours": f"On {at} {hours}.",
        "peak": f"On {at} {hours}: a higher peak than its days have.",
        "higher_base": f"On {at} the base load was {base}: something may run day and night.",
        "lower_base": f"On {at} the base load was {base}: something that always ran is off, or is not metered.",
        "zero": f"Until {at} it showed exactly zero for {figures['zero_hours']:.0f} h while its neighbours did not, "
        "and no base load: a home where nobody is has one. The meter, or its connection, may be dead.",
        "standstill": f"Until {at} it showed one and the same value for {figures['still_hours']:.0f} h: the register "
        "may be stuck, or somebody filled a gap.",
        "far_from_all_days": f"On {at} the course was unlike all compared days; {hours}.",
        "shifted": f"On {at} the course would fit its usual days better some hours earlier or later: the clock may be "
        f"off; {hours}.",
        "course": f"On {at} no single figure stands out, but all together are rare; {hours}.",
    }
    return told[cause]
