"""The tree of a settlement run: what the key gave each slot in each interval, and stairs that bind the sums.

``run root = node(days, node(periods, periodStairs))`` and ``day = node(node(headers, stairs), rows)``
(docs/protocol.md, section 7). Nodes are kept from the roots of a slot's day upwards; what lies below is hashed again
from the arrays when a single leaf is to be proved, which takes microseconds and saves gigabytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.commitments.activity import Activity, Amounts
from backend.commitments.keccak import HASH_BYTES
from backend.commitments.leaves import TOTALS, hash_leaves
from backend.commitments.merkle import MerkleTree, Proof, fold, join_nodes, padding_node
from backend.commitments.run_leaves import (
    header_leaves,
    period_leaves,
    period_stair_leaves,
    row_leaves,
    stair_leaves,
)
from backend.commitments.salts import SaltKeys
from backend.commitments.settled import SettledIntervals
from backend.errors import InputError

__all__ = ["DayTrees", "RunTree", "build_run_tree"]


@dataclass(frozen=True, slots=True, eq=False)
class DayTrees:
    """The roots of one day.

    Attributes:
        headers_root: Root of the headers, by interval. [32 bytes]
        stairs_root: Root of the stairs, by interval and block. [32 bytes]
        rows_tree: Over the slots' subtrees; its leaves are their roots, as high as an interval's depth.
        root: The day's node in the tree of days. [32 bytes]
    """

    headers_root: bytes
    stairs_root: bytes
    rows_tree: MerkleTree
    root: bytes


@dataclass(frozen=True, slots=True, eq=False)
class RunTree:
    """A settlement run that is committed to.

    Attributes:
        root: What is anchored. [32 bytes]
        day_trees: By day.
        days_tree: Over the days' roots.
        periods_tree: Over the period leaves, by slot.
        period_stairs_tree: Over the period stairs, by block.
        totals: What the period leaves hold: (energy, allocated) by tariff band, value, credit. [slots, 10]
    """

    activity: Activity
    keys: SaltKeys
    run_id: bytes
    settled: SettledIntervals
    totals: Amounts
    day_trees: tuple[DayTrees, ...]
    days_tree: MerkleTree
    periods_tree: MerkleTree
    period_stairs_tree: MerkleTree
    root: bytes

    @property
    def feed_in(self) -> int:
        """P of the period. [mWh]"""
        return int(self.settled.feed_in_by_interval(self.activity).sum())

    @property
    def consumption(self) -> int:
        """C of the period. [mWh]"""
        return int(self.settled.consumption_by_interval(self.activity).sum())

    @property
    def allocated(self) -> int:
        """A of the period. [mWh]"""
        return int(self.settled.allocated_by_interval(self.activity).sum())

    @property
    def shared(self) -> int:
        """S of the period, which equals A. [mWh]"""
        return int(self.settled.shared_by_interval(self.activity).sum())

    def row_path(self, slot: int, day: int) -> tuple[bytes, ...]:
        """Give the siblings above a slot's subtree of rows on a day, active or not, from the bottom. [DS nodes]"""
        return self.day_trees[day].rows_tree.path(slot)

    def period_path(self, slot: int) -> tuple[bytes, ...]:
        """Give the siblings above a slot's period leaf. [DS nodes]"""
        return self.periods_tree.path(slot)

    def headers_of(self, day: int) -> list[list[int]]:
        """Give a day's headers as bundles write them: [P, C, A, V, tau, band, then each round's two]."""
        return [
            [value for field in header.tolist()[1:] for value in np.ravel(field).tolist()]
            for header in header_leaves(self.activity, self.settled, day)
        ]

    def prove_row(self, slot: int, day: int, t: int) -> Proof:
        """Prove one row up to the run root.

        Raises:
            InputError: If there is no such row.
        """
        self.activity.require_active(slot, day)
        self._require_interval(day, t)
        slots = np.array([slot])
        before = self.settled.totals_before(self.activity, day)[slots]
        leaves = row_leaves(self.activity, self.keys, self.run_id, self.settled, day, slots, before)[0][0]
        tree = MerkleTree.grow(hash_leaves(leaves), self.activity.shape.interval_depth)
        trees = self.day_trees[day]
        proof = tree.prove(leaves[t].tobytes(), t).extend_by(slot, trees.rows_tree.path(slot))
        return self._from_day(proof.extend(1, join_nodes(trees.headers_root, trees.stairs_root)), day)

    def prove_header(self, day: int, t: int) -> Proof:
        """Prove one header up to the run root.

        Raises:
            InputError: If there is no such interval.
        """
        self._require_interval(day, t)
        leaves = header_leaves(self.activity, self.settled, day)
        tree = MerkleTree.grow(hash_leaves(leaves), self.activity.shape.interval_depth)
        trees = self.day_trees[day]
        proof = tree.prove(leaves[t].tobytes(), t).extend(0, trees.stairs_root)
        return self._from_day(proof.extend(0, trees.rows_tree.root), day)

    def prove_stair(self, day: int, t: int, block: int) -> Proof:
        """Prove one stair up to the run root.

        Raises:
            InputError: If there is no such interval or block.
        """
        self._require_interval(day, t)
        self._require_block(block)
        shape = self.activity.shape
        leaves = stair_leaves(self.activity, self.keys, self.run_id, self.settled, day)
        hashes = fold(hash_leaves(leaves), shape.stair_depth)
        proof = MerkleTree.grow(hash_leaves(leaves[t]), shape.stair_depth).prove(
            leaves[t, block].tobytes(), block
        )
        above = MerkleTree.grow(hashes, shape.interval_depth, shape.stair_depth)
        trees = self.day_trees[day]
        proof = proof.extend_by(t, above.path(t)).extend(1, trees.headers_root)
        return self._from_day(proof.extend(0, trees.rows_tree.root), day)

    def prove_period(self, slot: int) -> Proof:
        """Prove a slot's period leaf up to the run root.

        Raises:
            InputError: If the slot is active on no day.
        """
        if not (0 <= slot < self.activity.shape.slots and self.activity.settled[slot]):
            raise InputError(f"Slot {slot} has no period leaf: it is not active on any day.")
        chosen = np.array([slot])
        leaf = period_leaves(self.activity, self.keys, self.run_id, self.settled, self.totals, chosen)[
            0
        ].tobytes()
        proof = self.periods_tree.prove(leaf, slot).extend(0, self.period_stairs_tree.root)
        return proof.extend(1, self.days_tree.root)

    def prove_period_stair(self, block: int) -> Proof:
        """Prove a period stair up to the run root.

        Raises:
            InputError: If there is no such block.
        """
        self._require_block(block)
        leaf = period_stair_leaves(self.activity, self.keys, self.run_id, self.totals)[block].tobytes()
        proof = self.period_stairs_tree.prove(leaf, block).extend(1, self.periods_tree.root)
        return proof.extend(1, self.days_tree.root)

    def _from_day(self, proof: Proof, day: int) -> Proof:
        above = proof.extend_by(day, self.days_tree.path(day))
        return above.extend(0, join_nodes(self.periods_tree.root, self.period_stairs_tree.root))

    def _require_interval(self, day: int, t: int) -> None:
        intervals = self.activity.shape.intervals
        if not 0 <= day < len(intervals):
            raise InputError(f"The period has {len(intervals)} days; there is no day {day}.")
        if not 0 <= t < intervals[day]:
            raise InputError(f"Day {day} has {intervals[day]} intervals; there is no interval {t}.")

    def _require_block(self, block: int) -> None:
        blocks = self.activity.shape.blocks
        if not 0 <= block < blocks:
            raise InputError(f"The period has {blocks} stairs; there is no stair {block}.")


def build_run_tree(
    activity: Activity, keys: SaltKeys, run_id: bytes, settled: SettledIntervals, *, conserving: bool = True
) -> RunTree:
    """Commit to a settlement run.

    Args:
        activity: Which slots have rows on which days, and their directions.
        keys: The members' and the auditors' keys.
        run_id: Id of the run version. [32 bytes]
        settled: Energy, allocation, and what headers say, by interval.
        conserving: Refuse what does not conserve energy. Without, whatever is stored is committed to as it is, so
            that a verifier can say where it differs from what was anchored.

    Returns:
        The tree, its totals, and what proofs and bundles need.

    Raises:
        InputError: If arrays, keys and period do not fit.
        BalanceError: If an amount is negative, outside the active days, or energy is not conserved in an interval.
    """
    shape = activity.shape
    keys.check_slots(activity.settled)
    if conserving:
        settled.check(activity)
    running = np.zeros((shape.slots, TOTALS), dtype=np.int64)
    day_trees = []
    for day in range(shape.days):
        trees, running = _grow_day(activity, keys, run_id, settled, day, running)
        day_trees.append(trees)
    roots = np.frombuffer(b"".join(trees.root for trees in day_trees), dtype=np.uint8).reshape(-1, HASH_BYTES)
    days_tree = MerkleTree.grow(roots, shape.day_depth)
    slots = np.flatnonzero(activity.settled)
    totals = settled.period_totals(activity, running)
    leaves = period_leaves(activity, keys, run_id, settled, totals, slots)
    periods_tree = MerkleTree.grow_sparse(hash_leaves(leaves), slots.tolist(), shape.slot_depth)
    stairs = period_stair_leaves(activity, keys, run_id, totals)
    period_stairs_tree = MerkleTree.grow(hash_leaves(stairs), shape.stair_depth)
    root = join_nodes(days_tree.root, join_nodes(periods_tree.root, period_stairs_tree.root))
    trees_above = (days_tree, periods_tree, period_stairs_tree)
    return RunTree(activity, keys, run_id, settled, totals, tuple(day_trees), *trees_above, root)


def _grow_day(
    activity: Activity, keys: SaltKeys, run_id: bytes, settled: SettledIntervals, day: int, running: Amounts
) -> tuple[DayTrees, Amounts]:
    """Grow one day's trees from the totals before it; gives the totals after it too."""
    shape = activity.shape
    headers = hash_leaves(header_leaves(activity, settled, day))
    headers_root = fold(headers[None], shape.interval_depth)[0].tobytes()
    stairs = fold(hash_leaves(stair_leaves(activity, keys, run_id, settled, day)), shape.stair_depth)
    stairs_root = MerkleTree.grow(stairs, shape.interval_depth, shape.stair_depth).root
    empty = np.frombuffer(padding_node(shape.interval_depth), dtype=np.uint8)
    nodes = np.tile(empty, (shape.slots, 1))
    slots = activity.slots_on(day)
    after = running.copy()
    if slots.size:
        leaves, after[slots] = row_leaves(activity, keys, run_id, settled, day, slots, running[slots])
        nodes[slots] = fold(hash_leaves(leaves), shape.interval_depth)
    rows_tree = MerkleTree.grow(nodes, shape.slot_depth, shape.interval_depth)
    root = join_nodes(join_nodes(headers_root, stairs_root), rows_tree.root)
    return DayTrees(headers_root, stairs_root, rows_tree, root), after
