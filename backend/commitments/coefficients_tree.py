"""The tree of a schedule: the coefficient of each consumption slot in each interval, as it was handed in.

``schedule root`` is anchored with the time of handing in, before or after the measurement as the rule says
(docs/protocol.md, sections 6 and 7). A leaf stands wherever a consumption slot is active; a slot that was handed
nothing has the coefficient zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import Activity, Amounts
from backend.commitments.leaves import LeafKind, Leaves, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, fold, padding_node
from backend.commitments.salts import Indices, SaltKeys
from backend.commitments.shape import TreeShape
from backend.errors import InputError, SharingKeyError

__all__ = ["CoefficientsTree", "build_coefficients_tree"]

_PARTS_PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class CoefficientsTree:
    """Coefficients that are committed to.

    Attributes:
        root: What is anchored. [32 bytes]
        activity: Of the slots that were handed in, which may be fewer than the period has.
        coefficients: By slot; zeros where there is no leaf. [ppm; slots handed in, intervals of the period]
        tree: Over the (slot, day) subtrees; its leaves are their roots.
    """

    activity: Activity
    keys: SaltKeys
    schedule_id: bytes
    coefficients: Amounts
    tree: MerkleTree
    root: bytes

    def coefficients_of(self, slot: int) -> Amounts:
        """Give a slot's coefficients, zeros where it lies beyond those that were handed in. [ppm; intervals]"""
        if slot >= self.activity.shape.slots:
            return np.zeros(self.activity.shape.total_intervals, dtype=np.int64)
        return np.asarray(self.coefficients[slot])

    def coefficient_path(self, slot: int) -> tuple[bytes, ...] | None:
        """Give the siblings above a slot's subtree, from the bottom; none beyond the slots handed in. [DS nodes]"""
        if slot >= self.activity.shape.slots:
            return None
        return self.tree.path(slot, level=self.activity.shape.day_depth)

    def prove_coefficient(self, slot: int, day: int, t: int) -> Proof:
        """Prove one coefficient up to the schedule root.

        Raises:
            InputError: If there is no such leaf.
        """
        self.activity.require_active(slot, day)
        if self.activity.feeds_in[slot]:
            raise InputError(f"Slot {slot} feeds in; only consumption has a coefficient.")
        shape = self.activity.shape
        leaves = _leaves(
            self.activity, self.keys, self.schedule_id, self.coefficients, day, np.array([slot])
        )[0]
        if not 0 <= t < len(leaves):
            raise InputError(f"Day {day} has {len(leaves)} intervals; there is no interval {t}.")
        proof = MerkleTree.grow(hash_leaves(leaves), shape.interval_depth).prove(leaves[t].tobytes(), t)
        place = (slot << shape.day_depth) + day
        return proof.extend_by(place, self.tree.path(place))


def build_coefficients_tree(
    activity: Activity, keys: SaltKeys, schedule_id: bytes, coefficients: Amounts
) -> CoefficientsTree:
    """Commit to the coefficients of a period.

    Args:
        activity: Which slots are active on which days, and their directions.
        keys: The members' keys.
        schedule_id: Id of the version that is handed in. [32 bytes]
        coefficients: By slot from 0, zeros where there is no consumption; slots beyond have none.
            [ppm; slots handed in, intervals of the period]

    Raises:
        InputError: If arrays, keys and period do not fit.
        BalanceError: If a coefficient is negative or outside the active days.
        SharingKeyError: If a feed-in slot has one, or those of an interval sum to more than the whole.
    """
    keys.check_slots(activity.settled)
    slots_in = len(coefficients)
    shape = TreeShape(slots_in, activity.shape.intervals)
    activity = Activity(shape, activity.active[:slots_in], activity.direction[:slots_in])
    activity.check_amounts("coefficient", coefficients)
    _check_sums(activity, coefficients)
    empty = np.frombuffer(padding_node(shape.interval_depth), dtype=np.uint8)
    days = np.tile(empty, (shape.slots, 1 << shape.day_depth, 1))
    for day in range(shape.days):
        slots = activity.slots_on(day)
        slots = slots[~activity.feeds_in[slots]]
        if slots.size:
            leaves = _leaves(activity, keys, schedule_id, coefficients, day, slots)
            days[slots, day] = fold(hash_leaves(leaves), shape.interval_depth)
    nodes = days.reshape(-1, days.shape[-1])
    tree = MerkleTree.grow(nodes, shape.slot_depth + shape.day_depth, shape.interval_depth)
    return CoefficientsTree(activity, keys, schedule_id, coefficients, tree, tree.root)


def _check_sums(activity: Activity, coefficients: npt.NDArray[np.int64]) -> None:
    fed = activity.feeds_in & coefficients.any(axis=1)
    if fed.any():
        raise SharingKeyError(f"Slot {np.argmax(fed)} feeds in; only consumption has a coefficient.")
    sums = coefficients.sum(axis=0)
    over = np.flatnonzero(sums > _PARTS_PER_MILLION)
    if over.size:
        raise SharingKeyError(
            f"The coefficients of interval {int(over[0])} of the period sum to {int(sums[over[0]])} ppm; "
            f"at most {_PARTS_PER_MILLION} can be given."
        )


def _leaves(
    activity: Activity, keys: SaltKeys, schedule_id: bytes, coefficients: Amounts, day: int, slots: Indices
) -> Leaves:
    """Give the coefficient leaves of a day's slots. [slots, intervals]"""
    span = activity.shape.span(day)
    count = span.stop - span.start
    leaves = new_leaves(LeafKind.COEFFICIENT, (len(slots), count))
    leaves["salt"] = keys.slot_salts(schedule_id, LeafKind.COEFFICIENT, slots, day, count)
    leaves["coefficient"] = coefficients[slots, span]
    return leaves
