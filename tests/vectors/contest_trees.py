"""The trees of a reference period with any leaf replaced: what a settler anchors who lies there, and every path in it.

Leaves come from ``ReferencePeriod``; an index is composed as section 14.2 of ``docs/protocol.md`` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from backend.commitments import Activity, TreeShape
from backend.commitments.leaves import LeafKind, Leaves
from backend.commitments.openings import Opening, Place
from tests.vectors import reference as ref
from tests.vectors.reference_period import ReferencePeriod
from tests.vectors.reference_settlement import FEED_IN

__all__ = ["BatchTrees", "BillTrees", "CoveredPeriod", "Grown", "Lies", "RunTrees", "activity_of"]

Lies = Mapping[Place, bytes]


class CoveredPeriod(ReferencePeriod):
    """A reference period that adds up each slot's totals once."""

    def running(self, slot: int, until: int) -> list[int]:
        return list(self._running[slot][until])

    @cached_property
    def _running(self) -> list[list[list[int]]]:
        sums = []
        for slot in range(self.slots):
            listed = [[0] * ref.TOTALS]
            for index in range(sum(self.intervals)):
                totals, band = list(listed[-1]), self.inputs["bands"][index]
                totals[2 * band] += self.inputs["energy"][slot][index]
                totals[2 * band + 1] += self.allocated[slot][index]
                totals[8] += self.worth[1][slot][index]
                totals[9] += self.credited[slot][index]
                listed.append(totals)
            sums.append(listed)
        return sums


def activity_of(period: ReferencePeriod) -> Activity:
    """Which leaves must be there, as the product's own provers ask for it."""
    active = [[period.is_active(slot, day) for day in range(period.days)] for slot in range(period.slots)]
    direction = [int(period.direction(slot) == FEED_IN) for slot in range(period.slots)]
    shape = TreeShape(period.slots, tuple(period.intervals))
    return Activity(shape, np.array(active, dtype=np.bool_), np.array(direction, dtype=np.uint8))


class Grown:
    """A positional tree, each level of it kept."""

    def __init__(self, leaves: Mapping[int, bytes], depth: int) -> None:
        level = [leaves.get(index, ref.ZERO) for index in range(2**depth)]
        self.levels = [level]
        while len(level) > 1:
            level = [ref.keccak(level[i] + level[i + 1]) for i in range(0, len(level), 2)]
            self.levels.append(level)

    @property
    def root(self) -> bytes:
        return self.levels[-1][0]

    def path(self, index: int) -> list[bytes]:
        return [level[(index >> height) ^ 1] for height, level in enumerate(self.levels[:-1])]


class _Way:
    """A leaf's index and siblings, from the leaf upwards."""

    def __init__(self, tree: Grown, index: int) -> None:
        self.index, self.path = index, tree.path(index)

    def beside(self, side: int, sibling: bytes) -> _Way:
        """One level up: ``side`` is 1 where the running hash is the right one."""
        self.index += side << len(self.path)
        self.path.append(sibling)
        return self

    def within(self, tree: Grown, index: int) -> _Way:
        self.index += index << len(self.path)
        self.path += tree.path(index)
        return self


class _Trees:
    """What is common to the three: a leaf's bytes by its place, and those that lie."""

    def __init__(self, period: CoveredPeriod, lies: Lies) -> None:
        self.period, self.lies = period, dict(lies)
        self.activity = activity_of(period)

    def leaf(self, place: Place) -> bytes:
        if place in self.lies:
            return self.lies[place]
        return self.honest(place)

    def honest(self, place: Place) -> bytes:
        raise NotImplementedError

    def way(self, place: Place) -> _Way:
        raise NotImplementedError

    def open(self, place: Place) -> Opening:
        way = self.way(place)
        return Opening(place, self.leaf(place), way.index, tuple(way.path))

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        raise NotImplementedError("vectors name the places that they show")

    def tree(self, depth: int, places: Mapping[int, Place]) -> Grown:
        """Hash the leaves by index; places out of the ordinary are there where a lie puts them."""
        told = {index: self.leaf(place) for index, place in places.items()}
        return Grown({index: ref.keccak(leaf) for index, leaf in told.items() if leaf}, depth)

    def named(self, kind: LeafKind, places: Sequence[Place]) -> list[Place]:
        """Those places, and those of this kind that lies add."""
        return [*dict.fromkeys([*places, *(place for place in self.lies if place.kind == kind)])]


class RunTrees(_Trees):
    """A run."""

    @cached_property
    def _days(self) -> list[tuple[Grown, Grown, Grown]]:
        return [self._day(day) for day in range(self.period.days)]

    def _day(self, day: int) -> tuple[Grown, Grown, Grown]:
        p, kind = self.period, LeafKind
        span = range(p.intervals[day])
        headers = self.named(kind.HEADER, [Place(kind.HEADER, 0, day, t) for t in span])
        stairs = self.named(kind.STAIR, [Place(kind.STAIR, b, day, t) for t in span for b in range(p.blocks)])
        rows = self.named(
            kind.ROW, [Place(kind.ROW, slot, day, t) for slot in p.active_slots(day) for t in span]
        )
        return (
            self.tree(p.interval_depth, {x.t: x for x in headers if x.day == day}),
            self.tree(
                p.interval_depth + p.stair_depth,
                {(x.t << p.stair_depth) + x.slot: x for x in stairs if x.day == day},
            ),
            self.tree(
                p.slot_depth + p.interval_depth,
                {(x.slot << p.interval_depth) + x.t: x for x in rows if x.day == day},
            ),
        )

    @cached_property
    def _days_tree(self) -> Grown:
        roots = {
            day: ref.keccak(ref.keccak(headers.root + stairs.root) + rows.root)
            for day, (headers, stairs, rows) in enumerate(self._days)
        }
        return Grown(roots, self.period.day_depth)

    @cached_property
    def _periods(self) -> Grown:
        places = [Place(LeafKind.PERIOD, slot) for slot in self.period.settled_slots]
        return self.tree(self.period.slot_depth, {x.slot: x for x in self.named(LeafKind.PERIOD, places)})

    @cached_property
    def _period_stairs(self) -> Grown:
        places = [Place(LeafKind.PERIOD_STAIR, block) for block in range(self.period.blocks)]
        return self.tree(
            self.period.stair_depth, {x.slot: x for x in self.named(LeafKind.PERIOD_STAIR, places)}
        )

    @cached_property
    def root(self) -> bytes:
        periods = ref.keccak(self._periods.root + self._period_stairs.root)
        return ref.keccak(self._days_tree.root + periods)

    def way(self, place: Place) -> _Way:
        p = self.period
        if place.kind == LeafKind.PERIOD:
            way = _Way(self._periods, place.slot).beside(0, self._period_stairs.root)
            return way.beside(1, self._days_tree.root)
        if place.kind == LeafKind.PERIOD_STAIR:
            way = _Way(self._period_stairs, place.slot).beside(1, self._periods.root)
            return way.beside(1, self._days_tree.root)
        headers, stairs, rows = self._days[place.day]
        if place.kind == LeafKind.HEADER:
            way = _Way(headers, place.t).beside(0, stairs.root).beside(0, rows.root)
        elif place.kind == LeafKind.STAIR:
            way = _Way(stairs, (place.t << p.stair_depth) + place.slot)
            way = way.beside(1, headers.root).beside(0, rows.root)
        else:
            way = _Way(rows, (place.slot << p.interval_depth) + place.t)
            way = way.beside(1, ref.keccak(headers.root + stairs.root))
        return way.within(self._days_tree, place.day).beside(
            0, ref.keccak(self._periods.root + self._period_stairs.root)
        )

    def honest(self, place: Place) -> bytes:
        p = self.period
        kind, slot, day, t = place
        if kind == LeafKind.PERIOD:
            return p.period_bytes(slot) if slot in p.settled_slots else b""
        if kind == LeafKind.PERIOD_STAIR:
            return p.period_stair_bytes(slot) if slot < p.blocks else b""
        if t >= p.intervals[day]:
            return b""
        index = sum(p.intervals[:day]) + t
        if kind == LeafKind.HEADER:
            return ref.header_leaf(p.headers[index])
        if kind == LeafKind.STAIR:
            return p.stair_bytes(day, t, index, slot) if slot < p.blocks else b""
        there = slot < p.slots and p.is_active(slot, day)
        return p.row_bytes(slot, day, t, index) if there else b""


class BatchTrees(_Trees):
    """A batch."""

    @cached_property
    def _readings(self) -> Grown:
        p, kind = self.period, LeafKind.READING
        places = self.named(
            kind, [Place(kind, slot, day, t) for day, t, _ in p.moments() for slot in p.active_slots(day)]
        )
        depth = p.slot_depth + p.day_depth + p.interval_depth
        return self.tree(depth, {(self._above(x) << p.interval_depth) + x.t: x for x in places})

    @cached_property
    def _stairs(self) -> Grown:
        p, kind = self.period, LeafKind.READING_STAIR
        places = [Place(kind, slot, day) for slot in range(p.slots) for day in range(p.days)]
        return self.tree(p.slot_depth + p.day_depth, {self._above(x): x for x in self.named(kind, places)})

    @cached_property
    def _counts(self) -> dict[tuple[int, int], list[int]]:
        """What ``counts_up_to`` counts, for all places in one go."""
        p, counts, listed = self.period, [0, 0, 0], {}
        for slot in range(p.slots):
            for day in range(p.days):
                start = sum(p.intervals[:day])
                for index in range(start, start + p.intervals[day] * p.is_active(slot, day)):
                    counts[{0: 0, 2: 0, 1: 1, 3: 2}[p.inputs["quality"][slot][index]]] += 1
                listed[slot, day] = list(counts)
        return listed

    @cached_property
    def root(self) -> bytes:
        return ref.keccak(self._readings.root + self._stairs.root)

    def _above(self, place: Place) -> int:
        return (place.slot << self.period.day_depth) + place.day

    def way(self, place: Place) -> _Way:
        if place.kind == LeafKind.READING_STAIR:
            return _Way(self._stairs, self._above(place)).beside(1, self._readings.root)
        index = (self._above(place) << self.period.interval_depth) + place.t
        return _Way(self._readings, index).beside(0, self._stairs.root)

    def honest(self, place: Place) -> bytes:
        p = self.period
        kind, slot, day, t = place
        if slot >= p.slots or day >= p.days:
            return b""
        if kind == LeafKind.READING_STAIR:
            salt = p.salt(p.auditors_key, p.batch_id, 9, slot, day, 0)
            return ref.reading_stair_leaf(salt, self._counts[slot, day])
        if t >= p.intervals[day] or not p.is_active(slot, day):
            return b""
        return p.reading_bytes(slot, day, t, sum(p.intervals[:day]) + t)


class BillTrees(_Trees):
    """The bills of a run."""

    @cached_property
    def _bills(self) -> Grown:
        places = [Place(LeafKind.BILL, bill["seat"]) for bill in self.period.bills]
        return self.tree(self.period.slot_depth, {x.slot: x for x in self.named(LeafKind.BILL, places)})

    @cached_property
    def _stairs(self) -> Grown:
        places = [Place(LeafKind.BILL_STAIR, block) for block in range(self.period.blocks)]
        return self.tree(
            self.period.stair_depth, {x.slot: x for x in self.named(LeafKind.BILL_STAIR, places)}
        )

    @cached_property
    def root(self) -> bytes:
        return ref.keccak(self._bills.root + self._stairs.root)

    def way(self, place: Place) -> _Way:
        if place.kind == LeafKind.BILL_STAIR:
            return _Way(self._stairs, place.slot).beside(1, self._bills.root)
        return _Way(self._bills, place.slot).beside(0, self._stairs.root)

    def honest(self, place: Place) -> bytes:
        p = self.period
        if place.kind == LeafKind.BILL_STAIR:
            return p.bill_stair_bytes(place.slot) if place.slot < p.blocks else b""
        bill = next((bill for bill in p.bills if bill["seat"] == place.slot), None)
        return p.bill_bytes(bill) if bill else b""
