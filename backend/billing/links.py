"""Whom each participant was served by over a period, and what that was worth: docs/protocol.md section 8."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from backend.allocation.links import LinkFlows, PeriodMatrix
from backend.allocation.served import served_matrix
from backend.billing.value import price_links
from backend.community import Direction, Pricing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from backend.allocation import PeriodAllocation
    from backend.billing.value import PeriodValues, ValueTerms

__all__ = ["PeriodLink", "divide_exactly", "link_period", "read_links", "value_links"]


class PeriodLink(NamedTuple):
    """What one producer's point gave one consumer's over the period; both ends hold the same.

    Attributes:
        producer_slot: Who gave.
        consumer_slot: Who was served.
        energy: Above zero. [mWh]
        value: [pico-euro]
        vat_class: Of the producer's seat.
    """

    producer_slot: int
    consumer_slot: int
    energy: int
    value: int
    vat_class: int


def read_links(columns: NDArray[np.int64]) -> tuple[PeriodLink, ...]:
    """Links from an array as stores keep them, shape (n, 5); ``numpy.array(links)`` gives it back."""
    return tuple(PeriodLink(*row) for row in columns.tolist())


def link_period(
    allocation: PeriodAllocation, values: PeriodValues, terms: ValueTerms
) -> tuple[PeriodLink, ...]:
    """The links of a period: the sharing key's own where it has them, else in proportion, exact on both margins.

    Args:
        allocation: As a sharing key gave it.
        values: Of its rows.
        terms: What priced them.

    Returns:
        By consumer's slot, then producer's.

    Raises:
        BalanceError: If shared and allocated energy differ in an interval.
    """
    if allocation.links is not None:
        matrix = allocation.links.over_period()
        if allocation.potentials is not None:
            return _value_flow_links(allocation.links, matrix, terms)
        return value_links(matrix, values, terms)
    producers, consumers = terms.slots_of(Direction.FEED_IN), terms.slots_of(Direction.CONSUMPTION)
    served = served_matrix(allocation.allocated[producers], allocation.allocated[consumers])
    return value_links(PeriodMatrix.of(served, producers, consumers), values, terms)


def value_links(matrix: PeriodMatrix, values: PeriodValues, terms: ValueTerms) -> tuple[PeriodLink, ...]:
    """Divide each consumer's value over its links: by energy, times the producer's price where producers set it.

    Args:
        matrix: Energy per link.
        values: Of the rows.
        terms: What priced them.

    Invariants:
        - A consumer's links are worth what its rows are.
    """
    weighs_prices = terms.tariff.pricing is Pricing.PRODUCER
    links: list[PeriodLink] = []
    producers, energies = matrix.producer_slot.tolist(), matrix.energy.tolist()
    consumers, begins = np.unique(matrix.consumer_slot, return_index=True)
    ends = [*begins[1:].tolist(), len(energies)][: len(consumers)]  # none where nothing was shared
    for consumer, begin, end in zip(consumers.tolist(), begins.tolist(), ends, strict=True):
        served_by, energy = producers[begin:end], energies[begin:end]
        weights = energy
        if weighs_prices:
            weights = [
                part * terms.producer_prices[slot] for part, slot in zip(energy, served_by, strict=True)
            ]
        worth = divide_exactly(int(values.rows[consumer].sum()), weights, energy)
        links += [
            PeriodLink(slot, consumer, part, value, terms.vat_classes[slot])
            for slot, part, value in zip(served_by, energy, worth, strict=True)
        ]
    return tuple(links)


def _value_flow_links(flows: LinkFlows, matrix: PeriodMatrix, terms: ValueTerms) -> tuple[PeriodLink, ...]:
    """The links of ``flow``, each worth the sum of what it was worth interval by interval."""
    order = np.lexsort((flows.producer_slot, flows.consumer_slot))
    producers, consumers = flows.producer_slot[order], flows.consumer_slot[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (producers[1:] != producers[:-1]) | (consumers[1:] != consumers[:-1])
    begins = np.flatnonzero(fresh)
    worth = price_links(flows, terms)[order]
    sums = np.add.reduceat(worth, begins) if begins.size else worth
    columns = (matrix.producer_slot, matrix.consumer_slot, matrix.energy, sums)
    return tuple(
        PeriodLink(producer, consumer, energy, value, terms.vat_classes[producer])
        for producer, consumer, energy, value in zip(*(column.tolist() for column in columns), strict=True)
    )


def divide_exactly(total: int, weights: Sequence[int], otherwise: Sequence[int]) -> list[int]:
    """Divide a whole quantity in proportion, by floors, then one more for each of the first until the parts sum to it.

    Args:
        total: At least zero. [caller's unit]
        weights: At least zero. [1]
        otherwise: What weighs where all ``weights`` are zero; not all of them zero. [1]
    """
    whole = sum(weights)
    if whole == 0:
        weights, whole = otherwise, sum(otherwise)
    parts = [total * weight // whole for weight in weights]
    for place in range(total - sum(parts)):
        parts[place] += 1
    return parts
