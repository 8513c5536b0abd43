"""How a key's allocation is carried out: in compiled loops on all processors, checked interval by interval."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation.producers import split_producers
from backend.allocation.sharing_key import Allocation, Header
from backend.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from backend.allocation.sharing_key import SharingKey

__all__ = ["count_processors", "execute", "warm_kernels"]

_TOTAL_MAX = 2**63 - 1
_THREADS_FROM = 2_000_000  # values; below, starting threads costs more than they save
_REMEDY = "This is a fault of Partage: nothing is settled; keep the readings and report it."


def warm_kernels() -> None:
    """Compile the loops now, or load them from the cache, so that the first allocation does not wait seconds."""
    from backend.allocation import kernels

    assert kernels.allocate_intervals is not None


def execute(
    key: SharingKey,
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    consumer_slots: Sequence[int],
    producer_slots: Sequence[int],
    slots: int,
    t_in_day: NDArray[np.int64],
    weights: Sequence[int] = (),
) -> Allocation:
    """Allocate all intervals by a key that the loops know.

    Args:
        key: Its code chooses the loop; its ``part_of`` computes intervals that are too large for it.
        consumption: Shape (T, n_c). [mWh]
        feed_in: Shape (T, n_p). [mWh]
        consumer_slots: Slot per consumption column.
        producer_slots: Slot per feed-in column, ascending.
        slots: Highest slot plus one.
        t_in_day: Shape (T,).
        weights: Per consumption column, for keys with coefficients. [ppm]

    Raises:
        BalanceError: If energy is negative or beyond 2^53-1 mWh, or the result does not balance.

    Invariants:
        - Σ allocated = Σ shared in every interval; allocated <= consumption; shared <= feed-in.
    """
    from backend.allocation import kernels

    count = len(t_in_day)
    _check_shapes(consumption, feed_in, consumer_slots, producer_slots, slots, count)
    consumption = np.ascontiguousarray(consumption, dtype=np.int64)
    feed_in = np.ascontiguousarray(feed_in, dtype=np.int64)
    allocated, shared = np.empty_like(consumption), np.empty_like(feed_in)
    totals, codes = np.zeros((count, 4), dtype=np.int64), np.zeros(count, dtype=np.uint8)
    columns = np.array(weights, dtype=np.int64)
    places, turns = np.array(producer_slots, dtype=np.int64), np.ascontiguousarray(t_in_day, dtype=np.int64)

    def run(begin: int, end: int) -> None:
        kernels.allocate_intervals(
            key.code,
            consumption,
            feed_in,
            columns,
            places,
            slots,
            turns,
            begin,
            end,
            allocated,
            shared,
            totals,
            codes,
        )

    _spread(run, count, consumption.size + feed_in.size)
    for index in np.flatnonzero(codes != kernels.FINE):
        _require_plain(int(codes[index]), int(index), kernels.HUGE, kernels.REFUSED)
        header, parts, split = _allocate_huge(
            key,
            consumption[index].tolist(),
            feed_in[index].tolist(),
            consumer_slots,
            producer_slots,
            slots,
            int(turns[index]),
        )
        allocated[index], shared[index] = parts, split
        totals[index] = header.feed_in, header.consumption, header.allocated, header.tau
    return Allocation(
        allocated=allocated,
        shared=shared,
        tau=totals[:, 3].copy(),
        feed_in=totals[:, 0].copy(),
        consumption=totals[:, 1].copy(),
        total=totals[:, 2].copy(),
        rounds=np.zeros((count, key.header_rounds, 2), dtype=np.int64),
    )


def _check_shapes(
    consumption: NDArray[np.int64],
    feed_in: NDArray[np.int64],
    consumer_slots: Sequence[int],
    producer_slots: Sequence[int],
    slots: int,
    count: int,
) -> None:
    assert consumption.shape == (count, len(consumer_slots)), (consumption.shape, count, len(consumer_slots))
    assert feed_in.shape == (count, len(producer_slots)), (feed_in.shape, count, len(producer_slots))
    for places in (consumer_slots, producer_slots):
        assert list(places) == sorted(set(places)), "slots ascend, each once"
        assert all(0 <= place < slots for place in places), (places, slots)


def count_processors() -> int:
    """Processors that this process may use. [1]"""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spread(run: Callable[[int, int], None], count: int, values: int) -> None:
    """Cut the intervals into a few pieces per processor; the loops hold no lock of the interpreter."""
    workers = count_processors()
    if workers == 1 or values < _THREADS_FROM:
        run(0, count)
        return
    edges = [count * piece // (4 * workers) for piece in range(4 * workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(run, edges[:-1], edges[1:]):
            pass


def _require_plain(code: int, index: int, huge: int, refused: int) -> None:
    if code == huge:
        return
    if code == refused:
        raise BalanceError(
            f"interval {index} holds an energy that is negative or beyond 2^53-1 mWh; correct the readings."
        )
    raise BalanceError(f"interval {index}: the allocation does not balance. {_REMEDY}")


def _allocate_huge(
    key: SharingKey,
    consumption: list[int],
    feed_in: list[int],
    consumer_slots: Sequence[int],
    producer_slots: Sequence[int],
    slots: int,
    t: int,
) -> tuple[Header, list[int], list[int]]:
    """One interval in Python's integers: its header, the consumers' and the producers' parts."""
    pool, total = sum(feed_in), sum(consumption)
    if max(pool, total) > _TOTAL_MAX:
        raise BalanceError(
            f"an interval's total of {max(pool, total)} mWh is beyond 2^63-1; check the unit of the readings."
        )
    bare = Header(t=t, slots=slots, feed_in=pool, consumption=total, allocated=0, tau=0)
    parts = [
        key.part_of(slot, energy, bare) for slot, energy in zip(consumer_slots, consumption, strict=True)
    ]
    given = sum(parts)
    shared, tau = split_producers(given, feed_in, producer_slots, slots, t)
    if sum(shared) != given or any(
        part > energy for part, energy in zip([*parts, *shared], [*consumption, *feed_in], strict=True)
    ):
        raise BalanceError(f"{given} mWh were allocated but {sum(shared)} mWh shared. {_REMEDY}")
    return Header(t=t, slots=slots, feed_in=pool, consumption=total, allocated=given, tau=tau), parts, shared
