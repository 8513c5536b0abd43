"""What a link of the ``flow`` key costs: levels compared one after the other, folded into one whole number.

A level outweighs all below it together over any simple cycle of the network, so that the sum of weighted values decides
as the levels do (docs/protocol.md section 8, *Flow, link by link*). A simple cycle passes each point once, and the grid
once: at most ``min(producers, consumers)`` of its links run forward and as many backward, and one step is taken, one
given back. So no two solutions that differ by a cycle differ at a level by more than that level's ``reach``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import SharingKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["FlowWeights", "Level", "is_same", "measure_metres", "weigh_levels"]

SHARED_BITS = 51  # the top weight stays below 2^51, potentials below twice that: whole in a double
DISTANCE_QUANTA = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)  # [m]
CONSUMERS_ALIKE, PRODUCERS_ALIKE, DISTANCE = "consumers alike", "producers alike", "distance"
_STEP_LEVELS = (CONSUMERS_ALIKE, PRODUCERS_ALIKE)

_METRES_PER_DEGREE = 111_195  # of a sphere of 6,371 km
MICRO = 1_000_000
_SCALE = 10**12
_PI_SCALED = 3_141_592_653_590


@dataclass(frozen=True, slots=True)
class Level:
    """One thing that solutions are compared by.

    Attributes:
        name: For explanations.
        values: Shape (n_p, n_c), int64, per unit of energy; of the two levels of steps all zero.
    """

    name: str
    values: NDArray[np.int64]

    def reach(self, steps: int) -> int:
        """The most that a simple cycle can change at this level, per unit of energy."""
        if self.name in _STEP_LEVELS:
            return steps
        present = self.values != 0
        ends = min(int(present.any(axis=1).sum()), int(present.any(axis=0).sum()))
        return int(np.abs(self.values).max(initial=0)) * ends


@dataclass(frozen=True, slots=True, eq=False)
class FlowWeights:
    """The levels folded.

    Attributes:
        costs: Shape (n_p, n_c), int64: of a unit over each link, the steps apart.
        levels: The lowest first, the distance in quanta.
        weights: By level.
        shared: B, what a unit shared is worth; outweighs all levels.
        quantum: Of the distance. [m]
    """

    costs: NDArray[np.int64]
    levels: tuple[Level, ...]
    weights: tuple[int, ...]
    shared: int
    quantum: int

    def weight_of(self, name: str) -> int:
        """Weight of a level that is there."""
        return next(
            weight for level, weight in zip(self.levels, self.weights, strict=True) if level.name == name
        )

    @property
    def consumer_step(self) -> int:
        """W_f."""
        return self.weight_of(CONSUMERS_ALIKE)

    @property
    def producer_step(self) -> int:
        """W_h."""
        return self.weight_of(PRODUCERS_ALIKE)


def weigh_levels(levels: Sequence[Level], metres: NDArray[np.int64] | None, steps: int) -> FlowWeights:
    """Fold the levels, with the finest distance that leaves room.

    Args:
        levels: The lowest first; the values of ``distance`` are replaced by ``metres`` in quanta.
        metres: Shape (n_p, n_c), -1 where unknown; None where distance is no level. [m]
        steps: Fairness steps.

    Raises:
        SharingKeyError: If the levels need a weight of 2^51 or more at the coarsest distance.
    """
    needed = 0
    for quantum in DISTANCE_QUANTA if metres is not None else DISTANCE_QUANTA[:1]:
        filled = tuple(
            Level(DISTANCE, _quantise(metres, quantum))
            if metres is not None and level.name == DISTANCE
            else level
            for level in levels
        )
        needed, weights = 1, []
        costs = np.zeros(levels[0].values.shape, dtype=object)
        for level in filled:
            weights.append(needed)
            costs = costs + level.values.astype(object) * needed
            needed += needed * level.reach(steps)
        if needed < 1 << SHARED_BITS:
            return FlowWeights(costs.astype(np.int64), filled, tuple(weights), needed, quantum)
    producers, consumers = levels[0].values.shape
    names = ", ".join(level.name for level in levels)
    raise SharingKeyError(
        f"{producers} x {consumers} links with {steps} fairness steps and the levels {names} need weights up to "
        f"{needed}, above {(1 << SHARED_BITS) - 1}; vote fewer costs or fairness steps, or share among fewer points."
    )


def _quantise(metres: NDArray[np.int64], quantum: int) -> NDArray[np.int64]:
    """Distance in quanta, floored; where it is unknown one beyond the farthest, 0 if all are unknown."""
    known = metres >= 0
    if not known.any():
        return np.zeros_like(metres)
    return np.where(known, metres // quantum, int(metres.max()) // quantum + 1)


def measure_metres(
    origins: Sequence[tuple[int, int] | None], targets: Sequence[tuple[int, int] | None]
) -> NDArray[np.int64]:
    """Distances between positions in whole metres, floored, -1 where one is missing.

    On a sphere flattened at the two points' middle latitude, in whole numbers, so that every machine finds the same:
    exact to well below a metre over the few kilometres of a community.

    Args:
        origins: (latitude, longitude) each. [1e-6 degrees]
        targets: The same.
    """
    known: dict[tuple[int, int, int, int], int] = {}
    rows = [
        [-1 if here is None or there is None else _measure(here, there, known) for there in targets]
        for here in origins
    ]
    return np.array(rows, dtype=np.int64).reshape(len(origins), len(targets))


def _measure(
    here: tuple[int, int], there: tuple[int, int], known: dict[tuple[int, int, int, int], int]
) -> int:
    key = (*here, *there)
    if key not in known:
        turn = abs(here[1] - there[1])
        turn = min(turn, 360 * MICRO - turn)
        north = (here[0] - there[0]) * _METRES_PER_DEGREE
        east = turn * _METRES_PER_DEGREE * _cosine(abs(here[0] + there[0]) // 2) // _SCALE
        known[key] = isqrt(north * north + east * east) // MICRO
    return known[key]


def _cosine(latitude: int) -> int:
    """Cosine of a latitude by its series, in whole 1e-12.

    Args:
        latitude: From 0 to a right angle. [1e-6 degrees]
    """
    angle = latitude * _PI_SCALED // (180 * MICRO)
    square = angle * angle // _SCALE
    term, total = _SCALE, _SCALE
    for order in range(2, 26, 2):
        term = term * square // _SCALE // (order * (order - 1))
        total += term if order % 4 == 0 else -term
    return max(total, 0)


def is_same(values: Mapping[int, str | None], here: int, there: int, *, whole: str) -> bool:
    """Do two points share a phase or feeder? ``whole`` is the one that shares with any; unknown shares with none."""
    mine, yours = values[here], values[there]
    return mine is not None and yours is not None and (mine == yours or whole in {mine, yours})
