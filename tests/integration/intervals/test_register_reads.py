"""What registers showed is kept with its load, read back around a span, replayed, merged, and erased with its point."""

from pathlib import Path

import numpy as np
import pytest

from backend.adapters.intervals.erasing import ErasingIntervals
from backend.errors import NotFoundError, StoreError
from backend.metering import ReadingTable
from backend.metering.source_series import RegisterRead, SeriesName
from backend.ports import ReadingLoad
from backend.ports.failpoints import Crash, armed

DAY = 86_400
EMPTY = ReadingTable(
    (), np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8), 15
)


def read(day: int, value: int, point: str = "ada", channel: str = "1", meter: str = "M") -> RegisterRead:
    return RegisterRead(SeriesName(point, 0, channel), day * DAY, value, meter, "A")


def keep(store: ErasingIntervals, name: str, *reads: RegisterRead, table: ReadingTable = EMPTY) -> None:
    load = ReadingLoad(name, "toits", 0, ("f.csv",), "0x", "0x", len(table), registers=len(reads))
    store.add_readings(load, table, reads)


def days(
    store: ErasingIntervals, first: int, last: int, point: str = "ada", loads: list[str] | None = None
) -> list[tuple[int, int]]:
    found = store.register_reads("toits", [point], first * DAY, last * DAY, loads)
    return [(one.instant_utc // DAY, one.value) for one in found.get(point, [])]


@pytest.fixture
def store(folder: Path) -> ErasingIntervals:
    return ErasingIntervals(folder, files_per_month_max=3)


def test_reads_come_back_as_they_were_with_the_nearest_around_the_span(store: ErasingIntervals) -> None:
    keep(store, "a", *(read(day, 10 * day) for day in (5, 1, 3, 9, 7)), read(4, 1, "ben"))
    assert days(store, 4, 6) == [(3, 30), (5, 50), (7, 70)]
    assert days(store, 3, 7) == [(3, 30), (5, 50), (7, 70)]
    assert days(store, 10, 12) == [(9, 90)]
    assert store.register_reads("toits", ["ada"], 5 * DAY, 5 * DAY) == {"ada": [read(5, 50)]}
    assert store.register_reads("toits", ["cleo"], 0, 9 * DAY) == {}
    assert store.loads("toits")[0].registers == 6


def test_the_nearest_reads_are_those_that_all_registers_of_a_meter_have(store: ErasingIntervals) -> None:
    tariffs = [read(day, day, channel=channel) for day in (1, 9) for channel in ("1.8.1", "1.8.2")]
    keep(store, "a", *tariffs, read(4, 4, channel="1.8.1"), read(2, 7, meter="old"))
    found = store.register_reads("toits", ["ada"], 5 * DAY, 6 * DAY)["ada"]
    assert [(one.instant_utc // DAY, one.series.channel, one.meter) for one in found] == [
        (1, "1.8.1", "M"),
        (1, "1.8.2", "M"),
        (2, "1", "old"),
        (4, "1.8.1", "M"),
        (9, "1.8.1", "M"),
        (9, "1.8.2", "M"),
    ]


def test_a_later_load_supersedes_and_what_was_known_then_is_replayed(
    store: ErasingIntervals, folder: Path
) -> None:
    for number in range(5):  # the third and the fifth make one file of three
        keep(store, f"load{number}", read(1, 0), read(2, number))
    assert days(store, 1, 2) == [(1, 0), (2, 4)]
    assert days(store, 1, 2, loads=["load0", "load2"]) == [(1, 0), (2, 2)]
    assert store.register_loads("toits", ["ada"], DAY, 2 * DAY) == ["load4"]
    keep(store, "load4", read(1, 9))  # is there already; what was merged is swept
    assert len(list(folder.rglob("registers/*.parquet"))) == 1
    with pytest.raises(NotFoundError, match="load9"):
        days(store, 1, 2, loads=["load9"])


def test_a_load_of_reads_alone_is_no_reading(store: ErasingIntervals) -> None:
    keep(store, "a", read(1, 1))
    assert store.span("toits") is None
    assert store.loads_within("toits", 0, 9 * DAY) == []
    assert store.coverage("toits", 0, 9 * DAY).seconds == 0


def test_reads_of_an_erased_point_are_in_no_file(store: ErasingIntervals, folder: Path) -> None:
    keep(store, "a", read(1, 1), read(1, 2, "ben", meter="BEN-METER"), read(2, 2, "ben", meter="BEN-METER"))
    keep(store, "b", read(3, 2, "ben", meter="BEN-METER"))
    store.erase_points("toits", ["ben"], {})
    assert days(store, 0, 9, "ben") == []
    assert days(store, 0, 9) == [(1, 1)]
    files = [path.read_bytes() for path in folder.rglob("registers/*.parquet")]
    assert len(files) == 1
    assert not any(word in content for content in files for word in (b"ben", b"BEN-METER"))


def test_reads_of_an_erased_feeder_are_in_no_file(store: ErasingIntervals, folder: Path) -> None:
    keep(store, "a", read(1, 1), read(1, 2, "trafo~drawn"), read(1, 3, "trafo~given"), read(1, 4, "trafo-2"))
    store.erase_points("toits", ["trafo"], {})
    assert [days(store, 0, 9, point) for point in ("ada", "trafo-2")] == [[(1, 1)], [(1, 4)]]
    (file,) = folder.rglob("registers/*.parquet")
    assert b"trafo~" not in file.read_bytes()


def test_a_damaged_file_of_reads_is_named(store: ErasingIntervals, folder: Path) -> None:
    keep(store, "a", read(1, 1))
    (file,) = folder.rglob("registers/*.parquet")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match=file.name):
        days(store, 0, 9)


def test_series_of_a_feeder_are_kept_beside_and_count_nowhere(store: ErasingIntervals) -> None:
    def table(points: tuple[str, ...], scale: int) -> ReadingTable:
        place = np.repeat(np.arange(len(points), dtype=np.int32), 4)
        starts = np.tile(900 * np.arange(4, dtype=np.int64), len(points))
        return ReadingTable(
            points,
            place,
            starts,
            scale * np.arange(len(place), dtype=np.int64),
            np.zeros(4 * len(points), np.uint8),
            15,
        )

    keep(store, "a", table=table(("ada", "trafo~drawn"), 1))
    before = store.coverage("toits", 0, DAY), store.span("toits")
    keep(store, "b", table=table(("trafo~drawn", "trafo~given"), 2))
    assert (store.coverage("toits", 0, DAY), store.span("toits")) == before
    assert store.loads_within("toits", 0, DAY) == ["a"]
    assert store.readings("toits", ["trafo~drawn"], 0, DAY).energy.tolist() == [0, 2, 4, 6]
    assert store.readings("toits", ["trafo~drawn"], 0, DAY, ["a"]).energy.tolist() == [4, 5, 6, 7]
    both = store.readings("toits", ["trafo~given", "ada"], 0, DAY)
    assert both.energy.tolist() == [8, 10, 12, 14, 0, 1, 2, 3]
    store.erase_points("toits", ["ada"], {})
    assert store.readings("toits", ["trafo~drawn"], 0, DAY).energy.tolist() == [0, 2, 4, 6]
    store.erase_points("toits", ["trafo"], {})
    assert len(store.readings("toits", ["trafo~drawn", "trafo~given"], 0, DAY)) == 0


def test_reads_of_meters_beside_each_other_reach_as_far_as_the_furthest(store: ErasingIntervals) -> None:
    keep(
        store, "a", *(read(day, day) for day in (1, 3, 6, 9)), *(read(day, day, meter="N") for day in (1, 9))
    )
    found = store.register_reads("toits", ["ada"], 4 * DAY, 5 * DAY)["ada"]
    assert [(one.instant_utc // DAY, one.meter) for one in found] == [
        (1, "M"),
        (1, "N"),
        (3, "M"),
        (6, "M"),
        (9, "M"),
        (9, "N"),
    ]


def test_a_read_within_the_span_comes_back_though_other_registers_lack_it(store: ErasingIntervals) -> None:
    keep(store, "a", read(2, 1), read(3, 2, channel="2"))
    assert days(store, 2, 3) == [(2, 1), (3, 2)]


def test_a_crash_before_the_manifest_leaves_no_read_and_no_load(
    store: ErasingIntervals, folder: Path
) -> None:
    keep(store, "a", read(1, 1))
    with pytest.raises(Crash), armed("intervals.registers_written"):
        keep(store, "b", read(1, 2))
    assert days(store, 0, 9) == [(1, 1)]
    assert [load.id for load in store.loads("toits")] == ["a"]
    keep(store, "b", read(1, 2))
    assert days(store, 0, 9) == [(1, 2)]
    assert len(list(folder.rglob("*.parquet"))) == 2
