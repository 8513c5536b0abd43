"""The intervals: headers, readings and rows of a bundle, and the roots that they must lead to."""

from __future__ import annotations

from collections.abc import Callable

from backend.verifier.bands import check_bands
from backend.verifier.bill import PointTotals, TradedLink
from backend.verifier.bundle import Point
from backend.verifier.flow import check_flow
from backend.verifier.headers import check_header, check_withheld
from backend.verifier.leaves import (
    TOTALS,
    Salter,
    detail_leaf,
    header_leaf,
    links_leaf,
    period_leaf,
    reading_leaf,
    row_leaf,
)
from backend.verifier.links import check_links
from backend.verifier.methods import FLOW, binds_operator
from backend.verifier.period import Period
from backend.verifier.rows import RowSums, check_rows
from backend.verifier.schedule import check_coefficients, check_whole
from backend.verifier.trees import climb, join, root_of
from backend.verifier.verdict import Place

__all__ = ["Progress", "check_curves"]

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all)."""

_VALUE, _CREDITED = 8, 9
_PRODUCERS_SELL = 1


def check_curves(period: Period, progress: Progress) -> list[PointTotals]:
    """Check the bands, every header, reading and row, and climb to the batch's and the run's root.

    Returns:
        The totals of each point, as its rows add up.
    """
    bundle = period.bundle
    check_bands(period.facts, period.findings, period.start)
    steps = len(bundle.points) + 1
    whole = _check_headers(period)
    above = tuple(join(day.headers_root, day.stairs_root) for day in bundle.days)
    progress(1, steps)
    totals, sums = [], RowSums()
    rows_above: tuple[bytes, ...] | None = None
    for i, point in enumerate(bundle.points):
        check_rows(period, i, point, whole, sums)
        check_flow(period, i, point, whole, sums)
        _check_readings(period, i, point)
        check_coefficients(period, i, point)
        total, rows_above = _climb_rows(period, i, point, above, rows_above)
        totals.append(total)
        progress(i + 2, steps)
    check_whole(period)
    sums.check(period)
    check_links(period, sums, shown=all(all(day) for day in whole))
    return totals


def _check_headers(period: Period) -> tuple[tuple[bool, ...], ...]:
    """Check the headers that are shown; say by day and interval whether rows can be held against them."""
    findings, facts, bundle = period.findings, period.facts, period.bundle
    check_withheld(bundle, facts, findings)
    whole, sums, shown = [], [0, 0, 0], 0
    for d, day in enumerate(bundle.days):
        if day.headers is None:
            whole.append((False,) * facts.intervals[d])
            continue
        shown += 1
        complete = []
        for t, header in enumerate(day.headers):
            place = Place("header", f"days[{d}].headers[{t}]", start=period.start(d, t))
            at = (d, t, period.band(d, t))
            complete.append(check_header(bundle, facts, findings, place, period.day_points[d], at))
            for i, value in enumerate((header.feed_in, header.consumption, header.allocated)):
                sums[i] += value
        whole.append(tuple(complete))
        leaves = [header_leaf(header) for header in day.headers]
        place = Place("headers", f"days[{d}].headers_root", start=period.start(d, 0))
        findings.compare("header.root", place, root_of(leaves, period.interval_depth), day.headers_root)
    _note_unchecked(period, len(bundle.days) - shown)
    if shown == len(bundle.days):
        names = ("feed_in", "consumption", "allocated")
        anchored = (facts.run.feed_in, facts.run.consumption, facts.run.allocated)
        for name, expected, found in zip(names, anchored, sums, strict=True):
            findings.compare(f"total.{name}", Place(f"total {name}", "days"), expected, found)
    return tuple(whole)


def _note_unchecked(period: Period, withheld: int) -> None:
    """Say which formulas no check here has held the rows against."""
    rule, days = period.facts.rule, len(period.bundle.days)
    unchecked = period.findings.unchecked
    if binds_operator(rule):
        unchecked.append(
            "the sharing key's formula: the grid operator's allocation binds, and rows follow it; hold them against"
            " what the operator told you"
        )
    elif rule.key.method == FLOW:
        unchecked.append(
            "that links cost what members' terms and places give, that no flow between neighbours is better, and which"
            " links are gifts: rows are held against what one's own links cost by the run's basis"
        )
    if withheld:
        unchecked.append(
            f"the sharing key's formula on {withheld} of {days} days: the privacy rule withholds their headers"
        )


def _check_readings(period: Period, i: int, point: Point) -> None:
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
    if not period.check_length("readings", point.slot, point.reading_path, f"points[{i}].reading_path"):
        return
    subtree = root_of(days, period.day_depth, period.interval_depth)
    root = join(climb(subtree, point.slot, point.reading_path), bundle.reading_stairs_root)
    period.findings.compare("batch.root", place, period.facts.batch.root, root)


def _climb_rows(
    period: Period, i: int, point: Point, above: tuple[bytes, ...], rows_above: tuple[bytes, ...] | None
) -> tuple[PointTotals, tuple[bytes, ...] | None]:
    """Climb from the slot's rows and its period leaf to the root of the run.

    Returns:
        The point's totals, and the root of all rows per day: the participant's points must agree on it.
    """
    findings = period.findings
    running = [0] * TOTALS
    day_rows, complete = [], True
    for d in range(len(point.energy)):
        leaves = _row_leaves(period, point, d, running)
        field = f"points[{i}].row_paths[{d}]"
        complete &= period.check_length("rows", point.slot, point.row_paths[d], field)
        day_rows.append(climb(root_of(leaves, period.interval_depth), point.slot, point.row_paths[d]))
        if rows_above is not None:
            place = Place("rows", field, point.slot, period.start(d, 0))
            findings.compare("row.neighbour", place, rows_above[d], day_rows[d])
    if point.feeds_in and period.facts.rule.tariff.seller == _PRODUCERS_SELL:
        running[_VALUE] = sum(link.value for link in point.links)
    total = _totals(period, point, running)
    place = Place("rows", f"points[{i}].allocated", point.slot)
    complete &= period.check_length("rows", point.slot, point.period_path, f"points[{i}].period_path")
    if not complete:
        return total, None
    nodes = [join(node, rows) for node, rows in zip(above, day_rows, strict=True)]
    community, run = period.bundle.community, period.run_id
    links = links_leaf(Salter(point.key, community, run, 0x0C, point.slot).salt(), point.links)
    salt = Salter(point.key, community, run, 0x04, point.slot).salt()
    periods = climb(period_leaf(salt, running, links), point.slot, point.period_path)
    root = join(root_of(nodes, period.day_depth), join(periods, period.bundle.period_stairs_root))
    findings.compare("run.root", place, period.facts.run.root, root)
    return total, tuple(day_rows)


def _row_leaves(period: Period, point: Point, d: int, running: list[int]) -> list[bytes]:
    """Form the leaves of a day's rows, adding up the running totals."""
    community, run = period.bundle.community, period.run_id
    salter = Salter(point.key, community, run, 0x03, point.slot)
    of_detail = Salter(point.key, community, run, 0x0D, point.slot)
    leaves = []
    for t, energy in enumerate(point.energy[d]):
        band, allocated = period.band(d, t), point.allocated[d][t]
        running[2 * band] += energy
        running[2 * band + 1] += allocated
        running[_VALUE] += point.value[d][t]
        running[_CREDITED] += point.credited[d][t] if point.credited is not None else 0
        detail = b"" if point.details is None else detail_leaf(of_detail.salt(d, t), point.details[d][t])
        leaves.append(row_leaf(salter.salt(d, t), energy, allocated, point.quality[d][t], running, detail))
    return leaves


def _totals(period: Period, point: Point, running: list[int]) -> PointTotals:
    seats = period.facts.seats
    links = tuple(
        TradedLink(seats[link.slot], link.value, link.vat_class)
        for link in point.links
        if link.slot < len(seats)
    )
    bands = running[:_VALUE]
    energy, allocated = tuple(bands[::2]), tuple(bands[1::2])
    return PointTotals(point.feeds_in, energy, allocated, running[_VALUE], running[_CREDITED], links)
