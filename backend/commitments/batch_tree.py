"""The tree of a batch: every reading of a period, and stairs that bind the counts by quality.

``batch root = node(readings, readingStairs)`` (docs/protocol.md, section 7). A reading is at ``(slot, day, t)``; its
stair counts all readings up to the end of that day, slot after slot, so that the last stair is what the contract holds
against the voted limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import Activity, Amounts
from backend.commitments.keccak import Bytes
from backend.commitments.leaves import LeafKind, Leaves, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, fold, join_nodes, padding_node
from backend.commitments.salts import Indices, SaltKeys
from backend.errors import InputError

__all__ = [
    "ESTIMATED",
    "MISSING",
    "NO_SOURCE",
    "BatchTree",
    "Readings",
    "build_batch_tree",
    "reading_leaves",
    "reading_stair_leaves",
]

ESTIMATED = 1
MISSING = 3
NO_SOURCE = 4
_QUALITIES = 4
_SOURCES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The readings of a period, already scaled by the participation factor; zeros on inactive days.

    Attributes:
        energy: Energy; 0 where missing. [mWh; slots, intervals of the period]
        quality: 0 measured, 1 estimated, 2 edited, 3 missing. [slots, intervals]
        source: 0 the meter, 1 the operator's substitute, 2 linear, 3 similar days, 4 none, 5 profiled.
            [slots, intervals]
    """

    energy: Amounts
    quality: npt.NDArray[np.uint8]
    source: npt.NDArray[np.uint8]

    def check(self, activity: Activity) -> None:
        """See that the arrays fit the period and each other.

        Raises:
            InputError: If a shape or type is wrong, a code unknown, or a missing reading has energy or a source.
            BalanceError: If an energy is negative or outside the active days.
        """
        activity.check_amounts("energy", self.energy)
        whole = (activity.shape.slots, activity.shape.total_intervals)
        active = activity.shape.spread(activity.active)
        for name, codes, count in (("quality", self.quality, _QUALITIES), ("source", self.source, _SOURCES)):
            activity.check_array(name, codes, whole, np.uint8)
            _refuse(
                active & (codes >= count),
                f"a {name} above {count - 1}, which has no meaning; use the listed codes",
            )
        missing = active & (self.quality == MISSING)
        _refuse(missing & (self.energy != 0), "a missing reading with energy; make it 0, or give its quality")
        differing = active & ((self.source == NO_SOURCE) != missing)
        _refuse(
            differing, f"source {NO_SOURCE} (none) without being missing, or the reverse; they go together"
        )


@dataclass(frozen=True, slots=True, eq=False)
class BatchTree:
    """A batch that is committed to.

    Attributes:
        root: What is anchored. [32 bytes]
        measured: Readings of quality measured or edited.
        estimated: Readings of quality estimated.
        missing: Readings of quality missing.
        readings_tree: Over the (slot, day) subtrees; its leaves are their roots.
        stairs_tree: Over the stairs of (slot, day).
    """

    activity: Activity
    keys: SaltKeys
    batch_id: bytes
    readings: Readings
    counts: npt.NDArray[np.int64]
    readings_tree: MerkleTree
    stairs_tree: MerkleTree
    root: bytes

    @property
    def measured(self) -> int:
        """Readings of quality measured or edited."""
        return int(self.counts[-1, -1, 0])

    @property
    def estimated(self) -> int:
        """Readings of quality estimated."""
        return int(self.counts[-1, -1, 1])

    @property
    def missing(self) -> int:
        """Readings of quality missing."""
        return int(self.counts[-1, -1, 2])

    def reading_path(self, slot: int) -> tuple[bytes, ...]:
        """Give the siblings above a slot's subtree of readings, from the bottom. [DS nodes]"""
        shape = self.activity.shape
        return self.readings_tree.path(slot, level=shape.day_depth)

    def prove_reading(self, slot: int, day: int, t: int) -> Proof:
        """Prove one reading up to the batch root.

        Raises:
            InputError: If there is no such reading.
        """
        self.activity.require_active(slot, day)
        shape = self.activity.shape
        leaves = reading_leaves(
            self.activity, self.keys, self.batch_id, self.readings, day, np.array([slot])
        )[0]
        if not 0 <= t < len(leaves):
            raise InputError(f"Day {day} has {len(leaves)} intervals; there is no interval {t}.")
        proof = MerkleTree.grow(hash_leaves(leaves), shape.interval_depth).prove(leaves[t].tobytes(), t)
        place = (slot << shape.day_depth) + day
        return proof.extend_by(place, self.readings_tree.path(place)).extend(0, self.stairs_tree.root)

    def prove_stair(self, slot: int, day: int) -> Proof:
        """Prove the counts up to and including (slot, day), up to the batch root."""
        leaves = reading_stair_leaves(self.activity, self.keys, self.batch_id, self.counts)
        place = (slot << self.activity.shape.day_depth) + day
        return self.stairs_tree.prove(leaves[slot, day].tobytes(), place).extend(1, self.readings_tree.root)


def build_batch_tree(activity: Activity, keys: SaltKeys, batch_id: bytes, readings: Readings) -> BatchTree:
    """Commit to the readings of a period.

    Args:
        activity: Which slots have readings on which days.
        keys: The members' and the auditors' keys.
        batch_id: Id of the batch version. [32 bytes]
        readings: What was measured, estimated or missing.

    Returns:
        The tree, its counts, and what proofs and bundles need.

    Raises:
        InputError: If arrays, keys and period do not fit.
        BalanceError: If an energy is negative or outside the active days.
    """
    shape = activity.shape
    keys.check_slots(activity.settled)
    readings.check(activity)
    empty = np.frombuffer(padding_node(shape.interval_depth), dtype=np.uint8)
    days = np.tile(empty, (shape.slots, 1 << shape.day_depth, 1))
    for day in range(shape.days):
        slots = activity.slots_on(day)
        if slots.size:
            leaves = reading_leaves(activity, keys, batch_id, readings, day, slots)
            days[slots, day] = fold(hash_leaves(leaves), shape.interval_depth)
    readings_tree = MerkleTree.grow(_flatten(days), shape.slot_depth + shape.day_depth, shape.interval_depth)
    counts = _count_qualities(activity, readings.quality)
    stairs = np.zeros((shape.slots, 1 << shape.day_depth, 32), dtype=np.uint8)
    stairs[:, : shape.days] = hash_leaves(reading_stair_leaves(activity, keys, batch_id, counts))
    stairs_tree = MerkleTree.grow(_flatten(stairs), shape.slot_depth + shape.day_depth)
    root = join_nodes(readings_tree.root, stairs_tree.root)
    return BatchTree(activity, keys, batch_id, readings, counts, readings_tree, stairs_tree, root)


def reading_leaves(
    activity: Activity, keys: SaltKeys, batch_id: bytes, readings: Readings, day: int, slots: Indices
) -> Leaves:
    """Give the reading leaves of a day's slots. [slots, intervals]"""
    span = activity.shape.span(day)
    count = span.stop - span.start
    leaves = new_leaves(LeafKind.READING, (len(slots), count))
    leaves["salt"] = keys.slot_salts(batch_id, LeafKind.READING, slots, day, count)
    for name, figures in (
        ("energy", readings.energy),
        ("quality", readings.quality),
        ("source", readings.source),
    ):
        leaves[name] = figures[slots, span]
    return leaves


def _count_qualities(activity: Activity, quality: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Sum measured, estimated and missing readings from the first slot's first day. [slots, days, 3]"""
    shape = activity.shape
    counts = np.zeros((shape.slots, shape.days, 3), dtype=np.int64)
    for day in range(shape.days):
        chosen = quality[:, shape.span(day)]
        estimated, missing = (chosen == ESTIMATED).sum(axis=1), (chosen == MISSING).sum(axis=1)
        counts[:, day] = np.stack([chosen.shape[1] - estimated - missing, estimated, missing], axis=1)
    counts[~activity.active] = 0
    return np.asarray(counts.reshape(-1, 3).cumsum(axis=0).reshape(counts.shape))


def reading_stair_leaves(
    activity: Activity, keys: SaltKeys, batch_id: bytes, counts: npt.NDArray[np.int64]
) -> Leaves:
    """Give the stairs of every slot and day. [slots, days]"""
    shape = activity.shape
    leaves = new_leaves(LeafKind.READING_STAIR, (shape.slots, shape.days))
    for day in range(shape.days):
        leaves["salt"][:, day] = keys.stair_salts(batch_id, LeafKind.READING_STAIR, shape.slots, day)[0]
    for place, name in enumerate(("measured", "estimated", "missing")):
        leaves[name] = counts[:, :, place]
    return leaves


def _flatten(nodes: Bytes) -> Bytes:
    return nodes.reshape(-1, nodes.shape[-1])


def _refuse(wrong: npt.NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        slot, interval = (int(place) for place in np.argwhere(wrong)[0])
        raise InputError(f"Slot {slot}, interval {interval} of the period has {what}.")
