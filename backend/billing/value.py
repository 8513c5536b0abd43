"""What shared energy is worth, row by row and link by link: docs/protocol.md section 8, *Value*, in exact integers.

Values are pico-euro: 1 mWh at 1 µEUR/kWh is worth one. Arrays are int64; whatever would leave 64 bits on the way is
computed in Python's integers, and a period that is worth more than int64 holds is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.community import Direction, Pricing
from backend.errors import BalanceError, TariffError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from backend.allocation import PeriodAllocation
    from backend.allocation.links import LinkFlows
    from backend.community import Rule, Tariff

__all__ = [
    "PeriodValues",
    "ValueTerms",
    "link_prices",
    "price_links",
    "require_provable",
    "value_period",
]

_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ValueTerms:
    """What prices the energy that a period shares.

    Attributes:
        tariff: In force.
        bands: Shape (T,): tariff band of each interval.
        directions: By slot, None where the slot has no point in the period.
        seats: By slot; a slot without a point is its own.
        vat_classes: By slot: the class frozen at its seat.
        producer_prices: By slot, 0 where the rule has none. [µEUR/kWh]
        donations: (producer slot, consumer slot) on which ``flow`` gives energy away.
    """

    tariff: Tariff
    bands: NDArray[np.uint8]
    directions: tuple[Direction | None, ...]
    seats: tuple[int, ...]
    vat_classes: tuple[int, ...]
    producer_prices: tuple[int, ...]
    donations: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def of(
        cls,
        rule: Rule,
        terms: Sequence[Mapping[str, Any]],
        slots: Mapping[str, int],
        bands: NDArray[np.uint8],
        count: int,
    ) -> ValueTerms:
        """Join a rule with what a period froze.

        Args:
            rule: In force.
            terms: As ``PeriodRecord.terms``: objects with ``slot, seat, direction, vat_class``.
            slots: Slot by metering point id.
            bands: Shape (T,).
            count: Slots of the period.
        """
        directions: list[Direction | None] = [None] * count
        seats, classes, prices = list(range(count)), [0] * count, [0] * count
        own_class: dict[int, int] = {}
        for term in terms:
            slot, direction = int(term["slot"]), term["direction"]
            is_word = isinstance(direction, str)
            directions[slot] = Direction[direction.upper()] if is_word else Direction(direction)
            seats[slot] = int(term["seat"])
            own_class[slot] = int(term["vat_class"])
        for slot in own_class:
            classes[slot] = own_class[seats[slot]]
        for point, price in rule.tariff.producer_prices.items():
            if slots[point] < count:
                prices[slots[point]] = price
        links = rule.sharing_key.links
        given = links.donations if links else ()
        donations = frozenset((slots[producer], slots[consumer]) for producer, consumer in given)
        return cls(
            rule.tariff, bands, tuple(directions), tuple(seats), tuple(classes), tuple(prices), donations
        )

    def slots_of(self, direction: Direction) -> list[int]:
        """Slots of one direction, ascending."""
        return [slot for slot, found in enumerate(self.directions) if found == direction]


@dataclass(frozen=True, slots=True)
class PeriodValues:
    """What a period's shared energy is worth.

    Attributes:
        total: Shape (T,), int64: V of the header. [pico-euro]
        rows: Shape (slots, T), int64: each row's own part. [pico-euro]
    """

    total: NDArray[np.int64]
    rows: NDArray[np.int64]


def value_period(allocation: PeriodAllocation, terms: ValueTerms) -> PeriodValues:
    """Value a period's rows by the rule's pricing.

    Args:
        allocation: As a sharing key gave it.
        terms: What prices it.

    Raises:
        BalanceError: If the period is worth more than 2^63 - 1 pico-euro.
        TariffError: If a residual price lies below the surplus price where demand and supply set the price.

    Invariants:
        - A row of uniform or mid-market pricing is worth its energy at the interval's price, to the last unit.
        - No direction's rows are worth more than V.
    """
    pricing = terms.tariff.pricing
    if allocation.links is not None and allocation.potentials is not None:
        return _value_flow(allocation, allocation.links, terms)
    total = _totals(allocation, terms)
    require_provable(sum(total))
    totals = np.array(total, dtype=np.int64)
    rows = _share_values(totals, allocation.allocated, allocation.total)
    if pricing is Pricing.PRODUCER:
        for slot in terms.slots_of(Direction.FEED_IN):
            rows[slot] = allocation.allocated[slot] * terms.producer_prices[slot]
        if allocation.links is not None:
            links = allocation.links
            prices = np.array(terms.producer_prices, dtype=np.int64)
            rows[terms.slots_of(Direction.CONSUMPTION)] = 0
            np.add.at(rows, (links.consumer_slot, links.interval), links.energy * prices[links.producer_slot])
    return PeriodValues(totals, rows)


def require_provable(worth: int) -> None:
    """Refuse a period that is worth more than a run can prove. [pico-euro]

    Raises:
        BalanceError: If it is.
    """
    if worth > _INT64_MAX:
        raise BalanceError(
            f"The period's shared energy is worth {worth} pico-euro, above {_INT64_MAX} (9.2 million euro), which is "
            "all that a run can prove; check the prices, or settle shorter periods."
        )


def _totals(allocation: PeriodAllocation, terms: ValueTerms) -> list[int]:
    """V of each interval, exact. [pico-euro]"""
    if terms.tariff.pricing is Pricing.PRODUCER:
        return _producers_worth(allocation, terms)
    shared: list[int] = allocation.total.tolist()
    if terms.tariff.pricing is Pricing.SUPPLY_DEMAND:
        pools = zip(
            terms.bands.tolist(),
            shared,
            allocation.feed_in.tolist(),
            allocation.consumption.tolist(),
            strict=True,
        )
        return [_supply_demand(terms.tariff, *pool) for pool in pools]
    prices = link_prices(terms.tariff)
    return [energy * prices[band] for energy, band in zip(shared, terms.bands.tolist(), strict=True)]


def link_prices(tariff: Tariff) -> list[int]:
    """Price by band where it is the same for all. [µEUR/kWh]"""
    if tariff.pricing is Pricing.MID_MARKET:
        return [(price + tariff.surplus_price) // 2 for price in tariff.residual_prices]
    assert tariff.pricing is Pricing.UNIFORM, tariff.pricing
    return [tariff.shared_price] * len(tariff.residual_prices)


def _supply_demand(tariff: Tariff, band: int, shared: int, feed_in: int, consumption: int) -> int:
    """The internal price of Liu et al. (2017): the surplus price where all are covered, up to the residual price.

    Returns:
        V. [pico-euro]
    """
    low, high = tariff.surplus_price, tariff.residual_prices[band]
    if high < low:
        raise TariffError(
            f"the residual price of band {band} is {high} µEUR/kWh, below the surplus price of {low}; supply and "
            "demand set no price between them."
        )
    if feed_in >= consumption:
        return shared * low
    divisor = (high - low) * feed_in + low * consumption
    return shared * low * high * consumption // divisor if divisor else 0


def _producers_worth(allocation: PeriodAllocation, terms: ValueTerms) -> list[int]:
    priced = [slot for slot in terms.slots_of(Direction.FEED_IN) if terms.producer_prices[slot]]
    if not priced:
        return [0] * len(allocation.total)
    prices = [terms.producer_prices[slot] for slot in priced]
    shared = allocation.allocated[priced]
    if int(shared.sum(axis=0).max(initial=0)) * max(prices) <= _INT64_MAX:
        worth: list[int] = (shared * np.array(prices, dtype=np.int64)[:, None]).sum(axis=0).tolist()
        return worth
    exact = shared.astype(object) * np.array(prices, dtype=object)[:, None]
    return [int(value) for value in exact.sum(axis=0)]


def _share_values(
    total: NDArray[np.int64], energy: NDArray[np.int64], shared: NDArray[np.int64]
) -> NDArray[np.int64]:
    """``floor(V · energy / A)`` per row and interval, 0 where A is 0.

    V is split into ``A · whole + rest`` first, so that the products stay small: a price per milliwatt-hour and less
    than A. Without a rest nothing needs to be divided.
    """
    divisor = np.maximum(shared, 1)
    whole = np.where(shared > 0, total // divisor, 0)
    rest = np.where(shared > 0, total - whole * divisor, 0)
    rows = energy * whole
    places = np.flatnonzero(rest)
    if places.size:
        most = int(energy.max(initial=0)) * int(rest.max())
        part = energy[:, places]
        if most <= _INT64_MAX:
            rows[:, places] += part * rest[places] // divisor[places]
        else:
            exact = part.astype(object) * rest[places].astype(object) // divisor[places].astype(object)
            rows[:, places] += exact.astype(np.int64)
    return rows


def _value_flow(allocation: PeriodAllocation, links: LinkFlows, terms: ValueTerms) -> PeriodValues:
    """Rows and V of ``flow`` as sums of its links."""
    worth = price_links(links, terms)
    rows = np.zeros(allocation.allocated.shape, dtype=np.int64)
    total = np.zeros(len(allocation.total), dtype=np.int64)
    np.add.at(total, links.interval, worth)
    np.add.at(rows, (links.consumer_slot, links.interval), worth)
    np.add.at(rows, (links.producer_slot, links.interval), worth)
    return PeriodValues(total, rows)


def price_links(links: LinkFlows, terms: ValueTerms) -> NDArray[np.int64]:
    """What each link of ``flow`` is worth: its energy at its price, nothing within a seat or where it is a gift.

    Returns:
        One value per link. [pico-euro]

    Raises:
        BalanceError: If they are worth more than 2^63 - 1 pico-euro.
        TariffError: If supply and demand set the price: a link has none then.
    """
    pricing = terms.tariff.pricing
    if pricing is Pricing.SUPPLY_DEMAND:
        raise TariffError(
            'the key "flow" prices each link; pricing "supply_demand" sets one price for all: choose another.'
        )
    if pricing is Pricing.PRODUCER:
        prices = np.array(terms.producer_prices, dtype=np.int64)[links.producer_slot]
    else:
        prices = np.array(link_prices(terms.tariff), dtype=np.int64)[terms.bands[links.interval]]
    prices = np.where(_is_free(links, terms), 0, prices)
    if int(links.energy.sum()) * int(prices.max(initial=0)) > _INT64_MAX:
        require_provable(int((links.energy.astype(object) * prices.astype(object)).sum()))
    worth: NDArray[np.int64] = links.energy * prices
    return worth


def _is_free(links: LinkFlows, terms: ValueTerms) -> NDArray[np.bool_]:
    seats = np.array(terms.seats, dtype=np.int64)
    free: NDArray[np.bool_] = seats[links.producer_slot] == seats[links.consumer_slot]
    for producer, consumer in terms.donations:
        free |= (links.producer_slot == producer) & (links.consumer_slot == consumer)
    return free
