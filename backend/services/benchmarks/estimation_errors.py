"""How far estimates are off: gaps cut into real consumption by lot, filled by each method, held against the truth.

*Error* is the sum of absolute differences by the energy that was there, *bias* the difference of the sums by it; both
over all gaps of a length. Ours today is what contracts can repeat; the profiled method and the register are beside it,
and two ways that a user would take: a line between the neighbours, and last week.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.community import ConformityLimits, GapTreatment
from backend.metering import Quality, ReadingTable
from backend.metering.estimation import HISTORY_DAYS, assemble_period
from backend.metering.inspection import ABSENT
from backend.metering.points import CONSUMPTION
from backend.metering.profiled import estimate_gap
from backend.quantities import PeriodCalendar, SettlementPeriod

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.services.benchmarks.conformity import SoundSample

__all__ = ["GAP_HOURS", "MethodError", "measure_errors"]

GAP_HOURS = (1, 3, 24, 168)
_MARGIN_DAYS = 30
_HISTORY_DAYS = HISTORY_DAYS
_EMPTY_MILLIWATT_HOURS = 10_000  # of a gap and hour: below 10 W there is nothing to be off from


@dataclass(frozen=True, slots=True)
class MethodError:
    """One method at one length of gap.

    Attributes:
        sample: Whose readings.
        method: In words.
        hours: Length of the gaps. [h]
        gaps: How many of them the method filled. [1]
        error: Sum of absolute differences by the energy. [1]
        bias: Difference of the sums by the energy. [1]
    """

    sample: str
    method: str
    hours: int
    gaps: int
    error: float
    bias: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True)
class _Gap:
    """A gap in a window of days around it. Arrays are of the window."""

    sample: SoundSample
    place: int
    calendar: PeriodCalendar
    truth: NDArray[np.int64]
    first: int
    until: int
    holidays: Collection[date]

    @property
    def known(self) -> NDArray[np.bool_]:
        known = np.not_equal(self.truth, ABSENT)
        known[self.first : self.until] = False
        return known


def measure_errors(
    sample: SoundSample, gaps: int, seed: int, holidays: Collection[date]
) -> list[MethodError]:
    """Cut gaps of each length into the sample's consumption, and fill them by each method.

    Args:
        sample: Whose readings.
        gaps: Of each length.
        seed: Of the lot.
        holidays: Civil dates that count as Sundays.
    """
    errors = []
    for hours in GAP_HOURS:
        drawn = _draw_gaps(sample, gaps, hours, seed, holidays)
        for method, fill in _METHODS.items():
            errors.append(_measure(sample.name, method, hours, drawn, fill))
    return errors


def _draw_gaps(
    sample: SoundSample, gaps: int, hours: int, seed: int, holidays: Collection[date]
) -> list[_Gap]:
    draw = np.random.default_rng(seed + hours)
    points = sample.community.metering_points
    loads = [
        place
        for place, point in enumerate(points)
        if point.direction == CONSUMPTION and point.id not in sample.faulty
    ]
    length = hours * 3600 // sample.calendar.step_seconds
    drawn: list[_Gap] = []
    for _ in range(gaps * 20):
        if len(drawn) == gaps:
            break
        place = int(draw.choice(loads))
        day = int(draw.integers(_MARGIN_DAYS, sample.calendar.period.days - _MARGIN_DAYS - 8))
        start = sample.calendar.day_offsets[day] + int(
            draw.integers(0, 24 * 3600 // sample.calendar.step_seconds)
        )
        truth = sample.energy[place, start : start + length]
        if (truth == ABSENT).any() or int(truth.sum()) < hours * _EMPTY_MILLIWATT_HOURS:
            continue
        drawn.append(_window(sample, place, start, length, holidays))
    return drawn


def _window(sample: SoundSample, place: int, start: int, length: int, holidays: Collection[date]) -> _Gap:
    offsets = np.array(sample.calendar.day_offsets)
    first_day = int(np.searchsorted(offsets, start, side="right")) - 1
    last_day = int(np.searchsorted(offsets, start + length - 1, side="right")) - 1
    begin, end = first_day - _HISTORY_DAYS, last_day + 1 + _HISTORY_DAYS
    first = sample.calendar.period.first
    calendar = PeriodCalendar(
        SettlementPeriod(first + timedelta(days=begin), first + timedelta(days=end)),
        sample.calendar.time_zone,
        sample.calendar.resolution_minutes,
    )
    truth = sample.energy[place, offsets[begin] : offsets[end]]
    begin_index = start - int(offsets[begin])
    return _Gap(sample, place, calendar, truth, begin_index, begin_index + length, holidays)


def _measure(
    sample: str,
    method: str,
    hours: int,
    gaps: Sequence[_Gap],
    fill: Callable[[_Gap], NDArray[np.int64] | None],
) -> MethodError:
    energy = off = bias = filled = 0
    for gap in gaps:
        estimate = fill(gap)
        if estimate is None:
            continue
        truth = gap.truth[gap.first : gap.until]
        filled += 1
        energy += int(truth.sum())
        off += int(np.abs(estimate - truth).sum())
        bias += int((estimate - truth).sum())
    return MethodError(sample, method, hours, filled, off / max(energy, 1), bias / max(energy, 1))


def _fill_line(gap: _Gap) -> NDArray[np.int64] | None:
    before, after = int(gap.truth[gap.first - 1]), int(gap.truth[gap.until])
    if ABSENT in (before, after):
        return None
    steps = gap.until - gap.first + 1
    place = np.arange(1, steps)
    return np.asarray((before * (steps - place) + after * place) // steps, dtype=np.int64)


def _fill_last_week(gap: _Gap) -> NDArray[np.int64] | None:
    week = 7 * 86_400 // gap.calendar.step_seconds
    values = gap.truth[gap.first - week : gap.until - week]
    return None if (values == ABSENT).any() else values


def _fill_contestable(gap: _Gap) -> NDArray[np.int64] | None:
    """What settlement does today."""
    community, point = gap.sample.community, gap.sample.community.metering_points[gap.place]
    index = np.flatnonzero(gap.known)
    table = ReadingTable(
        (point.id,),
        np.zeros(len(index), np.int32),
        np.array(gap.calendar.starts_utc())[index],
        gap.truth[index],
        np.full(len(index), Quality.MEASURED, np.uint8),
        gap.calendar.resolution_minutes,
    )
    margin = timedelta(days=_HISTORY_DAYS)
    period = SettlementPeriod(gap.calendar.period.first + margin, gap.calendar.period.until - margin)
    calendar = PeriodCalendar(period, gap.calendar.time_zone, gap.calendar.resolution_minutes)
    readings, _ = assemble_period(
        table,
        community,
        {point.id: 0},
        calendar,
        slot_count=1,
        returned=(),
        limits=ConformityLimits(gaps=GapTreatment.ESTIMATE),
    )
    offset = (calendar.start_utc - gap.calendar.start_utc) // calendar.step_seconds
    here = slice(gap.first - offset, gap.until - offset)
    if (readings.quality[0, here] != Quality.ESTIMATED).any():
        return None
    return readings.energy[0, here]


def _fill_profiled(gap: _Gap) -> NDArray[np.int64] | None:
    estimate = estimate_gap(gap.truth, gap.known, gap.calendar, (gap.first, gap.until), holidays=gap.holidays)
    return None if estimate is None else estimate.values


def _fill_by_register(gap: _Gap) -> NDArray[np.int64] | None:
    counted = int(gap.truth[gap.first : gap.until].sum())
    estimate = estimate_gap(
        gap.truth,
        gap.known,
        gap.calendar,
        (gap.first, gap.until),
        holidays=gap.holidays,
        register_energy=counted,
    )
    return None if estimate is None else estimate.values


_METHODS: dict[str, Callable[[_Gap], NDArray[np.int64] | None]] = {
    "similar days (today's rule)": _fill_contestable,
    "profiled: three similar days": _fill_profiled,
    "profiled, with the register": _fill_by_register,
    "line between neighbours": _fill_line,
    "last week": _fill_last_week,
}
