"""Sum checks: intervals against what the register counted, and points against the meter of their feeder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.metering.conformity.counted_spans import RegisterSpan, register_spans
from backend.metering.conformity.evidence import Evidence, name_instant, on_series, times_ppm
from backend.metering.inspection import ABSENT, FeederMeter, Inspection, PointSeries, find_runs
from backend.metering.points import FEED_IN
from backend.quantities import PARTS_PER_MILLION, format_kilowatt_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.metering.conformity.terms import FeederTerms, RegisterTerms

__all__ = [
    "FeederDays",
    "SpanBeside",
    "add_feeder_days",
    "compare_register",
    "find_feeder_mismatches",
    "find_register_mismatches",
]

_MILLIWATT_HOURS_PER_WATT_HOUR = 1_000


@dataclass(frozen=True, slots=True)
class SpanBeside:
    """What a register counted between two reads, beside the intervals.

    Attributes:
        span: What the register counted.
        counted: What the intervals add up to, those that a read cuts counted all or none, whichever is nearer. [mWh]
        excess: By how much they are apart beyond what tolerance covers; zero where they agree. [mWh]
        limit: That tolerance. [mWh]
        missing: Intervals that have no reading. [1]
    """

    span: RegisterSpan
    counted: int
    excess: int
    limit: int
    missing: int


@dataclass(frozen=True)
class FeederDays:
    """What a feeder's meter counted by civil day, beside the points behind it. Arrays have shape (D,), int64.

    Attributes:
        drawn: What went down. [mWh]
        given: What came up. [mWh]
        consumption: What points took. [mWh]
        feed_in: What points fed in. [mWh]
        whole: Is no reading of the feeder or of a point missing? Other days cannot be compared.
    """

    drawn: NDArray[np.int64]
    given: NDArray[np.int64]
    consumption: NDArray[np.int64]
    feed_in: NDArray[np.int64]
    whole: NDArray[np.bool_]

    @property
    def _over(self) -> NDArray[np.int64]:
        """What went down beyond what the points took; below zero where less did."""
        return self.drawn - self.given - (self.consumption - self.feed_in)

    @property
    def _gross(self) -> NDArray[np.int64]:
        gross: NDArray[np.int64] = np.maximum(
            self.drawn + self.given, np.abs(self.consumption - self.feed_in)
        )
        return gross

    def losses(self, terms: FeederTerms) -> NDArray[np.int64]:
        """The most that lines may lose. [mWh]"""
        return self._gross * terms.losses_ppm // PARTS_PER_MILLION

    def tolerance(self, terms: FeederTerms) -> NDArray[np.int64]:
        """What the two may differ by besides. [mWh]"""
        least = terms.tolerance_watt_hours * _MILLIWATT_HOURS_PER_WATT_HOUR
        return np.maximum(self._gross * terms.tolerance_ppm // PARTS_PER_MILLION, least)

    def apart(self, terms: FeederTerms) -> NDArray[np.int64]:
        """How far they are apart beyond what losses explain; zero where days cannot be compared. [mWh]"""
        apart = np.abs(self._over - np.clip(self._over, 0, self.losses(terms)))
        return np.where(self.whole, apart, 0)


def find_register_mismatches(inspection: Inspection, terms: RegisterTerms) -> Iterator[Evidence]:
    """Runs of register spans whose intervals do not add up; where by one factor, it is named.

    Intervals that a read cuts count as wholly or not at all, whichever fits. Where intervals are missing, the others
    may not exceed the register; nothing more is asked.
    """
    for series in inspection.series:
        compared = compare_register(inspection, series, terms)
        wrong = np.array([one.excess > 0 for one in compared], dtype=np.bool_)
        for first, until in find_runs(wrong):
            yield _mismatch(inspection, series, compared[first:until], terms)


def compare_register(inspection: Inspection, series: PointSeries, terms: RegisterTerms) -> list[SpanBeside]:
    """What a point's register counted beside its intervals, span by span; spans beyond the inspected one are left out.

    Args:
        inspection: Has the point's register reads.
        series: Of the point.
        terms: What they may differ by.
    """
    spans = register_spans(inspection.registers.get(series.point.id, ()))
    return [one for one in (_compare(inspection, series, span, terms) for span in spans) if one]


def _compare(
    inspection: Inspection, series: PointSeries, span: RegisterSpan, terms: RegisterTerms
) -> SpanBeside | None:
    step = inspection.calendar.step_seconds
    begin, end = span.start_utc - inspection.calendar.start_utc, span.end_utc - inspection.calendar.start_utc
    inner, outer = (-(-begin // step), end // step), (begin // step, -(-end // step))
    if outer[0] < 0 or outer[1] > len(series.energy) or inner[1] <= inner[0]:
        return None
    touched = series.energy[outer[0] : outer[1]]
    least = int(np.maximum(series.energy[inner[0] : inner[1]], 0).sum())
    most = int(np.maximum(touched, 0).sum())
    tolerance = max(
        terms.tolerance_watt_hours * _MILLIWATT_HOURS_PER_WATT_HOUR,
        span.energy * terms.tolerance_ppm // PARTS_PER_MILLION,
    )
    over = least - span.energy - tolerance
    missing = int((touched == ABSENT).sum())
    under = 0 if missing else span.energy - most - tolerance
    counted = min(least, most, key=lambda energy: abs(energy - span.energy))
    return SpanBeside(span, counted, max(over, under, 0), tolerance, missing)


def _mismatch(
    inspection: Inspection, series: PointSeries, wrong: list[SpanBeside], terms: RegisterTerms
) -> Evidence:
    start, end = wrong[0].span.start_utc, wrong[-1].span.end_utc
    register, counted = sum(one.span.energy for one in wrong), sum(one.counted for one in wrong)
    ratios = [one.counted / one.span.energy for one in wrong if one.span.energy]
    words, facts = "load the readings again, or ask the operator which of the two holds", {}
    if ratios and max(ratios) - min(ratios) <= min(ratios) * terms.factor_ppm / PARTS_PER_MILLION:
        words = f"the intervals are {ratios[0]:.4g} times the register throughout: check the transformer ratio and unit"
        facts = {"times_ppm": times_ppm(ratios[0])}
    step = inspection.calendar.step_seconds
    first, until = (
        (start - inspection.calendar.start_utc) // step,
        -(-(end - inspection.calendar.start_utc) // step),
    )
    return on_series(
        inspection,
        series,
        (first, until),
        f"The intervals of {series.point.id} from {name_instant(start)} to {name_instant(end)} add up to "
        f"{format_kilowatt_hours(counted, 3)} kWh, its register counted {format_kilowatt_hours(register, 3)} kWh; "
        f"{words}.",
        f"{format_kilowatt_hours(abs(counted - register), 3)} kWh apart",
        f"{format_kilowatt_hours(sum(one.limit for one in wrong), 3)} kWh",
        kind="factor" if facts else "apart",
        from_utc=start,
        until_utc=end,
        counted_milliwatt_hours=counted,
        register_milliwatt_hours=register,
        limit_milliwatt_hours=sum(one.limit for one in wrong),
        **facts,
    )


def find_feeder_mismatches(inspection: Inspection, terms: FeederTerms) -> Iterator[Evidence]:
    """Runs of civil days on which what went down a feeder is not what its points took, losses allowed for.

    Days on which a reading of the feeder or of a point is missing are left out.
    """
    for feeder in inspection.feeders:
        days = add_feeder_days(inspection, feeder)
        if days is None:
            continue
        apart, limit = days.apart(terms), days.tolerance(terms)
        for first, until in find_runs(apart > limit):
            start, end = (inspection.start_of(inspection.calendar.day_offsets[day]) for day in (first, until))
            most = first + int((apart[first:until] - limit[first:until]).argmax())
            yield Evidence(
                feeder.id,
                start,
                end,
                f"What went down feeder {feeder.id} differs from what its {len(feeder.metering_points)} points took by "
                f"{format_kilowatt_hours(int(apart[most]), 3)} kWh a day at most, for {until - first} days from "
                f"{name_instant(start)}; a point is missing, multiplied, or not metered.",
                f"{format_kilowatt_hours(int(apart[most]), 3)} kWh a day",
                f"{format_kilowatt_hours(int(limit[most]), 3)} kWh a day",
                {
                    "apart_milliwatt_hours": int(apart[most]),
                    "points": len(feeder.metering_points),
                    "days": until - first,
                    "limit_milliwatt_hours": int(limit[most]),
                },
            )


def add_feeder_days(inspection: Inspection, feeder: FeederMeter) -> FeederDays | None:
    """What a feeder's meter and the points behind it counted, by civil day of the inspection.

    Args:
        inspection: Has the points.
        feeder: The meter.

    Returns:
        None where a point behind it is none of the community's.
    """
    by_id = {series.point.id: series for series in inspection.series}
    downstream = [by_id[point] for point in feeder.metering_points if point in by_id]
    if len(downstream) < len(feeder.metering_points):
        return None
    count, step = inspection.calendar.interval_count, inspection.calendar.step_seconds
    drawn, given, consumption, feed_in = np.zeros((4, count), dtype=np.int64)
    known = np.zeros(count, dtype=np.bool_)
    index, beside = np.divmod(feeder.start_utc - inspection.calendar.start_utc, step)
    here = (beside == 0) & (index >= 0) & (index < count)
    known[index[here]] = True
    drawn[index[here]], given[index[here]] = feeder.drawn[here], feeder.given[here]
    for meter in feeder.meters or [(series.point.id,) for series in downstream]:
        known &= np.logical_or.reduce([series.known for series in downstream if series.point.id in meter])
    for series in downstream:
        side = feed_in if series.point.direction == FEED_IN else consumption
        side += np.maximum(series.energy, 0)
    offsets = np.array(inspection.calendar.day_offsets[:-1])
    drawn, given, consumption, feed_in = (
        np.add.reduceat(values, offsets) for values in (drawn, given, consumption, feed_in)
    )
    return FeederDays(drawn, given, consumption, feed_in, np.logical_and.reduceat(known, offsets))
