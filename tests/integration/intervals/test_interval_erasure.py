"""Points that are erased are in no file any more, after a crash at any point too; others keep every reading."""

import numpy as np
import pytest

from backend.adapters.intervals.erasing import ErasingIntervals, without_slots
from backend.metering import ReadingTable
from backend.ports import AllocationFrame, ReadingLoad
from backend.ports.failpoints import Crash, armed

POINTS = ("ada-load", "ben-load", "cleo-load")
HOUR, START = 3600, 1_709_247_600
PERIOD = 19783


def table(scale, points=POINTS, hours=1000):
    count = len(points) * hours
    place = np.repeat(np.arange(len(points), dtype=np.int32), hours)
    starts = np.tile(START + HOUR * np.arange(hours, dtype=np.int64), len(points))
    return ReadingTable(
        points, place, starts, scale * np.arange(count, dtype=np.int64), np.zeros(count, np.uint8), 60
    )


def frame():
    energy = np.arange(1, 13, dtype=np.int64).reshape(3, 4)
    whole = np.ones((3, 4), np.int64)
    return AllocationFrame(
        energy=energy,
        allocated=energy // 2,
        quality=np.ones((3, 4), np.uint8),
        source=np.ones((3, 4), np.uint8),
        tau=np.ones(4, np.int64),
        value=np.ones(4, np.int64),
        row_value=whole,
        credited=whole,
        rounds=np.ones((4, 1, 2), np.int64),
        links=np.array([[0, 1, 5, 5, 0], [2, 1, 6, 6, 0], [2, 0, 7, 7, 0]], np.int64),
        parts=np.ones((3, 4, 1, 2), np.int64),
    )


@pytest.fixture
def intervals(tmp_path):
    store = ErasingIntervals(tmp_path, files_per_month_max=2, small_file_rows=10)
    for number, points in enumerate((POINTS, ("ada-load",), ("ben-load", "cleo-load"))):
        load = ReadingLoad(f"load{number}", "toits", number, ("f.csv",), "0x", "0x", 1)
        store.add_readings(load, table(number + 1, points))
    store.add_allocation("toits", PERIOD, 1, frame())
    store.add_schedule("toits", PERIOD, 1, np.full((3, 4), 7, np.int64))
    return store


def erase(store):
    store.erase_points("toits", ["ada-load"], {PERIOD: [0]})


def bytes_of(folder):
    import pyarrow.parquet as pq

    files = list(folder.rglob("*.parquet"))
    words = set()
    for file in files:
        read = pq.read_table(file)
        if "metering_point" in read.column_names:
            words |= set(read["metering_point"].unify_dictionaries().combine_chunks().dictionary.to_pylist())
            assert b"ada-load" not in file.read_bytes()
    return words


def as_rows(store):
    read = store.readings("toits", POINTS, 0, 2**40)
    return list(zip(read.point.tolist(), read.start_utc.tolist(), read.energy.tolist(), strict=True))


def test_erased_points_are_in_no_file_and_others_keep_every_version(intervals, tmp_path):
    before = [row for row in as_rows(intervals) if row[0] != 0]
    old = intervals.readings("toits", POINTS, 0, 2**40, ["load0"]).energy.tolist()
    erase(intervals)
    assert bytes_of(tmp_path) == {"ben-load", "cleo-load"}
    assert as_rows(intervals) == before
    assert intervals.readings("toits", POINTS, 0, 2**40, ["load0"]).energy.tolist() == old[1000:]
    assert len(intervals.loads("toits")) == 3


def test_other_series_of_an_erased_point_go_with_it(tmp_path):
    store = ErasingIntervals(tmp_path)
    kept = ("ada-load", "ada-load~energy", "ada-load~offered", "ada-loads", "ben-load~energy")
    store.add_readings(ReadingLoad("load", "toits", 0, ("f.csv",), "0x", "0x", 1), table(1, kept, hours=9))
    store.erase_points("toits", ["ada-load"], {})
    left = store.readings("toits", kept, START, START + 9 * HOUR)
    assert {left.metering_points[point] for point in left.point} == {"ada-loads", "ben-load~energy"}
    assert all(b"ada-load~" not in file.read_bytes() for file in tmp_path.rglob("*.parquet"))


def test_a_run_loses_the_slots_rows_its_links_and_what_sums_up_an_interval(intervals):
    erase(intervals)
    left = intervals.allocation("toits", PERIOD, 1)
    for name in ("energy", "allocated", "quality", "source", "row_value", "credited", "parts"):
        rows = getattr(left, name)
        assert not rows[0].any(), name
        assert (rows[1:] == getattr(frame(), name)[1:]).all(), name
    assert left.links[:, :2].tolist() == [[2, 1]]
    assert not left.tau.any()
    assert not left.value.any()
    assert not left.rounds.any()
    assert intervals.schedule("toits", PERIOD, 1).tolist() == [[0] * 4, [7] * 4, [7] * 4]


def test_erasing_again_or_somebody_who_is_not_there_changes_nothing(intervals, tmp_path):
    erase(intervals)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    erase(intervals)
    intervals.erase_points("toits", ["nobody"], {})
    intervals.erase_points("nowhere", ["ada-load"], {PERIOD: [0]})
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "point",
    [
        "files.partial_written",
        "intervals.file_written",
        "intervals.erasure_written",
        "intervals.erasure_listed",
    ],
)
def test_after_a_crash_the_readings_are_whole_and_erasing_again_finishes(intervals, tmp_path, point):
    before = [row for row in as_rows(intervals) if row[0] != 0]
    with armed(point), pytest.raises(Crash):
        erase(intervals)
    again = ErasingIntervals(tmp_path)
    assert [row for row in as_rows(again) if row[0] != 0] == before
    erase(again)
    assert bytes_of(tmp_path) == {"ben-load", "cleo-load"}
    assert as_rows(again) == before


def test_flows_and_potentials_of_a_slot_go_too():
    flows = np.array([[0, 0, 1, 5], [1, 2, 1, 6]], np.int64)
    changed = vars(frame()) | {"link_flows": flows, "potentials": np.ones((3, 4), np.int64)}
    left = without_slots(AllocationFrame(**changed), [0])
    assert left.link_flows is not None
    assert left.potentials is not None
    assert left.link_flows.tolist() == [[1, 2, 1, 6]]
    assert left.potentials.tolist() == [[0] * 4, [1] * 4, [1] * 4]


def test_what_a_slots_links_cost_goes_too():
    costs = np.array([[0, 1, 7, 5], [2, 0, 7, 5], [2, 1, 9, 6]], np.int64)
    changed = vars(frame()) | {"link_costs": costs, "flow_scale": np.arange(4)}
    left = without_slots(AllocationFrame(**changed), [0])
    assert left.link_costs is not None
    assert left.flow_scale is not None
    assert left.link_costs.tolist() == [[2, 1, 9, 6]]
    assert left.flow_scale.tolist() == [0, 1, 2, 3]
