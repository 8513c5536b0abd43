"""What a difference between two allocations comes to in money, row by row, at the prices in force.

A consumer who is given a milliwatt-hour more pays the shared price for it, and no longer the residual price of its
band; network and excise count where they differ for shared energy. A producer whose milliwatt-hour is shared earns the
shared price and no longer the surplus price. Net of VAT, whoever bills the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.billing.value import link_prices
from backend.community import Direction, Pricing
from backend.quantities import divide_half_away

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.billing.value import ValueTerms
    from backend.community import Rule

__all__ = ["cost_of_differences", "shared_prices"]


def cost_of_differences(
    rows: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    prices: NDArray[np.int64],
    rule: Rule,
    terms: ValueTerms,
) -> list[int]:
    """What the owners of the points pay more, or receive less, by rows that are higher by these differences.

    Args:
        rows: Slot, interval and signed difference [mWh] of each row that differs. Shapes (n,).
        prices: Shape (T,): of shared energy, as ``shared_prices`` tells it. [µEUR/kWh]
        rule: In force.
        terms: Bands and directions.

    Returns:
        A whole number per row, exact; negative where they pay less. [pico-euro]
    """
    slot, interval, difference = rows
    tariff = rule.tariff
    if rule.sharing_key.method == "incentive":
        return [0] * len(slot)  # nothing is netted: whatever was allocated changes no price
    feeds_in = np.array([direction is Direction.FEED_IN for direction in terms.directions], dtype=np.bool_)[
        slot
    ]
    consumers_own = rule.sharing_key.surplus_owner == "consumer"
    network = 0 if tariff.network_shared_price is None else tariff.network_shared_price - tariff.network_price
    levies = network + tariff.excise_shared_price - tariff.excise_price
    # A consumer who owns what it does not use is credited so much less of it.
    given_up = tariff.surplus_price if consumers_own else 0
    residual = np.array(tariff.residual_prices, dtype=np.int64)[terms.bands[interval]]
    bought = prices[interval] + levies + given_up - residual
    earned = prices[interval]
    if tariff.pricing is Pricing.PRODUCER:
        earned = np.array(terms.producer_prices, dtype=np.int64)[slot]
    sold = (0 if consumers_own else tariff.surplus_price) - earned
    unit = np.where(feeds_in, sold, bought)
    return [energy * price for energy, price in zip(difference.tolist(), unit.tolist(), strict=True)]


def shared_prices(
    worth: NDArray[np.int64], shared: NDArray[np.int64], feed_in: NDArray[np.int64], terms: ValueTerms
) -> NDArray[np.int64]:
    """The price of shared energy by interval, half away from zero where it is no whole number.

    Args:
        worth: Shape (T,): what the allocation in force is worth. [pico-euro]
        shared: Shape (T,): what it shared. [mWh]
        feed_in: Shape (T,): what could have been shared. [mWh]
        terms: What prices it.

    Returns:
        Shape (T,). [µEUR/kWh]
    """
    tariff = terms.tariff
    if tariff.pricing in {Pricing.UNIFORM, Pricing.MID_MARKET}:
        return np.array(link_prices(tariff), dtype=np.int64)[terms.bands]
    # Where nothing was shared: demand alone asks the residual price, supply alone the surplus price.
    residual = np.array(tariff.residual_prices, dtype=np.int64)[terms.bands]
    idle = np.where(feed_in > 0, tariff.surplus_price, residual)
    if tariff.pricing is Pricing.PRODUCER:
        idle = np.full(len(shared), max(terms.producer_prices, default=0))
    pools = zip(worth.tolist(), shared.tolist(), idle.tolist(), strict=True)
    each = [divide_half_away(value, energy) if energy else other for value, energy, other in pools]
    return np.array(each, dtype=np.int64)
