"""The compiled loops of the phase search: moves by a Gram matrix, and moves by the measure itself.

A connection's place is how far it was turned from where it stands today: 0, or 1 and 2 to the next phases. Turning by
r carries what it took on phase p to phase (p + r) mod 3, of one phase as of three, so that every connection has three
places and a move is a turn. The network's unevenness D, power by phase less the mean of the three, is linear in who
stands where; the measure is the mean over time of max_p |D_p|.

Everything that these loops call stands in this one file, since numba's cache knows of no other that changed.
This module imports numba: import it where something is searched, never at the top of another module.

Arrays that all functions take alike:
    base: Unevenness of what cannot be turned, less a third of the whole power. Shape (3, T). [W]
    rows: Power of what can be turned, one row per connection and phase. Shape (m, T). [W]
    phase: Phase of each row today. Shape (m,).
    first: Rows of connection i are ``first[i]`` to ``first[i + 1]``. Shape (n + 1,).
    hours: First interval of each hour, and T. Shape (hours + 1,).
    shares: Weights of the mean, of the worst hour's mean, and of the Gram form. Shape (3,). [1/W, 1/W, 1/form]
    gram: Hermitian matrix of a quadratic form; its last row and column are what stays. Shape (n + 1, n + 1).
    turns: Place of each connection. Shape (n,).
    allowed: Which places each may take. Shape (n, 3).
    prices: What a connection that is not at home counts, and what it costs. Shape (2, n).
    limits: Of either, over all connections. Shape (2,).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Courses = NDArray[np.float32]
    Values = NDArray[np.float64]
    Gram = NDArray[np.complex64]
    Indices = NDArray[np.int64]
    Allowed = NDArray[np.bool_]

__all__ = ["anneal_courses", "anneal_gram", "descend_courses", "uneven_course"]

_OMEGA = np.array([1.0, -0.5 + np.sqrt(0.75) * 1j, -0.5 - np.sqrt(0.75) * 1j])
_FRESH = 1024  # accepted moves after which single-precision sums are added up anew
_COLD = 1e-3  # warmth at the end, relative to the start
_SAMPLES = 200
_TIGHT = 1e-9  # by which limits may be passed for rounding
_TINY = 1e-300  # keeps a warmth from being zero where no move changes anything
_WORTH = 1e-6  # by which a move must lower the measure to be taken, relative: above single precision
_PAIRS = 0.5  # of the moves of those away from home, how many take another one with them


# ------------------------------------------------------------------------------------------------------ book-keeping
@njit(cache=True, nogil=True)
def _start_tally(turns: Indices, prices: Values, moved: Indices, where: Indices, spent: Values) -> int:
    """List who is not at home; returns how many."""
    count = 0
    for one in range(turns.size):
        where[one] = -1
        if turns[one] != 0:
            where[one] = count
            moved[count] = one
            count += 1
            spent[0] += prices[0, one]
            spent[1] += prices[1, one]
    return count


@njit(cache=True, nogil=True)
def _note_move(
    one: int,
    then: int,
    now: Indices,
    prices: Values,
    moved: Indices,
    where: Indices,
    spent: Values,
    count: int,
) -> int:
    """Put a connection to its new place and keep the list of those that are not at home; returns how many are."""
    was, will = now[one] != 0, then != 0
    now[one] = then
    if will and not was:
        where[one] = count
        moved[count] = one
        spent[0] += prices[0, one]
        spent[1] += prices[1, one]
        return count + 1
    if was and not will:
        last = moved[count - 1]
        moved[where[one]] = last
        where[last] = where[one]
        where[one] = -1
        spent[0] -= prices[0, one]
        spent[1] -= prices[1, one]
        return count - 1
    return count


@njit(cache=True, nogil=True)
def _fits(prices: Values, limits: Values, spent: Values, comes: int, goes: int) -> bool:
    """May one leave home, another (-1 for none) going home in exchange?"""
    for side in range(2):
        total = spent[side] + prices[side, comes]
        if goes >= 0:
            total -= prices[side, goes]
        if total > limits[side] + _TIGHT:
            return False
    return True


@njit(cache=True, nogil=True)
def _propose(
    now: Indices,
    allowed: Allowed,
    prices: Values,
    limits: Values,
    spent: Values,
    moved: Indices,
    away: int,
    pairs: float,
) -> tuple[int, int, int, int]:
    """Draw a turn, in exchange for one that goes home where the limits ask for it, or together with another one.

    Returns:
        Who turns (-1 for nobody) and where to, and who else (-1 for nobody) and where to.
    """
    one = np.random.randint(now.size)  # noqa: NPY002 -- the only generator that compiled code has
    turn = (now[one] + 1 + np.random.randint(2)) % 3  # noqa: NPY002
    if not allowed[one, turn]:
        return -1, 0, -1, 0
    if now[one] == 0 and not _fits(prices, limits, spent, one, -1):
        if away == 0:
            return -1, 0, -1, 0
        back = moved[np.random.randint(away)]  # noqa: NPY002
        return (one, turn, back, 0) if _fits(prices, limits, spent, one, back) else (-1, 0, -1, 0)
    if now[one] != 0 and np.random.random() < pairs:  # noqa: NPY002
        other = moved[np.random.randint(away)]  # noqa: NPY002
        then = (now[other] + 1 + np.random.randint(2)) % 3  # noqa: NPY002
        return (one, turn, other, then) if other != one and allowed[other, then] else (-1, 0, -1, 0)
    return one, turn, -1, 0


# ---------------------------------------------------------------------------------------------------- quadratic form
@njit(cache=True, nogil=True)
def _start_fields(gram: Gram, turns: Indices, field: NDArray[np.complex128]) -> float:
    """Fill field_i = Σ_j H_ij conj(ω^r_j); returns the form Σ_ij ω^r_i H_ij conj(ω^r_j)."""
    count = turns.size
    total = 0.0
    for one in range(count + 1):
        added = 0j
        for other in range(count):
            added += gram[one, other] * np.conj(_OMEGA[turns[other]])
        added += gram[one, count]
        if one < count:
            field[one] = added
            total += (_OMEGA[turns[one]] * added).real
        else:
            total += added.real
    return total


@njit(cache=True, nogil=True)
def _form_change(
    gram: Gram, field: NDArray[np.complex128], one: int, now: int, then: int, other: int, step: complex
) -> float:
    """By what a turn changes the form, after another (-1 for none) moved by ``step``."""
    move = _OMEGA[then] - _OMEGA[now]
    there = field[one]
    if other >= 0:
        there += gram[one, other] * np.conj(step)
    return float(2 * (move * there).real + 3 * gram[one, one].real)


@njit(cache=True, nogil=True)
def _move_fields(gram: Gram, field: NDArray[np.complex128], one: int, now: int, then: int) -> None:
    move = _OMEGA[then] - _OMEGA[now]
    row = gram[one]
    for other in range(field.size):
        field[other] += np.conj(row[other] * move)


@njit(cache=True, nogil=True)
def anneal_gram(
    gram: Gram,
    turns: Indices,
    allowed: Allowed,
    prices: Values,
    limits: Values,
    steps: int,
    heat: float,
    seed: int,
) -> tuple[Indices, float]:
    """Anneal a quadratic form, whose every trial costs a handful of multiplications, however many intervals there are.

    The module tells the arrays. It begins with ``turns`` and tries ``steps`` moves that ``seed`` draws; ``heat`` is the
    warmth at the start, relative to the mean change of a move. [1]

    Returns:
        The best turns, and the form there.
    """
    np.random.seed(seed)  # noqa: NPY002
    count = turns.size
    now, kept = turns.copy(), turns.copy()
    field = np.empty(count, dtype=np.complex128)
    total = _start_fields(gram, now, field)
    moved, where, spent = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), np.zeros(2)
    away = _start_tally(now, prices, moved, where, spent)
    best, scale = total, 0.0
    for _ in range(_SAMPLES):
        one = np.random.randint(count)  # noqa: NPY002
        scale += abs(_form_change(gram, field, one, now[one], (now[one] + 1) % 3, -1, 0j)) / _SAMPLES
    for step in range(steps):
        warmth = scale * heat * _COLD ** (step / steps) + _TINY
        one, turn, back, then = _propose(now, allowed, prices, limits, spent, moved, away, 0.0)
        if one < 0:
            continue
        change = _form_change(gram, field, one, now[one], turn, -1, 0j)
        if back >= 0:
            change += _form_change(gram, field, back, now[back], then, one, _OMEGA[turn] - _OMEGA[now[one]])
        if change > 0 and np.random.random() >= np.exp(-change / warmth):  # noqa: NPY002
            continue
        for who, to in ((one, turn), (back, then)):
            if who >= 0:
                _move_fields(gram, field, who, now[who], to)
                away = _note_move(who, to, now, prices, moved, where, spent, away)
        total += change
        if total < best:
            best = total
            kept[:] = now
    return kept, _start_fields(gram, kept, field)


# ------------------------------------------------------------------------------------------------- the measure itself
@njit(cache=True, nogil=True)
def uneven_course(base: Courses, rows: Courses, phase: Indices, first: Indices, turns: Indices) -> Courses:
    """Unevenness by phase and interval, added up in double precision. Shape (3, T). [W]"""
    total = np.empty(base.shape, dtype=np.float64)
    total[:] = base
    for one in range(turns.size):
        for row in range(first[one], first[one + 1]):
            to = (phase[row] + turns[one]) % 3
            for t in range(base.shape[1]):
                total[to, t] += rows[row, t]
    return total.astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _add_turn(
    change: Courses, rows: Courses, phase: Indices, begin: int, end: int, now: int, then: int
) -> None:
    """Add to a change of the unevenness what a turn of the rows ``begin`` to ``end`` makes."""
    for row in range(begin, end):
        gone, come, course = change[(phase[row] + now) % 3], change[(phase[row] + then) % 3], rows[row]
        for t in range(course.size):
            gone[t] -= course[t]
            come[t] += course[t]


@njit(cache=True, nogil=True, fastmath=True)
def _measure(uneven: Courses, change: Courses, hours: Indices, shares: Values) -> float:
    """Weighted mean and worst hour of the largest deviation, were the unevenness changed so."""
    d0, d1, d2 = uneven[0], uneven[1], uneven[2]
    c0, c1, c2 = change[0], change[1], change[2]
    if shares[1] == 0:
        total = np.float32(0.0)
        for t in range(d0.size):
            total += max(abs(d0[t] + c0[t]), abs(d1[t] + c1[t]), abs(d2[t] + c2[t]))
        return float(shares[0] * total / d0.size)
    whole, worst = 0.0, 0.0
    for hour in range(hours.size - 1):
        part = 0.0
        for t in range(hours[hour], hours[hour + 1]):
            part += max(abs(d0[t] + c0[t]), abs(d1[t] + c1[t]), abs(d2[t] + c2[t]))
        whole += part
        worst = max(worst, part / (hours[hour + 1] - hours[hour]))
    return float(shares[0] * whole / d0.size + shares[1] * worst)


@njit(cache=True, nogil=True)
def _try_moves(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    uneven: Courses,
    change: Courses,
    rows: Courses,
    phase: Indices,
    first: Indices,
    hours: Indices,
    shares: Values,
    gram: Gram,
    field: NDArray[np.complex128],
    now: Indices,
    moves: tuple[int, int, int, int],
) -> tuple[float, float]:
    """The weighted measure were one turned, and another (-1 for none), without the form's; and the form's change."""
    one, turn, other, then = moves
    change[:] = 0
    _add_turn(change, rows, phase, first[one], first[one + 1], now[one], turn)
    if other >= 0:
        _add_turn(change, rows, phase, first[other], first[other + 1], now[other], then)
    shift = 0.0
    if shares[2] != 0:
        shift = _form_change(gram, field, one, now[one], turn, -1, 0j)
        if other >= 0:
            shift += _form_change(gram, field, other, now[other], then, one, _OMEGA[turn] - _OMEGA[now[one]])
    return _measure(uneven, change, hours, shares), shift


@njit(cache=True, nogil=True)
def anneal_courses(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    base: Courses,
    rows: Courses,
    phase: Indices,
    first: Indices,
    hours: Indices,
    shares: Values,
    gram: Gram,
    turns: Indices,
    allowed: Allowed,
    prices: Values,
    limits: Values,
    steps: int,
    heat: float,
    seed: int,
) -> tuple[Indices, float]:
    """Anneal the measure itself, each trial at the price of a pass over the intervals.

    The module tells the arrays; ``gram`` has the shape (1, 1) where its share is 0. It begins with ``turns`` and tries
    ``steps`` moves that ``seed`` draws; ``heat`` is the warmth at the start, relative to the mean change of a move. [1]

    Returns:
        The best turns, and their weighted measure.
    """
    np.random.seed(seed)  # noqa: NPY002
    count, has_form = turns.size, shares[2] != 0
    now, kept, still, change = turns.copy(), turns.copy(), np.zeros_like(base), np.empty_like(base)
    uneven = uneven_course(base, rows, phase, first, now)
    field = np.zeros(count, dtype=np.complex128)
    form = _start_fields(gram, now, field) if has_form else 0.0
    value = _measure(uneven, still, hours, shares) + shares[2] * form
    moved, where, spent = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), np.zeros(2)
    away = _start_tally(now, prices, moved, where, spent)
    best, seen, tries, accepted = value, 0.0, 0, 0
    for step in range(steps):
        moves = _propose(now, allowed, prices, limits, spent, moved, away, _PAIRS)
        if moves[0] < 0:
            continue
        tried, shift = _try_moves(uneven, change, rows, phase, first, hours, shares, gram, field, now, moves)
        tried += shares[2] * (form + shift)
        if tries < _SAMPLES:
            seen += abs(tried - value)
            tries += 1
        warmth = seen / tries * heat * _COLD ** (step / steps) + _TINY
        if tried > value and np.random.random() >= np.exp((value - tried) / warmth):  # noqa: NPY002
            continue
        for who, to in (moves[:2], moves[2:]):
            if who >= 0:
                if has_form:
                    _move_fields(gram, field, who, now[who], to)
                away = _note_move(who, to, now, prices, moved, where, spent, away)
        uneven += change
        form, value = form + shift, tried
        accepted += 1
        if accepted % _FRESH == 0:
            uneven = uneven_course(base, rows, phase, first, now)
            value = _measure(uneven, still, hours, shares) + shares[2] * form
        if value < best:
            best = value
            kept[:] = now
    return kept, best


@njit(cache=True, nogil=True)
def descend_courses(  # noqa: PLR0913, PLR0917 -- flat arrays are what compiled code takes
    base: Courses,
    rows: Courses,
    phase: Indices,
    first: Indices,
    hours: Indices,
    shares: Values,
    gram: Gram,
    turns: Indices,
    allowed: Allowed,
    prices: Values,
    limits: Values,
    effort: int,
) -> tuple[Indices, float]:
    """Take every move that helps until none does: one turn, or one turn in exchange for the best one to go home.

    The module tells the arrays; ``gram`` has the shape (1, 1) where its share is 0. It begins with ``turns`` and makes
    ``effort`` trials at most. [1]

    Returns:
        The turns, and their weighted measure.
    """
    count, has_form = turns.size, shares[2] != 0
    now, still, change = turns.copy(), np.zeros_like(base), np.empty_like(base)
    uneven = uneven_course(base, rows, phase, first, now)
    field = np.zeros(count, dtype=np.complex128)
    form = _start_fields(gram, now, field) if has_form else 0.0
    value = _measure(uneven, still, hours, shares) + shares[2] * form
    moved, where, spent = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), np.zeros(2)
    away = _start_tally(now, prices, moved, where, spent)
    since, place = 0, -1
    while since < 2 * count and effort > 0:
        place = (place + 1) % (2 * count)
        since += 1
        one, turn = place // 2, (now[place // 2] + 1 + place % 2) % 3
        if not allowed[one, turn]:
            continue
        alone = now[one] != 0 or _fits(prices, limits, spent, one, -1)
        least, with_whom, found = value - _WORTH * abs(value), -1, False
        for index in range(1 if alone else away):
            back = -1 if alone else moved[index]
            if back >= 0 and not _fits(prices, limits, spent, one, back):
                continue
            effort -= 1
            tried, shift = _try_moves(
                uneven, change, rows, phase, first, hours, shares, gram, field, now, (one, turn, back, 0)
            )
            tried += shares[2] * (form + shift)
            if tried < least:
                least, with_whom, found = tried, back, True
        if not found:
            continue
        for who, to in ((one, turn), (with_whom, 0)):
            if who >= 0:
                away = _note_move(who, to, now, prices, moved, where, spent, away)
        uneven = uneven_course(base, rows, phase, first, now)
        form = _start_fields(gram, now, field) if has_form else 0.0
        value = _measure(uneven, still, hours, shares) + shares[2] * form
        since = 0
    return now, value
