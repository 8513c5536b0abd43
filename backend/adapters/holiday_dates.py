"""Public holidays, as the plain dates that estimation and conformity take: their days are like Sundays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["holiday_dates"]


def holiday_dates(country: str, years: Iterable[int], region: str = "") -> frozenset[date]:
    """Holidays of a country, empty where the library does not know it (``none``).

    Args:
        country: ISO 3166 code of two letters.
        years: Which.
        region: ISO 3166-2 part after the hyphen, where holidays differ within the country; unknown ones count as none.
    """
    import holidays

    known = holidays.list_supported_countries()
    if country not in known:
        return frozenset()
    within = region if region in known[country] else None
    return frozenset(holidays.country_holidays(country, subdiv=within, years=list(years)))
