"""How a key's allocation is carried out: in compiled loops on all processors, checked interval by interval."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from backend.allocation.exact import Solved, solve_interval
from backend.allocation.kernel_arrays import Given, Interval
from backend.allocation.producer_key import producer_weight
from backend.allocation.sharing_key import Allocation
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from backend.allocation.pool_key import PoolKey

__all__ = [
    "Plan",
    "as_input",
    "check_shapes",
    "count_processors",
    "execute",
    "require_plain",
    "spread",
    "warm_kernels",
]

_Scalar = TypeVar("_Scalar", bound=np.generic)
_THREADS_FROM = 2_000_000  # values; below, starting threads costs more than they save
_INCENTIVE = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """A key in arrays, as ``kernels.Interval`` describes them.

    Attributes:
        weights: Shape (n_c,), in the order of ``columns``. [ppm]
        columns: Shape (n_c,).
        tier_ends: Shape (m,).
        tier_methods: Shape (m,).
        tier_weights: Shape (1, m) or (T, m).
        schedule: Shape (T, n_c) or (0, 0), int32. [ppm]
    """

    weights: NDArray[np.int64]
    columns: NDArray[np.int64]
    tier_ends: NDArray[np.int64]
    tier_methods: NDArray[np.int64]
    tier_weights: NDArray[np.int64]
    schedule: NDArray[np.int32]

    @classmethod
    def of_one_tier(cls, method: int, weights: NDArray[np.int64], counts: NDArray[np.int64]) -> Self:
        """A key that serves all at once; ``counts`` is the tier's weight, once or by interval."""
        return cls(
            weights=weights,
            columns=np.arange(len(weights), dtype=np.int64),
            tier_ends=np.array([len(weights)], dtype=np.int64),
            tier_methods=np.array([method], dtype=np.int64),
            tier_weights=counts.reshape(-1, 1).astype(np.int64),
            schedule=np.zeros((0, 0), dtype=np.int32),
        )


def warm_kernels() -> None:
    """Compile the loops now, or load them from the cache, so that the first allocation does not wait seconds."""
    from backend.allocation import kernels

    assert kernels.allocate_intervals is not None


def execute(
    key: PoolKey,
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    places: tuple[Sequence[int], Sequence[int]],
    slots: int,
    t_in_day: NDArray[np.int64],
    active: NDArray[np.bool_] | None,
) -> Allocation:
    """Allocate all intervals by a key that the loops know.

    Args:
        key: Its code chooses the loop; its exact form computes intervals that are too large for it.
        consumption: Shape (T, n_c). [mWh]
        feed_in: Shape (T, n_p). [mWh]
        places: Slot per consumption column, slot per feed-in column; both ascending.
        slots: Highest slot plus one.
        t_in_day: Shape (T,).
        active: Shape (T, n_c), or None where all consumption slots are members on all days.

    Raises:
        BalanceError: If energy is negative or beyond 2^53-1 mWh, or the result does not balance.

    Invariants:
        - Σ allocated = Σ shared in every interval; allocated <= consumption; shared <= feed-in.
    """
    from backend.allocation import kernels

    count = len(t_in_day)
    check_shapes(consumption, feed_in, places, slots, count)
    data = _data_of(key, consumption, feed_in, places, slots, t_in_day, active)
    given = _room_for(key, data)
    spread(
        lambda begin, end: kernels.allocate_intervals(data, given, begin, end),
        count,
        consumption.size + feed_in.size,
    )
    for index in np.flatnonzero(given.codes != kernels.FINE).tolist():
        require_plain(int(given.codes[index]), index)
        _write_exactly(key, data, given, index, places, active)
    return _allocation(key, given)


def _data_of(
    key: PoolKey,
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    places: tuple[Sequence[int], Sequence[int]],
    slots: int,
    t_in_day: NDArray[np.int64],
    active: NDArray[np.bool_] | None,
) -> Interval:
    consumer_slots, producer_slots = places
    producers = (
        [producer_weight(key.producer_ppm, slot) for slot in producer_slots] if key.producer_ppm else []
    )
    plan = key.plan(consumer_slots, active)
    return Interval(
        method=key.code,
        slots=slots,
        consumption=as_input(consumption),
        feed_in=as_input(feed_in),
        t_in_day=as_input(t_in_day),
        weights=as_input(plan.weights),
        schedule=_frozen(plan.schedule),
        columns=as_input(plan.columns),
        tier_ends=as_input(plan.tier_ends),
        tier_methods=as_input(plan.tier_methods),
        tier_weights=as_input(plan.tier_weights),
        active=_frozen(
            np.zeros((0, 0), dtype=np.bool_) if active is None or not key.credits_consumers else active
        ),
        producer_slots=as_input(np.array(producer_slots, dtype=np.int64)),
        producer_weights=as_input(np.array(producers, dtype=np.int64)),
    )


def _room_for(key: PoolKey, data: Interval) -> Given:
    count, credits_consumers = len(data.t_in_day), key.credits_consumers
    return Given(
        allocated=np.empty(data.consumption.shape, dtype=np.int64),
        shared=np.empty(data.feed_in.shape, dtype=np.int64),
        credited=np.empty(data.consumption.shape if credits_consumers else (0, 0), dtype=np.int64),
        rounds=np.zeros((count, key.header_rounds, 2), dtype=np.int64),
        totals=np.zeros((count, 4), dtype=np.int64),
        codes=np.zeros(count, dtype=np.uint8),
    )


def as_input(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Contiguous 64-bit integers, not to be written."""
    return _frozen(np.asarray(values, dtype=np.int64))


def _frozen(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Contiguous, and not to be written."""
    view = np.ascontiguousarray(values).view()
    view.flags.writeable = False
    return view


def _write_exactly(
    key: PoolKey,
    data: Interval,
    given: Given,
    index: int,
    places: tuple[Sequence[int], Sequence[int]],
    active: NDArray[np.bool_] | None,
) -> None:
    """One interval in Python's integers, written among the others."""
    present = [True] * len(places[0]) if active is None else active[index].tolist()
    used = zip(places[0], data.consumption[index].tolist(), present, strict=True)
    solved = solve_interval(
        key.at(index),
        {slot: energy for slot, energy, is_active in used if is_active},
        dict(zip(places[1], data.feed_in[index].tolist(), strict=True)),
        data.slots,
        int(data.t_in_day[index]),
    )
    header = solved.header
    consumers, producers = (
        (solved.credited, solved.credited) if key.code == _INCENTIVE else (solved.allocated, solved.shared)
    )
    given.allocated[index] = [consumers.get(slot, 0) for slot in places[0]]
    given.shared[index] = [producers.get(slot, 0) for slot in places[1]]
    if given.credited.size:
        given.credited[index] = [solved.credited.get(slot, 0) for slot in places[0]]
    given.totals[index] = header.feed_in, header.consumption, header.allocated, header.tau
    given.rounds[index] = np.array(header.rounds, dtype=np.int64).reshape(-1, 2)


def _allocation(key: PoolKey, given: Given) -> Allocation:
    is_incentive = key.code == _INCENTIVE
    return Allocation(
        allocated=np.zeros_like(given.allocated) if is_incentive else given.allocated,
        shared=np.zeros_like(given.shared) if is_incentive else given.shared,
        tau=given.totals[:, 3].copy(),
        feed_in=given.totals[:, 0].copy(),
        consumption=given.totals[:, 1].copy(),
        total=given.totals[:, 2].copy(),
        rounds=given.rounds,
        credited=given.allocated if is_incentive else given.credited if key.credits_consumers else None,
        credited_feed_in=given.shared if is_incentive else None,
    )


def check_shapes(
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    places: tuple[Sequence[int], Sequence[int]],
    slots: int,
    count: int,
) -> None:
    """Hold the arrays of an allocation against its slots; what is wrong here is our mistake."""
    assert consumption.shape == (count, len(places[0])), (consumption.shape, count, len(places[0]))
    assert feed_in.shape == (count, len(places[1])), (feed_in.shape, count, len(places[1]))
    for slots_of in places:
        assert list(slots_of) == sorted(set(slots_of)), "slots ascend, each once"
        assert all(0 <= place < slots for place in slots_of), (slots_of, slots)


def count_processors() -> int:
    """Processors that this process may use. [1]"""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(run: Callable[[int, int], None], count: int, values: int) -> None:
    """Cut the intervals into a few pieces per processor; the loops hold no lock of the interpreter.

    Args:
        run: Does the intervals [begin, end).
        count: Intervals.
        values: How much there is to do; little is done at once.
    """
    workers = count_processors()
    if workers == 1 or values < _THREADS_FROM:
        run(0, count)
        return
    edges = [count * piece // (4 * workers) for piece in range(4 * workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(run, edges[:-1], edges[1:]):
            pass


def require_plain(code: int, index: int) -> None:
    """Pass an interval that is only too large for the loops.

    Raises:
        BalanceError: For any other that they did not do.
    """
    from backend.allocation import kernels

    if code == kernels.HUGE:
        return
    if code == kernels.REFUSED:
        raise BalanceError(
            f"interval {index} holds an energy that is negative or beyond 2^53-1 mWh; correct the readings."
        )
    raise BalanceError(f"interval {index}: the allocation does not balance. {Solved.REMEDY}")
