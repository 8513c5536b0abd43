from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from backend.errors import BalanceError, InputError
from backend.services import benchmarks
from backend.services.benchmarks import Benchmark, allocation, run_benchmarks
from backend.services.benchmarks.allocation import bench_allocation


def test_the_rivals_in_pandas_do_the_same_work_to_the_last_unit():
    result = bench_allocation(intervals=192, members=20, producers=7)
    assert [measurement.what for measurement in result.measurements][:4] == [
        "partage",
        "pandas, groupby",
        "pandas, split division",
        "pandas, int64",
    ]
    assert result.measurements[0].ratio == 1.0
    assert all(measurement.seconds > 0 for measurement in result.measurements)
    assert "192 quarter-hours" in result.lines()[0]
    assert result.as_dict()["name"] == "allocation"


def test_a_rival_that_disagrees_is_not_measured_but_told(monkeypatch):
    def wrong(year, *, is_split):
        allocated, shared = np.zeros_like(year.consumption), np.zeros_like(year.feed_in)
        return allocated, shared

    monkeypatch.setattr(allocation, "_allocate_with_pandas", wrong)
    with pytest.raises(BalanceError, match="pandas, split division disagrees"):
        bench_allocation(intervals=96, members=5, producers=3)


def test_one_benchmark_or_all_can_be_asked_for(monkeypatch):
    monkeypatch.setattr(
        benchmarks, "_BENCHMARKS", {name: partial(Benchmark, name, "", ()) for name in ("one", "two")}
    )
    assert [result.name for result in run_benchmarks()] == ["one", "two"]
    assert [result.name for result in run_benchmarks("two")] == ["two"]
    with pytest.raises(InputError, match=r"no benchmark 'tow'; there are one, two\. Did you mean 'two'"):
        run_benchmarks("tow")
    assert [
        result.name for result in run_benchmarks("more", {"more": partial(Benchmark, "more", "", ())})
    ] == ["more"]
