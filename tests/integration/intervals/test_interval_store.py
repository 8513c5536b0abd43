"""What the interval store keeps, replays, refuses and notices."""

import json
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.errors import ConflictError, NotFoundError, StoreError
from tests.integration.intervals.sample_readings import (
    HOUR,
    POINTS,
    START,
    everything,
    frame_of,
    hourly,
    load_of,
)

YEAR = 8760


def test_a_load_comes_back_as_it_was_given(intervals, folder):
    table = hourly(YEAR)
    intervals.add_readings(load_of("a", table), table)
    found = ParquetIntervals(folder).readings("roof", POINTS, START, START + YEAR * HOUR)
    for field in ("point", "start_utc", "energy", "quality"):
        assert np.array_equal(getattr(found, field), getattr(table, field))
        assert getattr(found, field).dtype == getattr(table, field).dtype
        assert getattr(found, field).flags.writeable
    assert (found.metering_points, found.resolution_minutes) == (POINTS, 60)
    assert intervals.loads("roof") == [load_of("a", table)]
    assert sorted(path.name for path in (folder / "roof").iterdir() if path.is_dir()) == [
        *(f"2017-{month:02}" for month in range(6, 13)),
        *(f"2018-{month:02}" for month in range(1, 6)),
    ]


def test_points_are_indexed_as_they_are_asked_for_and_strangers_have_no_rows(intervals):
    table = hourly(24)
    intervals.add_readings(load_of("a", table), table)
    found = intervals.readings("roof", ("nobody", "roof-solar", "home-01-load"), START, START + 2 * HOUR)
    assert found.point.tolist() == [1, 1, 2, 2]
    assert found.energy.tolist() == [*table.energy[48:50].tolist(), *table.energy[:2].tolist()]
    assert len(intervals.readings("roof", (), START, START + HOUR)) == 0
    assert len(intervals.readings("roof", POINTS, START + 24 * HOUR, START + 99 * HOUR)) == 0
    assert len(intervals.readings("street", POINTS, 0, 1 << 40)) == 0
    assert intervals.span("street") is None
    assert intervals.loads("street") == intervals.loads_within("street", 0, 1 << 40) == []


def test_a_correction_supersedes_and_what_was_known_before_can_be_replayed(intervals):
    first, second = hourly(48), hourly(3, seed=2, start_utc=START + 10 * HOUR, points=("home-02-load",))
    intervals.add_readings(load_of("a", first), first)
    intervals.add_readings(load_of("b", second), second)
    now = intervals.readings("roof", ("home-02-load",), START + 9 * HOUR, START + 14 * HOUR)
    then = intervals.readings("roof", ("home-02-load",), START + 9 * HOUR, START + 14 * HOUR, ["a"])
    assert now.energy.tolist() == [int(first.energy[57]), *second.energy.tolist(), int(first.energy[61])]
    assert then.energy.tolist() == first.energy[57:62].tolist()
    assert intervals.loads_within("roof", START, START + 10 * HOUR) == ["a"]
    assert intervals.loads_within("roof", START + 12 * HOUR, START + 13 * HOUR) == ["a", "b"]
    with pytest.raises(NotFoundError, match="roof has no load c"):
        intervals.readings("roof", POINTS, START, START + HOUR, ["a", "c"])


def test_the_same_load_again_changes_nothing(intervals, folder):
    table = hourly(48)
    intervals.add_readings(load_of("a", table), table)
    before = (folder / "roof" / "manifest.json").read_bytes()
    intervals.add_readings(load_of("a", hourly(24)), hourly(24))
    assert (folder / "roof" / "manifest.json").read_bytes() == before


def test_a_load_with_a_reading_twice_is_refused_whole(intervals, folder):
    table = hourly(24)
    twice = replace(table, start_utc=np.where(table.start_utc == START + HOUR, START, table.start_utc))
    with pytest.raises(
        ConflictError, match="3 readings twice, the first of home-01-load at 2017-06-01T00:00:00Z"
    ):
        intervals.add_readings(load_of("a", twice), twice)
    assert intervals.loads("roof") == []
    assert not list(folder.rglob("*.parquet"))


def test_another_resolution_for_the_same_time_is_refused_and_for_another_time_is_not(intervals):
    hours = hourly(24)
    quarters = replace(hours, start_utc=START + (hours.start_utc - START) // 4, resolution_minutes=15)
    later = replace(quarters, start_utc=quarters.start_utc + 24 * HOUR)
    intervals.add_readings(load_of("a", hours), hours)
    with pytest.raises(ConflictError, match="60-minute readings in 2017-06, this load has 15-minute ones"):
        intervals.add_readings(load_of("b", quarters), quarters)
    intervals.add_readings(load_of("c", later), later)
    assert intervals.readings("roof", POINTS, START + 24 * HOUR, START + 30 * HOUR).resolution_minutes == 15
    assert intervals.readings("roof", POINTS, START, START + 24 * HOUR).resolution_minutes == 60
    with pytest.raises(ConflictError, match="readings of 15 and 60 minutes"):
        intervals.readings("roof", POINTS, START, START + 30 * HOUR)


def test_readings_of_one_community_are_not_anothers(intervals):
    table = hourly(24)
    intervals.add_readings(load_of("a", table, "street"), table)
    assert len(intervals.readings("roof", POINTS, 0, 1 << 40)) == 0
    for name in ("../street", "", "a/b", ".", "Roof"):
        with pytest.raises(StoreError, match="is no community's id"):
            intervals.readings(name, POINTS, 0, 1 << 40)


def test_many_small_loads_become_few_files_and_every_version_stays(folder):
    intervals = ParquetIntervals(folder, files_per_month_max=5)
    tables = [hourly(12, seed=number, start_utc=START + number * HOUR) for number in range(23)]
    for number, table in enumerate(tables):
        intervals.add_readings(load_of(f"load-{number}", table), table)
    listed = json.loads((folder / "roof" / "manifest.json").read_bytes())["body"]["readings"]
    assert len(listed) < 10
    for number in (0, 4, 5, 22):
        alone = intervals.readings("roof", POINTS, 0, 1 << 40, [f"load-{number}"])
        assert np.array_equal(alone.energy, tables[number].energy)
    now = intervals.readings("roof", POINTS[:1], START + 11 * HOUR, START + 13 * HOUR)
    assert now.energy.tolist() == [int(tables[11].energy[0]), int(tables[12].energy[0])]
    # What was merged is swept by the next writer, so that a reader may end with the manifest that it has.
    assert len(list(folder.rglob("*.parquet"))) <= len(listed) + 5


def test_merging_small_files_brings_no_older_version_back(folder):
    intervals = ParquetIntervals(folder, files_per_month_max=2, small_file_rows=50)
    old, newer = hourly(4, seed=1), hourly(48, seed=2)
    elsewhere = hourly(4, seed=3, start_utc=START + 100 * HOUR)
    for name, table in (("old", old), ("newer", newer), ("elsewhere", elsewhere)):
        intervals.add_readings(load_of(name, table), table)
    assert len(list(folder.rglob("*.parquet"))) == 4, "the two small ones are one now, and not swept yet"
    assert (
        intervals.readings("roof", POINTS, START, START + 48 * HOUR).energy.tolist() == newer.energy.tolist()
    )


def test_a_reader_whose_files_were_merged_away_reads_again(folder, monkeypatch):
    intervals, reader = ParquetIntervals(folder, files_per_month_max=3), ParquetIntervals(folder)
    tables = [hourly(12, seed=number) for number in range(4)]
    intervals.add_readings(load_of("0", tables[0]), tables[0])
    stale = reader._manifest("roof")  # noqa: SLF001
    for number in (1, 2, 3):
        intervals.add_readings(load_of(str(number), tables[number]), tables[number])
    assert not (folder / "roof" / stale.readings[0].path).exists()
    manifests = [stale]
    fresh = ParquetIntervals._manifest  # noqa: SLF001
    monkeypatch.setattr(
        ParquetIntervals, "_manifest", lambda self, name: manifests.pop() if manifests else fresh(self, name)
    )
    assert reader.readings("roof", POINTS, 0, 1 << 40).energy.tolist() == tables[3].energy.tolist()


# damage


def test_a_flipped_byte_is_an_error_that_names_the_file(intervals, folder):
    table = hourly(24)
    intervals.add_readings(load_of("a", table), table)
    intervals.add_allocation("roof", 17318, 1, frame_of())
    for path in sorted(folder.rglob("*.parquet")):
        content = path.read_bytes()
        for place in (0, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            with pytest.raises(StoreError, match=f"{path.name} is damaged"):
                everything(intervals), intervals.allocation("roof", 17318, 1)
        path.write_bytes(content)
    everything(intervals)


def test_a_damaged_manifest_is_an_error_and_never_an_empty_store(intervals, folder):
    table = hourly(24)
    intervals.add_readings(load_of("a", table), table)
    path = folder / "roof" / "manifest.json"
    content = path.read_bytes()
    for damaged in (b"", content[:-20], content.replace(b'"rows":72', b'"rows":73'), b"[]", b"\xff"):
        assert damaged != content
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
            ParquetIntervals(folder).loads("roof")
        with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
            ParquetIntervals(folder).add_readings(load_of("b", table), table)
    path.write_bytes(content.replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(StoreError, match="format 2, this Partage knows 1"):
        ParquetIntervals(folder).loads("roof")


def test_a_missing_file_is_an_error_that_names_it(intervals, folder):
    table = hourly(24)
    intervals.add_readings(load_of("a", table), table)
    (path,) = folder.rglob("*.parquet")
    path.unlink()
    with pytest.raises(StoreError, match=f"{path.name} is missing"):
        intervals.readings("roof", POINTS, 0, 1 << 40)


def test_files_that_the_manifest_does_not_list_are_ignored_and_swept(intervals, folder):
    table = hourly(24)
    intervals.add_readings(load_of("a", table), table)
    before = everything(intervals)
    strays = [
        folder / "roof" / "2017-06" / name for name in ("000009-stray.parquet", "x.parquet.ab12.partial")
    ]
    for stray in strays:
        stray.write_bytes(b"half a file")
    assert everything(intervals) == before
    intervals.add_readings(load_of("b", table), table)
    assert not any(stray.exists() for stray in strays)


# allocations


def test_a_runs_rows_come_back_exactly_and_are_never_overwritten(intervals, folder):
    frame = frame_of()
    intervals.add_allocation("roof", 17318, 1, frame)
    intervals.add_allocation("roof", 17318, 1, frame)
    intervals.add_allocation("roof", 17318, 2, frame_of(2))
    found = ParquetIntervals(folder).allocation("roof", 17318, 1)
    for field in fields(frame):
        assert np.array_equal(getattr(found, field.name), getattr(frame, field.name))
        assert getattr(found, field.name).dtype == getattr(frame, field.name).dtype
    for field in fields(frame):
        other = getattr(frame, field.name).copy()
        other.flat[-1] ^= 1
        with pytest.raises(ConflictError, match="Run 1 of period 17318 of roof is kept with other rows"):
            intervals.add_allocation("roof", 17318, 1, replace(frame, **{field.name: other}))
    with pytest.raises(NotFoundError, match="run 3 of period 17318 of roof are not here"):
        intervals.allocation("roof", 17318, 3)


def test_what_a_stopped_attempt_left_gives_way_to_the_rows_that_are_announced(intervals, folder):
    intervals.add_allocation("roof", 17318, 1, frame_of())
    intervals.add_schedule("roof", 17318, 1, np.ones((3, 720), np.int64))
    intervals.add_allocation("roof", 17318, 1, frame_of(2), replace_unannounced=True)
    found = ParquetIntervals(folder).allocation("roof", 17318, 1)
    assert np.array_equal(found.energy, frame_of(2).energy)
    assert intervals.schedule("roof", 17318, 1).sum() == 3 * 720


def test_a_frame_without_intervals_or_with_one_comes_back(intervals):
    for version, shape in enumerate([(3, 0), (1, 1)], 1):
        intervals.add_allocation("roof", 1, version, frame_of(shape=shape))
        found = intervals.allocation("roof", 1, version)
        assert found.energy.shape == shape
        assert len(found.tau) == shape[1]
        assert found.rounds.shape == (shape[1], 2, 2)


def test_a_key_without_rounds_and_flows_keeps_no_parts_of_them(intervals):
    frame = replace(frame_of(rounds=0), link_flows=None, potentials=None, links=np.zeros((0, 5), np.int64))
    frame = replace(frame, link_costs=None, flow_scale=None)
    intervals.add_allocation("roof", 1, 1, frame)
    found = intervals.allocation("roof", 1, 1)
    assert (found.parts, found.link_flows, found.potentials) == (None, None, None)
    assert (found.link_costs, found.flow_scale) == (None, None)
    assert found.rounds.shape == (720, 0, 2)
    assert found.links.shape == (0, 5)


def test_a_schedule_comes_back_exactly_and_is_never_overwritten(intervals, folder):
    coefficients = np.random.default_rng(4).integers(0, 400_000, (3, 720))
    intervals.add_schedule("roof", 17318, 1, coefficients)
    intervals.add_schedule("roof", 17318, 1, coefficients)
    intervals.add_schedule("roof", 17318, 2, coefficients[:, ::-1])
    assert np.array_equal(ParquetIntervals(folder).schedule("roof", 17318, 1), coefficients)
    with pytest.raises(ConflictError, match="Schedule 1 of period 17318 of roof is kept with other rows"):
        intervals.add_schedule("roof", 17318, 1, coefficients + 1)
    with pytest.raises(NotFoundError, match="Schedule 3 of period 17318 of roof is not here"):
        intervals.schedule("roof", 17318, 3)


# speed


def test_a_year_of_34_points_loads_within_a_second_and_a_month_reads_at_once(intervals):
    points = tuple(f"home-{number:02}" for number in range(34))
    table = hourly(YEAR, points=points)
    start = time.perf_counter()
    intervals.add_readings(load_of("a", table), table)
    loaded = time.perf_counter() - start
    intervals.readings("roof", points, START, START + 720 * HOUR)
    timings = []
    for _ in range(5):
        start = time.perf_counter()
        assert len(intervals.readings("roof", points, START, START + 720 * HOUR)) == 34 * 720
        timings.append(time.perf_counter() - start)
    # A busy machine is allowed ten times what an idle one takes (0.1 s, 4 ms).
    assert loaded < 1
    assert min(timings) < 0.05


def test_intervals_do_not_import_what_takes_long(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from backend.adapters.intervals import ParquetIntervals\n"
        "from tests.integration.intervals.sample_readings import everything, frame_of, hourly, load_of\n"
        "store = ParquetIntervals(Path(sys.argv[1])); table = hourly(24)\n"
        "store.add_readings(load_of('a', table), table); store.add_allocation('roof', 1, 1, frame_of())\n"
        "everything(store); store.allocation('roof', 1, 1)\n"
        "assert not {'pandas', 'duckdb', 'polars', 'pyarrow.dataset'} & set(sys.modules)"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=root, check=True)
