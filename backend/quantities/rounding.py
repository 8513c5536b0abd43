"""The one home of rounding. The direction is in the name; arguments and results are whole."""

from __future__ import annotations

__all__ = ["PARTS_PER_MILLION", "divide_half_away", "multiply_divide_down"]

PARTS_PER_MILLION = 1_000_000


def divide_half_away(numerator: int, denominator: int) -> int:
    """Divide, rounding half away from zero.

    Args:
        numerator: Any whole number. [caller's unit]
        denominator: Above zero. [1]

    Returns:
        The nearest whole number; of two equally near, the one farther from zero.
    """
    assert denominator > 0, denominator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def multiply_divide_down(quantity: int, weight: int, total: int) -> int:
    """``floor(quantity · weight / total)``, exact whatever the size.

    Args:
        quantity: At least zero. [caller's unit]
        weight: At least zero. [1]
        total: Above zero. [1]
    """
    assert quantity >= 0, quantity
    assert weight >= 0, weight
    assert total > 0, total
    return quantity * weight // total
