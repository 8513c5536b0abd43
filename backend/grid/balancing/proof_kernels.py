"""The compiled loops of the proof: a bound from duals, and the search that leaves no choice of moves out.

For any weights w with Σ_p |w_p(t)| <= 1 in each interval, max_p |D_p(t)| >= Σ_p w_p(t) · D_p(t). The right side is
linear in the moves, so its least value over all choices of at most k moves is the sum of the k lowest prices: a lower
bound that costs a selection. A budget is priced in (Lagrange): with μ >= 0, every move costs μ times its cost more, and
μ times the budget comes off. Subgradient steps raise the bound; a branch whose bound reaches the best known measure is
closed. Both hold for any w and μ, so that a bound is valid wherever its search stops.

Arrays are those of ``kernels``; ``uneven`` is the unevenness with all at home but what a branch has moved, and all
that may still move stands at home. This module imports numba: import it where something is proved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Courses = NDArray[np.float32]
    Indices = NDArray[np.int64]
    Allowed = NDArray[np.bool_]

__all__ = ["close_branches", "raise_bound"]

_RELATIVE = 1e-9  # by which a measure must be lower to be better
_NO_LIMIT = 1e17
_PATIENCE = 12  # steps that do not raise the bound before they are shortened
_SHORTER = 0.75
_DRIFT = 0.5  # part of the last direction that is kept in the next
_FEW = 24  # moves up to which the lowest prices are picked one by one


@njit(cache=True, nogil=True, fastmath=True)
def _price(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    weights: Values,
    rows: Courses,
    phase: Indices,
    first: Indices,
    allowed: Allowed,
    prices: Values,
    dear: float,
    steps: Values,
    found: Values,
) -> None:
    """What each turn adds to Σ w · D and to μ · cost; +inf where it is not allowed, 0 at home. Shape (n, 3)."""
    for p in range(3):
        step, low, high = steps[p], weights[p], weights[(p + 1) % 3]
        for t in range(step.size):
            step[t] = high[t] - low[t]
    for one in range(first.size - 1):
        found[one, 0] = 0.0
        found[one, 1] = found[one, 2] = prices[1, one] * dear
        for row in range(first[one], first[one + 1]):
            up, down, course = steps[phase[row]], steps[(phase[row] + 2) % 3], rows[row]
            onward, back = 0.0, 0.0
            for t in range(course.size):
                onward += up[t] * course[t]
                back += down[t] * course[t]
            found[one, 1] += onward
            found[one, 2] -= back
        for turn in range(1, 3):
            if not allowed[one, turn]:
                found[one, turn] = np.inf


@njit(cache=True, nogil=True)
def _shorten(weights: Values) -> None:
    """Bring each interval's weights onto the octahedron Σ_p |w_p| <= 1 (Euclidean projection)."""
    for t in range(weights.shape[1]):
        a, b, c = abs(weights[0, t]), abs(weights[1, t]), abs(weights[2, t])
        total = a + b + c
        if total <= 1:
            continue
        high, low = max(a, b, c), min(a, b, c)
        middle = total - high - low
        cut = max(high - 1, (high + middle - 1) / 2, (total - 1) / 3)
        for p in range(3):
            size = abs(weights[p, t]) - cut
            weights[p, t] = np.sign(weights[p, t]) * size if size > 0 else 0.0


@njit(cache=True, nogil=True)
def _pick(found: Values, prices: Values, moves: float, chosen: Indices, turn_of: Indices) -> int:
    """List the connections whose moves together are the lowest: all free ones below 0, and the lowest that count."""
    count = found.shape[0]
    least = np.empty(count)
    picked, counted = 0, 0
    for one in range(count):
        turn = 1 if found[one, 1] <= found[one, 2] else 2
        least[one], turn_of[one] = found[one, turn], turn
        if prices[0, one] == 0:
            if least[one] < 0:
                chosen[picked] = one
                picked += 1
            least[one] = 0.0
        elif least[one] < 0:
            counted += 1
    takes = min(counted, int(moves + _RELATIVE))
    if takes <= _FEW:
        for _ in range(takes):
            lowest = 0
            for one in range(1, count):
                if least[one] < least[lowest]:
                    lowest = one
            chosen[picked] = lowest
            picked += 1
            least[lowest] = 0.0
    else:
        order = np.argsort(least)
        for place in range(takes):
            chosen[picked] = order[place]
            picked += 1
    return picked


@njit(cache=True, nogil=True)
def raise_bound(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    uneven: Values,
    rows: Courses,
    phase: Indices,
    first: Indices,
    allowed: Allowed,
    prices: Values,
    left: Values,
    weights: Values,
    dear: Values,
    steps: int,
    known: float,
) -> tuple[float, float, Values]:
    """Raise the dual bound by subgradient steps.

    Args:
        uneven: Shape (3, T). [W]
        rows: Shape (m, T). [W]
        phase: Shape (m,).
        first: Shape (n + 1,).
        allowed: Turns that may still be taken. Shape (n, 3).
        prices: What each counts and costs. Shape (2, n).
        left: Moves and budget that are left. Shape (2,).
        weights: Where to begin; becomes the best found. Shape (3, T).
        dear: μ and the scale that it is stepped in; μ becomes the best found. Shape (2,).
        steps: At most. [1]
        known: Measure of the best choice known: reaching it is enough. [W]

    Returns:
        The bound on the measure, the constant part of it times T, and the price of each turn. Shape (n, 3).
    """
    count, intervals, has_budget = first.size - 1, uneven.shape[1], left[1] < _NO_LIMIT
    price, found, between = np.empty((count, 3)), np.empty((count, 3)), np.empty((3, intervals))
    chosen, turn_of = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    trial, rest, way = weights.copy(), np.empty_like(uneven), np.zeros_like(uneven)
    cost, best, constant, pace, since = dear[0], -np.inf, 0.0, 1.0, 0
    for _ in range(steps):
        _price(trial, rows, phase, first, allowed, prices, cost, between, price)
        stays = -cost * left[1] if has_budget else 0.0
        for p in range(3):
            for t in range(intervals):
                stays += trial[p, t] * uneven[p, t]
        picked = _pick(price, prices, left[0], chosen, turn_of)
        value, over = stays, -left[1]
        rest[:] = uneven
        for place in range(picked):
            one = chosen[place]
            value += price[one, turn_of[one]]
            over += prices[1, one]
            _add_rows(rest, rows, phase, first[one], first[one + 1], turn_of[one])
        if value > best:
            best, constant, since = value, stays, 0
            weights[:] = trial
            dear[0] = cost
            found[:] = price
        else:
            since += 1
            if since > _PATIENCE:
                pace *= _SHORTER
                since = 0
                trial[:] = weights
                way[:] = 0
                cost = dear[0]
                continue
        if best >= known * intervals:
            break
        cost = _step(
            trial, way, rest, cost, over * dear[1] if has_budget else 0.0, dear[1], pace, known, value
        )
    return best / intervals, constant, found


@njit(cache=True, nogil=True, fastmath=True)
def _step(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    trial: Values,
    way: Values,
    rest: Values,
    cost: float,
    over: float,
    scale: float,
    pace: float,
    known: float,
    value: float,
) -> float:
    """Move the duals along the subgradient by Polyak's stride, and back into their bounds; returns the new μ."""
    square = over * over + 1e-12
    for p in range(3):
        for t in range(rest.shape[1]):
            way[p, t] = rest[p, t] + _DRIFT * way[p, t]
            square += way[p, t] * way[p, t]
    stride = pace * (known * rest.shape[1] - value) / square
    for p in range(3):
        for t in range(rest.shape[1]):
            trial[p, t] += stride * way[p, t]
    _shorten(trial)
    return float(max(cost + stride * over * scale, 0.0))


@njit(cache=True, nogil=True, fastmath=True)
def _add_rows(uneven: Values, rows: Courses, phase: Indices, begin: int, end: int, turn: int) -> None:
    """Turn rows that stand at home."""
    for row in range(begin, end):
        gone, come, course = uneven[phase[row]], uneven[(phase[row] + turn) % 3], rows[row]
        for t in range(course.size):
            gone[t] -= course[t]
            come[t] += course[t]


@njit(cache=True, nogil=True, fastmath=True)
def _measure(uneven: Values) -> float:
    """Mean over time of the largest deviation. [W]"""
    total, a, b, c = 0.0, uneven[0], uneven[1], uneven[2]
    for t in range(a.size):
        total += max(abs(a[t]), abs(b[t]), abs(c[t]))
    return float(total / a.size)


@njit(cache=True, nogil=True)
def _lowest(flat: Values, order: Indices, place: int, moves: float, prices: Values) -> float:
    """Lowest sum of further moves that come after a place in the order, each connection's other turn left out."""
    total, taken, one = 0.0, 0.0, order[place] // 3
    for later in range(place + 1, order.size):
        move = order[later]
        if flat[move] >= 0:
            break
        if move // 3 == one:
            continue
        count = prices[0, move // 3]
        if count == 0 or taken + count <= moves + _RELATIVE:
            total += flat[move]
            taken += count
    return total


@njit(cache=True, nogil=True, fastmath=True)
def _measure_turned(uneven: Values, rows: Courses, phase: Indices, begin: int, end: int, turn: int) -> float:
    """The measure, were a connection that stands at home turned. [W]"""
    if end - begin != 1:
        there = uneven.copy()
        _add_rows(there, rows, phase, begin, end, turn)
        return _measure(there)
    gone, come = uneven[phase[begin]], uneven[(phase[begin] + turn) % 3]
    rest, course, total = uneven[(phase[begin] + 3 - turn) % 3], rows[begin], 0.0
    for t in range(course.size):
        power = np.float64(course[t])
        total += max(abs(gone[t] - power), abs(come[t] + power), abs(rest[t]))
    return float(total / course.size)


@njit(cache=True, nogil=True)
def _try_last(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    uneven: Values,
    rows: Courses,
    phase: Indices,
    first: Indices,
    prices: Values,
    left: Values,
    flat: Values,
    order: Indices,
    place: int,
    constant: float,
    known: Values,
    turns: Indices,
    best: Indices,
    spent: Indices,
) -> None:
    """Try every one more move after a place in the order, as far as the duals at hand do not close it."""
    mover = order[place] // 3
    for later in range(place + 1, order.size):
        move = order[later]
        if (constant + flat[move]) / uneven.shape[1] >= known[0] * (1 - _RELATIVE):
            return
        one, turn = move // 3, move % 3
        if one == mover or prices[0, one] > left[0] + _RELATIVE or prices[1, one] > left[1] + _RELATIVE:
            continue
        spent[0] += 1
        value = _measure_turned(uneven, rows, phase, first[one], first[one + 1], turn)
        if value < known[0] * (1 - _RELATIVE):
            known[0] = value
            best[:] = turns
            best[one] = turn


@njit(
    "void(float64[:,::1],float32[:,::1],int64[::1],int64[::1],boolean[:,::1],float64[:,::1],float64[::1],"
    "float64[:,::1],float64[::1],float64[::1],int64[::1],int64[::1],int64[::1],int64[::1],int64)",
    cache=True,
    nogil=True,
)
def _branch(  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917 -- a signature for numba, which cannot infer recursion
    uneven,  # noqa: ANN001
    rows,  # noqa: ANN001
    phase,  # noqa: ANN001
    first,  # noqa: ANN001
    allowed,  # noqa: ANN001
    prices,  # noqa: ANN001
    left,  # noqa: ANN001
    weights,  # noqa: ANN001
    dear,  # noqa: ANN001
    known,  # noqa: ANN001
    turns,  # noqa: ANN001
    best,  # noqa: ANN001
    steps,  # noqa: ANN001
    spent,  # noqa: ANN001
    depth,  # noqa: ANN001
):
    """Search what is still allowed; each child takes one move more, and leaves its brothers before it alone."""
    if spent[0] >= spent[1]:
        return
    intervals, has_free = uneven.shape[1], not prices[0].all()
    weights, dear, allowed = weights.copy(), dear.copy(), allowed.copy()
    tries = steps[min(depth, steps.size - 1)]
    spent[0] += tries
    bound, constant, price = raise_bound(
        uneven, rows, phase, first, allowed, prices, left, weights, dear, tries, known[0]
    )
    if bound >= known[0] * (1 - _RELATIVE):
        return
    flat = price.ravel().copy()
    flat[::3] = np.inf
    order = np.argsort(flat)
    for place in range(order.size):
        move = order[place]
        one, turn = move // 3, move % 3
        if flat[move] == np.inf:
            break
        allowed[one, turn] = False
        rest = left - prices[:, one]
        floor = constant + flat[move] + _lowest(flat, order, place, rest[0], prices)
        if spent[0] >= spent[1]:
            return
        known[1 if depth == 0 else 2] = floor / intervals
        if floor / intervals >= known[0] * (1 - _RELATIVE):
            break  # floors only rise from here on: any later choice is bettered by taking this move into it
        if rest[0] < -_RELATIVE or rest[1] < -_RELATIVE:
            continue
        child = uneven.copy()
        _add_rows(child, rows, phase, first[one], first[one + 1], turn)
        spent[0] += 1
        turns[one] = turn
        value = _measure(child)
        if value < known[0] * (1 - _RELATIVE):
            known[0] = value
            best[:] = turns
        if not has_free and rest[0] < 2 - _RELATIVE:
            if rest[0] > 1 - _RELATIVE:
                _try_last(
                    child,
                    rows,
                    phase,
                    first,
                    prices,
                    rest,
                    flat,
                    order,
                    place,
                    constant + flat[move],
                    known,
                    turns,
                    best,
                    spent,
                )
        else:
            others = allowed[one].copy()
            allowed[one] = False
            _branch(
                child,
                rows,
                phase,
                first,
                allowed,
                prices,
                rest,
                weights,
                dear,
                known,
                turns,
                best,
                steps,
                spent,
                depth + 1,
            )
            allowed[one] = others
        turns[one] = 0


@njit(cache=True, nogil=True)
def close_branches(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    uneven: Values,
    rows: Courses,
    phase: Indices,
    first: Indices,
    allowed: Allowed,
    prices: Values,
    left: Values,
    weights: Values,
    dear: Values,
    known: float,
    turns: Indices,
    steps: Indices,
    effort: int,
) -> tuple[float, Indices, bool, float]:
    """Search all choices within the limits, leaving out those whose bound says that they cannot be better.

    ``raise_bound`` tells the arrays. ``known`` is the measure of ``turns``, the best choice known [W]; ``steps`` are
    the subgradient steps by depth, the last of which holds for all below; ``effort`` is how many trials, and passes
    over the connections, it gives up after. [1]

    Returns:
        The best measure, its turns, whether nothing better by more than one part in 1e9 exists, and what nothing is
        below where that was not settled (-inf for unknown).
    """
    # What is known: the best measure, where the root's search has come to, and where deeper ones have.
    value, best, spent = np.array([known, -np.inf, -np.inf]), turns.copy(), np.array([0, effort])
    now = np.zeros_like(turns)
    _branch(
        uneven, rows, phase, first, allowed, prices, left, weights, dear, value, now, best, steps, spent, 0
    )
    # Floors rise along the root's search: all before is closed, all from there on is above.
    return value[0], best, spent[0] < spent[1], value[1]
