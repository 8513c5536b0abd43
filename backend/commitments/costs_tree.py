"""What the links of a ``flow`` key cost: the basis of a run, so that each link of its flow can be contested.

``basis = node(scale leaf, costs root)``; the costs are a tree of depth 2·DS, index ``producer · 2^DS + consumer``
(docs/protocol.md, sections 6, 7 and 8). Salts come from the auditors' key: both ends of a link are told its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind, encode_leaf, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, fold, join_nodes
from backend.commitments.salts import derive_salt
from backend.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from backend.commitments.leaves import Leaves
    from backend.commitments.salts import SaltKeys

    Values = npt.NDArray[np.int64]

__all__ = ["UNBOUND", "CostsTree", "FlowScale", "build_costs_tree"]

UNBOUND = 2**64 - 1  # the cap of a link that nothing limits
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class FlowScale:
    """How levels and steps are weighed, for all links.

    Attributes:
        shared: B.
        consumer_step: W_f.
        producer_step: W_h.
        steps: K.
    """

    shared: int
    consumer_step: int
    producer_step: int
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class CostsTree:
    """Costs that are committed to.

    Attributes:
        producers: Slots, ascending.
        consumers: Slots, ascending.
        depth: DS.
        leaves: By producer, then consumer.
        tree: Over the producers' subtrees.
        scale_leaf: Its bytes.
        root: The basis. [32 bytes]
    """

    producers: tuple[int, ...]
    consumers: tuple[int, ...]
    depth: int
    leaves: Leaves
    tree: MerkleTree
    scale_leaf: bytes
    root: bytes

    def prove_cost(self, producer: int, consumer: int) -> Proof:
        """Prove what a link costs, up to the basis.

        Raises:
            InputError: If one of the slots is not on its side.
        """
        if producer not in self.producers or consumer not in self.consumers:
            raise InputError(f"There is no link from slot {producer} to slot {consumer} in this period.")
        row = self.leaves[self.producers.index(producer)]
        leaf = row[self.consumers.index(consumer)].tobytes()
        below = MerkleTree.grow_sparse(hash_leaves(row), self.consumers, self.depth)
        proof = below.prove(leaf, consumer).extend_by(producer, self.tree.path(producer))
        return proof.extend(1, keccak256(self.scale_leaf))

    def prove_scale(self) -> Proof:
        """Prove the scale, up to the basis."""
        return Proof(self.scale_leaf, 0, (self.tree.root,))


def build_costs_tree(
    keys: SaltKeys,
    terms_id: bytes,
    slots: tuple[Sequence[int], Sequence[int]],
    costs: Values,
    caps: Values,
    scale: FlowScale,
) -> CostsTree:
    """Commit to what the links of a period cost.

    Args:
        keys: The auditors' key.
        terms_id: Of the period. [32 bytes]
        slots: Of producers and of consumers, each ascending, all of the period.
        costs: Shape (n_p, n_c): weighted levels of a unit, the steps apart.
        caps: Shape (n_p, n_c): the most a link carries in an interval, 2^63 - 1 without bound. [mWh]
        scale: How levels are weighed.
    """
    producers, consumers = (tuple(side) for side in slots)
    assert costs.shape == caps.shape == (len(producers), len(consumers)), (costs.shape, caps.shape)
    depth = (max(*producers, *consumers)).bit_length()
    leaves = new_leaves(LeafKind.COST, costs.shape)
    for p, producer in enumerate(producers):
        for i, consumer in enumerate(consumers):
            salt = derive_salt(
                keys.auditors_key, keys.community, terms_id, LeafKind.COST, (producer, consumer, 0)
            )
            leaves["salt"][p, i] = np.frombuffer(salt, dtype=np.uint8)
    leaves["weight"] = costs
    leaves["cap"] = np.where(caps == _INT64_MAX, np.uint64(UNBOUND), caps.astype(np.uint64))
    nodes = np.zeros((len(producers), max(consumers) + 1, 32), dtype=np.uint8)
    nodes[:, list(consumers)] = hash_leaves(leaves)
    tree = MerkleTree.grow_sparse(fold(nodes, depth), producers, depth, depth)
    salt = derive_salt(keys.auditors_key, keys.community, terms_id, LeafKind.SCALE)
    scale_leaf = encode_leaf(
        LeafKind.SCALE,
        salt,
        shared=scale.shared,
        consumer_step=scale.consumer_step,
        producer_step=scale.producer_step,
        steps=scale.steps,
    )
    return CostsTree(
        producers, consumers, depth, leaves, tree, scale_leaf, join_nodes(keccak256(scale_leaf), tree.root)
    )
