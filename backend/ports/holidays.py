"""Public holidays as services see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = ["HolidayDates", "no_holidays"]


class HolidayDates(Protocol):
    """Knows public holidays: days on which people live as on Sundays."""

    def __call__(self, country: str, years: Iterable[int]) -> frozenset[date]:
        """Holidays of a country as a whole, none of one that is not known (``none``).

        Args:
            country: ISO 3166 code of two letters.
            years: Which.
        """
        ...


def no_holidays(country: str, years: Iterable[int]) -> frozenset[date]:
    """Implements ``HolidayDates`` where none count."""
    del country, years
    return frozenset()
