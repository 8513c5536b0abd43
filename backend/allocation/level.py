"""The water level: a pool shared by weights among those it does not satisfy, in whole numbers.

Whoever has a limit x_i and a weight w_i > 0 gets min(x_i, w_i · L / W), where the *level* L / W is what the satisfied
leave of the pool per weight of the others. It is found without sorting: everyone is taken for unsatisfied, whoever the
level covers is satisfied, and the level rises with what they leave, until nobody is added. That is Newton's method on
the concave, piecewise linear Σ min(x_i, w_i · λ) = pool, which rises to the one solution and stops there exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_level", "is_satisfied"]


def is_satisfied(limit: int, weight: int, level: tuple[int, int]) -> bool:
    """Does the level cover the limit? Never that of someone without weight."""
    pool, others = level
    return weight > 0 and limit * others <= weight * pool


def find_level(limits: Sequence[int], weights: Sequence[int], pool: int) -> tuple[int, int]:
    """The level to which a pool fills limits by weights.

    Args:
        limits: What each can take at most. [mWh]
        weights: By which the pool is shared; those of weight 0 get nothing. [1]
        pool: To be shared. [mWh]

    Returns:
        What the satisfied leave of the pool [mWh], and the weight of the others: 0 where all are satisfied.

    Invariants:
        - The satisfied are exactly those whom the returned level covers (``is_satisfied``).
    """
    level = (pool, sum(weights))
    while True:
        left, others = pool, 0
        for limit, weight in zip(limits, weights, strict=True):
            if is_satisfied(limit, weight, level):
                left -= limit
            else:
                others += weight
        if others == level[1]:
            return level
        level = (left, others)
