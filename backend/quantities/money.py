"""Money and prices: whole cents on bills, micro-euro inside, micro-euro per kilowatt-hour for prices."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from backend.errors import TariffError
from backend.quantities.rounding import divide_half_away

__all__ = [
    "MICRO_EUR_PER_EUR",
    "PRICE_MAX",
    "format_cents",
    "format_price",
    "parse_cents",
    "parse_price",
    "price_energy_cents",
]

MICRO_EUR_PER_EUR = 1_000_000
PRICE_MAX = 2**32 - 1
_CENTS_DENOMINATOR = 10_000_000_000  # mWh · µEUR/kWh = 1e-12 EUR; a cent is 1e10 of them
_CENTS_MAX = 2**32 - 1


def _parse_exact(text: str, decimals: int, what: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise TariffError(f'{what} {text!r} is not a decimal number; write it like "0.12".') from None
    if not value.is_finite() or value < 0:
        raise TariffError(f"{what} {text} must be a finite number, at least zero.")
    scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        raise TariffError(f"{what} {text} has more than {decimals} decimals; round it before it is voted.")
    return int(scaled)


def parse_price(text: str, what: str = "price") -> int:
    """Read a unit price exactly.

    Args:
        text: Decimal with at most six decimals. [EUR/kWh]
        what: How messages name it.

    Returns:
        The price. [µEUR/kWh]

    Raises:
        TariffError: If it is not a number, negative, has more than six decimals, or is 4,294.967295 or more.
    """
    price = _parse_exact(text, 6, what)
    if price > PRICE_MAX:
        raise TariffError(f"{what} {text} EUR/kWh is beyond any tariff; check the unit.")
    return price


def parse_cents(text: str, what: str = "amount") -> int:
    """Read an amount exactly.

    Args:
        text: Decimal with at most two decimals. [EUR]
        what: How messages name it.

    Returns:
        The amount. [cents]

    Raises:
        TariffError: If it is not a number, negative, has more than two decimals, or is beyond 42 million.
    """
    cents = _parse_exact(text, 2, what)
    if cents > _CENTS_MAX:
        raise TariffError(f"{what} {text} EUR is beyond any bill; check the unit.")
    return cents


def price_energy_cents(energy: int, price: int) -> int:
    """The price of an energy, rounded half away from zero to a cent.

    Args:
        energy: At least zero. [mWh]
        price: At least zero. [µEUR/kWh]

    Returns:
        The amount. [cents]
    """
    return divide_half_away(energy * price, _CENTS_DENOMINATOR)


def format_cents(cents: int) -> str:
    """Write cents as euro with two decimals, such as ``-12.05``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def format_price(price: int) -> str:
    """Write µEUR/kWh as EUR/kWh with at least two decimals and no needless zeros, such as ``0.12`` or ``0.0455``."""
    whole, fraction = divmod(price, MICRO_EUR_PER_EUR)
    digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{digits}"
