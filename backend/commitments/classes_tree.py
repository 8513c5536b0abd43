"""The tree of a period's classes: VAT and network class of each slot, fixed before a reading is known.

``classes root`` is anchored when the period opens (docs/protocol.md, sections 6 and 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import Activity
from backend.commitments.leaves import LeafKind, Leaves, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof
from backend.commitments.salts import Indices, SaltKeys
from backend.errors import InputError

__all__ = ["EXEMPT", "LIABLE", "PRIVATE", "STANDARD_NETWORK", "ClassesTree", "build_classes_tree"]

PRIVATE, EXEMPT, LIABLE = 0, 1, 2
STANDARD_NETWORK = 0
_Classes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ClassesTree:
    """Classes that are committed to.

    Attributes:
        root: What is anchored. [32 bytes]
        vat_class: 0 private, 1 exempt, 2 liable. [slots]
        network_class: 0 standard. [slots]
        tree: Over the classes, by slot.
    """

    activity: Activity
    keys: SaltKeys
    terms_id: bytes
    vat_class: _Classes
    network_class: _Classes
    tree: MerkleTree
    root: bytes

    def class_path(self, slot: int) -> tuple[bytes, ...]:
        """Give the siblings above a slot's class. [DS nodes]"""
        return self.tree.path(slot)

    def prove_class(self, slot: int) -> Proof:
        """Prove a slot's class up to the classes root.

        Raises:
            InputError: If the slot is active on no day.
        """
        if not (0 <= slot < self.activity.shape.slots and self.activity.settled[slot]):
            raise InputError(f"Slot {slot} has no class: it is not active on any day.")
        classes = (self.vat_class, self.network_class)
        leaf = _class_leaves(self.keys, self.terms_id, *classes, np.array([slot]))[0]
        return self.tree.prove(leaf.tobytes(), slot)


def build_classes_tree(
    activity: Activity, keys: SaltKeys, terms_id: bytes, vat_class: _Classes, network_class: _Classes
) -> ClassesTree:
    """Commit to the classes of a period.

    Args:
        activity: Which slots have a class: those that are active on any day.
        keys: The members' keys.
        terms_id: Id of the period's terms. [32 bytes]
        vat_class: 0 private, 1 exempt, 2 liable. [slots]
        network_class: 0 standard. [slots]

    Raises:
        InputError: If arrays and period do not fit, or a class is unknown.
    """
    shape = activity.shape
    keys.check_slots(activity.settled)
    for name, classes, most in (
        ("VAT class", vat_class, LIABLE),
        ("network class", network_class, STANDARD_NETWORK),
    ):
        activity.check_array(name, classes, (shape.slots,), np.uint8)
        unknown = np.flatnonzero(activity.settled & (classes > most))
        if unknown.size:
            raise InputError(
                f"Slot {unknown[0]} has {name} {int(classes[unknown[0]])}; the highest is {most}."
            )
    slots = np.flatnonzero(activity.settled)
    leaves = _class_leaves(keys, terms_id, vat_class, network_class, slots)
    tree = MerkleTree.grow_sparse(hash_leaves(leaves), slots.tolist(), shape.slot_depth)
    return ClassesTree(activity, keys, terms_id, vat_class, network_class, tree, tree.root)


def _class_leaves(
    keys: SaltKeys, terms_id: bytes, vat_class: _Classes, network_class: _Classes, slots: Indices
) -> Leaves:
    leaves = new_leaves(LeafKind.CLASS, (len(slots),))
    leaves["salt"] = keys.slot_salts(terms_id, LeafKind.CLASS, slots)[:, 0]
    leaves["vat_class"], leaves["network_class"] = vat_class[slots], network_class[slots]
    return leaves
