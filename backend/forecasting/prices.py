"""What electricity will cost a member and what it will bring: retail prices from forecasts of the market's.

Taxes and fees are of the contract, the market's price is uncertain; both prices are forecasts, so that whoever reads
them sees how sure they are. Nothing here is billed: bills are of ``billing`` and exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import InputError
from backend.forecasting.forecast import LEVELS, Forecast, WeatherSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["MARKET_UNIT", "RETAIL_UNIT", "PriceTerms", "RetailPrices", "known_prices", "retail_prices"]

MARKET_UNIT = "EUR/MWh"
RETAIL_UNIT = "EUR/kWh"
_KILOWATT_HOURS_PER_MEGAWATT_HOUR = 1000.0


@dataclass(frozen=True)
class PriceTerms:
    """How a contract makes a price of the market's: ``(spot x market + adder) x (1 + VAT)``, within limits.

    Attributes:
        spot: Share of the market's price, losses included: 1.03 for three per cent; zero where the price is fixed. [1]
        adder: What comes on top, or is kept back (negative): one figure, or one per interval where the tariff has
            windows. [EUR/kWh, without VAT]
        vat: Value-added tax; zero for feed-in by those who charge none. [1]
        floor: Lowest price without VAT, such as zero where negative prices are not passed on. [EUR/kWh]
        ceiling: Highest, such as a price brake. [EUR/kWh]
    """

    spot: float = 1.0
    adder: float | Values = 0.0
    vat: float = 0.0
    floor: float = float("-inf")
    ceiling: float = float("inf")

    def __post_init__(self) -> None:
        if not (self.spot >= 0 and np.isfinite(self.spot)):
            raise InputError(f"the share of the market's price is {self.spot:g}; it is zero or above.")
        if not (self.vat >= 0 and np.isfinite(self.vat)):
            raise InputError(f"the VAT is {self.vat:g}; give it as a share, 0.2 for 20 %.")
        if not np.isfinite(self.adder).all():
            raise InputError("an adder is not a finite number; give EUR/kWh for every interval.")
        if not self.floor <= self.ceiling:
            raise InputError(
                f"the floor {self.floor:g} EUR/kWh is above the ceiling {self.ceiling:g} EUR/kWh."
            )


@dataclass(frozen=True)
class RetailPrices:
    """What a kilowatt-hour is forecast to cost and to bring.

    Attributes:
        supply: Of energy from the grid, VAT included. [EUR/kWh]
        feed_in: Of energy to the grid, VAT included where there is one. [EUR/kWh]
    """

    supply: Forecast
    feed_in: Forecast


def retail_prices(market: Forecast, supply: PriceTerms, feed_in: PriceTerms) -> RetailPrices:
    """Make retail prices of a market's.

    Args:
        market: Of day-ahead prices. [EUR/MWh]
        supply: What is paid.
        feed_in: What is earned.

    Raises:
        InputError: If the forecast is not of EUR/MWh, or an adder is not one figure or one per interval.
    """
    if market.unit != MARKET_UNIT:
        raise InputError(
            f"the forecast is in {market.unit}, retail prices are made of {MARKET_UNIT}; convert it first."
        )
    return RetailPrices(_applied(market, supply, "supply"), _applied(market, feed_in, "feed-in"))


def known_prices(origin_utc: int, step_seconds: int, prices: Values) -> Forecast:
    """Prices that are published or fixed: a forecast that is sure.

    Args:
        origin_utc: Start of the first interval. [s since 1970, UTC]
        step_seconds: [s]
        prices: One per interval, finite. Shape (H,). [EUR/MWh]
    """
    if not np.isfinite(prices).all():
        raise InputError("a known price is not a finite number; give EUR/MWh for every interval.")
    sure = np.repeat(prices[np.newaxis], len(LEVELS), axis=0)
    return Forecast(
        origin_utc, step_seconds, prices.astype(np.float64), sure, "known", WeatherSource.NONE, MARKET_UNIT
    )


def _applied(market: Forecast, terms: PriceTerms, what: str) -> Forecast:
    adder = np.asarray(terms.adder, dtype=np.float64)
    if adder.ndim and adder.shape != market.mean.shape:
        raise InputError(
            f"the {what} price has {adder.size} adders, the forecast {len(market)} intervals; "
            "give one figure, or one per interval."
        )
    gross = 1 + terms.vat

    def linear(values: Values) -> Values:
        return np.asarray(terms.spot * values / _KILOWATT_HOURS_PER_MEGAWATT_HOUR + adder)

    raw = linear(market.quantiles)
    held = np.clip(raw, terms.floor, terms.ceiling)
    # The mean of what is held within limits is not the held mean: what limits take off is averaged over the levels.
    mean = linear(market.mean) + _mean_over_levels(held) - _mean_over_levels(raw)
    mean = np.clip(mean, terms.floor, terms.ceiling)
    return replace(market, mean=gross * mean, quantiles=gross * held, unit=RETAIL_UNIT)


def _mean_over_levels(quantiles: Values) -> Values:
    """Mean of a distribution whose quantile function is linear between levels and flat beyond them. Shape (H,)."""
    levels = np.asarray(LEVELS)
    inner = ((quantiles[1:] + quantiles[:-1]) / 2 * np.diff(levels)[:, np.newaxis]).sum(axis=0)
    return np.asarray(inner + levels[0] * quantiles[0] + (1 - levels[-1]) * quantiles[-1])
