"""Prices of a community's market: recording them, and what a forecast of them means for a kilowatt-hour of a member's.

The retail price is that of a contract which passes the market's price on, with what the tariff in force asks besides:
network, excise, VAT. What is fed in beyond what is shared brings the market's price itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.forecasting.prices import MARKET_UNIT, RETAIL_UNIT, PriceTerms, retail_prices
from backend.quantities import PARTS_PER_MILLION
from backend.services.forecasts.shareable import rule_ahead

if TYPE_CHECKING:
    from backend.community import Community
    from backend.forecasting import Forecast, Series
    from backend.services.forecasts.desk import ForecastDesk

__all__ = ["keep_prices", "tell_retail"]

_MICRO = 1e6
_DIGITS = 5
_MOST_EUR_PER_MWH = 20_000.0


def keep_prices(desk: ForecastDesk, members: Community, prices: Series) -> int:
    """Record day-ahead prices of a community's market, with the time they became known.

    Args:
        desk: Ports.
        members: The community.
        prices: NaN where unknown. [EUR/MWh]

    Returns:
        How many were new or other than before.

    Raises:
        InputError: If they are of another step than those kept, or in another unit.
    """
    market = desk.histories.market
    if market is None:
        raise InputError("no prices are kept here.")
    wrong = abs(prices.values) > _MOST_EUR_PER_MWH
    if wrong.any():
        raise InputError(
            f"a price is {float(prices.values[wrong][0]):,.0f} EUR/MWh, beyond {_MOST_EUR_PER_MWH:,.0f}: beyond "
            "what any market allows; give EUR/MWh."
        )
    return market.keep_prices(members.id, prices, desk.clock.now_utc())


def tell_retail(
    desk: ForecastDesk, members: Community, market: Forecast, length: int
) -> dict[str, Any] | None:
    """What a kilowatt-hour would cost and bring, None for what is no forecast of a market's price.

    Args:
        desk: Ports.
        members: The community.
        market: Of its prices. [EUR/MWh]
        length: Intervals that are told.
    """
    if market.unit != MARKET_UNIT:
        return None
    _, rule = rule_ahead(desk, members.id, market.origin_utc)
    tariff = rule.tariff
    vat = tariff.vat_ppm / PARTS_PER_MILLION
    adder = (tariff.network_price + tariff.excise_price) / _MICRO
    found = retail_prices(market, PriceTerms(adder=adder, vat=vat), PriceTerms())
    return {
        "unit": RETAIL_UNIT,
        "network_and_excise": adder,
        "vat": vat,
        "supply": _told(found.supply, length),
        "feed_in": _told(found.feed_in, length),
    }


def _told(forecast: Forecast, length: int) -> dict[str, list[float]]:
    rows = {"mean": forecast.mean, "p10": forecast.at(0.1), "p90": forecast.at(0.9)}
    return {name: [round(float(one), _DIGITS) for one in row[:length]] for name, row in rows.items()}
