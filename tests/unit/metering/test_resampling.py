"""Readings of one step become readings of another."""

import numpy as np

from backend.metering import Quality
from backend.metering.resampling import Intervals, Resampled, add_channels, resample

M, E, S, X = Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED, Quality.MISSING


def series(rows, codes=("", "A", "F")) -> Intervals:
    """Rows of (start in minutes, minutes, energy, quality, code)."""
    start, minutes, energy, quality, code = (np.array(column) for column in zip(*rows, strict=True))
    return Intervals(
        start.astype(np.int64) * 60,
        minutes.astype(np.int64) * 60,
        energy.astype(np.int64),
        quality.astype(np.uint8),
        code.astype(np.int32),
        codes,
    )


def told(found):
    kept = found.intervals
    return [
        (start // 60, energy, Quality(quality), kept.codes[code])
        for start, energy, quality, code in zip(
            kept.start_utc.tolist(),
            kept.energy.tolist(),
            kept.quality.tolist(),
            kept.code.tolist(),
            strict=True,
        )
    ]


def test_finer_readings_are_added_and_the_most_doubtful_quality_stays():
    rows = [
        (0, 5, 1, M, 1),
        (5, 5, 2, M, 1),
        (10, 5, 3, S, 2),
        (15, 5, 4, M, 1),
        (20, 5, 5, E, 2),
        (25, 5, 6, S, 1),
    ]
    assert told(resample(series(rows), 900)) == [(0, 6, S, "A F"), (15, 15, E, "A F")]


def test_a_missing_part_makes_the_whole_missing():
    rows = [(0, 5, 1, M, 0), (5, 5, 0, X, 0), (10, 5, 3, M, 0)]
    assert told(resample(series(rows), 900)) == [(0, 0, X, "")]


def test_an_interval_of_which_the_file_has_only_a_part_is_left_out_and_told():
    found = resample(series([(5, 5, 1, M, 0), (10, 5, 3, M, 0), (15, 15, 9, M, 0)]), 900)
    assert told(found) == [(15, 9, M, "")]
    assert found.incomplete_utc.tolist() == [0]


def test_a_divided_hour_sums_to_itself_and_is_estimated():
    found = resample(series([(0, 60, 10, M, 1), (60, 60, 7, S, 2)]), 900)
    assert [row[1] for row in told(found)] == [2, 3, 2, 3, 1, 2, 2, 2]
    assert {row[2] for row in told(found)} == {E}
    assert [row[3] for row in told(found)] == ["A"] * 4 + ["F"] * 4


def test_ten_minutes_become_quarters_that_sum_to_them():
    found = resample(series([(0, 10, 100, M, 0), (10, 10, 101, M, 0), (20, 10, 102, M, 0)]), 900)
    assert told(found) == [(0, 150, E, ""), (15, 153, E, "")]


def test_the_same_step_stays_as_it_is():
    source = series([(0, 15, 1, M, 0), (15, 15, 2, M, 0)])
    assert resample(source, 900).intervals is source


def test_a_grid_may_begin_off_the_hour_of_utc():
    found = resample(series([(30, 30, 1, M, 0), (60, 30, 2, M, 0)]), 3600, phase_seconds=1800)
    assert told(found) == [(30, 3, M, "")]


def test_the_largest_energies_are_divided_without_overflow():
    whole = 2**52 + 1
    found = resample(series([(0, 1440, whole, M, 0)]), 60)
    assert int(found.intervals.energy.sum()) == whole
    assert int(found.intervals.energy.max() - found.intervals.energy.min()) <= 1


def test_registers_of_one_direction_are_added_and_missing_where_one_lacks():
    first = series([(0, 15, 1, M, 1), (15, 15, 2, M, 1), (45, 15, 8, M, 1)])
    second = series([(0, 15, 4, S, 2), (30, 15, 5, M, 1), (45, 15, 0, X, 0)])
    added = Resampled(add_channels([first, second]), np.empty(0, np.int64))
    assert told(added) == [(0, 5, S, "A F"), (15, 0, X, "A"), (30, 0, X, "A"), (45, 0, X, "A")]
