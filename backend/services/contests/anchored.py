"""What a contest is made of: the trees of a run as they were anchored, and what their leaves hold the hash of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from backend.commitments.keccak import keccak256
from backend.commitments.leaves import LeafKind, decode_leaf, encode_leaf
from backend.commitments.links import links_of
from backend.commitments.openings import Openings, Place
from backend.services.commit import bytes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.commitments import Activity, ClassesTree, CoefficientsTree, CostsTree, SaltKeys
    from backend.ports import AllocationFrame

__all__ = ["AnchoredRun"]


@dataclass(frozen=True)
class AnchoredRun:
    """The trees of a run as anchored, whose every leaf can be shown.

    Attributes:
        run_id: 0x-hex.
        method: Number of the sharing key.
        binds_operator: Does the grid operator's allocation bind?
        has_rounds: Do headers have rounds that a row's contribution is read against?
        producers_sell: Do producers sell the shared energy?
        step_seconds: Length of an interval. [s]
        seats: Seat of each slot.
        keys: What salts come from.
        run: The run's tree.
        batch: The tree of its readings.
        bills: The tree of its bills; None where there are none.
        frame: The rows, for links and flows.
        classes: Of the period.
        coefficients: Of the schedule that the run rests on; None of other keys.
        costs: Of a computed flow, as its basis has them; None of other keys, and where they are not known.
        earlier: Batches of the period before the run's: id and tree.
        shown_elsewhere: Leaves by their hashes, where they are not what the frame gives.
    """

    run_id: str
    method: int
    binds_operator: bool
    has_rounds: bool
    producers_sell: bool
    step_seconds: int
    seats: Sequence[int]
    keys: SaltKeys
    run: Openings
    batch: Openings
    bills: Openings | None
    frame: AllocationFrame
    classes: ClassesTree
    coefficients: CoefficientsTree | None = None
    costs: CostsTree | None = None
    earlier: Sequence[tuple[str, Openings]] = ()
    shown_elsewhere: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        """Which leaves must be there."""
        return self.run.activity

    def first_day(self, slot: int) -> int:
        """The slot's first active day."""
        return int(np.argmax(self.activity.active[slot]))

    def last_day(self, slot: int) -> int:
        """The slot's last active day."""
        return int(np.flatnonzero(self.activity.active[slot])[-1])

    def intervals(self, day: int) -> int:
        """Intervals of a day."""
        return self.activity.shape.intervals[day]

    def slots_of(self, seat: int) -> list[int]:
        """A seat's slots that are active on any day, in order."""
        return [slot for slot, own in enumerate(self.seats) if own == seat and self.activity.settled[slot]]

    def before(self, place: Place) -> Place | None:
        """The interval before, of the slot's active days; None at their beginning."""
        if place.t > 0:
            return place._replace(t=place.t - 1)
        day = place.day - 1
        if day < 0 or not self.activity.active[place.slot, day]:
            return None
        return place._replace(day=day, t=self.intervals(day) - 1)

    def detail(self, place: Place) -> bytes:
        """The detail of a row of ``flow``; nothing where no row stands or the detail is not known."""
        row = self.run.open(place._replace(kind=LeafKind.ROW)).leaf
        if not row:
            return b""
        hash_of = decode_leaf(row)["detail"]
        return self._known(hash_of, self._detail_of_frame(place))

    def links(self, slot: int) -> bytes:
        """The links leaf of a slot; nothing where it is not known."""
        period = self.run.open(Place(LeafKind.PERIOD, slot)).leaf
        if not period:
            return b""
        feeds_in = bool(self.activity.feeds_in[slot])
        salt = self.keys.slot_salts(bytes_of(self.run_id), LeafKind.LINKS, np.array([slot]))[0, 0].tobytes()
        ends = [tuple(end) for end in links_of(self.frame.links, slot, feeds_in=feeds_in).tolist()]
        leaf = encode_leaf(LeafKind.LINKS, salt, links=ends)
        return self._known(decode_leaf(period)["links"], leaf)

    def _known(self, hash_of: bytes, leaf: bytes) -> bytes:
        return leaf if keccak256(leaf) == hash_of else self.shown_elsewhere.get(hash_of, b"")

    def _detail_of_frame(self, place: Place) -> bytes:
        flows, potentials = self.frame.link_flows, self.frame.potentials
        if flows is None or potentials is None:
            return b""
        interval = self.activity.shape.span(place.day).start + place.t
        here = flows[flows[:, 0] == interval]
        ends = [(int(c), int(e)) for _, p, c, e in here if p == place.slot]
        ends += [(int(p), int(e)) for _, p, c, e in here if c == place.slot]
        slots, count = np.array([place.slot]), self.intervals(place.day)
        salts = self.keys.slot_salts(bytes_of(self.run_id), LeafKind.DETAIL, slots, place.day, count)
        return encode_leaf(
            LeafKind.DETAIL,
            salts[0, place.t].tobytes(),
            potential=int(potentials[place.slot, interval]),
            links=sorted(ends),
        )
