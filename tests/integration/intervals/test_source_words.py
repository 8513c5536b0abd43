"""The sources' own words for qualities stay with their readings through all that a store does."""

from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.adapters.intervals.erasing import ErasingIntervals
from backend.adapters.intervals.manifest import MANIFEST_NAME, load_manifest
from tests.integration.intervals.sample_readings import HOUR, POINTS, START, hourly, load_of

WORDS = ("", "A", "S52 meter exchanged", "geschätzt")


def worded(hours: int, seed: int, start_utc: int = START, words: tuple[str, ...] = WORDS):
    table = hourly(hours, seed, start_utc)
    code = np.random.default_rng(seed).integers(0, len(words), len(table)).astype(np.int32)
    return replace(table, code=code, codes=words)


def words_of(table) -> dict[tuple[str, int], str]:
    codes = np.zeros(len(table), np.int32) if table.code is None else table.code
    words = table.codes or ("",)
    return {
        (table.metering_points[point], start): words[code]
        for point, start, code in zip(
            table.point.tolist(), table.start_utc.tolist(), codes.tolist(), strict=True
        )
    }


def stored(store):
    return words_of(store.readings("roof", POINTS, 0, 1 << 40))


def test_words_come_back_as_they_were_also_after_a_restart(intervals, folder):
    table = worded(800, 1)
    intervals.add_readings(load_of("first", table), table)
    assert stored(intervals) == words_of(table)
    assert stored(ParquetIntervals(folder)) == words_of(table)


def test_later_loads_bring_their_words_and_those_without_take_them_away(intervals):
    first, second, third = worded(30, 1), worded(20, 2, words=("", "F", "A")), hourly(10, 3)
    for name, table in (("first", first), ("second", second), ("third", third)):
        intervals.add_readings(load_of(name, table), table)
    assert stored(intervals) == words_of(first) | words_of(second) | words_of(third)


@pytest.mark.parametrize("count", [2, 5])
def test_compacted_files_keep_the_words_of_every_version(folder, count):
    store = ParquetIntervals(folder, files_per_month_max=2, small_file_rows=10_000)
    tables = [
        worded(40, seed, START + seed * 10 * HOUR, words=("", f"W{seed}")) if seed % 2 else hourly(40, seed)
        for seed in range(count)
    ]
    due: dict[tuple[str, int], str] = {}
    for seed, table in enumerate(tables):
        store.add_readings(load_of(f"load-{seed}", table), table)
        due |= words_of(table)
    assert len(load_manifest(folder / "roof" / MANIFEST_NAME).readings) < count
    assert stored(store) == due
    first = store.readings("roof", POINTS, 0, 1 << 40, loads=["load-1"])
    assert words_of(first) == words_of(tables[1])


def test_files_of_readings_without_words_have_no_column_for_them(intervals, folder):
    import pyarrow.parquet as pq

    table = hourly(5)
    intervals.add_readings(load_of("first", table), table)
    [file] = folder.rglob("*.parquet")
    assert "source_quality" not in pq.read_schema(file).names
    assert intervals.readings("roof", POINTS, 0, 1 << 40).code is None


def test_erasing_a_point_leaves_the_words_of_others(tmp_path):
    store = ErasingIntervals(tmp_path)
    table = worded(50, 4)
    store.add_readings(load_of("first", table), table)
    store.erase_points("roof", [POINTS[1]], {})
    due = {key: word for key, word in words_of(table).items() if key[0] != POINTS[1]}
    assert stored(store) == due
