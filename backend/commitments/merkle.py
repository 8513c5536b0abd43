"""Positional Merkle trees: the bits of an index choose the sides, so absence and uniqueness can be proved.

A tree is as deep as its shape says, however few leaves it has; every position without a leaf is ``PADDING``
(docs/protocol.md, section 3). What lies right of the last leaf is never stored: it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from backend.commitments.keccak import HASH_BYTES, Bytes, hash_pairs, keccak256

__all__ = ["PADDING", "MerkleTree", "Proof", "climb", "depth_of", "fold", "join_nodes", "padding_node"]

PADDING = bytes(HASH_BYTES)


def depth_of(count: int) -> int:
    """Give the least depth whose tree has ``count`` positions; one position needs none."""
    assert count >= 1, f"a tree has at least one position, not {count}"
    return (count - 1).bit_length()


def join_nodes(left: bytes, right: bytes) -> bytes:
    """Hash two nodes to their parent."""
    return keccak256(left + right)


@cache
def padding_node(level: int) -> bytes:
    """Give the node ``level`` levels above leaves that are all padding."""
    if level == 0:
        return PADDING
    below = padding_node(level - 1)
    return join_nodes(below, below)


def climb(node: bytes, index: int, path: Iterable[bytes]) -> bytes:
    """Hash a node with its siblings up to the root.

    Args:
        node: Hash of the leaf, or of a subtree.
        index: Its position, from the left, on its level.
        path: Siblings from the bottom.

    Returns:
        The root; it proves nothing unless the index lies in the tree, which the caller checks.
    """
    for sibling in path:
        node = join_nodes(sibling, node) if index & 1 else join_nodes(node, sibling)
        index >>= 1
    return node


def fold(nodes: Bytes, levels: int) -> Bytes:
    """Hash the last axis but one upwards, padding it to a full tree.

    Args:
        nodes: Leaf hashes of many small trees. [trees, at most 2^levels, 32]
        levels: Levels to go up.

    Returns:
        Roots of the small trees. [trees, 32]
    """
    trees, count, _ = nodes.shape
    width = 1 << levels
    assert count <= width, f"{count} leaves do not fit a tree of depth {levels}"
    full = np.zeros((trees, width, HASH_BYTES), dtype=np.uint8)
    full[:, :count] = nodes
    level = full.reshape(-1, HASH_BYTES)
    for _ in range(levels):
        level = hash_pairs(level)
    return level.reshape(trees, HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Proof:
    """A leaf and what leads from it to a root.

    Attributes:
        leaf: The bytes of the leaf.
        index: Its position in the tree below the root; lowest bit first, 1 where the running hash is the right one.
        path: Siblings from the bottom.
    """

    leaf: bytes
    index: int
    path: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root to which the leaf climbs."""
        return climb(keccak256(self.leaf), self.index, self.path)

    def extend(self, side: int, sibling: bytes) -> Proof:
        """Go one level up, as the left (0) or right (1) child beside a sibling."""
        return Proof(self.leaf, self.index | side << len(self.path), (*self.path, sibling))

    def extend_by(self, index: int, path: Sequence[bytes]) -> Proof:
        """Go up a whole tree, from the position that this proof's root has in it."""
        return Proof(self.leaf, self.index | index << len(self.path), (*self.path, *path))


@dataclass(frozen=True, slots=True, eq=False)
class MerkleTree:
    """A tree with all its levels kept.

    Attributes:
        depth: Levels between leaves and root.
        base: Height of what the leaves stand for: 0 for leaf hashes, more where each is a subtree's root.
        levels: Nodes from the leaves to the root; each level ends where only padding follows. [n, 32] each
    """

    depth: int
    base: int
    levels: tuple[Bytes, ...]

    @classmethod
    def grow(cls, leaves: Bytes, depth: int, base: int = 0) -> MerkleTree:
        """Grow a tree over hashes, by position from the left; missing ones inside are ``padding_node(base)``.

        Args:
            leaves: Hashes. [at most 2^depth, 32]
            depth: Levels between leaves and root.
            base: Height of the subtrees whose roots are given.
        """
        assert 1 <= len(leaves) <= 1 << depth, f"{len(leaves)} leaves do not fit a tree of depth {depth}"
        levels = [leaves]
        for level in range(depth):
            nodes = levels[-1]
            if len(nodes) % 2:
                padding = np.frombuffer(padding_node(base + level), dtype=np.uint8)
                nodes = np.concatenate([nodes, padding[None, :]])
            levels.append(hash_pairs(nodes))
        return cls(depth, base, tuple(levels))

    @classmethod
    def grow_sparse(cls, leaves: Bytes, indices: Sequence[int], depth: int, base: int = 0) -> MerkleTree:
        """Grow a tree over hashes at given positions, padding everywhere else.

        Args:
            leaves: Hashes, in the order of ``indices``. [n, 32]
            indices: Their positions, all different.
            depth: Levels between leaves and root.
            base: Height of the subtrees whose roots are given.
        """
        places = np.asarray(indices, dtype=np.int64)
        count = int(places.max(initial=0)) + 1
        nodes = np.tile(np.frombuffer(padding_node(base), dtype=np.uint8), (count, 1))
        nodes[places] = leaves
        return cls.grow(nodes, depth, base)

    @property
    def root(self) -> bytes:
        """The root."""
        return bytes(self.levels[-1][0])

    def node(self, level: int, index: int) -> bytes:
        """Give a node by its level above the leaves and its position from the left."""
        assert 0 <= index < 1 << (self.depth - level), f"level {level} has no position {index}"
        nodes = self.levels[level]
        return nodes[index].tobytes() if index < len(nodes) else padding_node(self.base + level)

    def path(self, index: int, level: int = 0) -> tuple[bytes, ...]:
        """Give the siblings on the way from a node to the root, from the bottom.

        Args:
            index: The node's position on its level.
            level: Its level above the leaves.
        """
        assert 0 <= index < 1 << (self.depth - level), f"level {level} has no position {index}"
        return tuple(self.node(at, index >> (at - level) ^ 1) for at in range(level, self.depth))

    def prove(self, leaf: bytes, index: int) -> Proof:
        """Prove a leaf, given by its bytes, at its position."""
        return Proof(leaf, index, self.path(index))
