"""Who was served by whom: the links of a period, and the flows of single intervals where a key decides them.

A slot's links leaf (0c) stands behind its period leaf, a row's detail (0d) behind the row: whoever holds the slot's key
opens both, nobody else learns who served whom (docs/protocol.md, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from backend.commitments.activity import Activity, Amounts
from backend.commitments.keccak import HASH_BYTES, Bytes, keccak256
from backend.commitments.leaves import LeafKind, Leaves, hash_leaves, leaf_type, new_leaves
from backend.commitments.salts import Indices, SaltKeys
from backend.errors import BalanceError, InputError

__all__ = [
    "DayFlows",
    "IntervalFlows",
    "Link",
    "check_links",
    "detail_hashes",
    "links_hashes",
    "links_of",
    "sum_links",
]

_VAT_CLASS_MAX = 2


class Link(IntEnum):
    """The columns of a period's links. [n, 5]"""

    PRODUCER = 0
    CONSUMER = 1
    ENERGY = 2
    VALUE = 3
    VAT_CLASS = 4


def links_of(links: Amounts, slot: int, *, feeds_in: bool) -> Amounts:
    """Give a slot's end of its links: the other's slot, energy, value, VAT class, ascending. [k, 4]"""
    own, other = (Link.PRODUCER, Link.CONSUMER) if feeds_in else (Link.CONSUMER, Link.PRODUCER)
    ends = links[links[:, own] == slot][:, [other, Link.ENERGY, Link.VALUE, Link.VAT_CLASS]]
    return np.asarray(ends[np.argsort(ends[:, 0], kind="stable")])


def sum_links(links: Amounts, column: Link, end: Link, slots: int) -> Amounts:
    """Sum a column over the links that have a slot at an end. [slots]"""
    sums = np.zeros(slots, dtype=np.int64)
    np.add.at(sums, links[:, end], links[:, column])
    return sums


def check_links(links: Amounts, activity: Activity, allocated: Amounts, value: Amounts) -> None:
    """See that links join producers to consumers, each pair once, and come to what their slots have.

    Args:
        links: Of the period. [n, 5]
        activity: Which slots there are.
        allocated: Of each slot over the period. [mWh; slots]
        value: Of each slot over the period. [pico-euro; slots]

    Raises:
        InputError: If an end is no slot of its direction, a pair comes twice, or a VAT class is unknown.
        BalanceError: If a link has no energy, or the links of a slot do not come to its energy or value.
    """
    activity.check_array("links", links, (len(links), len(Link)), np.int64)
    slots, feeds_in = activity.shape.slots, activity.feeds_in
    ends = links[:, [Link.PRODUCER, Link.CONSUMER]]
    if ends.size and not (ends.min() >= 0 and ends.max() < slots):
        raise InputError(f"A link names a slot outside 0 to {slots - 1}.")
    astray = ~feeds_in[links[:, Link.PRODUCER]] | ~(activity.settled & ~feeds_in)[links[:, Link.CONSUMER]]
    if astray.any():
        producer, consumer = ends[np.argmax(astray)].tolist()
        raise InputError(f"The link from slot {producer} to slot {consumer} joins no producer to a consumer.")
    if len(np.unique(ends, axis=0)) != len(links):
        raise InputError("A producer and a consumer are linked twice; add their energies up.")
    if links[:, Link.VAT_CLASS].max(initial=0) > _VAT_CLASS_MAX or links.min(initial=0) < 0:
        raise InputError("A link has a negative figure or a VAT class above 2; use the listed codes.")
    if links[:, Link.ENERGY].min(initial=1) < 1:
        raise BalanceError("A link has no energy; leave it out.")
    given = sum_links(links, Link.ENERGY, Link.CONSUMER, slots)
    given += sum_links(links, Link.ENERGY, Link.PRODUCER, slots)
    _require_equal("energy", "mWh", given, np.where(activity.settled, allocated, 0))
    worth = sum_links(links, Link.VALUE, Link.CONSUMER, slots)
    _require_equal("value", "pico-euro", worth, np.where(activity.settled & ~feeds_in, value, 0))


def _require_equal(what: str, unit: str, linked: Amounts, had: Amounts) -> None:
    apart = np.flatnonzero(linked != had)
    if apart.size:
        slot = int(apart[0])
        raise BalanceError(
            f"The links of slot {slot} come to {int(linked[slot])} {unit} of {what}, its rows to {int(had[slot])}; "
            "divide the period again."
        )


def links_hashes(
    keys: SaltKeys, run_id: bytes, links: Amounts, slots: Indices, feeds_in: npt.NDArray[np.bool_]
) -> Bytes:
    """Hash the links leaves of slots.

    Args:
        keys: The members' keys.
        run_id: Id of the run. [32 bytes]
        links: Of the period. [n, 5]
        slots: Which slots. [m]
        feeds_in: Whether a slot feeds in. [slots of the period]

    Returns:
        Hashes. [m, 32]
    """
    hashes = np.zeros((len(slots), HASH_BYTES), dtype=np.uint8)
    salts = keys.slot_salts(run_id, LeafKind.LINKS, slots)[:, 0]
    for end, chosen in ((Link.PRODUCER, feeds_in[slots]), (Link.CONSUMER, ~feeds_in[slots])):
        other = Link.CONSUMER if end is Link.PRODUCER else Link.PRODUCER
        ends = links[np.lexsort((links[:, other], links[:, end]))]
        packed = _packed_links(ends, other)
        starts, stops = (np.searchsorted(ends[:, end], slots, side) for side in ("left", "right"))
        for place in np.flatnonzero(chosen).tolist():
            tail = packed[starts[place] : stops[place]].tobytes()
            leaf = bytes([LeafKind.LINKS]) + salts[place].tobytes() + tail
            hashes[place] = np.frombuffer(keccak256(leaf), dtype=np.uint8)
    return hashes


def _packed_links(ends: Amounts, other: Link) -> Leaves:
    packed: Leaves = np.zeros(len(ends), dtype=leaf_type(LeafKind.LINKS, 1)["links"].base)
    for name, column in (
        ("slot", other),
        ("energy", Link.ENERGY),
        ("value", Link.VALUE),
        ("vat_class", Link.VAT_CLASS),
    ):
        packed[name] = ends[:, column]
    return packed


@dataclass(frozen=True, slots=True, eq=False)
class IntervalFlows:
    """Who served whom in each interval, where the key itself says so, and what it made of each slot.

    Attributes:
        flows: Interval of the period, producer's slot, consumer's slot, energy, ascending by interval. [mWh; n, 4]
        potential: A slot's potential. [slots, intervals of the period]
    """

    flows: Amounts
    potential: Amounts

    def check(self, activity: Activity, allocated: Amounts) -> None:
        """See that the flows of every interval come to what its rows have.

        Raises:
            InputError: If a shape or type is wrong, or intervals are not in order.
            BalanceError: If a flow has no energy, or a row has another energy than its flows.
        """
        slots, intervals = activity.shape.slots, activity.shape.total_intervals
        activity.check_array("flows", self.flows, (len(self.flows), 4), np.int64)
        activity.check_array("potentials", self.potential, (slots, intervals), np.int64)
        if (np.diff(self.flows[:, 0]) < 0).any():
            raise InputError("The flows are not in the order of their intervals; sort them.")
        if self.flows[:, 3].min(initial=1) < 1:
            raise BalanceError("A flow has no energy; leave it out.")
        sums = np.zeros((slots, intervals), dtype=np.int64)
        for end in (1, 2):
            np.add.at(sums, (self.flows[:, end], self.flows[:, 0]), self.flows[:, 3])
        apart = np.argwhere(sums != allocated)
        if apart.size:
            slot, interval = (int(place) for place in apart[0])
            raise BalanceError(
                f"The flows of slot {slot} in interval {interval} come to {int(sums[slot, interval])} mWh, its row to "
                f"{int(allocated[slot, interval])} mWh; route the interval again."
            )

    def on(self, activity: Activity, day: int) -> DayFlows:
        """Give a day's part of it."""
        span = activity.shape.span(day)
        first, last = np.searchsorted(self.flows[:, 0], (span.start, span.stop))
        flows = self.flows[first:last].copy()
        flows[:, 0] -= span.start
        return DayFlows(flows, self.potential[:, span])


@dataclass(frozen=True, slots=True, eq=False)
class DayFlows:
    """The flows of a day: interval of the day, producer's slot, consumer's slot, energy [mWh; n, 4], and potentials."""

    flows: Amounts
    potential: Amounts

    def parts(self, producers: Indices, block_ends: Indices) -> Amounts:
        """Sum what slots up to each block's end got from each producer. [mWh; blocks, intervals, producers]"""
        sums = np.zeros((len(block_ends), self.potential.shape[1], len(producers)), dtype=np.int64)
        blocks = np.searchsorted(block_ends, self.flows[:, 2])
        places = np.searchsorted(producers, self.flows[:, 1])
        np.add.at(sums, (blocks, self.flows[:, 0], places), self.flows[:, 3])
        return np.asarray(sums.cumsum(axis=0))

    def ends_of(self, slots: Indices) -> tuple[Amounts, npt.NDArray[np.int64]]:
        """Give the flows of slots as (other's slot, energy), by slot, interval and other; and how many each row has.

        Returns:
            Ends [k, 2] and counts [len(slots), intervals of the day].
        """
        count = self.potential.shape[1]
        place = np.full(len(self.potential), -1)
        place[slots] = np.arange(len(slots))
        ends = np.concatenate([self.flows[:, [2, 0, 1, 3]], self.flows[:, [1, 0, 2, 3]]])
        ends[:, 0] = place[ends[:, 0]]
        ends = ends[ends[:, 0] >= 0]
        ends = ends[np.lexsort((ends[:, 2], ends[:, 1], ends[:, 0]))]
        counts = np.bincount(ends[:, 0] * count + ends[:, 1], minlength=len(slots) * count)
        return ends[:, 2:], counts.reshape(len(slots), count)


def detail_hashes(keys: SaltKeys, run_id: bytes, flows: DayFlows, day: int, slots: Indices) -> Bytes:
    """Hash the details of slots on a day. [len(slots), intervals, 32]"""
    ends, counts = flows.ends_of(slots)
    salts = keys.slot_salts(run_id, LeafKind.DETAIL, slots, day, counts.shape[1]).reshape(counts.size, -1)
    potential, wide = flows.potential[slots].ravel(), counts.ravel()
    starts = np.concatenate([[0], wide.cumsum()[:-1]])
    hashes = np.zeros((counts.size, HASH_BYTES), dtype=np.uint8)
    for links in np.unique(wide).tolist():  # leaves of one length are hashed together
        rows = np.flatnonzero(wide == links)
        leaves = new_leaves(LeafKind.DETAIL, (len(rows),), links)
        leaves["salt"], leaves["potential"] = salts[rows], potential[rows]
        if links:
            chosen = ends[starts[rows, None] + np.arange(links)]
            leaves["links"]["slot"], leaves["links"]["energy"] = chosen[..., 0], chosen[..., 1]
        hashes[rows] = hash_leaves(leaves)
    return hashes.reshape(*counts.shape, HASH_BYTES)
