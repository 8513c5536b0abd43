"""Flows: what links cost, what they carry, and the potentials that say a flow is the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.commitments.leaves import LeafKind
from backend.commitments.openings import Place
from tests.vectors import reference as ref
from tests.vectors.contest_bends import flipped, told
from tests.vectors.contest_cases import Story, changed
from tests.vectors.contest_scenes import Scene, in_rounds, more
from tests.vectors.reference_settlement import CONSUMPTION, FEED_IN

__all__ = ["honest_flow", "lying_flow"]

HEADER, STAIR, ROW = LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW


def honest_flow(s: Scene) -> Story:
    story = Story(s.world, "honest, by what links cost")
    for moment in s.busy[:4]:
        for slot in s.p.active_slots(moment[0], CONSUMPTION):
            story.holds("link", Place(ROW, slot, *moment), "LinkHolds")
        for slot in s.p.active_slots(moment[0]):
            story.holds("step", Place(ROW, slot, *moment), "PotentialHolds")
    row = s.row(CONSUMPTION, s.busy[0])
    story.bent("link", row, "by another cost", "CostNotInBasis", told("0.cost.weight", more()))
    story.bent("step", row, "by another scale", "CostNotInBasis", told("0.scale.producerStep", more()))
    story.bent("link", row, "in another run", "LeavesNotInRun", flipped("0.consumer.path"))
    story.anchored_as = replace(story.anchored, method=1)
    story.holds("row", row, "SharingKeyUnknown", "as of a formula is refused")
    story.holds("value", row, "ValueOfLinks", "as of a formula is refused")
    return story


def lying_flow(s: Scene) -> Story:
    """A flow may be shared otherwise, and be told otherwise."""
    story = Story(s.world, "flows that lie")
    moments = list(s.busy)
    wanting = _take(s, moments, CONSUMPTION)
    _redetail(story, wanting, potential=more(-(10**9)))
    ends = [wanting, *(_lying_producer(s, story, moments, by) for by in (10**9, -(10**9)))]
    for side, by in ((CONSUMPTION, 10**9), (FEED_IN, 1)):
        ends.append(s.row(side, moments.pop(0)))
        _redetail(story, ends[-1], potential=more(by))
    ends.append(story.alter(s.row(FEED_IN, moments.pop(0)), allocated=more()))
    told_round = Place(HEADER, 0, *moments.pop(0))
    story.alter(told_round, rounds=in_rounds(0, 10**9, 0))
    ends.append(told_round._replace(kind=ROW, slot=_producers(s)[0]))
    given = s.row(CONSUMPTION, moments.pop(0))
    _link(story, given, lambda links: [(slot, energy + 1) for slot, energy in links[:1]] + links[1:])
    elsewhere = s.row(CONSUMPTION, moments.pop(0))
    other = next(iter(set(s.p.active_slots(elsewhere.day, FEED_IN)) - {_links(s, elsewhere)[0][0]}))
    _link(story, elsewhere, lambda links: [(other, links[0][1]), *links[1:]])

    story.holds("flow", elsewhere, words="from another producer is refused")
    story.voided("flow", given)
    for place in (given, elsewhere):
        story.voided("stair", place._replace(kind=STAIR, slot=place.slot // 4))
    story.voided("link", wanting)
    for place in ends:
        story.voided("step", place)
    return story


def _producers(s: Scene) -> list[int]:
    assert s.p.network is not None
    return list(s.p.network.producers)


def _lying_producer(s: Scene, story: Story, moments: list[tuple[int, int]], by: int) -> Place:
    """A producer's potential, in its row and in the header alike."""
    place = _take(s, moments, FEED_IN)
    _redetail(story, place, potential=more(by))
    header = Place(HEADER, 0, place.day, place.t)
    story.alter(header, rounds=in_rounds(_producers(s).index(place.slot), by, 0))
    return place


def _take(s: Scene, moments: list[tuple[int, int]], side: str) -> Place:
    """The next end whose potential lies between two values."""
    place = next(place for moment in moments for place in _between(s, moment, side))
    moments.remove((place.day, place.t))
    return place


def _between(s: Scene, moment: tuple[int, int], side: str) -> list[Place]:
    """Ends that would have taken, or shared, more and less: their potentials lie between two values."""
    index = sum(s.p.intervals[: moment[0]]) + moment[1]
    slots = s.p.active_slots(moment[0], side)
    moved, energy = s.p.allocated, s.p.inputs["energy"]
    return [Place(ROW, slot, *moment) for slot in slots if 0 < moved[slot][index] < energy[slot][index]]


def _links(s: Scene, place: Place) -> list[list[int]]:
    return s.p.detail_of(place.slot, sum(s.p.intervals[: place.day]) + place.t)[1]


def _link(story: Story, place: Place, change: Callable[[Any], Any]) -> None:
    _redetail(story, place, links=lambda links: sorted(change([tuple(link) for link in links])))


def _redetail(story: Story, place: Place, **changes: Any) -> None:
    """Another detail behind a row, whose hash the row then holds."""
    p, index = story.world.period, sum(story.world.period.intervals[: place.day]) + place.t
    leaf = changed(p.detail_bytes(place.slot, place.day, place.t, index), **changes)
    story.shown.append(leaf)
    story.alter(place, detail=ref.keccak(leaf))
