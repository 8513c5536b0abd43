"""Division of a whole quantity by weights, exactly: the parts sum to it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["apportion_exactly"]


def apportion_exactly(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a whole quantity by weights so that the parts sum to it exactly.

    The k-th part is ``floor(total · W_k / W) - floor(total · W_(k-1) / W)``, W_k being the sum of the first k weights.

    Args:
        total: Quantity to divide, at least zero. [caller's unit, whole]
        weights: At least zero each, at least one of them positive. [1]

    Returns:
        One part per weight, in their order. [unit of ``total``]

    Invariants:
        - The parts sum to ``total``; none is negative.
        - Each part differs from its exact share by less than one unit; of a weight of zero it is zero.
    """
    assert total >= 0, total
    assert all(weight >= 0 for weight in weights), weights
    whole = sum(weights)
    assert whole > 0, weights
    parts, running, given = [], 0, 0
    for weight in weights:
        running += weight
        until = total * running // whole
        parts.append(until - given)
        given = until
    return parts
