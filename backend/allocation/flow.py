"""The ``flow`` key: whoever can serve whom, the best for all of them together.

Per interval an integer flow of least cost from producers to consumers over the links that the members allow, best at
the first of these levels at which two solutions differ:

1. the most energy shared;
2. the most used by who fed it in (``own_first``), free of charge;
3. the most given where a donation was promised;
4. the least from others than those whom a consumer prefers;
5. consumers served alike: each demand is cut into steps, of which nobody's next is filled before everybody's last,
   with one more cut where the ``dynamic`` key would stop: on links without caps each gets what ``dynamic`` gives it,
   but for single units that flooring leaves there and which are shared here;
6. the voted costs, in order: distance, another phase, another feeder;
7. producers sold alike, by the same steps of their feed-in.

The solution need not be unique, but that it is optimal can be proved link by link: see ``flow_certificate``, and
docs/protocol.md section 8. Nothing that the law asks for: members choose it, and it is explained to each of them
(``flow_explanation``). The solver is OR-Tools' cost scaling (Goldberg and Tarjan 1990); it gets the same arcs in the
same order for the same input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from backend.allocation.flow_certificate import Contradiction, FlowInterval, certify_flow, even_parts
from backend.allocation.flow_explanation import LinkReason, explain_links
from backend.allocation.flow_network import FlowNetwork, FlowPoint
from backend.allocation.links import LinkFlows, PeriodMatrix
from backend.allocation.sharing_key import Allocation, Header, Row, SlotRows
from backend.community import Direction
from backend.errors import BalanceError, SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from backend.community import LinkTerms

__all__ = ["POTENTIAL_BIAS", "FlowKey"]

POTENTIAL_BIAS = 1 << 52  # a header's round holds potential + 2^52, never negative
_ENERGY_BOUND = 1 << 53
_TOTAL_MAX = (1 << 62) - 1
_REMEDY = "This is a fault of Partage: nothing is settled; keep the readings and report it."


@dataclass(frozen=True, slots=True, eq=False)
class FlowKey:
    """The best flow over the members' links.

    Attributes:
        network: Links of the period, their caps and costs.

    Invariants:
        - Nothing flows over a link beyond its cap.
        - As much is shared as the links allow.
        - Every interval's solution passes its certificate before it is given.
    """

    network: FlowNetwork

    method: ClassVar[str] = "flow"
    code: ClassVar[int] = 9
    coefficients_ppm: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def of(
        cls,
        links: LinkTerms,
        slots: Mapping[str, int],
        points: Mapping[int, FlowPoint],
        resolution_minutes: int,
    ) -> Self:
        """The key for a period's members.

        Args:
            links: Terms as voted.
            slots: Slot by metering point id, of all points that ever had one.
            points: By slot, those that are members in this period.
            resolution_minutes: Length of an interval. [min]

        Raises:
            SharingKeyError: If the terms contradict the points or themselves; see ``FlowNetwork.of``.
        """
        return cls(FlowNetwork.of(links, slots, points, resolution_minutes))

    @property
    def header_rounds(self) -> int:
        """One per feed-in slot of the period. [1]"""
        return len(self.network.producer_slots)

    def allocate(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        *,
        consumer_slots: Sequence[int],
        producer_slots: Sequence[int],
        slots: int,
        t_in_day: NDArray[np.int64],
        active: NDArray[np.bool_] | None = None,  # noqa: ARG002 -- who is not a member has no energy
    ) -> Allocation:
        """Share every interval; see ``SharingKey.allocate``."""
        network, count = self.network, len(t_in_day)
        assert tuple(producer_slots) == network.producer_slots, (producer_slots, network.producer_slots)
        assert tuple(consumer_slots) == network.consumer_slots, (consumer_slots, network.consumer_slots)
        totals, demands = _total(feed_in), _total(consumption)
        allocated, shared = np.zeros_like(consumption), np.zeros_like(feed_in)
        potentials = np.zeros((count, slots), dtype=np.int64)
        rounds = np.zeros((count, len(producer_slots), 2), dtype=np.int64)
        parts: list[tuple[NDArray[np.int64], ...]] = []
        for t in np.flatnonzero((totals > 0) & (demands > 0)).tolist():
            solved = self.solve(consumption[t], feed_in[t], t)
            allocated[t], shared[t] = solved.flows.sum(axis=0), solved.flows.sum(axis=1)
            potentials[t, list(producer_slots)] = solved.producer_potentials
            potentials[t, list(consumer_slots)] = solved.consumer_potentials
            rounds[t, :, 0] = solved.producer_potentials
            rows, columns = np.nonzero(solved.flows)
            parts.append((np.full(rows.size, t), rows, columns, solved.flows[rows, columns]))
        rounds[:, :, 0] += POTENTIAL_BIAS
        rounds[:, :, 1] = shared
        interval, rows, columns, energy = (
            np.concatenate([part[column] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
            for column in range(4)
        )
        return Allocation(
            allocated=allocated,
            shared=shared,
            tau=np.zeros(count, dtype=np.int64),
            feed_in=totals,
            consumption=demands,
            total=allocated.sum(axis=1),
            rounds=rounds,
            links=LinkFlows.of(
                interval,
                np.array(producer_slots, dtype=np.int64)[rows],
                np.array(consumer_slots, dtype=np.int64)[columns],
                energy,
            ),
            potentials=potentials,
        )

    def solve(self, consumption: NDArray[np.int64], feed_in: NDArray[np.int64], t: int = 0) -> FlowInterval:
        """The flow of one interval, with potentials that prove it.

        Args:
            consumption: Shape (n_c,), int64. [mWh]
            feed_in: Shape (n_p,), int64. [mWh]
            t: The interval, for messages.

        Raises:
            BalanceError: If the solver fails or its solution does not pass the certificate (faults of ours).
        """
        from backend.allocation import flow_kernels
        from backend.allocation.flow_solver import find_flow

        network, weights = self.network, self.network.weights
        shareable = min(int(feed_in.sum()), int(consumption.sum()))
        even_p, even_c = even_parts(feed_in, shareable), even_parts(consumption, shareable)
        flows = find_flow(network, consumption, feed_in, even_c, even_p)
        if flows is None:
            raise BalanceError(f"interval {t}: the solver found no flow. {_REMEDY}")
        producers, consumers, settled = flow_kernels.find_potentials(
            weights.costs,
            network.caps,
            flows,
            np.ascontiguousarray(feed_in),
            np.ascontiguousarray(consumption),
            even_p,
            even_c,
            network.steps,
            weights.consumer_step,
            weights.producer_step,
            weights.shared,
        )
        solved = FlowInterval(feed_in, consumption, flows, producers, consumers)
        broken = certify_flow(network, solved)
        if not settled or broken:
            what = broken[0] if broken else "its potentials do not settle"
            raise BalanceError(f"interval {t}: the flow is not optimal, {what}. {_REMEDY}")
        assert max(int(np.abs(producers).max()), int(np.abs(consumers).max())) < POTENTIAL_BIAS
        return solved

    def certify(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        links: PeriodMatrix,
        potentials: NDArray[np.int64],
    ) -> tuple[Contradiction, ...]:
        """Hold an interval that was settled against the certificate.

        Args:
            consumption: Shape (n_c,), int64. [mWh]
            feed_in: Shape (n_p,), int64. [mWh]
            links: Of the interval (``LinkFlows.at``).
            potentials: Shape (slots,), int64: of the interval.

        Returns:
            What contradicts, link by link; nothing where the flow is optimal.

        Raises:
            SharingKeyError: If a link joins slots that have no points of its directions.
        """
        return certify_flow(self.network, self._interval(consumption, feed_in, links, potentials))

    def explain(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        links: PeriodMatrix,
        consumer_slot: int,
    ) -> tuple[LinkReason, ...]:
        """What each link gave a consumer in an interval, and why not more.

        Args:
            consumption: Shape (n_c,), int64. [mWh]
            feed_in: Shape (n_p,), int64. [mWh]
            links: Of the interval (``LinkFlows.at``).
            consumer_slot: Who asks.

        Raises:
            SharingKeyError: If the slot has no consumption point in the period.
        """
        if consumer_slot not in self.network.consumer_slots:
            raise SharingKeyError(
                f"slot {consumer_slot} has no consumption point here; there are {list(self.network.consumer_slots)}."
            )
        slots = max((*self.network.producer_slots, consumer_slot, *self.network.consumer_slots)) + 1
        unknown = np.zeros(slots, dtype=np.int64)  # an explanation compares flows, not potentials
        return explain_links(
            self.network, self._interval(consumption, feed_in, links, unknown), consumer_slot
        )

    def _interval(
        self,
        consumption: NDArray[np.int64],
        feed_in: NDArray[np.int64],
        links: PeriodMatrix,
        potentials: NDArray[np.int64],
    ) -> FlowInterval:
        network = self.network
        flows = np.zeros(network.caps.shape, dtype=np.int64)
        for producer, consumer, energy in zip(
            links.producer_slot, links.consumer_slot, links.energy, strict=True
        ):
            flows[network.place_of(int(producer), int(consumer))] += energy
        producers, consumers = (potentials[list(s)] for s in (network.producer_slots, network.consumer_slots))
        return FlowInterval(feed_in, consumption, flows, producers, consumers)

    def check_row(self, header: Header, row: Row) -> bool:
        """Of a producer, is its part the one of its round; of a consumer, no more than it uses.

        A consumer's part is the sum of its links, which its detail leaf holds and ``certify`` checks.
        """
        if not 0 <= row.allocated <= row.energy:
            return False
        if row.direction is Direction.CONSUMPTION:
            return True
        place = (
            self.network.producer_slots.index(row.slot) if row.slot in self.network.producer_slots else None
        )
        return place is not None and header.rounds[place][1] == row.allocated

    def contribute(self, rows: SlotRows) -> NDArray[np.int64]:
        """Each consumer's links, to the rounds of their producers; see ``SharingKey.contribute``."""
        parts = np.zeros((*rows.energy.shape, self.header_rounds, 2), dtype=np.int64)
        if rows.links is not None:
            places = np.searchsorted(self.network.producer_slots, rows.links.producer_slot)
            parts[rows.links.consumer_slot, rows.links.interval, places, 0] = rows.links.energy
        return parts


def _total(energy: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum per interval, of energies that can be settled."""
    bits = np.bitwise_or.reduce(energy, axis=1, initial=0)
    wrong = np.flatnonzero((bits < 0) | (bits >= _ENERGY_BOUND))
    if wrong.size:
        raise BalanceError(
            f"interval {int(wrong[0])} holds an energy that is negative or beyond 2^53-1 mWh; correct the readings."
        )
    largest = int(bits.max(initial=0)) * energy.shape[1]
    if largest > _TOTAL_MAX:
        raise BalanceError(
            f"an interval's total may pass 2^62-1 mWh ({energy.shape[1]} points of up to {int(bits.max())} mWh); "
            "check the unit of the readings."
        )
    totals: NDArray[np.int64] = energy.sum(axis=1)
    return totals
