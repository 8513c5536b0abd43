"""Series at a longer step."""

from __future__ import annotations

import numpy as np
import pytest

from backend.errors import InputError
from backend.grid import ConnectionSeries, Origin
from backend.grid.series import coarsen_series


def minutes(start: int, count: int) -> ConnectionSeries:
    watts = np.arange(count, dtype=np.float64)[None]
    return ConnectionSeries(start, 60, watts, watts * 2, (Origin.PROFILE,), "Europe/Paris")


def test_the_mean_of_each_longer_interval_is_told() -> None:
    found = coarsen_series(minutes(0, 30), 900)
    assert (found.start_utc, found.step_seconds, found.length) == (0, 900, 2)
    np.testing.assert_allclose(found.watts, [[7.0, 22.0]])
    np.testing.assert_allclose(found.vars, [[14.0, 44.0]])
    assert (found.origins, found.time_zone) == ((Origin.PROFILE,), "Europe/Paris")


def test_intervals_lie_on_the_clock_and_parts_at_the_ends_are_left_out() -> None:
    found = coarsen_series(minutes(13 * 60, 33), 900)
    assert (found.start_utc, found.length) == (900, 2)
    np.testing.assert_allclose(found.watts, [[9.0, 24.0]])
    assert coarsen_series(minutes(60, 14), 900).length == 0


def test_what_is_partly_unknown_is_unknown() -> None:
    series = minutes(0, 30)
    series.watts[0, 3] = np.nan
    np.testing.assert_allclose(coarsen_series(series, 900).watts, [[np.nan, 22.0]])


def test_a_step_that_is_as_long_stays_and_one_that_does_not_fit_is_refused() -> None:
    series = minutes(0, 30)
    assert coarsen_series(series, 60) is series
    with pytest.raises(InputError, match="60 s does not fit into intervals of 100 s"):
        coarsen_series(series, 100)
