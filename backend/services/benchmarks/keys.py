"""Every sharing key on a year of quarter-hours, beside what memory alone takes; the cascade beside pandas."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import sharing_key, warm_kernels
from backend.community import Direction, SharingKeyChoice, Tier
from backend.errors import BalanceError
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.benchmarks.years import Year, draw_year

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from backend.allocation import Allocation, SharingKey

__all__ = ["bench_cascade", "bench_keys"]

_RUNS = 5
_PAIRED = 16  # producers of a pairwise key
_MONTH = 2_976


def bench_keys(intervals: int = 35_040, members: int = 1_000, producers: int = 100) -> Benchmark:
    """Allocate a year by each key; ratios are to copying consumption and feed-in once, on all processors.

    Args:
        intervals: Of a quarter-hour.
        members: Consumption points.
        producers: Feed-in points; a pairwise key has the first sixteen and the first month.
    """
    warm_kernels()
    year = draw_year(intervals, members, producers)
    # A pairwise key gives a link per pair and interval, more than a year of them needs to be held at once.
    month = slice(0, min(_MONTH, intervals))
    paired = Year(
        year.consumption[month], np.ascontiguousarray(year.feed_in[month, :_PAIRED]), year.t_in_day[month]
    )
    floors = {}
    for worked_on in (year, paired):
        floors[worked_on], _ = time_best(partial(_copy, worked_on), runs=_RUNS)
    what = "consumption and feed-in read and written once"
    rows = [Measurement("memory alone", floors[year], _RUNS, 1.0, what)]
    for name, key in _keys(year, paired).items():
        worked_on = paired if "pairwise" in name else year
        seconds, _ = time_best(partial(_allocate, key, worked_on), runs=_RUNS)
        ratio = seconds / floors[worked_on]
        rows.append(Measurement(name, seconds, _RUNS, ratio, "exact, checked interval by interval"))
    work = (
        f"{members:,} consumption and {producers:,} feed-in points x {intervals:,} quarter-hours, by each key"
    )
    return Benchmark("keys", work, tuple(rows))


def _copy(year: Year) -> None:
    """Read and write what a one-pass key reads and writes, on all processors."""
    halves = len(year.t_in_day) // 2
    pieces = (slice(0, halves), slice(halves, None))
    with ThreadPoolExecutor(len(pieces)) as pool:
        for array, out in (
            (year.consumption, np.empty_like(year.consumption)),
            (year.feed_in, np.empty_like(year.feed_in)),
        ):
            for _ in pool.map(lambda piece, a=array, o=out: np.copyto(o[piece], a[piece]), pieces):
                pass


def _allocate(key: SharingKey, year: Year) -> Allocation:
    return key.allocate(
        year.consumption,
        year.feed_in,
        consumer_slots=range(year.members),
        producer_slots=year.producer_slots,
        slots=year.slots,
        t_in_day=year.t_in_day,
    )


def _keys(year: Year, paired: Year) -> Mapping[str, SharingKey]:
    """One key of each method, with parameters that bite."""
    points = [f"c{i}" for i in range(year.members)] + [f"p{i}" for i in range(len(year.producer_slots))]
    slots = {point: slot for slot, point in enumerate(points)}
    directions = [Direction.CONSUMPTION] * year.members + [Direction.FEED_IN] * len(year.producer_slots)
    homes, roofs = points[: year.members], points[year.members :]
    part = 1_000_000 // year.members
    coefficients = {point: part - (i % 3) * (part // 7) for i, point in enumerate(homes)}
    half = year.members // 2
    tiers = (
        Tier("equal", tuple(homes[:half])),
        Tier("static_cascade", tuple(homes[half:-1])),
        Tier("dynamic"),
    )
    producer_key = {point: 1 + i % 5 for i, point in enumerate(roofs)}
    pairs = {roof: dict.fromkeys(homes[i::2], part) for i, roof in enumerate(roofs[:_PAIRED])}
    schedule = np.zeros((year.slots, len(year.t_in_day)), dtype=np.int64)
    schedule[: year.members] = part
    choices = {
        "dynamic": SharingKeyChoice("dynamic"),
        "dynamic, producer key": SharingKeyChoice("dynamic", producer_coefficients_ppm=producer_key),
        "static": SharingKeyChoice("static", coefficients),
        "static, consumers' surplus": SharingKeyChoice("static", coefficients, surplus_owner="consumer"),
        "equal": SharingKeyChoice("equal"),
        "hybrid": SharingKeyChoice("hybrid", coefficients),
        "scheduled": SharingKeyChoice("scheduled", schedule="after"),
        "incentive": SharingKeyChoice("incentive"),
        "static_cascade, in rounds": SharingKeyChoice("static_cascade", coefficients),
        "priority, three tiers in rounds": SharingKeyChoice("priority", coefficients, tiers=tiers),
        f"pairwise, {_PAIRED} producers, a month": SharingKeyChoice("pairwise", pairs_ppm=pairs),
    }
    keys = {}
    for name, choice in choices.items():
        if choice.method == "priority":
            named = {point: coefficients[point] for point in homes[half:-1]}
            choice = SharingKeyChoice("priority", named, tiers=tiers)  # noqa: PLW2901 -- only its tier has coefficients
        keys[name] = sharing_key(
            choice,
            {point: slot for point, slot in slots.items() if slot < paired.slots}
            if "pairwise" in name
            else slots,
            schedule=schedule if choice.method == "scheduled" else None,
            directions=directions[: paired.slots] if "pairwise" in name else directions,
        )
    return keys


def bench_cascade(intervals: int = 35_040, members: int = 1_000, producers: int = 100) -> Benchmark:
    """The static cascade beside the same in pandas: wide frames, and a row per reading.

    Raises:
        BalanceError: If a rival disagrees with the key.
    """
    importlib.import_module("pandas")
    warm_kernels()
    year = draw_year(intervals, members, producers)
    points = {f"c{i}": i for i in range(members)} | {f"p{i}": members + i for i in range(producers)}
    part = 1_000_000 // members
    coefficients = {f"c{i}": part - (i % 3) * (part // 7) for i in range(members)}
    key = sharing_key(SharingKeyChoice("static_cascade", coefficients), points)
    weights = np.array([coefficients[f"c{i}"] for i in range(members)])
    seconds, result = time_best(partial(_allocate, key, year), runs=_RUNS)
    rows = [Measurement("partage", seconds, _RUNS, 1.0, "exact at any size, producers' parts too")]
    rivals = (
        ("pandas, groupby", _cascade_by_rows, "a row per reading, as files and stores have them"),
        ("pandas, wide", _cascade_wide, "a column per member"),
    )
    for what, rival, note in rivals:
        rival_seconds, found = time_best(partial(rival, year, weights), runs=1)
        if not np.array_equal(found, result.allocated):
            raise BalanceError(f"{what} disagrees with the static cascade; one of the two is wrong.")
        del found
        exact = f"consumers only, exact as long as products fit 64 bits; {note}"
        rows.append(Measurement(what, rival_seconds, 1, rival_seconds / seconds, exact))
    work = f"static_cascade, {members:,} consumption and {producers:,} feed-in points x {intervals:,} quarter-hours"
    return Benchmark("cascade", work, tuple(rows))


def _cascade_wide(year: Year, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rounds of satisfying whoever can be, on a frame with a column per member."""
    import pandas as pd

    used = pd.DataFrame(year.consumption)
    pool = pd.DataFrame(year.feed_in).sum(axis=1)
    left = pool.copy()
    open_weight = pd.Series(int(weights.sum()), index=used.index)
    satisfied = pd.DataFrame(np.zeros(used.shape, dtype=bool))
    while True:
        found = used.mul(open_weight, axis=0).le(pd.DataFrame(np.outer(left, weights)))
        if found.equals(satisfied):
            break
        satisfied = found
        left = pool - used.where(satisfied, 0).sum(axis=1)
        open_weight = (~satisfied).mul(weights, axis=1).sum(axis=1)
    parts = pd.DataFrame(np.outer(left, weights)).floordiv(open_weight.clip(lower=1), axis=0)
    return used.where(satisfied, parts).to_numpy()


def _cascade_by_rows(year: Year, weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same on a table of readings sorted by member and time."""
    import pandas as pd

    intervals = len(year.t_in_day)
    start = pd.date_range("2017-01-01", periods=intervals, freq="15min", tz="UTC").to_numpy()
    used = pd.DataFrame(
        {
            "start": np.tile(start, year.members),
            "energy": year.consumption.T.ravel(),
            "weight": np.repeat(weights, intervals),
        }
    )
    pool = pd.Series(year.feed_in.sum(axis=1), index=start)
    left = used["start"].map(pool)
    open_weight = used.groupby("start")["weight"].transform("sum")
    satisfied = pd.Series(data=False, index=used.index)
    while True:
        found = used["energy"] * open_weight <= used["weight"] * left
        if found.equals(satisfied):
            break
        satisfied = found
        given = used["energy"].where(satisfied, 0).groupby(used["start"]).sum()
        left = used["start"].map(pool - given)
        open_weight = used["weight"].mask(satisfied, 0).groupby(used["start"]).transform("sum")
    allocated = used["energy"].where(satisfied, used["weight"] * left // open_weight.clip(lower=1))
    table: NDArray[np.int64] = allocated.to_numpy().reshape(-1, intervals).T
    return table
