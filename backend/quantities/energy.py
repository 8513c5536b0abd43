"""Energy as whole milliwatt-hours [mWh].

It holds Wh meters, six-decimal kWh and half-hour means of watts without loss.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from backend.errors import InputError

__all__ = [
    "MILLIWATT_HOURS_MAX",
    "MILLIWATT_HOURS_PER_KILOWATT_HOUR",
    "format_kilowatt_hours",
    "parse_kilowatt_hours",
]

MILLIWATT_HOURS_PER_KILOWATT_HOUR = 1_000_000
MILLIWATT_HOURS_MAX = 2**53 - 1  # exact in JavaScript too: 9 TWh in one interval
_CONTEXT_SCALE = Decimal(MILLIWATT_HOURS_PER_KILOWATT_HOUR)


def parse_kilowatt_hours(text: str | Decimal) -> int:
    """Read kilowatt-hours, rounding half away from zero to a milliwatt-hour.

    Args:
        text: A finite decimal number, never negative. [kWh]

    Returns:
        The energy. [mWh]

    Raises:
        InputError: If it is not a number, not finite, negative, or above 9 TWh.
    """
    try:
        value = text if isinstance(text, Decimal) else Decimal(text.strip())
    except InvalidOperation:
        raise InputError(f"{text!r} is not a number of kilowatt-hours; write it like 0.125.") from None
    if not value.is_finite():
        raise InputError(f"{text} is not a finite energy; leave the field empty where a reading is missing.")
    if value < 0:
        raise InputError(f"{text} kWh is negative; give each direction its own metering point.")
    if value > MILLIWATT_HOURS_MAX // MILLIWATT_HOURS_PER_KILOWATT_HOUR:
        raise InputError(f"{text} kWh in one interval is beyond any meter; check the unit.")
    return int((value * _CONTEXT_SCALE).to_integral_value(rounding=ROUND_HALF_UP))


def format_kilowatt_hours(energy: int, decimals: int = 6) -> str:
    """Write milliwatt-hours as kilowatt-hours with a fixed number of decimals, half away from zero.

    Args:
        energy: Any sign. [mWh]
        decimals: 0 to 6.
    """
    step = Decimal(1).scaleb(-decimals)
    value = (Decimal(int(energy)) / _CONTEXT_SCALE).quantize(step, rounding=ROUND_HALF_UP)
    return f"{value:f}"
