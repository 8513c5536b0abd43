"""Who served whom: twelve monthly matrices, beside NumPy in floating point; and the flow key's month."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation.served import served_matrix
from backend.community import Direction, LinkCap, LinkTerms
from backend.errors import BalanceError
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bench_flow", "bench_served"]

_MONTHS, _QUARTER_HOURS = 12, 2_976


def bench_served(producers: int = 300, consumers: int = 1_000) -> Benchmark:
    """Twelve months of quarter-hours, exact on both margins.

    Raises:
        BalanceError: If a margin does not hold.
    """
    draw = np.random.default_rng(2017)
    shared = draw.integers(0, 300_000, (producers, _QUARTER_HOURS))
    allocated = _with_sums(draw.integers(0, 90_000, (consumers, _QUARTER_HOURS)), shared.sum(axis=0))
    served_matrix(shared, allocated)  # compiled before the clock starts
    seconds, matrix = time_best(partial(_year, shared, allocated), runs=2)
    if (matrix.sum(axis=1) != shared.sum(axis=1)).any() or (
        matrix.sum(axis=0) != allocated.sum(axis=1)
    ).any():
        raise BalanceError("the matrix of who served whom does not keep its margins.")
    float_seconds, guessed = time_best(partial(_with_floats, shared, allocated), runs=1)
    off = int(np.abs(np.rint(guessed) - matrix).max())
    wrong = int(np.abs(np.rint(guessed).sum(axis=0) - allocated.sum(axis=1)).max())
    note = f"margins off by up to {wrong:,} mWh, cells by up to {off:,} mWh"
    rows = (
        Measurement("partage", seconds, 2, 1.0, "whole milliwatt-hours, exact on both margins"),
        Measurement("NumPy, float64", float_seconds, 1, float_seconds / seconds, note),
    )
    work = f"{_MONTHS} monthly matrices of {producers} x {consumers:,}, {_QUARTER_HOURS:,} quarter-hours each"
    return Benchmark("served", work, rows)


def _with_sums(parts: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Scale each interval's parts so that they sum to its total."""
    scaled: NDArray[np.int64] = parts * totals // np.maximum(parts.sum(axis=0), 1)
    scaled[0] += totals - scaled.sum(axis=0)
    return scaled


def _year(shared: NDArray[np.int64], allocated: NDArray[np.int64]) -> NDArray[np.int64]:
    matrix = served_matrix(shared, allocated)
    for _ in range(_MONTHS - 1):
        matrix = served_matrix(shared, allocated)
    return matrix


def _with_floats(shared: NDArray[np.int64], allocated: NDArray[np.int64]) -> NDArray[np.float64]:
    def month() -> NDArray[np.float64]:
        part = shared / np.maximum(shared.sum(axis=0), 1)
        guessed: NDArray[np.float64] = part @ allocated.T.astype(np.float64)
        return guessed

    return [month() for _ in range(_MONTHS)][-1]


def bench_flow() -> Benchmark:
    """The flow key on a month of quarter-hours of a hundred members, with and without caps and preferences."""
    from backend.allocation.flow import FlowKey
    from backend.allocation.flow_network import FlowPoint

    rows = []
    first = None
    for producers, consumers in ((10, 90), (50, 50)):
        names = [f"c{i}" for i in range(consumers)] + [f"p{i}" for i in range(producers)]
        slots = {name: slot for slot, name in enumerate(names)}
        points = {
            slot: FlowPoint(
                direction=Direction.CONSUMPTION if slot < consumers else Direction.FEED_IN,
                seat=slot % consumers,
                position=(45_760_000 + 1_000 * (slot % 7), 4_850_000 + 1_000 * (slot % 11)),
                phase=f"L{slot % 3 + 1}",
            )
            for slot in slots.values()
        }
        month = _month(producers, consumers)
        for what, terms in _terms(producers, consumers).items():
            key = FlowKey.of(terms, slots, points, 15)
            seconds, _ = time_best(
                partial(
                    key.allocate,
                    month[0],
                    month[1],
                    consumer_slots=range(consumers),
                    producer_slots=range(consumers, consumers + producers),
                    slots=consumers + producers,
                    t_in_day=np.arange(_QUARTER_HOURS, dtype=np.int64) % 96,
                ),
                runs=1,
            )
            first = first or seconds
            name = f"{producers} producers, {consumers} consumers, {what}"
            rows.append(
                Measurement(name, seconds, 1, seconds / first, "each interval proved optimal by potentials")
            )
    return Benchmark("flow", f"the flow key, 100 members x {_QUARTER_HOURS:,} quarter-hours", tuple(rows))


def _month(producers: int, consumers: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    draw = np.random.default_rng(2017)
    day = np.arange(_QUARTER_HOURS) % 96
    light = np.maximum(0, 100 - np.abs(day - 48) * 4)[:, None]  # [%]
    consumption = draw.integers(20_000, 400_000, (_QUARTER_HOURS, consumers))
    feed_in = (
        light * draw.integers(0, 900_000 * consumers // (40 * producers), (_QUARTER_HOURS, producers)) // 10
    )
    return consumption, feed_in


def _terms(producers: int, consumers: int) -> dict[str, LinkTerms]:
    wanted = tuple((f"c{i}", f"p{i % producers}") for i in range(0, consumers, 3))
    caps = tuple(LinkCap(f"p{i % producers}", f"c{i}", 1_000) for i in range(0, consumers, 2))
    return {
        "all links": LinkTerms(costs=()),
        "preferences, caps, distance": LinkTerms(preferences=wanted, caps=caps, costs=("distance", "phase")),
    }
