"""Scheduled coefficients: those of the bundle lead to the root that was handed in, in time."""

from __future__ import annotations

from backend.verifier.bundle import Point
from backend.verifier.chain_records import ScheduleRecord
from backend.verifier.costs import check_costs
from backend.verifier.leaves import Salter, coefficient_leaf, schedule_id
from backend.verifier.methods import FLOW, PARTS_PER_MILLION, binds_operator, is_scheduled
from backend.verifier.period import Period
from backend.verifier.trees import PADDING, climb, depth_for, root_of
from backend.verifier.verdict import Place

__all__ = ["check_basis", "check_coefficients", "check_whole"]

_AHEAD = 1


def check_basis(period: Period) -> None:
    """Check what the run rests on besides its batch: a schedule, costs, the operator's files, or nothing."""
    facts, bundle, findings = period.facts, period.bundle, period.findings
    basis, place = facts.run.basis, Place("run", "run_version")
    if facts.schedule is None:
        if binds_operator(facts.rule):
            findings.hold("run.basis", place, any(basis), "the hash of the operator's files", basis)
        elif facts.rule.key.method == FLOW:
            check_costs(period)
            return
        else:
            findings.compare("run.basis", place, bytes(32), basis)
        _check_no_costs(period)
        return
    _check_no_costs(period)
    record = facts.schedule
    if not findings.hold("schedule.found", place, record.handed_in_at > 0, "a schedule, handed in", "none"):
        return
    meant = (bundle.community.hex(), bundle.period)
    findings.compare("schedule.of", place, meant, (record.community.hex(), record.period))
    named = schedule_id(bundle.community, bundle.period, record.version)
    findings.compare("run.basis", place, named, basis)
    in_time = facts.rule.key.schedule != _AHEAD or record.handed_in_at < facts.terms.start_utc
    expected = f"before {facts.terms.start_utc}, the period's start"
    findings.hold("schedule.ahead", place, in_time, expected, record.handed_in_at)


def _check_no_costs(period: Period) -> None:
    """Check that nothing is told of what links cost where the key knows no links."""
    told = period.bundle.scale is not None or any(point.costs is not None for point in period.bundle.points)
    period.findings.compare("cost.given", Place("scale", "scale"), "null", "there" if told else "null")


def check_whole(period: Period) -> None:
    """Check that one's own coefficients of an interval are no more than the whole, or more than all is entitled."""
    bundle = period.bundle
    if not is_scheduled(period.facts.rule):
        return
    for d, count in enumerate(period.facts.intervals):
        listed = [
            point.coefficients[d] for point in bundle.points if point.coefficients and point.is_active(d)
        ]
        for t in range(count):
            own = sum(day[t] for day in listed)
            place = Place("coefficients", "points", start=period.start(d, t))
            most = f"at most {PARTS_PER_MILLION}, the whole"
            period.findings.hold("schedule.whole", place, own <= PARTS_PER_MILLION, most, own)


def check_coefficients(period: Period, i: int, point: Point) -> None:
    """Climb from a consumption slot's coefficients to the schedule's root; what lies outside of it is zero."""
    record, findings = period.facts.schedule, period.findings
    if record is None or point.coefficients is None or point.coefficient_path is None:
        return
    inside = point.slot < record.slots
    for d, coefficients in enumerate(point.coefficients):
        kept = record.max_intervals if inside and d < record.day_count else 0
        for t, coefficient in enumerate(coefficients[kept:], kept):
            start = period.start(d, t)
            place = Place("coefficient", f"points[{i}].coefficients[{d}][{t}]", point.slot, start)
            findings.compare("schedule.outside", place, 0, coefficient)
    place = Place("coefficients", f"points[{i}].coefficient_path", point.slot)
    depth = depth_for(record.slots) if inside else 0
    if not findings.compare("path.length", place, depth, len(point.coefficient_path)) or not inside:
        return
    place = Place("coefficients", f"points[{i}].coefficients", point.slot)
    root = _climb(period, record, point, point.coefficients, point.coefficient_path)
    findings.compare("schedule.root", place, record.root, root)


def _climb(
    period: Period,
    record: ScheduleRecord,
    point: Point,
    coefficients: tuple[tuple[int, ...], ...],
    path: tuple[bytes, ...],
) -> bytes:
    depth = depth_for(record.max_intervals)
    salter = Salter(point.key, period.bundle.community, period.facts.run.basis, 0x0B, point.slot)
    days = []
    for d, day in enumerate(coefficients[: record.day_count]):
        kept = day[: record.max_intervals]
        leaves = [coefficient_leaf(salter.salt(d, t), entry) for t, entry in enumerate(kept)]
        days.append(root_of(leaves or [PADDING], depth))
    return climb(root_of(days, depth_for(record.day_count), depth), point.slot, path)
