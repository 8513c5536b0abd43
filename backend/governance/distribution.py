"""How a change falls on the members: who gains, how unequal savings are, how those fare who have least.

Everything is whole numbers or exact fractions, and the order of the members changes nothing. What is told is safe to
show to all of them: a figure behind which fewer than five stand, or which follows by subtraction from one, is withheld
(None).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from backend.quantities import PARTS_PER_MILLION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "CLASS_EDGES",
    "FEWEST",
    "QUANTILES",
    "Gini",
    "count_by_class",
    "gini_of",
    "quantiles_of",
    "shown_groups",
    "sum_gains",
    "worst_off",
]

FEWEST = 5  # members whose sum may be shown (docs/protocol.md section 11)
QUANTILES = (10, 25, 50, 75, 90)  # [%]
#: Bounds of the classes of gains; each class is half open, the one from 0 to 1 is *unchanged*. [cents]
CLASS_EDGES = (
    *(-50_000, -20_000, -10_000, -5_000, -2_000, -500),
    *(0, 1),
    *(501, 2_001, 5_001, 10_001, 20_001, 50_001),
)


@dataclass(frozen=True, slots=True)
class Gini:
    """How unequal amounts are: 0 where all have the same, 1 where one has everything.

    Amounts may be negative (sharing can cost more than it saves), so it is the normalised coefficient of Raffinetti,
    Siletti and Vernizzi (2015): the sum of |x_i - x_j| over all pairs i < j, by (n - 1) · Σ |x_i|. Where no amount is
    negative it is Gini's own, times n / (n - 1).

    Attributes:
        numerator: [cents]
        denominator: Above zero. [cents]
    """

    numerator: int
    denominator: int

    @property
    def ppm_down(self) -> int:
        """Rounded down. [ppm]"""
        return self.numerator * PARTS_PER_MILLION // self.denominator

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; the exact fraction as decimal strings."""
        return {
            "numerator": str(self.numerator),
            "denominator": str(self.denominator),
            "ppm": self.ppm_down,
        }


def gini_of(amounts: Sequence[int]) -> Gini | None:
    """The coefficient; None for fewer than five, or where all amounts are zero.

    Invariants:
        - It lies in 0 to 1.
    """
    count = len(amounts)
    total = sum(map(abs, amounts))
    if count < FEWEST or total == 0:
        return None
    apart = sum((2 * place - count + 1) * amount for place, amount in enumerate(sorted(amounts)))
    return Gini(apart, (count - 1) * total)


def quantiles_of(amounts: Sequence[int]) -> dict[str, int | None]:
    """Quantiles by nearest rank, by their per cent; only those that have five on either side, themselves included."""
    ordered, count = sorted(amounts), len(amounts)
    ranks = {percent: -(-percent * count // 100) for percent in QUANTILES}
    return {
        str(percent): ordered[rank - 1] if min(rank, count + 1 - rank) >= FEWEST else None
        for percent, rank in ranks.items()
    }


def count_by_class(gains: Sequence[int]) -> list[dict[str, int | None]] | None:
    """Members by class of gain; neighbouring classes are joined until each has nobody or at least five.

    Returns:
        ``{from_cents, until_cents, members}`` from the greatest loss to the greatest gain, open ends None; None for
        fewer than five members.
    """
    if len(gains) < FEWEST:
        return None
    joined: list[list[Any]] = []
    bounds: list[int | None] = [None, *CLASS_EDGES, None]
    for begin, end in pairwise(bounds):
        count = sum((begin is None or begin <= gain) and (end is None or gain < end) for gain in gains)
        if joined and 0 < joined[-1][2] < FEWEST:
            joined[-1][1], joined[-1][2] = end, joined[-1][2] + count
        else:
            joined.append([begin, end, count])
    while 0 < joined[-1][2] < FEWEST:
        begin, end, count = joined.pop()
        joined[-1][1], joined[-1][2] = end, joined[-1][2] + count
    return [{"from_cents": begin, "until_cents": end, "members": count} for begin, end, count in joined]


def sum_gains(gains: Sequence[int]) -> dict[str, int | None]:
    """How many gain and lose, and what. [cents]

    The counts are told whatever they are; sums only where neither side has one to four, for the whole is known.
    """
    gaining, losing = [gain for gain in gains if gain > 0], [gain for gain in gains if gain < 0]
    hidden = any(0 < len(side) < FEWEST for side in (gaining, losing))
    return {
        "gaining": len(gaining),
        "losing": len(losing),
        "unchanged": len(gains) - len(gaining) - len(losing),
        "gained_cents": None if hidden else sum(gaining),
        "lost_cents": None if hidden else -sum(losing),
    }


def worst_off(before: Sequence[int], after: Sequence[int]) -> dict[str, int | None]:
    """The tenth of the members who save least: as today's rule has it, what the same would save, and the least then.

    Args:
        before: Saving of each member under today's rule. [cents]
        after: Of the same members under the proposed one. [cents]

    Returns:
        ``members``, rounded up, and sums, None where that is fewer than five.
    """
    count = -(-len(before) // 10)
    if count < FEWEST:
        return {"members": count, "before_cents": None, "same_after_cents": None, "after_cents": None}
    least = sorted(zip(before, after, strict=True))[:count]  # equals are told apart by what they would save
    return {
        "members": count,
        "before_cents": sum(saving for saving, _ in least),
        "same_after_cents": sum(saving for _, saving in least),
        "after_cents": sum(sorted(after)[:count]),
    }


def shown_groups(counts: Mapping[str, int]) -> frozenset[str]:
    """Groups of a whole whose sums may be shown beside it.

    Args:
        counts: Members by group; every member is in one of them.
    """
    shown = {group for group, count in counts.items() if count >= FEWEST}
    hidden = sum(count for group, count in counts.items() if group not in shown)
    if 0 < hidden < FEWEST and shown:  # they would follow by subtraction
        shown.remove(min(shown, key=lambda group: (counts[group], group)))
    return frozenset(shown)
