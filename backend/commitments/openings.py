"""Any place of an anchored tree, shown: its leaf, or that there is none, and one path from there to the root.

A place is named as salts are: kind of leaf, slot or stair, day, interval. The index of a path is composed of the leaf's
own, lowest, and the bits of each tree that stands in a larger one (docs/protocol.md, section 14), so that a path names
its tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from backend.commitments.activity import Activity
from backend.commitments.batch_tree import BatchTree, reading_leaves, reading_stair_leaves
from backend.commitments.bill_tree import BillTree, bill_leaves, bill_stair_leaves
from backend.commitments.keccak import HASH_BYTES, keccak256
from backend.commitments.leaves import LeafKind, Leaves, hash_leaves
from backend.commitments.merkle import PADDING, MerkleTree, Proof, join_nodes
from backend.commitments.run_leaves import (
    header_leaves,
    period_leaves,
    period_stair_leaves,
    row_leaves,
    stair_leaves,
)
from backend.commitments.run_tree import RunTree

__all__ = ["BatchOpenings", "BillOpenings", "Opening", "Openings", "Place", "RunOpenings"]


class Place(NamedTuple):
    """Where a leaf stands, or would stand; what a kind does not need is zero.

    Attributes:
        kind: Of the leaf.
        slot: Slot, seat, or number of the stair.
        day: Day of the period.
        t: Interval of the day.
    """

    kind: LeafKind
    slot: int = 0
    day: int = 0
    t: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """A place, shown.

    Attributes:
        place: Which.
        leaf: The bytes of its leaf; none where it is padding.
        index: Which side each level lies on, lowest first.
        path: Siblings from the bottom to the root.
    """

    place: Place
    leaf: bytes
    index: int
    path: tuple[bytes, ...]

    @property
    def hash(self) -> bytes:
        """What stands at the place."""
        return keccak256(self.leaf) if self.leaf else PADDING


class Openings(Protocol):
    """A tree whose every place can be shown."""

    @property
    def root(self) -> bytes:
        """What is anchored."""
        ...

    @property
    def activity(self) -> Activity:
        """Which leaves must be there."""
        ...

    def open(self, place: Place) -> Opening:
        """Show a place, whether a leaf stands there or not."""
        ...

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        """All leaves: kind, day, slots (or none of headers), and records by slot and interval, in the trees' order."""
        ...


def _lift(proof: Proof, index: int, tree: MerkleTree) -> Proof:
    return proof.extend_by(index, tree.path(index))


class _Cached:
    """Small trees that were grown last, since contests open many places of one day."""

    _KEPT = 8

    def __init__(self) -> None:
        self._trees: dict[tuple[object, ...], tuple[Leaves, MerkleTree]] = {}

    def of(
        self, key: tuple[object, ...], grow: Callable[[], tuple[Leaves, MerkleTree]]
    ) -> tuple[Leaves, MerkleTree]:
        if key not in self._trees:
            if len(self._trees) >= self._KEPT:
                del self._trees[next(iter(self._trees))]
            self._trees[key] = grow()
        return self._trees[key]


def _begin(leaves: Leaves, tree: MerkleTree, index: int) -> Proof:
    leaf = leaves[index].tobytes() if index < len(leaves) else b""
    return Proof(leaf, index, tree.path(index))


class RunOpenings:
    """A run's tree.

    Args:
        tree: As it was built.
    """

    def __init__(self, tree: RunTree) -> None:
        self.tree = tree
        self._cached = _Cached()

    @property
    def root(self) -> bytes:
        """See ``Openings.root``."""
        return self.tree.root

    @property
    def activity(self) -> Activity:
        """See ``Openings.activity``."""
        return self.tree.activity

    def open(self, place: Place) -> Opening:
        """See ``Openings.open``."""
        tree = self.tree
        opener = {
            LeafKind.HEADER: self._header,
            LeafKind.STAIR: self._stair,
            LeafKind.ROW: self._row,
            LeafKind.PERIOD: self._period,
            LeafKind.PERIOD_STAIR: self._period_stair,
        }[place.kind]
        proof = opener(place)
        if place.kind in {LeafKind.HEADER, LeafKind.STAIR, LeafKind.ROW}:
            proof = _lift(proof, place.day, tree.days_tree)
            proof = proof.extend(0, join_nodes(tree.periods_tree.root, tree.period_stairs_tree.root))
        return Opening(place, proof.leaf, proof.index, proof.path)

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        """See ``Openings.leaves``."""
        tree, shape = self.tree, self.activity.shape
        running = np.zeros((shape.slots, tree.totals.shape[1]), dtype=np.int64)
        for day in range(shape.days):
            yield LeafKind.HEADER, day, (0,), header_leaves(self.activity, tree.settled, day)[None]
            stairs = stair_leaves(self.activity, tree.keys, tree.run_id, tree.settled, day)
            yield LeafKind.STAIR, day, tuple(range(shape.blocks)), stairs.swapaxes(0, 1)
            slots = self.activity.slots_on(day)
            if slots.size:
                before = running[slots]
                rows, running[slots] = row_leaves(
                    self.activity, tree.keys, tree.run_id, tree.settled, day, slots, before
                )
                yield LeafKind.ROW, day, tuple(slots.tolist()), rows
        slots = np.flatnonzero(self.activity.settled)
        leaves = period_leaves(self.activity, tree.keys, tree.run_id, tree.settled, tree.totals, slots)
        yield LeafKind.PERIOD, 0, tuple(slots.tolist()), leaves[:, None]
        stairs = period_stair_leaves(self.activity, tree.keys, tree.run_id, tree.totals)
        yield LeafKind.PERIOD_STAIR, 0, tuple(range(shape.blocks)), stairs[:, None]

    def _header(self, place: Place) -> Proof:
        def grow() -> tuple[Leaves, MerkleTree]:
            leaves = header_leaves(self.activity, self.tree.settled, place.day)
            return leaves, MerkleTree.grow(hash_leaves(leaves), self.activity.shape.interval_depth)

        trees = self.tree.day_trees[place.day]
        proof = _begin(*self._cached.of((place.kind, place.day), grow), place.t)
        return proof.extend(0, trees.stairs_root).extend(0, trees.rows_tree.root)

    def _stair(self, place: Place) -> Proof:
        shape, tree = self.activity.shape, self.tree

        def grow() -> tuple[Leaves, MerkleTree]:
            leaves = stair_leaves(self.activity, tree.keys, tree.run_id, tree.settled, place.day)
            width = 1 << shape.stair_depth
            nodes = np.zeros((len(leaves), width, HASH_BYTES), dtype=np.uint8)
            nodes[:, : shape.blocks] = hash_leaves(leaves)
            depth = shape.interval_depth + shape.stair_depth
            return leaves, MerkleTree.grow(nodes.reshape(-1, HASH_BYTES), depth)

        leaves, grown = self._cached.of((place.kind, place.day), grow)
        index = (place.t << shape.stair_depth) + place.slot
        there = place.t < len(leaves) and place.slot < shape.blocks
        leaf = leaves[place.t, place.slot].tobytes() if there else b""
        trees = tree.day_trees[place.day]
        return (
            Proof(leaf, index, grown.path(index))
            .extend(1, trees.headers_root)
            .extend(0, trees.rows_tree.root)
        )

    def _row(self, place: Place) -> Proof:
        shape, tree = self.activity.shape, self.tree

        def grow() -> tuple[Leaves, MerkleTree]:
            slots = np.array([place.slot])
            there = place.slot < shape.slots and self.activity.active[place.slot, place.day]
            if not there:
                nothing: Leaves = np.zeros(0, dtype=np.dtype([("kind", "u1")]))
                return nothing, MerkleTree.grow(np.zeros((1, HASH_BYTES), np.uint8), shape.interval_depth)
            before = tree.settled.totals_before(self.activity, place.day)[slots]
            leaves = row_leaves(
                self.activity, tree.keys, tree.run_id, tree.settled, place.day, slots, before
            )[0][0]
            return leaves, MerkleTree.grow(hash_leaves(leaves), shape.interval_depth)

        trees = tree.day_trees[place.day]
        proof = _begin(*self._cached.of((place.kind, place.slot, place.day), grow), place.t)
        proof = _lift(proof, place.slot, trees.rows_tree)
        return proof.extend(1, join_nodes(trees.headers_root, trees.stairs_root))

    def _period(self, place: Place) -> Proof:
        tree, leaf = self.tree, b""
        if place.slot < self.activity.shape.slots and self.activity.settled[place.slot]:
            slots = np.array([place.slot])
            leaves = period_leaves(self.activity, tree.keys, tree.run_id, tree.settled, tree.totals, slots)
            leaf = leaves[0].tobytes()
        proof = tree.periods_tree.prove(leaf, place.slot).extend(0, tree.period_stairs_tree.root)
        return proof.extend(1, tree.days_tree.root)

    def _period_stair(self, place: Place) -> Proof:
        tree = self.tree
        leaves = period_stair_leaves(self.activity, tree.keys, tree.run_id, tree.totals)
        proof = _begin(leaves, tree.period_stairs_tree, place.slot)
        return proof.extend(1, tree.periods_tree.root).extend(1, tree.days_tree.root)


class BatchOpenings:
    """A batch's tree.

    Args:
        tree: As it was built.
    """

    def __init__(self, tree: BatchTree) -> None:
        self.tree = tree
        self._cached = _Cached()

    @property
    def root(self) -> bytes:
        """See ``Openings.root``."""
        return self.tree.root

    @property
    def activity(self) -> Activity:
        """See ``Openings.activity``."""
        return self.tree.activity

    def open(self, place: Place) -> Opening:
        """See ``Openings.open``."""
        shape = self.activity.shape
        above = (place.slot << shape.day_depth) + place.day
        if place.kind is LeafKind.READING_STAIR:
            leaf = b""
            if place.slot < shape.slots and place.day < shape.days:
                leaf = self._stairs()[place.slot, place.day].tobytes()
            proof = self.tree.stairs_tree.prove(leaf, above).extend(1, self.tree.readings_tree.root)
        else:
            proof = _begin(*self._cached.of((place.slot, place.day), lambda: self._grow(place)), place.t)
            proof = _lift(proof, above, self.tree.readings_tree).extend(0, self.tree.stairs_tree.root)
        return Opening(place, proof.leaf, proof.index, proof.path)

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        """See ``Openings.leaves``."""
        shape = self.activity.shape
        for day in range(shape.days):
            slots = self.activity.slots_on(day)
            if slots.size:
                yield LeafKind.READING, day, tuple(slots.tolist()), self._readings(day, slots)
        stairs = self._stairs()
        for day in range(shape.days):
            yield LeafKind.READING_STAIR, day, tuple(range(shape.slots)), stairs[:, day, None]

    def _readings(self, day: int, slots: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Leaves:
        tree = self.tree
        return reading_leaves(self.activity, tree.keys, tree.batch_id, tree.readings, day, slots)

    def _stairs(self) -> Leaves:
        tree = self.tree
        return reading_stair_leaves(self.activity, tree.keys, tree.batch_id, tree.counts)

    def _grow(self, place: Place) -> tuple[Leaves, MerkleTree]:
        shape = self.activity.shape
        if not (
            place.slot < shape.slots
            and place.day < shape.days
            and self.activity.active[place.slot, place.day]
        ):
            nothing: Leaves = np.zeros(0, dtype=np.dtype([("kind", "u1")]))
            return nothing, MerkleTree.grow(np.zeros((1, HASH_BYTES), np.uint8), shape.interval_depth)
        leaves = self._readings(place.day, np.array([place.slot]))[0]
        return leaves, MerkleTree.grow(hash_leaves(leaves), shape.interval_depth)


class BillOpenings:
    """The tree of a run's bills.

    Args:
        tree: As it was built.
        activity: Of the period.
    """

    def __init__(self, tree: BillTree, activity: Activity) -> None:
        self.tree = tree
        self._activity = activity

    @property
    def root(self) -> bytes:
        """See ``Openings.root``."""
        return self.tree.root

    @property
    def activity(self) -> Activity:
        """See ``Openings.activity``."""
        return self._activity

    def open(self, place: Place) -> Opening:
        """See ``Openings.open``."""
        tree = self.tree
        if place.kind is LeafKind.BILL_STAIR:
            leaves = bill_stair_leaves(tree.keys, tree.run_id, tree.sums)
            proof = _begin(leaves, tree.stairs_tree, place.slot).extend(1, tree.bills_tree.root)
        else:
            bill = tree.figures.get(place.slot)
            leaf = bill_leaves(tree.keys, tree.run_id, [bill])[0].tobytes() if bill else b""
            proof = tree.bills_tree.prove(leaf, place.slot).extend(0, tree.stairs_tree.root)
        return Opening(place, proof.leaf, proof.index, proof.path)

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        """See ``Openings.leaves``."""
        tree = self.tree
        bills = bill_leaves(tree.keys, tree.run_id, list(tree.figures.values()))
        yield LeafKind.BILL, 0, tuple(tree.figures), bills[:, None]
        stairs = bill_stair_leaves(tree.keys, tree.run_id, tree.sums)
        yield LeafKind.BILL_STAIR, 0, tuple(range(len(stairs))), stairs[:, None]
