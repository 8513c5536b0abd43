"""A settlement period's readings, slot by slot: placed on the grid, scaled, gaps treated by the voted rule.

What is missing of consumption is estimated in whole milliwatt-hours from at most four readings, so that a contract
could repeat it from their leaves alone:

- *Linear interpolation* (``ReadingSource.INTERPOLATED``), for a gap of n intervals lasting at most two hours whose two
  neighbours b and a are known: the i-th missing one (i = 1 .. n) is ``floor((b · (n + 1 - i) + a · i) / (n + 1))``.
- *Similar days* (``ReadingSource.SIMILAR_DAYS``) otherwise: the floor of the mean of the known readings at the same
  local time 7 days before, 7 after, 14 before and 14 after; where none of these is known, 1 before, 1 after, 2 before
  and 2 after. A local time that a source day holds twice (clocks set back) is its first occurrence; one that it lacks
  is no source.

*Known* is what the meter measured or the operator put in its place, on a day of membership, already scaled by the
participation factor. A consumption point without any source stays missing, and so does feed-in: it is never estimated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import ReadingsError
from backend.metering.findings import Finding, Severity
from backend.metering.inspection import find_runs
from backend.metering.points import CONSUMPTION, GapLimits, MeteredCommunity, MeteredPoint, mark_active_days
from backend.metering.profiled import Profiling, estimate_series, place_registers
from backend.metering.readings import PeriodReadings, Quality, ReadingSource, ReadingTable
from backend.quantities import PARTS_PER_MILLION, PeriodCalendar, SettlementPeriod

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HISTORY_DAYS", "INTERPOLATION_SECONDS_MAX", "assemble_period", "scale_by_participation"]

INTERPOLATION_SECONDS_MAX = 2 * 3600
HISTORY_DAYS = 15  # how far estimates look before and after the period, a day of margin included
SIMILAR_DAYS = ((-7, 7, -14, 14), (-1, 1, -2, 2))
_NO_INTERVAL = -1


def assemble_period(
    table: ReadingTable,
    community: MeteredCommunity,
    slots: Mapping[str, int],
    calendar: PeriodCalendar,
    *,
    slot_count: int,
    returned: Collection[str],
    limits: GapLimits,
    method: Profiling | None = None,
) -> tuple[PeriodReadings, list[Finding]]:
    """Place a period's readings on its grid and treat what is missing.

    Args:
        table: Readings of the period, and of the two weeks before and after as far as they are there: estimates draw
            on them. Rows elsewhere, or of points without a slot, are left aside.
        community: Its points say direction, factor and days of membership.
        slots: Slot by metering point id.
        calendar: The period's intervals.
        slot_count: Slots of the period: the highest plus one.
        returned: Points whose readings were returned to the operator: all of them count as missing.
        limits: Whether gaps of consumption are estimated or left to residual supply.
        method: Estimate by ``backend.metering.profiled``, where that is what members voted; None for the method above,
            which contracts can repeat.

    Returns:
        The readings, and a finding per run of intervals that were not measured.

    Raises:
        ReadingsError: If the table's step is not the calendar's.

    Invariants:
        - A measured reading on an active day is never changed but by the participation factor, floored.
        - Where quality is missing, or the slot inactive, energy is 0.
        - The same arguments give the same result.
    """
    if len(table) and table.resolution_minutes != calendar.resolution_minutes:
        raise ReadingsError(
            f"the readings are of {table.resolution_minutes} minutes, the community settles "
            f"{calendar.resolution_minutes}; convert the file to that step."
        )
    by_id = {point.id: point for point in community.metering_points}
    points: list[MeteredPoint | None] = [None] * slot_count
    for point_id, slot in slots.items():
        points[slot] = by_id[point_id]
    grid = _Grid.around(calendar, points)
    findings = grid.place(table, slots)
    for point_id in sorted(set(returned) & set(slots), key=lambda point_id: slots[point_id]):
        grid.empty(slots[point_id])
    if limits.gaps.value == "estimate":
        if method is None:
            grid.estimate(points)
        else:
            grid.profile(points, method)
    readings = grid.cut(calendar)
    findings += _report(readings, points, returned)
    return readings, findings


def scale_by_participation(energy: NDArray[np.int64], factor_ppm: NDArray[np.int64]) -> NDArray[np.int64]:
    """``floor(energy · factor / 1,000,000)``, exact: the product may not fit 64 bits, so it is taken in two parts.

    Args:
        energy: At least zero. [mWh]
        factor_ppm: 0 to 1,000,000, of a shape that broadcasts. [ppm]
    """
    whole, rest = np.divmod(energy, PARTS_PER_MILLION)
    scaled: NDArray[np.int64] = whole * factor_ppm + rest * factor_ppm // PARTS_PER_MILLION
    return scaled


@dataclass(frozen=True)
class _Grid:
    """The slots' readings from ``HISTORY_DAYS`` before the period to as many after. Arrays have shape (slots, T')."""

    wide: PeriodCalendar
    energy: NDArray[np.int64]
    quality: NDArray[np.uint8]
    source: NDArray[np.uint8]
    active: NDArray[np.bool_]  # (slots, T')
    factor_ppm: NDArray[np.int64]  # (slots,)
    first: int  # the period's [first, until) in T'
    until: int

    @classmethod
    def around(cls, calendar: PeriodCalendar, points: list[MeteredPoint | None]) -> _Grid:
        margin = timedelta(days=HISTORY_DAYS)
        period = SettlementPeriod(calendar.period.first - margin, calendar.period.until + margin)
        wide = PeriodCalendar(period, calendar.time_zone, calendar.resolution_minutes)
        shape = (len(points), wide.interval_count)
        active = np.repeat(mark_active_days(points, period), wide.intervals_per_day, axis=1)
        factors = [point.participation_ppm if point else 0 for point in points]
        first = (calendar.start_utc - wide.start_utc) // wide.step_seconds
        return cls(
            wide=wide,
            energy=np.zeros(shape, dtype=np.int64),
            quality=np.full(shape, Quality.MISSING, dtype=np.uint8),
            source=np.full(shape, ReadingSource.NONE, dtype=np.uint8),
            active=active,
            factor_ppm=np.array(factors, dtype=np.int64),
            first=first,
            until=first + calendar.interval_count,
        )

    def place(self, table: ReadingTable, slots: Mapping[str, int]) -> list[Finding]:
        """Put the table's rows where they belong; what starts between two intervals is left aside and reported."""
        slot_of = np.array([slots.get(point, -1) for point in table.metering_points], dtype=np.int64)
        if not len(table):
            return []
        slot = slot_of[table.point]
        index, beside = np.divmod(table.start_utc - self.wide.start_utc, self.wide.step_seconds)
        within = (slot >= 0) & (index >= 0) & (index < self.wide.interval_count)
        off_grid = within & (beside != 0)
        here = within & (beside == 0) & (table.quality != Quality.MISSING)
        slot, index = slot[here], index[here]
        inside = self.active[slot, index]
        slot, index = slot[inside], index[inside]
        quality = table.quality[here][inside]
        self.energy[slot, index] = scale_by_participation(table.energy[here][inside], self.factor_ppm[slot])
        self.quality[slot, index] = quality
        measured = quality == Quality.MEASURED
        self.source[slot, index] = np.where(measured, ReadingSource.METER, ReadingSource.OPERATOR)
        return _report_off_grid(table, off_grid, self.wide)

    def empty(self, slot: int) -> None:
        """Take everything of a slot away."""
        self.energy[slot] = 0
        self.quality[slot] = Quality.MISSING
        self.source[slot] = ReadingSource.NONE

    def _gaps(self, points: list[MeteredPoint | None]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """What is to be estimated of the period, and what is known. Shapes (slots, T')."""
        known = (self.quality == Quality.MEASURED) | (self.quality == Quality.EDITED)
        consuming = np.array([point is not None and point.direction == CONSUMPTION for point in points])
        gap = (
            (self.quality == Quality.MISSING) & self.active & consuming[:, None] & known.any(axis=1)[:, None]
        )
        gap[:, : self.first] = False
        gap[:, self.until :] = False
        return gap, known

    def profile(self, points: list[MeteredPoint | None], method: Profiling) -> None:
        """Fill the gaps of consumption by ``backend.metering.profiled``."""
        gap, known = self._gaps(points)
        missing = (self.quality == Quality.MISSING) & self.active
        for slot in np.flatnonzero(gap.any(axis=1)).tolist():
            point = points[slot]
            spans = method.registers.get(point.id, ()) if point else ()
            filled, source = estimate_series(
                self.energy[slot],
                known[slot],
                missing[slot],
                self.wide,
                holidays=method.holidays,
                registers=place_registers(spans, self.wide, int(self.factor_ppm[slot])),
                delivered=self.quality[slot] != Quality.MISSING,
            )
            here = gap[slot] & (source != ReadingSource.NONE)
            self.energy[slot, here] = filled[here]
            self.quality[slot, here] = Quality.ESTIMATED
            self.source[slot, here] = source[here]

    def estimate(self, points: list[MeteredPoint | None]) -> None:
        """Fill the gaps of consumption as the module's docstring says."""
        gap, known = self._gaps(points)
        missing = (self.quality == Quality.MISSING) & self.active
        for slot in np.flatnonzero(gap.any(axis=1)).tolist():
            for start, end in find_runs(missing[slot]):
                if (end - start) * self.wide.step_seconds <= INTERPOLATION_SECONDS_MAX:
                    self._interpolate(slot, start, end, gap, known)
        self._take_similar_days(gap, known)

    def _interpolate(
        self, slot: int, start: int, end: int, gap: NDArray[np.bool_], known: NDArray[np.bool_]
    ) -> None:
        """Fill [start, end) where both neighbours are known and it lies in the period."""
        if start == 0 or end == known.shape[1] or not (known[slot, start - 1] and known[slot, end]):
            return
        steps = end - start + 1
        position = np.arange(1, steps, dtype=np.int64)
        before, after = self.energy[slot, start - 1], self.energy[slot, end]
        values = (before * (steps - position) + after * position) // steps
        here = gap[slot, start:end].copy()
        self._fill(
            np.full(steps - 1, slot)[here],
            np.arange(start, end)[here],
            values[here],
            ReadingSource.INTERPOLATED,
        )
        gap[slot, start:end] = False

    def _take_similar_days(self, gap: NDArray[np.bool_], known: NDArray[np.bool_]) -> None:
        slot, index = np.nonzero(gap)
        if not len(slot):
            return
        lookup, day, place = _index_local_times(self.wide)
        for offsets in SIMILAR_DAYS:
            total = np.zeros(len(slot), dtype=np.int64)
            count = np.zeros(len(slot), dtype=np.int64)
            for offset in offsets:
                source = lookup[day[index] + offset, place[index]]
                usable = (source != _NO_INTERVAL) & known[slot, source]
                total += np.where(usable, self.energy[slot, source], 0)
                count += usable
            found = count > 0
            self._fill(slot[found], index[found], total[found] // count[found], ReadingSource.SIMILAR_DAYS)
            slot, index = slot[~found], index[~found]

    def _fill(
        self,
        slot: NDArray[np.int64],
        index: NDArray[np.int64],
        values: NDArray[np.int64],
        source: ReadingSource,
    ) -> None:
        self.energy[slot, index] = values
        self.quality[slot, index] = Quality.ESTIMATED
        self.source[slot, index] = source

    def cut(self, calendar: PeriodCalendar) -> PeriodReadings:
        """The period itself."""
        inner = slice(self.first, self.until)
        days = slice(HISTORY_DAYS, HISTORY_DAYS + calendar.period.days)
        offsets = np.array(self.wide.day_offsets[:-1])
        return PeriodReadings(
            calendar=calendar,
            energy=np.ascontiguousarray(self.energy[:, inner]),
            quality=np.ascontiguousarray(self.quality[:, inner]),
            source=np.ascontiguousarray(self.source[:, inner]),
            active=np.ascontiguousarray(self.active[:, offsets][:, days]),
        )


def _index_local_times(
    calendar: PeriodCalendar,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Interval by (civil day, place in the local day), and day and place by interval."""
    place = np.array(calendar.local_minutes(), dtype=np.int64) // calendar.resolution_minutes
    day = np.repeat(np.arange(calendar.period.days), calendar.intervals_per_day)
    places = 24 * 60 // calendar.resolution_minutes
    lookup = np.full((calendar.period.days, places), _NO_INTERVAL, dtype=np.int64)
    for index in range(len(place) - 1, -1, -1):  # backwards, so that the first occurrence stays
        lookup[day[index], place[index]] = index
    return lookup, day, place


def _report_off_grid(
    table: ReadingTable, off_grid: NDArray[np.bool_], calendar: PeriodCalendar
) -> list[Finding]:
    findings = []
    for point in np.unique(table.point[off_grid]).tolist():
        starts = table.start_utc[off_grid & (table.point == point)]
        findings.append(
            Finding(
                rule="off-grid",
                severity=Severity.FAULT,
                message=(
                    f"{len(starts)} readings of {table.metering_points[point]} start between two intervals of "
                    f"{calendar.resolution_minutes} minutes and are left aside; load them on the grid."
                ),
                metering_point=table.metering_points[point],
                start_utc=int(starts[0]),
                end_utc=int(starts[-1]) + calendar.step_seconds,
                value=f"{len(starts)} readings",
                facts={"readings": len(starts), "step_minutes": calendar.resolution_minutes},
            )
        )
    return findings


def _report(
    readings: PeriodReadings, points: list[MeteredPoint | None], returned: Collection[str]
) -> list[Finding]:
    """A finding per run of intervals that have one treatment, slot by slot."""
    findings = []
    calendar = readings.calendar
    active = readings.active_intervals()
    for slot, point in enumerate(points):
        if point is None:
            continue
        if point.id in returned:
            findings.append(_finding(calendar, point, 0, calendar.interval_count, "returned"))
            continue
        for source, treatment in _TREATMENTS.items():
            for start, end in find_runs((readings.source[slot] == source) & active[slot]):
                findings.append(_finding(calendar, point, start, end, treatment))
    return findings


_TREATMENTS = {
    ReadingSource.INTERPOLATED: "interpolated",
    ReadingSource.SIMILAR_DAYS: "similar-days",
    ReadingSource.PROFILED: "profiled",
    ReadingSource.NONE: "missing",
}
_WORDS = {
    "returned": "were returned to the operator: they count as missing until new ones are loaded",
    "interpolated": "are missing and were interpolated between their neighbours",
    "similar-days": "are missing and were estimated from the same local time on similar days",
    "profiled": "are missing and were estimated from three similar days, by the register where it was read",
    "missing": "are missing; the operator's residual supply covers them, nothing is shared there",
    "no-feed-in": "are missing; feed-in is never estimated, so they count as zero until they are loaded",
}


def _finding(calendar: PeriodCalendar, point: MeteredPoint, start: int, end: int, treatment: str) -> Finding:
    start_utc = calendar.start_utc + start * calendar.step_seconds
    end_utc = calendar.start_utc + end * calendar.step_seconds
    kind = "no-feed-in" if treatment == "missing" and point.direction != CONSUMPTION else treatment
    begin = datetime.fromtimestamp(start_utc, UTC)
    return Finding(
        rule="returned" if treatment == "returned" else "gap",
        severity=Severity.NOTE if treatment == "returned" else Severity.WARNING,
        message=f"{end - start} readings of {point.id} from {begin:%Y-%m-%dT%H:%MZ} {_WORDS[kind]}.",
        metering_point=point.id,
        start_utc=start_utc,
        end_utc=end_utc,
        value=f"{end - start} intervals",
        facts={"kind": kind, "intervals": end - start},
    )
