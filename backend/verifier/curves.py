"""The intervals: headers, readings and rows of a bundle, and the roots that they must lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from backend.verifier.bands import check_bands
from backend.verifier.bill import PointTotals
from backend.verifier.bundle import Bundle, Point
from backend.verifier.chain import PeriodFacts
from backend.verifier.headers import check_header, check_withheld
from backend.verifier.leaves import Salter, header_leaf, period_leaf, reading_leaf, row_leaf, run_id
from backend.verifier.shares import DYNAMIC, STATIC, allocate_consumer, share_producer
from backend.verifier.trees import climb, depth_for, join, root_of
from backend.verifier.verdict import Findings, Place

__all__ = ["Progress", "check_curves"]

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

_BANDS = 4
_MISSING = 3
_WORST_SOURCE = 4
_SECONDS_PER_DAY = 86_400
_MOST_OFFSET_SECONDS = 14 * 3600


@dataclass(frozen=True, slots=True)
class _Period:
    """A bundle beside the chain's frozen terms, with the depths and places that follow."""

    bundle: Bundle
    facts: PeriodFacts
    findings: Findings
    slot_depth: int
    day_depth: int
    interval_depth: int
    first_interval: tuple[int, ...]

    def start(self, day: int, interval: int) -> str:
        """Give an interval's start in the offset that held at its day's midnight."""
        terms = self.facts.terms
        seconds = terms.resolution_minutes * 60
        midnight = terms.start_utc + self.first_interval[day] * seconds
        offset = (self.bundle.period + day) * _SECONDS_PER_DAY - midnight
        zone = timezone(timedelta(seconds=offset)) if abs(offset) <= _MOST_OFFSET_SECONDS else UTC
        try:
            return datetime.fromtimestamp(midnight + interval * seconds, zone).isoformat(timespec="minutes")
        except (ValueError, OverflowError, OSError):
            return f"interval {interval} of day {day}"

    def band(self, day: int, interval: int) -> int:
        return self.facts.bands[self.first_interval[day] + interval]


def check_curves(
    bundle: Bundle, facts: PeriodFacts, findings: Findings, progress: Progress
) -> list[PointTotals]:
    """Check the bands, every header, reading and row, and climb to the batch's and the run's root.

    Returns:
        The totals of each point, as its rows add up.
    """
    first = [0]
    for count in facts.intervals:
        first.append(first[-1] + count)
    period = _Period(
        bundle,
        facts,
        findings,
        depth_for(facts.terms.slots),
        depth_for(facts.terms.day_count),
        depth_for(facts.terms.max_intervals),
        tuple(first),
    )
    check_bands(facts, findings, period.start)
    steps = len(bundle.points) + 1
    days = _check_headers(period)
    progress(1, steps)
    totals = []
    rows_above: tuple[bytes, ...] | None = None
    for i, point in enumerate(bundle.points):
        _check_values(period, i, point)
        _check_readings(period, i, point)
        total, rows_above = _check_rows(period, i, point, days, rows_above)
        totals.append(total)
        progress(i + 2, steps)
    return totals


def _check_headers(period: _Period) -> tuple[bytes, ...]:
    """Check the headers that are shown; give per day the node over headers and stairs."""
    findings, facts = period.findings, period.facts
    check_withheld(period.bundle, facts, findings)
    nodes, sums, shown = [], [0, 0, 0], 0
    for d, day in enumerate(period.bundle.days):
        nodes.append(join(day.headers_root, day.stairs_root))
        if day.headers is None:
            continue
        shown += 1
        for t, header in enumerate(day.headers):
            place = Place("header", f"days[{d}].headers[{t}]", start=period.start(d, t))
            findings.compare("header.band", place, period.band(d, t), header.band)
            check_header(period.bundle, facts, findings, place, header, (d, t))
            for i, value in enumerate((header.feed_in, header.consumption, header.allocated)):
                sums[i] += value
        leaves = [header_leaf(h.feed_in, h.consumption, h.allocated, h.tau, h.band) for h in day.headers]
        place = Place("headers", f"days[{d}].headers_root", start=period.start(d, 0))
        findings.compare("header.root", place, root_of(leaves, period.interval_depth), day.headers_root)
    withheld = len(period.bundle.days) - shown
    if withheld:
        findings.unchecked.append(
            f"the sharing key's formula on {withheld} of {len(period.bundle.days)} days: the privacy rule withholds"
            " their headers"
        )
    else:
        names = ("feed_in", "consumption", "allocated")
        anchored = (facts.run.feed_in, facts.run.consumption, facts.run.allocated)
        for name, expected, found in zip(names, anchored, sums, strict=True):
            findings.compare(f"total.{name}", Place(f"total {name}", "days"), expected, found)
    return tuple(nodes)


def _check_values(period: _Period, i: int, point: Point) -> None:
    """Check what each row says by itself, and that its allocation is what the key gives."""
    findings, facts = period.findings, period.facts
    coefficients = facts.rule.coefficients_ppm
    coefficient = coefficients[point.slot] if point.slot < len(coefficients) else 0
    for d, energies in enumerate(point.energy):
        headers = period.bundle.days[d].headers
        for t, energy in enumerate(energies):
            start, allocated = period.start(d, t), point.allocated[d][t]
            at = f"[{d}][{t}]"
            place = Place("row", f"points[{i}].allocated{at}", point.slot, start)
            findings.hold("row.bound", place, allocated <= energy, f"at most {energy}", allocated)
            if headers is not None and facts.rule.method in {DYNAMIC, STATIC}:
                header = headers[t]
                if point.feeds_in:
                    given = share_producer(header, energy, point.slot, facts.terms.slots, t)
                else:
                    given = allocate_consumer(facts.rule.method, header, energy, coefficient)
                findings.compare("row.allocation", place, given, allocated)
            quality, source = point.quality[d][t], point.source[d][t]
            place = Place("reading", f"points[{i}].quality{at}", point.slot, start)
            findings.hold("reading.quality", place, quality <= _MISSING, "0 to 3", quality)
            place = Place("reading", f"points[{i}].source{at}", point.slot, start)
            findings.hold("reading.source", place, source <= _WORST_SOURCE, "0 to 4", source)
            place = Place("reading", f"points[{i}].energy{at}", point.slot, start)
            if quality == _MISSING:
                findings.compare("reading.missing", place, 0, energy)


def _check_readings(period: _Period, i: int, point: Point) -> None:
    """Climb from the slot's readings to the root of the batch."""
    bundle = period.bundle
    salter = Salter(point.key, bundle.community, bundle.batch_id, 0x08, point.slot)
    days = []
    for d, energies in enumerate(point.energy):
        leaves = [
            reading_leaf(salter.salt(d, t), energy, point.quality[d][t], point.source[d][t])
            for t, energy in enumerate(energies)
        ]
        days.append(root_of(leaves, period.interval_depth))
    place = Place("readings", f"points[{i}].energy", point.slot)
    if not _check_length(period, place, point.reading_path, f"points[{i}].reading_path"):
        return
    subtree = root_of(days, period.day_depth, period.interval_depth)
    root = join(climb(subtree, point.slot, point.reading_path), bundle.reading_stairs_root)
    period.findings.compare("batch.root", place, period.facts.batch.root, root)


def _check_rows(
    period: _Period, i: int, point: Point, days: tuple[bytes, ...], rows_above: tuple[bytes, ...] | None
) -> tuple[PointTotals, tuple[bytes, ...] | None]:
    """Climb from the slot's rows and its period leaf to the root of the run.

    Returns:
        The point's totals, and the root of all rows per day: the participant's points must agree on it.
    """
    bundle, findings = period.bundle, period.findings
    run = run_id(bundle.community, bundle.period, bundle.run_version)
    salter = Salter(point.key, bundle.community, run, 0x03, point.slot)
    running = [0] * (2 * _BANDS)
    day_rows, complete = [], True
    for d, energies in enumerate(point.energy):
        leaves = []
        for t, energy in enumerate(energies):
            band, allocated = period.band(d, t), point.allocated[d][t]
            running[2 * band] += energy
            running[2 * band + 1] += allocated
            leaves.append(row_leaf(salter.salt(d, t), energy, allocated, point.quality[d][t], running))
        place = Place("rows", f"points[{i}].row_paths[{d}]", point.slot, period.start(d, 0))
        complete &= _check_length(period, place, point.row_paths[d], place.field)
        day_rows.append(climb(root_of(leaves, period.interval_depth), point.slot, point.row_paths[d]))
        if rows_above is not None:
            findings.compare("row.neighbour", place, rows_above[d], day_rows[d])
    total = PointTotals(point.feeds_in, tuple(running[::2]), tuple(running[1::2]))
    place = Place("rows", f"points[{i}].allocated", point.slot)
    complete &= _check_length(period, place, point.period_path, f"points[{i}].period_path")
    if not complete:
        return total, None
    nodes = [join(above, rows) for above, rows in zip(days, day_rows, strict=True)]
    salt = Salter(point.key, bundle.community, run, 0x04, point.slot).salt()
    periods = climb(period_leaf(salt, running), point.slot, point.period_path)
    root = join(root_of(nodes, period.day_depth), join(periods, bundle.period_stairs_root))
    findings.compare("run.root", place, period.facts.run.root, root)
    return total, tuple(day_rows)


def _check_length(period: _Period, place: Place, path: tuple[bytes, ...], field: str) -> bool:
    place = Place(place.what, field, place.slot, place.start)
    return period.findings.compare("path.length", place, period.slot_depth, len(path))
