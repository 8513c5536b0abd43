"""What links of ``flow`` cost one's own points, and that no better flow exists for them (protocol, section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from backend.verifier.bundle import Header, Point, Scale
from backend.verifier.leaves import cost_leaf, scale_leaf
from backend.verifier.period import Period
from backend.verifier.trees import climb, join
from backend.verifier.verdict import Place

__all__ = ["check_best", "check_costs"]

_BIAS = 1 << 52  # a round holds potential + 2^52


def check_costs(period: Period) -> None:
    """Check that the scale, and what links to one's own points cost, are the run's basis, whole and in order.

    Both are there where headers are: without them no flow can be held against what it costs.
    """
    bundle, findings = period.bundle, period.findings
    scale, basis, place = bundle.scale, period.facts.run.basis, Place("scale", "scale")
    findings.hold("run.basis", Place("run", "run_version"), any(basis), "the root over costs of links", basis)
    shown = any(day.headers is not None for day in bundle.days)
    findings.compare("cost.given", place, "there" if shown else "null", "there" if scale else "null")
    if scale is not None:
        findings.compare("cost.root", place, basis, join(scale_leaf(scale), scale.costs_root))
    producers = period.day_points[0].all_producers if period.day_points else ()
    for i, point in enumerate(bundle.points):
        due, given = shown and not point.feeds_in, point.costs is not None
        place = Place("costs", f"points[{i}].costs", point.slot)
        fits = findings.compare("cost.given", place, "there" if due else "null", "there" if given else "null")
        if not fits or point.costs is None or scale is None:
            continue
        findings.compare("cost.links", place, list(producers), [cost.producer for cost in point.costs])
        for j, cost in enumerate(point.costs):
            field = f"points[{i}].costs[{j}]"
            place = Place("cost", field, point.slot)
            if not findings.compare("path.length", place, 2 * period.slot_depth, len(cost.path)):
                continue
            index = (cost.producer << period.slot_depth) | point.slot
            findings.compare("cost.root", place, scale.costs_root, climb(cost_leaf(cost), index, cost.path))


def check_best(period: Period, i: int, point: Point, whole: tuple[tuple[bool, ...], ...]) -> None:
    """Check that potentials of a point keep what an optimal flow keeps, in each interval whose header is shown.

    Args:
        period: What is checked.
        i: The point's place in the bundle.
        point: The point.
        whole: By day and interval, whether its header is there and has the rounds of the key.
    """
    scale = period.bundle.scale
    if point.details is None or scale is None:
        return
    for d, energies in enumerate(point.energy):
        headers = period.bundle.days[d].headers
        for t, energy in enumerate(energies):
            if headers is None or not whole[d][t]:
                continue
            if not (headers[t].feed_in and headers[t].consumption and energy):
                continue
            place = Place("detail", f"points[{i}].details[{d}][{t}]", point.slot, period.start(d, t))
            _check_steps(period, point, (d, t), scale, headers[t], place)
            if not point.feeds_in:
                _check_links(period, point, (d, t), headers[t], place)


def _check_steps(
    period: Period, point: Point, at: tuple[int, int], scale: Scale, header: Header, place: Place
) -> None:
    """Check a potential against what the next unit and the last one are worth to their end."""
    assert point.details is not None
    energy, taken = (figures[at[0]][at[1]] for figures in (point.energy, point.allocated))
    potential = point.details[at[0]][at[1]].potential
    even = energy * min(header.feed_in, header.consumption)
    step = partial(
        _step, scale.steps, energy, even // (header.feed_in if point.feeds_in else header.consumption)
    )
    for following, unit in ((True, taken), (False, taken - 1)):
        if not 0 <= unit < energy:
            continue
        price, worth = scale.producer_step * step(unit), scale.shared - scale.consumer_step * step(unit)
        bound = price if point.feeds_in else worth
        least = following is not point.feeds_in
        holds = potential >= bound if least else potential <= bound
        expected = f"at {'least' if least else 'most'} {bound}"
        period.findings.hold("detail.step", place, holds, expected, potential)


def _step(steps: int, energy: int, even: int, unit: int) -> int:
    """Give the step of the unit after ``unit``; no steps are one, as the contract has it."""
    return (max(steps, 1) * (unit + 1) - 1) // energy + (unit >= even)


def _check_links(period: Period, point: Point, at: tuple[int, int], header: Header, place: Place) -> None:
    """Check each link of a consumer: none too dear carries, and none that is cheaper could carry more."""
    assert point.details is not None
    d, t = at
    detail, points = point.details[d][t], period.day_points[d]
    carried = dict(detail.links)
    rounds = dict(zip(points.all_producers, header.rounds, strict=True))
    own = dict(_own_feed_in(period, d, t))
    for cost in point.costs or ():
        if cost.producer not in points.producers or cost.producer not in rounds:
            continue
        energy, (biased, shared) = carried.get(cost.producer, 0), rounds[cost.producer]
        due, link = biased - _BIAS + cost.weight, f"slot {cost.producer}"
        fits = energy <= cost.cap
        period.findings.hold("detail.cap", place, fits, f"at most {cost.cap} from {link}", energy)
        if energy:
            holds, expected = detail.potential >= due, f"at least {due}, as {link} costs"
            period.findings.hold("detail.cost", place, holds, expected, detail.potential)
        if energy < cost.cap and (shared or own.get(cost.producer, 0)):
            holds, expected = detail.potential <= due, f"at most {due}, or more from {link}"
            period.findings.hold("detail.cost", place, holds, expected, detail.potential)


def _own_feed_in(period: Period, d: int, t: int) -> Iterator[tuple[int, int]]:
    for point in period.bundle.points:
        if point.feeds_in and point.is_active(d):
            yield point.slot, point.energy[d][t]
