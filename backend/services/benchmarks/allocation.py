"""Allocation: a year of quarter-hours of a thousand members, beside pandas and NumPy."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from backend.allocation import sharing_key, warm_kernels
from backend.community import SharingKeyChoice
from backend.errors import BalanceError
from backend.services.benchmarks.measurement import Benchmark, Measurement, time_best
from backend.services.benchmarks.years import Year, draw_year

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from backend.allocation import Allocation

__all__ = ["bench_allocation"]

_ENERGY_BITS = 53


def bench_allocation(intervals: int = 35_040, members: int = 1_000, producers: int = 100) -> Benchmark:
    """Allocate a year of quarter-hours by the dynamic key, consumers' and producers' parts to the last milliwatt-hour.

    Args:
        intervals: Of a quarter-hour.
        members: Consumption points.
        producers: Feed-in points.

    Raises:
        BalanceError: If a rival that should be exact disagrees.
    """
    year = draw_year(intervals, members, producers)
    key = sharing_key(SharingKeyChoice("dynamic"), {})
    warm_kernels()
    importlib.import_module("pandas")

    def ours() -> Allocation:
        return key.allocate(
            year.consumption,
            year.feed_in,
            consumer_slots=range(members),
            producer_slots=year.producer_slots,
            slots=year.slots,
            t_in_day=year.t_in_day,
        )

    seconds, result = time_best(ours, runs=10)
    measurements = [
        Measurement("partage", seconds, 10, 1.0, "exact at any size, and checked interval by interval")
    ]
    for what, is_split, note in (
        ("pandas, split division", True, "exact at any size"),
        ("pandas, int64", False, "exact as long as products happen to fit 64 bits"),
    ):
        rival_seconds, found = time_best(partial(_allocate_with_pandas, year, is_split=is_split), runs=2)
        if not (np.array_equal(found[0], result.allocated) and np.array_equal(found[1], result.shared)):
            raise BalanceError(f"{what} disagrees with the sharing key; one of the two is wrong.")
        del found
        measurements.append(Measurement(what, rival_seconds, 2, rival_seconds / seconds, note))
    row_seconds, by_row = time_best(partial(_allocate_rows_with_pandas, year, _Rows.of(year)), runs=1)
    if not (np.array_equal(by_row[0], result.allocated) and np.array_equal(by_row[1], result.shared)):
        raise BalanceError("pandas by rows disagrees with the sharing key; one of the two is wrong.")
    del by_row
    note = "exact as long as products fit 64 bits; a row per reading, as files and stores have them"
    measurements.insert(1, Measurement("pandas, groupby", row_seconds, 1, row_seconds / seconds, note))
    float_seconds, guessed = time_best(partial(_allocate_with_floats, year), runs=2)
    wrong = np.count_nonzero(guessed != result.allocated)
    note = f"consumers only, no guarantee ({wrong:,} of {guessed.size:,} differ here)"
    measurements.append(Measurement("NumPy, float64", float_seconds, 2, float_seconds / seconds, note))
    copy_seconds, _ = time_best(year.consumption.copy, runs=3)
    copied = Measurement(
        "copying the consumption", copy_seconds, 3, copy_seconds / seconds, "what memory alone takes"
    )
    work = (
        f"dynamic key, {members:,} consumption and {producers:,} feed-in points x {intervals:,} quarter-hours"
    )
    return Benchmark("allocation", work, (*measurements, copied))


def _allocate_with_pandas(year: Year, *, is_split: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same in vectorised pandas, as someone who knows it well would write it."""
    import pandas as pd

    used, fed = pd.DataFrame(year.consumption), pd.DataFrame(year.feed_in)
    pool, total = fed.sum(axis=1), used.sum(axis=1)
    divide = _divide_split if is_split else _divide_plain
    allocated = divide(used, pool, total)[0].where(pool < total, used, axis=0)
    given = allocated.sum(axis=1)
    base, rest = divide(fed, given, pool)
    left = (given - base.sum(axis=1)).to_numpy()
    turn = (np.array(year.producer_slots)[None, :] + year.t_in_day[:, None]) % year.slots
    ordered = np.sort(np.where(rest > 0, turn, year.slots), axis=1)
    tau = np.where(
        left > 0, np.take_along_axis(ordered, np.maximum(left - 1, 0)[:, None], axis=1)[:, 0] + 1, 0
    )
    shared = base + ((rest > 0) & (turn < tau[:, None]))
    return allocated.to_numpy(), shared.to_numpy()


def _allocate_rows_with_pandas(year: Year, rows: _Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same on a table of readings in file order, as most people would write it."""
    used, fed = rows.used.copy(), rows.fed
    pool = fed.groupby("start")["energy"].transform("sum")
    supply = used["start"].map(fed.groupby("start")["energy"].sum())
    demand = used.groupby("start")["energy"].transform("sum")
    used["allocated"] = used["energy"].where(
        supply >= demand, used["energy"] * supply // demand.clip(lower=1)
    )
    given = fed["start"].map(used.groupby("start")["allocated"].sum())
    product = fed["energy"] * given
    base, rest = product // pool.clip(lower=1), product % pool.clip(lower=1)
    left = given - base.groupby(fed["start"]).transform("sum")
    turn = ((fed["slot"] + fed["t"]) % year.slots).where(rest > 0, year.slots)
    shared = base + ((rest > 0) & (turn.groupby(fed["start"]).rank(method="first") <= left))
    intervals = len(year.t_in_day)
    return (
        used["allocated"].to_numpy().reshape(-1, intervals).T,
        shared.to_numpy().reshape(-1, intervals).T,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """A year as a table, a row per reading, sorted by metering point and time, as files and stores have it."""

    used: pd.DataFrame
    fed: pd.DataFrame

    @classmethod
    def of(cls, year: Year) -> _Rows:
        """Tabulate."""
        import pandas as pd

        start = pd.date_range("2017-01-01", periods=len(year.t_in_day), freq="15min", tz="UTC").to_numpy()
        consumers, producers = year.consumption.shape[1], len(year.producer_slots)
        used = pd.DataFrame({"start": np.tile(start, consumers), "energy": year.consumption.T.ravel()})
        fed = pd.DataFrame(
            {
                "start": np.tile(start, producers),
                "t": np.tile(year.t_in_day, producers),
                "slot": np.repeat(np.array(year.producer_slots), len(start)),
                "energy": year.feed_in.T.ravel(),
            }
        )
        return cls(used, fed)


def _divide_plain(
    values: pd.DataFrame, factor: pd.Series[int], by: pd.Series[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``values · factor`` divided by row: quotient and remainder, where the products fit 64 bits."""
    by = by.clip(lower=1)
    assert int(values.to_numpy().max()) * int(factor.max()) < 1 << 63, "int64 would overflow in silence"
    product = values.mul(factor, axis=0)
    quotient = product.floordiv(by, axis=0)
    return quotient, product - quotient.mul(by, axis=0)


def _divide_split(
    values: pd.DataFrame, factor: pd.Series[int], by: pd.Series[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same for values of up to 53 bits: long division, so many bits at a time that nothing overflows."""
    import pandas as pd

    by = by.clip(lower=1)
    factor = factor.clip(upper=by)  # where the pool is larger, everyone is served in full
    step = 62 - int(max(factor.max(), by.max())).bit_length()
    quotient = remainder = None
    for shift in reversed(range(0, _ENERGY_BITS, step)):
        bits = (values.to_numpy() >> shift) & ((1 << step) - 1)
        part = pd.DataFrame(bits).mul(factor, axis=0)
        if remainder is not None:
            part += remainder * (1 << step)
        digit = part.floordiv(by, axis=0)
        remainder = part - digit.mul(by, axis=0)
        quotient = digit if quotient is None else quotient * (1 << step) + digit
    assert quotient is not None
    assert remainder is not None
    return quotient, remainder


def _allocate_with_floats(year: Year) -> NDArray[np.float64]:
    """Consumers' parts in floating point, rounded down: the usual shortcut."""
    total = year.consumption.sum(axis=1)
    part = np.minimum(1.0, year.feed_in.sum(axis=1) / np.maximum(total, 1))
    shares: NDArray[np.float64] = np.floor(year.consumption * part[:, None])
    return shares
