"""A load is there whole or not at all, wherever the process is killed; doing it again ends in the same state."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.errors import StoreBusyError
from backend.ports.failpoints import ENVIRONMENT_VARIABLE, recorded
from tests.integration.intervals.sample_readings import everything, frame_of, hourly, load_of

ROOT = Path(__file__).parents[3]
HOURS = 24 * 70  # three months

WRITE = """
import sys
from pathlib import Path
from backend.adapters.intervals import ParquetIntervals
from tests.integration.intervals.sample_readings import frame_of, hourly, load_of
store = ParquetIntervals(Path(sys.argv[1]), files_per_month_max=2)
table = hourly(24 * 70, seed=7)
store.add_readings(load_of("b", table), table)
store.add_allocation("roof", 17318, 1, frame_of())
"""


def prepare(folder: Path) -> ParquetIntervals:
    intervals = ParquetIntervals(folder)
    table = hourly(HOURS)
    intervals.add_readings(load_of("a", table), table)
    return intervals


def write_in_another_process(folder: Path, failpoint: str = "") -> int:
    environment = {**os.environ, ENVIRONMENT_VARIABLE: failpoint}
    return subprocess.run(
        [sys.executable, "-c", WRITE, str(folder)], cwd=ROOT, env=environment, check=False
    ).returncode


def test_the_points_on_the_way_are_all_passed(tmp_path):
    intervals = prepare(tmp_path)
    table = hourly(24)
    with recorded() as names:
        intervals.add_readings(load_of("b", table), table)
        intervals.add_allocation("roof", 17318, 1, frame_of())
    assert list(dict.fromkeys(names)) == [
        "files.partial_written",
        "files.renamed",
        "intervals.file_written",
        "intervals.files_written",
        "intervals.manifest_written",
        "intervals.allocation_written",
        "intervals.allocation_listed",
    ]


@pytest.mark.parametrize(
    ("failpoint", "is_loaded"),
    [
        ("files.partial_written:1", False),
        ("files.renamed:3", False),
        ("intervals.file_written:4", False),  # the first file that merges others
        ("intervals.files_written", False),
        ("files.partial_written:7", False),  # the manifest, beside its place
        ("files.renamed:7", True),  # the manifest, in its place
        ("intervals.manifest_written", True),
        ("intervals.allocation_written", True),
        ("intervals.allocation_listed", True),
    ],
)
def test_a_process_killed_at_any_point_leaves_all_or_nothing_and_a_retry_heals(
    tmp_path, failpoint, is_loaded
):
    prepare(tmp_path / "killed")
    expected_before = everything(prepare(tmp_path / "before"))
    prepare(tmp_path / "smooth")
    assert write_in_another_process(tmp_path / "smooth") == 0
    expected_after = everything(ParquetIntervals(tmp_path / "smooth"))

    assert write_in_another_process(tmp_path / "killed", failpoint) == -signal.SIGKILL
    found = everything(ParquetIntervals(tmp_path / "killed"))
    assert found == (expected_after if is_loaded else expected_before)

    assert write_in_another_process(tmp_path / "killed") == 0
    healed = ParquetIntervals(tmp_path / "killed")
    assert everything(healed) == expected_after
    assert healed.allocation("roof", 17318, 1).energy.tolist() == frame_of().energy.tolist()
    assert not list((tmp_path / "killed").rglob("*.partial"))
    names = [
        sorted(path.relative_to(tmp_path / home).as_posix() for path in (tmp_path / home).rglob("*.parquet"))
        for home in ("killed", "smooth")
    ]
    assert names[0] == names[1]


def _add(folder: Path, name: str) -> None:
    table = hourly(24, seed=len(name))
    ParquetIntervals(folder).add_readings(load_of(name, table), table)


def test_processes_that_load_at_once_take_turns_and_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add, args=(tmp_path, f"load-{number}")) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert sorted(load.id for load in ParquetIntervals(tmp_path).loads("roof")) == [
        f"load-{n}" for n in range(4)
    ]


def test_a_writer_that_waits_too_long_is_told_who_writes(tmp_path):
    first, second = ParquetIntervals(tmp_path), ParquetIntervals(tmp_path, wait_seconds=0.1)
    table = hourly(24)
    with first._writing("roof", "load a"):  # noqa: SLF001
        with pytest.raises(
            StoreBusyError, match=rf"store of roof is held by process {os.getpid()} \(load a\) since"
        ):
            second.add_readings(load_of("b", table), table)
        assert second.loads("roof") == []
