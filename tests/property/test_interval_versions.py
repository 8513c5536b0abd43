"""Versions of readings against the plainest model there is: a dictionary that later loads write over."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.intervals import ParquetIntervals
from backend.metering import ReadingTable
from backend.ports import ReadingLoad

STEP = 900
# Around the end of a month and of a year, so that loads span several folders.
MIDNIGHT = 1_483_228_800
POINTS = ("b", "a", "Ünit", "c.1")

slots = st.tuples(st.integers(0, len(POINTS) - 1), st.integers(-12, 12))
values = st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 3))
loads_of_rows = st.lists(st.dictionaries(slots, values, max_size=12), max_size=9)


def table_of(rows) -> ReadingTable:
    keys = sorted(rows)
    return ReadingTable(
        POINTS,
        np.array([point for point, _ in keys], np.int32),
        np.array([MIDNIGHT + STEP * step for _, step in keys], np.int64),
        np.array([rows[key][0] for key in keys], np.int64),
        np.array([rows[key][1] for key in keys], np.uint8),
        15,
    )


def rows_of(table: ReadingTable):
    columns = (table.point, table.start_utc, table.energy, table.quality)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=60)
@given(
    loads=loads_of_rows,
    asked=st.lists(st.sampled_from([*POINTS, "nobody"]), unique=True),
    window=st.tuples(st.integers(-14, 14), st.integers(-14, 14)),
    known=st.none() | st.sets(st.integers(0, 8)),
    files_max=st.integers(2, 4),
    small=st.integers(1, 12),
)
def test_readings_in_force_are_those_of_the_latest_load_that_has_them(
    loads, asked, window, known, files_max, small
):
    start, end = (MIDNIGHT + STEP * step for step in window)
    with tempfile.TemporaryDirectory() as folder:
        store = ParquetIntervals(Path(folder), files_per_month_max=files_max, small_file_rows=small)
        for number, rows in enumerate(loads):
            load = ReadingLoad(f"load-{number}", "roof", 9 - number, ("f.csv",), "0x1", "0x2", len(rows))
            store.add_readings(load, table_of(rows))
        names = None if known is None else [f"load-{number}" for number in known if number < len(loads)]
        table = store.readings("roof", asked, start, end, names)
        within = store.loads_within("roof", start, end)
        span = store.span("roof")

    model = {}
    for number, rows in enumerate(loads):
        if known is None or number in known:
            model.update(rows)
    expected = sorted(
        (asked.index(POINTS[point]), MIDNIGHT + STEP * step, *value)
        for (point, step), value in model.items()
        if POINTS[point] in asked and start <= MIDNIGHT + STEP * step < end
    )
    assert rows_of(table) == expected
    assert table.metering_points == tuple(asked)
    starts = [[MIDNIGHT + STEP * step for _, step in rows] for rows in loads]
    assert within == [
        f"load-{number}" for number, of in enumerate(starts) if any(start <= one < end for one in of)
    ]
    everything = [one for of in starts for one in of]
    assert span == ((min(everything), max(everything) + STEP) if everything else None)
