"""Sum checks: intervals against what the register counted, and points against the meter of their feeder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

__all__ = ["find_feeder_mismatches", "find_register_mismatches"]

_MILLIWATT_HOURS_PER_WATT_HOUR = 1_000


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A register's span beside the intervals; ``excess`` is what tolerance does not cover. [mWh]"""

    span: RegisterSpan
    counted: int
    excess: int
    limit: int


def find_register_mismatches(inspection: Inspection, terms: RegisterTerms) -> Iterator[Evidence]:
    """Runs of register spans whose intervals do not add up; where by one factor, it is named.

    Intervals that a read cuts count as wholly or not at all, whichever fits. Where intervals are missing, the others
    may not exceed the register; nothing more is asked.
    """
    for series in inspection.series:
        spans = register_spans(inspection.registers.get(series.point.id, ()))
        compared = [one for one in (_compare(inspection, series, span, terms) for span in spans) if one]
        wrong = np.array([one.excess > 0 for one in compared], dtype=np.bool_)
        for first, until in find_runs(wrong):
            yield _mismatch(inspection, series, compared[first:until], terms)


def _compare(
    inspection: Inspection, series: PointSeries, span: RegisterSpan, terms: RegisterTerms
) -> _Comparison | None:
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
    under = 0 if (touched == ABSENT).any() else span.energy - most - tolerance
    return _Comparison(span, least if over > 0 else most, max(over, under, 0), tolerance)


def _mismatch(
    inspection: Inspection, series: PointSeries, wrong: list[_Comparison], terms: RegisterTerms
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
    by_id = {series.point.id: series for series in inspection.series}
    for feeder in inspection.feeders:
        downstream = [by_id[point] for point in feeder.metering_points if point in by_id]
        if len(downstream) < len(feeder.metering_points):
            continue
        apart, limit = _compare_days(inspection, feeder, downstream, terms)
        for first, until in find_runs(apart > limit):
            start, end = (inspection.start_of(inspection.calendar.day_offsets[day]) for day in (first, until))
            most = first + int((apart[first:until] - limit[first:until]).argmax())
            yield Evidence(
                feeder.id,
                start,
                end,
                f"What went down feeder {feeder.id} differs from what its {len(downstream)} points took by "
                f"{format_kilowatt_hours(int(apart[most]), 3)} kWh a day at most, for {until - first} days from "
                f"{name_instant(start)}; a point is missing, multiplied, or not metered.",
                f"{format_kilowatt_hours(int(apart[most]), 3)} kWh a day",
                f"{format_kilowatt_hours(int(limit[most]), 3)} kWh a day",
                {
                    "apart_milliwatt_hours": int(apart[most]),
                    "points": len(downstream),
                    "days": until - first,
                    "limit_milliwatt_hours": int(limit[most]),
                },
            )


def _compare_days(
    inspection: Inspection, feeder: FeederMeter, downstream: Sequence[PointSeries], terms: FeederTerms
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By civil day how far feeder and points are apart beyond what losses explain, and the limit. [mWh]"""
    count, step = inspection.calendar.interval_count, inspection.calendar.step_seconds
    net, gross = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    known = np.zeros(count, dtype=np.bool_)
    index, beside = np.divmod(feeder.start_utc - inspection.calendar.start_utc, step)
    here = (beside == 0) & (index >= 0) & (index < count)
    known[index[here]] = True
    flow = np.zeros(count, dtype=np.int64)
    flow[index[here]] = (feeder.drawn - feeder.given)[here]
    gross[index[here]] = (feeder.drawn + feeder.given)[here]
    for meter in feeder.meters or [(series.point.id,) for series in downstream]:
        known &= np.logical_or.reduce([series.known for series in downstream if series.point.id in meter])
    for series in downstream:
        sign = -1 if series.point.direction == FEED_IN else 1
        net += sign * np.maximum(series.energy, 0)
    offsets = np.array(inspection.calendar.day_offsets[:-1])
    whole = np.logical_and.reduceat(known, offsets)
    flow, net, gross = (np.add.reduceat(values, offsets) for values in (flow, net, gross))
    gross = np.maximum(gross, np.abs(net))
    losses = np.clip(flow - net, 0, gross * terms.losses_ppm // PARTS_PER_MILLION)
    apart = np.abs(flow - net - losses)
    limit = np.maximum(
        gross * terms.tolerance_ppm // PARTS_PER_MILLION,
        terms.tolerance_watt_hours * _MILLIWATT_HOURS_PER_WATT_HOUR,
    )
    return np.where(whole, apart, 0), limit
