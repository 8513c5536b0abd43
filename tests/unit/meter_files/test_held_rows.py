"""A file larger than what is held is read to the same table, with the same findings, in bounded memory."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.adapters.meter_files import held_rows
from backend.adapters.meter_files.generic_csv import read_generic_csv
from backend.adapters.meter_files.held_rows import HeldRows, RowColumns
from backend.errors import ReadingsError
from backend.metering import ReadingTable
from backend.ports import ReadingLoad

FIRST = 1_483_228_800  # 2017-01-01T00:00:00Z
HEADER = "metering_point,start,resolution_minutes,energy_kwh,quality"


def shuffled_lines(days=400, points=("b", "a", "c"), extra=()):
    draw = np.random.default_rng(5)
    starts = (FIRST + 86_400 * np.arange(days)).astype("datetime64[s]").astype(str)
    lines = [f"{point},{start}Z,60,{draw.integers(0, 9)}.5,measured" for point in points for start in starts]
    lines += extra
    draw.shuffle(lines)
    return lines


def read(tmp_path, lines, monkeypatch, rows_held_max, header=HEADER):
    monkeypatch.setattr(held_rows, "ROWS_HELD_MAX", rows_held_max)
    monkeypatch.setattr("backend.adapters.meter_files.text_blocks._BLOCK_BYTES", 4000)
    path = tmp_path / "readings.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return read_generic_csv(path)


@pytest.mark.parametrize("words", [False, True], ids=["plain", "with the source's words"])
@pytest.mark.parametrize("rows_held_max", [0, 7, 300, 1199])
def test_the_table_is_the_same_as_of_rows_that_are_all_held(tmp_path, monkeypatch, rows_held_max, words):
    lines = shuffled_lines(
        extra=["a,2017-03-05T00:00:00Z,60,4.5,edited", "d,2017-03-05T00:00:00Z,60,,missing"]
    )
    lines = [line for line in lines if not line.startswith("a,2017-03-05T00:00:00Z,60") or "edited" in line]
    header = HEADER
    if words:
        header += ",source_quality"
        lines = [f"{line},E{number % 3}" for number, line in enumerate(lines)]
    table, findings = read(tmp_path, lines, monkeypatch, rows_held_max, header)
    held, _ = read(tmp_path, lines, monkeypatch, 1 << 24, header)
    assert findings == []
    assert table.metering_points == held.metering_points == ("a", "b", "c", "d")
    for name in ("point", "start_utc", "energy", "quality"):
        assert getattr(table, name).tolist() == getattr(held, name).tolist(), name
    assert (table.code is not None) == words
    if words:
        assert held.code is not None
        assert table.code.tolist() == held.code.tolist()
        assert table.codes == held.codes


def test_repetitions_and_contradictions_are_found_wherever_they_lie(tmp_path, monkeypatch):
    lines = shuffled_lines(extra=["a,2018-01-05T00:00:00Z,60,77.5,measured", "zz"])
    lines.append(next(line for line in lines if line.startswith("b,2017-02-03")))
    told = []
    for rows_held_max in (5, 1 << 24):
        with pytest.raises(ReadingsError) as refused:
            read(tmp_path, lines, monkeypatch, rows_held_max)
        told.append(refused.value.findings)
    assert {finding.rule for finding in told[0]} == {"contradiction", "duplicate", "field-count"}
    assert told[0] == told[1]


def test_nothing_stays_on_the_disk_when_reading_is_done_or_given_up(tmp_path, monkeypatch):
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(aside))
    rows = HeldRows(rows_held_max=1)
    rows.add(some_rows(0, 10, 0))
    assert list(aside.iterdir())
    del rows
    assert not list(aside.iterdir())
    table, _ = read(tmp_path, shuffled_lines(), monkeypatch, 100)
    assert not list(aside.iterdir())
    assert len(table) == 1200


def some_rows(first, count, month):
    start = FIRST + month * 31 * 86_400 + 60 * np.arange(first, first + count)
    whole = np.arange(first, first + count, dtype=np.int64)
    return RowColumns(whole, np.zeros(count, np.int32), start, whole, np.zeros(count, np.uint8))


def test_the_memory_is_that_of_a_month_from_file_to_store(tmp_path):
    """Twelve months of 33 bytes a row would take 80 MB; copies on the way, several times that."""
    per_month, months = 200_000, 12
    intervals = ParquetIntervals(Path(tmp_path))
    tracemalloc.start()
    try:
        rows = HeldRows(rows_held_max=per_month)
        for month in range(months):
            for part in range(0, 40_000, 10_000):
                block = some_rows(part, 10_000, month)
                for point in range(5):
                    rows.add(
                        RowColumns(
                            block.line, block.point + point, block.start_utc, block.energy, block.quality
                        )
                    )
        found = rows.finish(np.arange(5, dtype=np.int32), lambda _: None)
        table = ReadingTable(tuple("abcde"), found.point, found.start_utc, found.energy, found.quality, 1)
        assert len(table) == per_month * months
        intervals.add_readings(ReadingLoad("a" * 64, "toits", 0, ("x",), "0x", "0x", len(table)), table)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000, peak
    span = intervals.span("toits")
    assert span is not None
    assert len(intervals.readings("toits", ["c"], *span)) == 40_000 * months
