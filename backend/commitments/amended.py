"""Trees with other leaves at some places, as who lies in a leaf makes them, and where two trees differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from backend.commitments.activity import Activity
from backend.commitments.keccak import Bytes, keccak256
from backend.commitments.leaves import LeafKind, Leaves, as_bytes
from backend.commitments.merkle import PADDING, join_nodes
from backend.commitments.openings import Opening, Openings, Place

__all__ = ["Amended", "differing"]


class Amended:
    """A tree with other leaves at some places: its root and every path as they are then.

    Args:
        base: The tree.
        amendments: By place the bytes that stand there instead; none for padding.
    """

    def __init__(self, base: Openings, amendments: Mapping[Place, bytes]) -> None:
        self.base = base
        self.amendments = dict(amendments)
        self._nodes: dict[tuple[int, int], bytes] = {}  # by height above the root's depth: see _key
        self._root = base.root
        self._grow()

    @property
    def root(self) -> bytes:
        """See ``Openings.root``."""
        return self._root

    @property
    def activity(self) -> Activity:
        """See ``Openings.activity``."""
        return self.base.activity

    def open(self, place: Place) -> Opening:
        """See ``Openings.open``."""
        found = self.base.open(place)
        levels = len(found.path)
        path = tuple(
            self._nodes.get((levels - level, found.index >> level ^ 1), sibling)
            for level, sibling in enumerate(found.path)
        )
        return Opening(place, self.amendments.get(place, found.leaf), found.index, path)

    def leaves(self) -> Iterator[tuple[LeafKind, int, tuple[int, ...], Leaves]]:
        """Those of the base: ``differing`` looks at amendments by itself."""
        return self.base.leaves()

    def _grow(self) -> None:
        """Hash what is amended up to the root; a node is named by its depth below the root and its place there."""
        siblings: dict[tuple[int, int], bytes] = {}
        for place, leaf in self.amendments.items():
            found = self.base.open(place)
            levels = len(found.path)
            self._nodes[levels, found.index] = keccak256(leaf) if leaf else PADDING
            for level, sibling in enumerate(found.path):
                siblings[levels - level, found.index >> level ^ 1] = sibling
        for depth in range(max((depth for depth, _ in self._nodes), default=0), 0, -1):
            for at, index in [key for key in self._nodes if key[0] == depth]:
                pair = [
                    self._nodes.get((at, side), siblings.get((at, side), b""))
                    for side in (index & ~1, index | 1)
                ]
                self._nodes[depth - 1, index >> 1] = join_nodes(*pair)
        self._root = self._nodes.get((0, 0), self.base.root)


def differing(honest: Openings, anchored: Openings) -> Iterator[Place]:
    """Places at which an anchored tree holds another leaf than the honest one: the first of each kind and slot.

    Args:
        honest: As it should be; not amended.
        anchored: What was anchored.
    """
    seen: set[tuple[LeafKind, int]] = set()
    amendments = anchored.amendments if isinstance(anchored, Amended) else {}
    base = anchored.base if isinstance(anchored, Amended) else anchored
    for place, leaf in sorted(amendments.items(), key=lambda entry: (entry[0].day, entry[0].t, entry[0])):
        if (place.kind, place.slot) not in seen and honest.open(place).leaf != leaf:
            seen.add((place.kind, place.slot))
            yield place
    if base.root == honest.root:
        return
    for (kind, day, slots, ours), (_, _, others, theirs) in zip(honest.leaves(), base.leaves(), strict=True):
        assert slots == others, "the period says which leaves there are"
        for place in _apart(kind, day, slots, ours, theirs):
            if (kind, place.slot) not in seen and place not in amendments:
                seen.add((kind, place.slot))
                yield place


def _apart(kind: LeafKind, day: int, slots: tuple[int, ...], ours: Leaves, theirs: Leaves) -> Iterator[Place]:
    """The first interval of each slot in which two arrays of leaves differ. [slots, intervals]"""
    apart = np.ones(ours.shape, dtype=np.bool_)
    if ours.dtype == theirs.dtype:
        apart = (_bytes(ours) != _bytes(theirs)).any(axis=-1)
    for row in np.flatnonzero(apart.any(axis=1)).tolist():
        yield Place(kind, slots[row], day, int(apart[row].argmax()))


def _bytes(leaves: Leaves) -> Bytes:
    return as_bytes(np.ascontiguousarray(leaves))
