"""The tree of a claim: the readings that a party to a case says were measured (docs/protocol.md, section 15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.commitments.keccak import HASH_BYTES
from backend.commitments.leaves import SALT_BYTES, LeafKind, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, depth_of
from backend.commitments.salts import SaltKeys
from backend.errors import InputError

__all__ = ["INTERVALS_MAX", "ClaimTree", "build_claim_tree"]

INTERVALS_MAX = 1 << 16  # positions in salts are two bytes long
_CASE_ID_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False)
class ClaimTree:
    """A claim's readings, committed to.

    Attributes:
        root: What the party signs. [32 bytes]
        salts: Of each reading, in order. [16 bytes each]
        leaves: Their bytes, in order.
        tree: Over the leaves' hashes.
    """

    root: bytes
    salts: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    tree: MerkleTree

    def prove(self, index: int) -> Proof:
        """Prove one reading up to the claim's root."""
        return self.tree.prove(self.leaves[index], index)


def build_claim_tree(
    community: bytes,
    case_number: int,
    slot: int,
    key: bytes,
    energy: Sequence[int],
    quality: Sequence[int],
    source: Sequence[int],
) -> ClaimTree:
    """Commit to a claim.

    Args:
        community: The community's name on chain. [32 bytes]
        case_number: The case, as the chain counts it.
        slot: The metering point.
        key: The claims' key, which the parties of the case are told. [32 bytes]
        energy: Of each interval in question, in order. [mWh]
        quality: Of each reading.
        source: Of each reading.

    Raises:
        InputError: If there is none, there are too many, lengths differ, or a figure is negative.
    """
    count = len(energy)
    if not 0 < count <= INTERVALS_MAX:
        raise InputError(f"A claim has 1 to {INTERVALS_MAX:,} readings, not {count:,}.")
    if not count == len(quality) == len(source):
        raise InputError(
            f"A claim has as many qualities ({len(quality)}) and sources ({len(source)}) as energies ({count})."
        )
    if min(energy) < 0:
        raise InputError(f"A reading of {min(energy)} mWh is below zero.")
    if len(key) != HASH_BYTES:
        raise InputError(f"A claims' key has {HASH_BYTES} bytes, not {len(key)}.")
    keys = np.zeros((slot + 1, HASH_BYTES), dtype=np.uint8)
    keys[slot] = np.frombuffer(key, dtype=np.uint8)
    # The salts' formula is the members' own, with the case in the place of a run, and no day.
    salt_keys = SaltKeys(community, keys, bytes(HASH_BYTES))
    scope = case_number.to_bytes(_CASE_ID_BYTES, "big")
    salts: npt.NDArray[np.uint8] = salt_keys.slot_salts(
        scope, LeafKind.READING, np.array([slot]), intervals=count
    )[0]
    leaves = new_leaves(LeafKind.READING, (count,))
    leaves["salt"], leaves["energy"] = salts, energy
    leaves["quality"], leaves["source"] = quality, source
    tree = MerkleTree.grow(hash_leaves(leaves), depth_of(count))
    return ClaimTree(
        tree.root,
        tuple(salt.tobytes() for salt in salts.reshape(count, SALT_BYTES)),
        tuple(leaf.tobytes() for leaf in leaves),
        tree,
    )
