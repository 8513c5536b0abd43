"""The tree of a run's bills: one leaf per participant at its seat, and stairs that bind debits, credits, fees and VAT.

``bill root = node(bills, billStairs)`` (docs/protocol.md, sections 7 and 9). What the amounts are is the billing room's
business; here they are committed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.commitments.activity import Activity, Amounts
from backend.commitments.leaves import BILL_LINES, LeafKind, Leaves, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, join_nodes
from backend.commitments.salts import SaltKeys
from backend.errors import BalanceError, InputError

__all__ = ["FEE_LINE", "BillFigures", "BillTree", "bill_leaves", "bill_stair_leaves", "build_bill_tree"]

FEE_LINE = 6


@dataclass(frozen=True, slots=True)
class BillFigures:
    """The amounts of one bill. [whole cents]

    Attributes:
        seat: The participant's first slot that is active on any day.
        lines: Residual supply in four bands, bought, network, fee, sold, surplus, network on shared energy, excise on
            residual supply, on shared energy, incentive.
        vat_debit: VAT on what the community bills.
        vat_credit: VAT on what the participant sells.
        debit: What the participant owes the community, VAT included.
        credit: What the community owes the participant, VAT included.

    Raises:
        InputError: If there are not thirteen lines.
        BalanceError: If an amount is negative.
    """

    seat: int
    lines: tuple[int, ...]
    vat_debit: int
    vat_credit: int
    debit: int
    credit: int

    def __post_init__(self) -> None:
        if len(self.lines) != BILL_LINES:
            raise InputError(
                f"The bill of seat {self.seat} has {len(self.lines)} lines; it needs {BILL_LINES}."
            )
        amounts = (*self.lines, self.vat_debit, self.vat_credit, self.debit, self.credit)
        if min(amounts) < 0:
            raise BalanceError(
                f"The bill of seat {self.seat} has the negative amount {min(amounts)}; none can be."
            )


@dataclass(frozen=True, slots=True, eq=False)
class BillTree:
    """Bills that are committed to.

    Attributes:
        root: What is anchored. [32 bytes]
        figures: The bills by seat.
        sums: Debits, credits, fees, VAT debits, VAT credits up to each stair. [cents; blocks, 5]
        bills_tree: Over the bills, by seat.
        stairs_tree: Over the stairs, by block.
    """

    keys: SaltKeys
    run_id: bytes
    figures: dict[int, BillFigures]
    sums: Amounts
    bills_tree: MerkleTree
    stairs_tree: MerkleTree
    root: bytes

    @property
    def debits(self) -> int:
        """Σ debit over all bills. [cents]"""
        return int(self.sums[-1, 0])

    @property
    def credits(self) -> int:
        """Σ credit over all bills. [cents]"""
        return int(self.sums[-1, 1])

    @property
    def fees(self) -> int:
        """Σ fee over all bills. [cents]"""
        return int(self.sums[-1, 2])

    @property
    def vat_debits(self) -> int:
        """Σ VAT on debits. [cents]"""
        return int(self.sums[-1, 3])

    @property
    def vat_credits(self) -> int:
        """Σ VAT on credits. [cents]"""
        return int(self.sums[-1, 4])

    def bill_path(self, seat: int) -> tuple[bytes, ...]:
        """Give the siblings above a bill. [DS nodes]"""
        return self.bills_tree.path(seat)

    def prove_bill(self, seat: int) -> Proof:
        """Prove one bill up to the bill root.

        Raises:
            InputError: If the seat has no bill.
        """
        if seat not in self.figures:
            raise InputError(
                f"Seat {seat} has no bill; seats with one are {', '.join(map(str, self.figures))}."
            )
        leaf = bill_leaves(self.keys, self.run_id, [self.figures[seat]])[0].tobytes()
        return self.bills_tree.prove(leaf, seat).extend(0, self.stairs_tree.root)

    def prove_stair(self, block: int) -> Proof:
        """Prove one stair up to the bill root.

        Raises:
            InputError: If there is no such block.
        """
        if not 0 <= block < len(self.sums):
            raise InputError(f"The bills have {len(self.sums)} stairs; there is no stair {block}.")
        leaf = bill_stair_leaves(self.keys, self.run_id, self.sums)[block].tobytes()
        return self.stairs_tree.prove(leaf, block).extend(1, self.bills_tree.root)


def build_bill_tree(
    activity: Activity, keys: SaltKeys, run_id: bytes, bills: Sequence[BillFigures]
) -> BillTree:
    """Commit to the bills of a run.

    Args:
        activity: Whose shape it is.
        keys: The members' and the auditors' keys.
        run_id: Id of the run that is billed. [32 bytes]
        bills: One per participant, in any order, at least one.

    Returns:
        The tree, its totals, and what proofs and bundles need.

    Raises:
        InputError: If there is no bill, two for a seat, or one for a slot that is active on no day.
    """
    shape = activity.shape
    keys.check_slots(activity.settled)
    figures = {bill.seat: bill for bill in sorted(bills, key=lambda bill: bill.seat)}
    if not figures or len(figures) != len(bills):
        raise InputError(
            f"{len(bills)} bills were given for {len(figures)} seats; give one each, and at least one."
        )
    for seat in figures:
        if not (0 <= seat < shape.slots and activity.settled[seat]):
            raise InputError(
                f"Seat {seat} is active on no day; a bill sits at its participant's first active slot."
            )
    leaves = bill_leaves(keys, run_id, list(figures.values()))
    bills_tree = MerkleTree.grow_sparse(hash_leaves(leaves), list(figures), shape.slot_depth)
    by_slot = np.zeros((shape.slots, 5), dtype=np.int64)
    for seat, bill in figures.items():
        by_slot[seat] = (bill.debit, bill.credit, bill.lines[FEE_LINE], bill.vat_debit, bill.vat_credit)
    sums = by_slot.cumsum(axis=0)[shape.block_ends()]
    stairs_tree = MerkleTree.grow(hash_leaves(bill_stair_leaves(keys, run_id, sums)), shape.stair_depth)
    root = join_nodes(bills_tree.root, stairs_tree.root)
    return BillTree(keys, run_id, figures, sums, bills_tree, stairs_tree, root)


def bill_leaves(keys: SaltKeys, run_id: bytes, bills: Sequence[BillFigures]) -> Leaves:
    """Give the leaves of bills. [n]"""
    leaves = new_leaves(LeafKind.BILL, (len(bills),))
    leaves["salt"] = keys.slot_salts(run_id, LeafKind.BILL, np.array([bill.seat for bill in bills]))[:, 0]
    leaves["lines"] = [bill.lines for bill in bills]
    for name in ("vat_debit", "vat_credit", "debit", "credit"):
        leaves[name] = [getattr(bill, name) for bill in bills]
    return leaves


def bill_stair_leaves(keys: SaltKeys, run_id: bytes, sums: Amounts) -> Leaves:
    """Give the stairs of bills. [blocks]"""
    leaves = new_leaves(LeafKind.BILL_STAIR, (len(sums),))
    leaves["salt"] = keys.stair_salts(run_id, LeafKind.BILL_STAIR, len(sums))[0]
    for place, name in enumerate(("debits", "credits", "fees", "vat_debits", "vat_credits")):
        leaves[name] = sums[:, place]
    return leaves
