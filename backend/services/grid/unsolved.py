"""Intervals that power flow has no solution of: found, and left out, so that the others are told all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import PowerFlowError

if TYPE_CHECKING:
    from backend.grid import ConnectionSeries
    from backend.grid.power_flow import PowerFlow

__all__ = ["without_unsolved"]

# Beyond these it is not the interval that is wrong: a span with one more that fails is left out whole.
_ONE_BY_ONE = 100


def without_unsolved(flow: PowerFlow, series: ConnectionSeries) -> tuple[ConnectionSeries, tuple[int, ...]]:
    """A series in which nothing is known of the intervals that have no solution.

    They are found one by one as long as they are few; then spans that hold one more go with it, so that a network which
    cannot be solved at all takes seconds.

    Args:
        flow: Of the network.
        series: What its connections draw.

    Returns:
        The series, and the starts of those intervals. [s since 1970, UTC]
    """
    unsolved: list[int] = []
    _find_unsolved(flow, series, (0, series.length), unsolved)
    if not unsolved:
        return series, ()
    watts, reactive = series.watts.copy(), series.vars.copy()
    watts[:, unsolved] = reactive[:, unsolved] = np.nan
    starts = tuple(series.start_utc + place * series.step_seconds for place in unsolved)
    return replace(series, watts=watts, vars=reactive), starts


def _find_unsolved(
    flow: PowerFlow, series: ConnectionSeries, span: tuple[int, int], found: list[int]
) -> None:
    """Add places in a span, by halving: n intervals of which k fail take about 2 k log2(n) solutions."""
    from backend.grid.power_flow import Wanted

    begin, end = span
    try:
        flow.solve(series.window(begin, end), Wanted.TOTALS)
    except PowerFlowError:
        if end - begin == 1 or len(found) >= _ONE_BY_ONE:
            found.extend(range(begin, end))
            return
        middle = (begin + end) // 2
        _find_unsolved(flow, series, (begin, middle), found)
        _find_unsolved(flow, series, (middle, end), found)
