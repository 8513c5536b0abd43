"""What the links of a ``flow`` key cost: the basis of a run, so that each link of its flow can be contested.

``basis = node(scale leaf, costs root)``; the costs are a tree of depth 2·DS, index ``producer · 2^DS + consumer``
(docs/protocol.md, sections 6, 7 and 8). Salts come from the auditors' key; a consumer is told those of its own links.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind, encode_leaf, hash_leaves, new_leaves
from backend.commitments.merkle import MerkleTree, Proof, depth_of, fold, join_nodes
from backend.commitments.salts import derive_salt
from backend.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from backend.commitments.leaves import Leaves
    from backend.commitments.salts import SaltKeys

    Values = npt.NDArray[np.int64]

__all__ = ["UNBOUND", "CostsTree", "FlowScale", "LinkCosts", "build_costs_tree"]

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
class LinkCosts:
    """What links cost, and how that is weighed.

    Attributes:
        table: Shape (n_p · n_c, 4): producer's slot, consumer's slot, weighted levels of a unit (the steps apart), the
            most the link carries in an interval [mWh], 2^63 - 1 without bound; by producer, then consumer, each link
            once.
        scale: For all of them.

    Raises:
        InputError: If a link is missing, twice or out of order.
    """

    table: Values
    scale: FlowScale

    def __post_init__(self) -> None:
        due = [(producer, consumer) for producer in self.producers for consumer in self.consumers]
        if self.table.shape != (len(due), 4) or self.table[:, :2].tolist() != [list(pair) for pair in due]:
            raise InputError(
                f"{len(self.producers)} producers and {len(self.consumers)} consumers have {len(due)} links, each once "
                f"by producer, then consumer; {len(self.table)} were given."
            )

    @classmethod
    def of(
        cls,
        producers: tuple[int, ...],
        consumers: tuple[int, ...],
        costs: Values,
        caps: Values,
        scale: FlowScale,
    ) -> Self:
        """Lay out costs and caps, each of shape (n_p, n_c), by link."""
        assert costs.shape == caps.shape == (len(producers), len(consumers)), (costs.shape, caps.shape)
        pairs = np.array([(p, i) for p in producers for i in consumers], dtype=np.int64).reshape(-1, 2)
        return cls(np.column_stack([pairs, costs.reshape(-1), caps.reshape(-1)]), scale)

    @classmethod
    def of_arrays(cls, table: Values, scale: Values) -> Self:
        """Costs as they are kept: the table, and the scale's four numbers."""
        return cls(table, FlowScale(*scale.tolist()))

    @property
    def scale_numbers(self) -> Values:
        """B, W_f, W_h, K."""
        return np.array(astuple(self.scale), dtype=np.int64)

    @property
    def producers(self) -> tuple[int, ...]:
        """Slots, ascending."""
        return tuple(np.unique(self.table[:, 0]).tolist())

    @property
    def consumers(self) -> tuple[int, ...]:
        """Slots, ascending."""
        return tuple(np.unique(self.table[:, 1]).tolist())


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


def build_costs_tree(keys: SaltKeys, terms_id: bytes, slots: int, costs: LinkCosts) -> CostsTree:
    """Commit to what the links of a period cost.

    Args:
        keys: The auditors' key.
        terms_id: Of the period. [32 bytes]
        slots: Of the period, its highest slot plus one.
        costs: Of all its links.
    """
    producers, consumers = costs.producers, costs.consumers
    shape, depth = (len(producers), len(consumers)), depth_of(slots)
    leaves = new_leaves(LeafKind.COST, shape)
    sides = np.array(producers, dtype=np.int64), np.array(consumers, dtype=np.int64)
    leaves["salt"] = keys.pair_salts(terms_id, LeafKind.COST, *sides)
    leaves["weight"] = costs.table[:, 2].reshape(shape)
    caps = costs.table[:, 3].reshape(shape)
    leaves["cap"] = np.where(caps == _INT64_MAX, np.uint64(UNBOUND), caps.astype(np.uint64))
    nodes = np.zeros((len(producers), max(consumers, default=0) + 1, 32), dtype=np.uint8)
    if producers:
        nodes[:, list(consumers)] = hash_leaves(leaves)
    tree = MerkleTree.grow_sparse(fold(nodes, depth), producers, depth, depth)
    salt = derive_salt(keys.auditors_key, keys.community, terms_id, LeafKind.SCALE)
    scale_leaf = encode_leaf(
        LeafKind.SCALE,
        salt,
        shared=costs.scale.shared,
        consumer_step=costs.scale.consumer_step,
        producer_step=costs.scale.producer_step,
        steps=costs.scale.steps,
    )
    root = join_nodes(keccak256(scale_leaf), tree.root)
    return CostsTree(producers, consumers, depth, leaves, tree, scale_leaf, root)
