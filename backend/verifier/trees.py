"""Positional trees (protocol, section 3): the bits of an index choose the sides, padding is 32 zero bytes."""

from __future__ import annotations

from collections.abc import Sequence

from backend.commitments.keccak import keccak256

__all__ = ["PADDING", "climb", "depth_for", "join", "padding_root", "root_of"]

PADDING = bytes(32)

_padding_roots: list[bytes] = [PADDING]


def join(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return keccak256(left + right)


def depth_for(count: int) -> int:
    """Give the least depth whose leaves hold ``count`` positions; one position needs none."""
    return max(count - 1, 0).bit_length()


def padding_root(height: int) -> bytes:
    """Give the root of a tree of this height that holds no leaf."""
    while len(_padding_roots) <= height:
        _padding_roots.append(join(_padding_roots[-1], _padding_roots[-1]))
    return _padding_roots[height]


def root_of(nodes: Sequence[bytes], depth: int, height: int = 0) -> bytes:
    """Build the root over nodes that stand from position 0 on; what follows them is padding.

    Args:
        nodes: Nodes in order, at most ``2 ** depth``.
        depth: Levels from the nodes to the root.
        height: Levels that lie below the nodes, so that padding has the same height as they have.
    """
    if len(nodes) > 1 << depth:
        raise AssertionError(f"{len(nodes)} nodes do not fit below depth {depth}")
    level = list(nodes)
    for step in range(depth):
        if len(level) % 2:
            level.append(padding_root(height + step))
        level = [join(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0] if level else padding_root(height + depth)


def climb(node: bytes, index: int, path: Sequence[bytes]) -> bytes:
    """Give the root that a node at an index leads to, past its siblings from the bottom up."""
    for level, sibling in enumerate(path):
        node = join(sibling, node) if index >> level & 1 else join(node, sibling)
    return node
