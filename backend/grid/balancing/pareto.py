"""Switches against gain: what a plan of fewer would reach, in which order to switch, and what each one brings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from backend.grid.balancing.problem import SwitchingProblem
    from backend.grid.balancing.search import Search

    Turns = NDArray[np.int64]

__all__ = ["ParetoPoint", "SwitchGain", "gains_of", "order_switches", "trade_off"]

_ALL_UP_TO = 12  # switches up to which each number has its point
_POINTS = 10  # beyond
_ORDERED = 120  # switches up to which each next one is the best of those that are left


@dataclass(frozen=True, slots=True)
class SwitchGain:
    """What one switch of a plan brings.

    Attributes:
        connection: Index in the problem.
        turn: 1 or 2.
        in_order: By how much it lowers the imbalance after those before it; all of a plan's sum to its gain. Switches
            that gain only together share what they do, by ``when_missing``. [W]
        when_missing: By how much the plan is worse without it alone. [W]
        in_order_held_out: As ``in_order``, in intervals that the plan has not seen; None where none are. [W]
    """

    connection: int
    turn: int
    in_order: float
    when_missing: float
    in_order_held_out: float | None


@dataclass(frozen=True, slots=True)
class ParetoPoint:
    """The best plan known of at most so many switches.

    Attributes:
        switches: Connections that it moves. [1]
        cost: Of moving them. [1]
        imbalance_watts: In the intervals that it was made on. [W]
        held_out_watts: In those that it was not, None where none are held out. [W]
    """

    switches: int
    cost: float
    imbalance_watts: float
    held_out_watts: float | None


def order_switches(problem: SwitchingProblem, turns: Turns) -> list[int]:
    """In which order a plan's switches are best done, so that the first few bring the most.

    Each next one is that which lowers the imbalance most; of very many, those come first without which the plan
    would be worst.
    """
    moved = [int(one) for one in np.flatnonzero(turns)]
    changes = [_change(problem, one, int(turns[one])) for one in moved]
    uneven = problem.uneven(problem.home)
    if len(moved) > _ORDERED:
        whole = problem.uneven(turns)
        worse = [_mean(whole - change) for change in changes]
        return [moved[place] for place in np.argsort(-np.array(worse), kind="stable")]
    order: list[int] = []
    left = list(range(len(moved)))
    while left:
        values = [_mean(uneven + changes[place]) for place in left]
        place = left.pop(int(np.argmin(values)))
        uneven += changes[place]
        order.append(moved[place])
    return order


def gains_of(
    problem: SwitchingProblem, turns: Turns, order: Sequence[int], held_out: SwitchingProblem | None
) -> list[SwitchGain]:
    """What each switch brings, in the order of doing."""
    final = problem.uneven(turns)
    after = _mean(final)
    now = problem.uneven(problem.home)
    held = held_out.uneven(held_out.home) if held_out is not None else None
    gains = []
    for one in order:
        turn = int(turns[one])
        change = _change(problem, one, turn)
        before = _mean(now)
        now += change
        seen: float | None = None
        if held is not None and held_out is not None:
            seen = _mean(held)
            held += _change(held_out, one, turn)
            seen -= _mean(held)
        gains.append(SwitchGain(one, turn, before - _mean(now), _mean(final - change) - after, seen))
    return [shared for block in _blocks(gains) for shared in _share_out(block)]


def trade_off(
    search: Search,
    turns: Turns,
    order: Sequence[int],
    held_out: SwitchingProblem | None,
    is_over: Callable[[], bool],
    seed: int = 1,
) -> list[ParetoPoint]:
    """The plan's own curve of switches against imbalance, from none to all of its switches.

    A point is the better of the plan's first switches and of a search within as many, while there is time for one.
    """
    problem = search.problem
    points = [_point(problem, problem.home, held_out)]
    best = problem.imbalance(problem.home)
    for count in _ladder(len(order)):
        partial = problem.home
        partial[list(order[:count])] = turns[list(order[:count])]
        tried = [turns if count == len(order) else partial]
        counted = float((problem.counts[list(order[:count])] > 0).sum())
        if count < len(order) and counted and not is_over():
            limits = np.array([counted, problem.bounds[1]])
            other = search.quickly(limits, seed, partial)
            if np.count_nonzero(other) <= count:
                tried.append(other)
        chosen = min(tried, key=problem.imbalance)
        value = problem.imbalance(chosen)
        if value < best:
            best = value
            points.append(_point(problem, chosen, held_out))
    return points


def _blocks(gains: Sequence[SwitchGain]) -> list[list[SwitchGain]]:
    """Cut an order where what was done so far has gained: an exchange of two homes gains with its second half alone."""
    blocks: list[list[SwitchGain]] = []
    block: list[SwitchGain] = []
    for gain in gains:
        block.append(gain)
        if sum(one.in_order for one in block) > 0:
            blocks.append(block)
            block = []
    if block and blocks:
        blocks[-1] += block
    elif block:
        blocks.append(block)
    return blocks


def _share_out(block: Sequence[SwitchGain]) -> list[SwitchGain]:
    if len(block) == 1:
        return list(block)
    weights = np.maximum([one.when_missing for one in block], 0.0)
    parts = weights / weights.sum() if weights.sum() > 0 else np.full(len(block), 1 / len(block))
    whole = sum(one.in_order for one in block)
    held = [one.in_order_held_out for one in block if one.in_order_held_out is not None]
    return [
        replace(
            one,
            in_order=float(whole * part),
            in_order_held_out=float(sum(held) * part) if held else None,
        )
        for one, part in zip(block, parts, strict=True)
    ]


def _ladder(most: int) -> list[int]:
    if most <= _ALL_UP_TO:
        return list(range(1, most + 1))
    steps = np.geomspace(1, most, _POINTS)
    return sorted({round(float(step)) for step in steps} | {most})


def _point(problem: SwitchingProblem, turns: Turns, held_out: SwitchingProblem | None) -> ParetoPoint:
    return ParetoPoint(
        switches=int(np.count_nonzero(turns)),
        cost=float(problem.costs[turns != 0].sum()),
        imbalance_watts=problem.imbalance(turns),
        held_out_watts=held_out.imbalance(turns) if held_out is not None else None,
    )


def _change(problem: SwitchingProblem, one: int, turn: int) -> NDArray[np.float64]:
    """What turning one connection from home adds to the unevenness. Shape (3, T). [W]"""
    change = np.zeros_like(problem.base)
    for row in range(problem.first[one], problem.first[one + 1]):
        change[problem.phase[row]] -= problem.rows[row]
        change[(problem.phase[row] + turn) % 3] += problem.rows[row]
    return change


def _mean(uneven: NDArray[np.float64]) -> float:
    return float(np.abs(uneven).max(axis=0).mean())
