"""Side by side with what a user would use instead: the same work, the same machine, one run, so that ratios hold.

Every rival that claims to be exact is held against our result, figure by figure; one that is not says how far it is
off. Libraries are imported and kernels compiled before the clock starts.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from backend.errors import InputError
from backend.services.benchmarks.allocation import bench_allocation
from backend.services.benchmarks.commands import bench_demo, bench_startup
from backend.services.benchmarks.keys import bench_cascade, bench_keys
from backend.services.benchmarks.measurement import Benchmark, Measurement
from backend.services.benchmarks.score_sheet import ScoreSheet
from backend.services.benchmarks.served import bench_flow, bench_served

__all__ = ["Benchmark", "Measurement", "run_benchmarks"]

_BENCHMARKS: dict[str, Callable[[], Benchmark]] = {
    "allocation": bench_allocation,
    "cascade": bench_cascade,
    "demo": bench_demo,
    "flow": bench_flow,
    "keys": bench_keys,
    "served": bench_served,
    "startup": bench_startup,
}


def run_benchmarks(
    name: str = "", more: Mapping[str, Callable[[], Benchmark | ScoreSheet]] | None = None
) -> list[Benchmark | ScoreSheet]:
    """Run one benchmark, or all.

    Args:
        name: Which; all without.
        more: Those that need a home, by name.

    Raises:
        InputError: If there is none of that name.
    """
    known: dict[str, Callable[[], Benchmark | ScoreSheet]] = {**_BENCHMARKS, **(more or {})}
    if not name:
        return [run() for run in known.values()]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise InputError(f"there is no benchmark {name!r}; there are {', '.join(sorted(known))}.{hint}")
    return [known[name]()]
