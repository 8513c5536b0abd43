"""Why a link of the ``flow`` key carried what it carried, and no more: for the member who asks.

Where a neighbour came first, the answer names who and by which level: the highest at which moving one unit over to this
link would have made the whole worse. Such an exchange of one unit is a cycle of the residual network, so that in an
optimal solution it never makes it better (``flow_certificate``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from backend.allocation.flow_certificate import FlowInterval, even_parts, step_of
from backend.allocation.flow_costs import CONSUMERS_ALIKE, PRODUCERS_ALIKE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.allocation.flow_network import FlowNetwork

__all__ = ["Limit", "LinkReason", "explain_links"]


class Limit(Enum):
    """What kept a link from carrying more."""

    NO_FEED_IN = "the producer fed nothing in"
    NO_DEMAND = "the consumer used nothing"
    FORBIDDEN = "the link is closed by its cap"
    CAP = "the link carried its cap"
    DEMAND_MET = "the consumer's whole use was covered"
    PRODUCER_EXHAUSTED = "the producer's whole feed-in was shared"
    NOTHING = "nothing: more could have been shared, the solution is not optimal"


@dataclass(frozen=True, slots=True)
class LinkReason:
    """One link of a consumer in one interval.

    Attributes:
        producer_slot: Who might have given.
        consumer_slot: Who asks.
        energy: What flowed. [mWh]
        limit: Why not more.
        level: Name of the level by which ``first`` came first; empty where it was as good either way.
        first: Slot of the producer (``DEMAND_MET``) or consumer (``PRODUCER_EXHAUSTED``) that came first; None where
            no single exchange would have moved energy to this link.
    """

    producer_slot: int
    consumer_slot: int
    energy: int
    limit: Limit
    level: str = ""
    first: int | None = None


def explain_links(network: FlowNetwork, interval: FlowInterval, consumer_slot: int) -> tuple[LinkReason, ...]:
    """Every link of a consumer, by producer's slot.

    Args:
        network: The links.
        interval: What was settled.
        consumer_slot: Of a consumption point of the period.
    """
    column = network.consumer_slots.index(consumer_slot)
    return tuple(_explain(network, interval, row, column) for row in range(len(network.producer_slots)))


def _explain(network: FlowNetwork, interval: FlowInterval, p: int, i: int) -> LinkReason:
    flows, cap, energy = interval.flows, int(network.caps[p, i]), int(interval.flows[p, i])
    shared, allocated = int(flows[p].sum()), int(flows[:, i].sum())
    met, exhausted = allocated >= interval.consumption[i], shared >= interval.feed_in[p]
    limits = (
        (interval.feed_in[p] == 0, Limit.NO_FEED_IN),
        (interval.consumption[i] == 0, Limit.NO_DEMAND),
        (cap == 0, Limit.FORBIDDEN),
        (energy >= cap, Limit.CAP),
        (met, Limit.DEMAND_MET),
        (exhausted, Limit.PRODUCER_EXHAUSTED),
        (True, Limit.NOTHING),
    )
    limit = next(limit for holds, limit in limits if holds)
    level, first = "", None
    if limit is Limit.DEMAND_MET and not exhausted:
        level, first = _who_came_first(
            network, [(q, i) for q in range(len(flows)) if q != p], (p, i), interval
        )
    elif limit is Limit.PRODUCER_EXHAUSTED:
        level, first = _who_came_first(
            network, [(p, j) for j in range(flows.shape[1]) if j != i], (p, i), interval
        )
    slots = network.producer_slots if limit is Limit.DEMAND_MET else network.consumer_slots
    return LinkReason(
        network.producer_slots[p],
        network.consumer_slots[i],
        energy,
        limit,
        level,
        None if first is None else slots[first],
    )


def _who_came_first(
    network: FlowNetwork, rivals: list[tuple[int, int]], link: tuple[int, int], interval: FlowInterval
) -> tuple[str, int | None]:
    """Of the links that carry energy, the one that the highest level favours before this: its level and other end."""
    best: tuple[int, int | None] = (-1, None)
    for rival in rivals:
        if interval.flows[rival] == 0:
            continue
        rank = _rank_exchange(network, rival, link, interval)
        if best[1] is None or rank > best[0]:
            best = rank, rival[0] if rival[1] == link[1] else rival[1]
    name = network.weights.levels[best[0]].name if best[0] >= 0 else ""
    return name, best[1]


def _rank_exchange(
    network: FlowNetwork, rival: tuple[int, int], link: tuple[int, int], interval: FlowInterval
) -> int:
    """The highest level at which one unit less over ``rival`` and one more over ``link`` differ; -1 where at none."""
    shareable = min(int(interval.feed_in.sum()), int(interval.consumption.sum()))
    flows = interval.flows
    steps = {
        PRODUCERS_ALIKE: _rise(
            interval.feed_in, flows.sum(axis=1), rival[0], link[0], shareable, network.steps
        ),
        CONSUMERS_ALIKE: _rise(
            interval.consumption, flows.sum(axis=0), rival[1], link[1], shareable, network.steps
        ),
    }
    for place in reversed(range(len(network.weights.levels))):
        level = network.weights.levels[place]
        if level.values[link] - level.values[rival] + steps.get(level.name, 0):
            return place
    return -1


def _rise(
    energy: NDArray[np.int64], taken: NDArray[np.int64], before: int, after: int, shareable: int, steps: int
) -> int:
    """Steps that an exchange of one unit costs on one side: the next of ``after`` less the last of ``before``."""
    if before == after:
        return 0
    even = even_parts(energy, shareable)
    return int(step_of(taken, energy, even, steps)[after] - step_of(taken - 1, energy, even, steps)[before])
