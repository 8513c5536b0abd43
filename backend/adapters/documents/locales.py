"""Numbers, money and dates as each language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from backend.quantities import format_cents, format_kilowatt_hours, format_price

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOCALES", "Locale"]

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_NARROW = "\u202f"  # a thin space that does not break: French thousands
_FIXED = "\u00a0"


@dataclass(frozen=True, slots=True)
class Locale:
    """How a language writes figures.

    Attributes:
        name: ``en`` or ``fr``.
        decimal: Decimal sign.
        thousands: Between groups of three.
    """

    name: str
    decimal: str
    thousands: str

    def number(self, text: str) -> str:
        """A plain decimal such as ``-1234.50`` with this language's signs; a true minus."""
        sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
        whole, _, fraction = digits.partition(".")
        grouped = f"{int(whole):,}".replace(",", self.thousands)
        return sign + grouped + (self.decimal + fraction if fraction else "")

    def money(self, cents: int) -> str:
        """Such as ``€1,234.50`` or ``1 234,50 €``. [cents]"""
        figure = self.number(format_cents(cents))
        if self.name == "fr":
            return f"{figure}{_FIXED}€"
        return figure.replace("−", "−€") if cents < 0 else f"€{figure}"

    def energy(self, milliwatt_hours: int, decimals: int = 3) -> str:
        """In kWh, with the unit. [mWh]"""
        return f"{self.number(format_kilowatt_hours(milliwatt_hours, decimals))}{_FIXED}kWh"

    def price(self, price: int) -> str:
        """Per kWh, without needless zeros. [µEUR/kWh]"""
        figure = self.number(format_price(price))
        return f"{figure}{_FIXED}€/kWh" if self.name == "fr" else f"€{figure}/kWh"

    def percent(self, part: int, whole: int) -> str:
        """Whole percents, half away from zero; a small part is not called nothing."""
        share = (200 * part + whole) // (2 * whole) if whole else 0
        figure = "<1" if part and not share else str(share)
        return f"{figure}{_FIXED}%" if self.name == "fr" else f"{figure}%"

    def rate(self, ppm: int) -> str:
        """A VAT rate such as ``5.5%``. [ppm]"""
        figure = f"{ppm // 10_000}.{ppm % 10_000:04d}".rstrip("0").rstrip(".")
        return f"{self.number(figure)}{_FIXED}%" if self.name == "fr" else f"{figure}%"

    def day(self, value: date) -> str:
        """Such as ``1 June 2017`` or ``1er juin 2017``."""
        ordinal = "1er" if self.name == "fr" and value.day == 1 else str(value.day)
        return f"{ordinal}{_FIXED}{self._month(value)} {value.year}"

    def instant_day(self, utc: int) -> str:
        """The UTC day of an instant. [s since 1970]"""
        return self.day(datetime.fromtimestamp(utc, UTC).date())

    def period(self, first: date, last: date) -> str:
        """``June 2017`` for a calendar month, else both dates, or the one."""
        if (
            first.day == 1
            and (last + timedelta(days=1)).day == 1
            and (first.year, first.month) == (last.year, last.month)
        ):
            return f"{self._month(first)} {first.year}"
        return self.day(first) if first == last else f"{self.day(first)} – {self.day(last)}"

    def _month(self, value: date) -> str:
        return _MONTHS[self.name].split()[value.month - 1]


LOCALES: Mapping[str, Locale] = {"en": Locale("en", ".", ","), "fr": Locale("fr", ",", _NARROW)}
