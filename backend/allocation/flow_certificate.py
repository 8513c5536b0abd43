"""The certificate of ``flow``: link by link, is the solution optimal?

docs/protocol.md section 8, *Flow, link by link*, states the inequalities. They need the flows, the potentials and the
interval's energy, nothing of how the flow was found: whoever holds these can hold each link against them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.allocation.flow_network import FlowNetwork

__all__ = ["Breach", "Contradiction", "FlowInterval", "certify_flow", "even_parts", "step_of"]


class Breach(Enum):
    """What a solution can be contradicted by."""

    CAP = "a link carries less than nothing, or more than its cap"
    BALANCE = "a point takes more than it uses, or gives more than it feeds in"
    CHEAPER_LINK = "the link could carry more, which would be better"
    DEARER_LINK = "the link carries energy that would be better elsewhere"
    CONSUMER_UNDER = "the consumer could take more, which would be better"
    CONSUMER_OVER = "the consumer takes energy that would be better elsewhere"
    PRODUCER_UNDER = "the producer could share more, which would be better"
    PRODUCER_OVER = "the producer shares energy where another should"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An inequality that does not hold.

    Attributes:
        breach: Which.
        producer_slot: Of the link or producer, None of a consumer's inequality.
        consumer_slot: Of the link or consumer, None of a producer's inequality.
        excess: By how much it fails: weighted levels, or of ``CAP`` and ``BALANCE`` energy. [1 or mWh]
    """

    breach: Breach
    producer_slot: int | None
    consumer_slot: int | None
    excess: int

    def __str__(self) -> str:
        ends = (
            f"from slot {self.producer_slot}" if self.producer_slot is not None else "",
            f"to slot {self.consumer_slot}" if self.consumer_slot is not None else "",
        )
        return f"{' '.join(end for end in ends if end)}: {self.breach.value} (by {self.excess})"


@dataclass(frozen=True, slots=True, eq=False)
class FlowInterval:
    """One interval as it is held against the inequalities; rows and columns as in the network.

    Attributes:
        feed_in: Shape (n_p,), int64. [mWh]
        consumption: Shape (n_c,), int64. [mWh]
        flows: Shape (n_p, n_c), int64. [mWh]
        producer_potentials: Shape (n_p,), int64.
        consumer_potentials: Shape (n_c,), int64.
    """

    feed_in: NDArray[np.int64]
    consumption: NDArray[np.int64]
    flows: NDArray[np.int64]
    producer_potentials: NDArray[np.int64]
    consumer_potentials: NDArray[np.int64]


def even_parts(energy: NDArray[np.int64], shareable: int) -> NDArray[np.int64]:
    """What each would have if all had the same part: ``floor(e · S / Σ e)``. [mWh]

    Args:
        energy: Shape (n,), int64. [mWh]
        shareable: S = min(P, C). [mWh]
    """
    values = energy.tolist()
    total = sum(values)
    return np.array([value * shareable // total if total else 0 for value in values], dtype=np.int64)


def step_of(
    taken: NDArray[np.int64], energy: NDArray[np.int64], even: NDArray[np.int64], steps: int
) -> NDArray[np.int64]:
    """Step of the unit after ``taken``, per point: ``floor((K·(taken + 1) - 1) / energy) + [taken >= even]``."""
    return (steps * (taken + 1) - 1) // np.maximum(energy, 1) + (taken >= even)


def certify_flow(network: FlowNetwork, interval: FlowInterval) -> tuple[Contradiction, ...]:
    """Every inequality that the interval breaks; none where it is optimal.

    Args:
        network: The links.
        interval: What is claimed.
    """
    weights, steps = network.weights, network.steps
    feed_in, consumption, flows = interval.feed_in, interval.consumption, interval.flows
    shared, allocated = flows.sum(axis=1), flows.sum(axis=0)
    found: list[Contradiction] = []

    def note(breach: Breach, excess: NDArray[np.int64], holds_for: NDArray[np.bool_]) -> None:
        for place in np.argwhere(holds_for & (excess > 0)).tolist():
            of_link = excess.ndim > 1
            producer = network.producer_slots[place[0]] if of_link or breach in _PRODUCERS else None
            consumer = network.consumer_slots[place[-1]] if of_link or breach in _CONSUMERS else None
            found.append(Contradiction(breach, producer, consumer, int(excess[tuple(place)])))

    always = np.ones(flows.shape, dtype=np.bool_)
    note(Breach.CAP, np.maximum(-flows, flows - network.caps), always)
    if (shared > feed_in).any() or (allocated > consumption).any():
        over = np.maximum((shared - feed_in)[:, None], (allocated - consumption)[None, :])
        note(Breach.BALANCE, over, flows > 0)
    pool, demand = int(feed_in.sum()), int(consumption.sum())
    if found or pool == 0 or demand == 0:
        return tuple(found)
    shareable = min(pool, demand)
    reduced = interval.producer_potentials[:, None] + weights.costs - interval.consumer_potentials[None, :]
    note(Breach.CHEAPER_LINK, -reduced, flows < network.caps)
    note(Breach.DEARER_LINK, reduced, flows > 0)
    even = even_parts(consumption, shareable)
    worth = weights.shared - weights.consumer_step * step_of(allocated, consumption, even, steps)
    note(Breach.CONSUMER_UNDER, worth - interval.consumer_potentials, allocated < consumption)
    worth = weights.shared - weights.consumer_step * step_of(allocated - 1, consumption, even, steps)
    note(Breach.CONSUMER_OVER, interval.consumer_potentials - worth, allocated > 0)
    even = even_parts(feed_in, shareable)
    price = weights.producer_step * step_of(shared, feed_in, even, steps)
    note(Breach.PRODUCER_UNDER, interval.producer_potentials - price, shared < feed_in)
    price = weights.producer_step * step_of(shared - 1, feed_in, even, steps)
    note(Breach.PRODUCER_OVER, price - interval.producer_potentials, shared > 0)
    return tuple(found)


_PRODUCERS = frozenset({Breach.PRODUCER_UNDER, Breach.PRODUCER_OVER})
_CONSUMERS = frozenset({Breach.CONSUMER_UNDER, Breach.CONSUMER_OVER})
