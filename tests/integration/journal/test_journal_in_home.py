"""The journal among the rest of a home: it becomes loads once, is in backups, and keeps nothing of who is erased."""

from dataclasses import replace

import numpy as np
import pytest

from backend.adapters.backup import backup, restore
from backend.adapters.home import Home
from backend.bootstrap import Wiring
from backend.bootstrap import incoming as incoming_module
from backend.errors import StoreError
from backend.ports import ReadingLoad
from backend.ports.failpoints import Crash, armed
from tests.integration.journal.incoming import FIRST, STEP, batch, reading

ALL = (0, 4_000_000_000)


@pytest.fixture
def open_wiring():
    opened = []

    def open_one(folder):
        wiring = Wiring(Home(folder), environment={})
        wiring.home.create()
        opened.append(wiring)
        return wiring

    yield open_one
    for wiring in opened:
        wiring.incoming.journal.close()


@pytest.fixture
def wiring(open_wiring, tmp_path):
    return open_wiring(tmp_path / "home")


def append(wiring, *numbers, **options):
    for number in numbers:
        wiring.incoming.journal.append("toits", batch(number, **options))


def in_force(wiring, points=("m",)):
    return wiring.intervals.readings("toits", points, *ALL).energy.tolist()


def test_whoever_reads_finds_what_was_acknowledged(wiring):
    append(wiring, 1, 2)
    assert in_force(wiring) == [1, 2]
    append(wiring, 3)
    assert len(wiring.intervals.loads("toits")) == 2
    append(wiring, 4)
    assert wiring.intervals.span("toits") == (FIRST + STEP, FIRST + 5 * STEP)
    append(wiring, 5)
    assert len(wiring.intervals.loads_within("toits", *ALL)) == 4
    before = wiring.intervals.coverage("toits", *ALL)
    append(wiring, 6)
    assert wiring.intervals.coverage("toits", *ALL) != before


def test_a_file_supersedes_what_was_acknowledged_before_it(wiring):
    append(wiring, 1)
    load = ReadingLoad("f" * 64, "toits", 0, ("file",), "0x", "0x", 1)
    wiring.intervals.add_readings(load, reading(1, energy=99))
    assert in_force(wiring) == [99]
    append(wiring, 1, energy=7, name="later")
    assert in_force(wiring) == [7]


def test_of_two_versions_that_waited_together_the_later_is_in_force(wiring):
    append(wiring, 1)
    append(wiring, 1, energy=7, name="later")
    assert in_force(wiring) == [7]


@pytest.mark.parametrize(
    "point", ["intervals.manifest_written", "journal.segment_loaded", "intervals.files_written"]
)
def test_a_crash_while_a_segment_becomes_a_load_doubles_and_loses_nothing(wiring, open_wiring, point):
    append(wiring, 1, 2, 3)
    with armed(point), pytest.raises(Crash):
        wiring.incoming.seal("toits")
    again = open_wiring(wiring.home.root)
    assert in_force(again) == [1, 2, 3]
    assert [load.rows for load in again.intervals.loads("toits")] == [3]
    assert again.incoming.journal.pending("toits") is None


def test_a_backup_has_what_waits_and_a_restored_home_knows_its_batches(wiring, open_wiring, tmp_path):
    append(wiring, 1)
    assert in_force(wiring) == [1]
    append(wiring, 2)
    backup(wiring.home, tmp_path / "kept.tar.gz")
    restore(tmp_path / "kept.tar.gz", Home(tmp_path / "other"))
    other = open_wiring(tmp_path / "other")
    assert not other.incoming.journal.append("toits", batch(1))
    assert not other.incoming.journal.append("toits", batch(2))
    assert in_force(other) == [1, 2]


def test_what_was_sealed_between_the_parts_of_a_backup_is_there_once(
    wiring, open_wiring, tmp_path, monkeypatch
):
    append(wiring, 1)
    from backend.adapters import backup as backup_module

    link = backup_module._copy_journal  # noqa: SLF001

    def copy_then_seal(home, staging):
        link(home, staging)
        wiring.incoming.seal("toits")

    monkeypatch.setattr(backup_module, "_copy_journal", copy_then_seal)
    backup(wiring.home, tmp_path / "kept.tar.gz")
    restore(tmp_path / "kept.tar.gz", Home(tmp_path / "other"))
    other = open_wiring(tmp_path / "other")
    assert in_force(other) == [1]


def test_nothing_of_a_point_waits_once_it_is_erased(wiring):
    append(wiring, 1)
    table = replace(reading(2, energy=5), metering_points=("other",))
    wiring.incoming.journal.append("toits", replace(batch(2), table=table))
    readings = wiring.erasers.intervals[0]
    with wiring.writing("erase"):
        append(wiring, 3)
        readings.erase_points("toits", ["m"], {})
    assert wiring.incoming.journal.pending("toits") is None
    assert in_force(wiring) == []
    assert in_force(wiring, ("other",)) == [5]
    assert not list(wiring.home.journal.rglob("*.journal"))


def test_a_segment_that_contradicts_the_store_blocks_nothing(wiring):
    append(wiring, 1)
    assert in_force(wiring) == [1]
    hourly = replace(reading(0), resolution_minutes=60, start_utc=np.array([FIRST]))
    wiring.incoming.journal.append("toits", replace(batch(9), table=hourly))
    assert in_force(wiring) == [1]
    append(wiring, 2)
    assert in_force(wiring) == [1, 2]
    assert len(list((wiring.home.journal / "toits" / "aside").iterdir())) == 1


def test_what_was_set_aside_keeps_nothing_of_an_erased_point(wiring):
    append(wiring, 1)
    assert in_force(wiring) == [1]
    for number, point in enumerate(("m", "other"), 8):
        hourly = replace(reading(0, energy=number, point=point), resolution_minutes=60)
        wiring.incoming.journal.append("toits", replace(batch(number), table=hourly))
    wiring.incoming.seal("toits")
    (aside,) = (wiring.home.journal / "toits" / "aside").iterdir()
    assert b"\xa1m" in aside.read_bytes()
    with wiring.writing("erase"):
        for eraser in wiring.erasers.intervals:
            eraser.erase_points("toits", ["m"], {})
    assert b"\xa1m" not in aside.read_bytes()
    aside.rename(wiring.home.journal / "toits" / aside.name)
    (segment,) = wiring.incoming.journal.seal("toits")
    (left,) = wiring.incoming.journal.batches("toits", segment)
    assert (left.table.metering_points, left.table.energy.tolist()) == (("other",), [9])


def test_what_was_set_aside_keeps_nothing_of_an_erased_feeder(wiring):
    append(wiring, 1)
    assert in_force(wiring) == [1]
    for number, series in enumerate(("line~drawn", "line~given", "line-2~drawn"), 7):
        hourly = replace(reading(0, energy=number, point=series), resolution_minutes=60)
        wiring.incoming.journal.append("toits", replace(batch(number), table=hourly))
    wiring.incoming.journal.append("toits", replace(batch(6), table=reading(0, point="line~drawn")))
    wiring.incoming.seal("toits")
    (aside,) = (wiring.home.journal / "toits" / "aside").iterdir()
    assert b"line~drawn" in aside.read_bytes()
    with wiring.writing("erase"):
        for eraser in wiring.erasers.intervals:
            eraser.erase_points("toits", ["line"], {})
    assert b"line~" not in aside.read_bytes()
    assert b"line-2~drawn" in aside.read_bytes()


def damage(wiring, community):
    """A journal of a community whose sealed segment does not hold together."""
    folder = wiring.home.journal / community
    folder.mkdir(parents=True)
    (folder / "000001-0123456789abcdef.journal").write_bytes(b"nothing of ours, and longer than a header is")


def test_a_damaged_journal_stands_in_the_way_of_its_own_community_alone(wiring, caplog):
    damage(wiring, "aaa")
    append(wiring, 1)
    wiring.incoming.seal_due(batch(1).received_utc + incoming_module.SEAL_SECONDS)
    assert wiring.incoming.journal.pending("toits") is None
    append(wiring, 2)
    with wiring.writing("settle"):
        assert in_force(wiring) == [1, 2]
        with pytest.raises(
            StoreError, match=r"aaa.*is damaged"
        ):  # what was acknowledged must not be left out
            wiring.intervals.loads("aaa")
    with pytest.raises(StoreError, match=r"aaa.*is damaged"):
        wiring.intervals.loads("aaa")
    assert {record.levelname for record in caplog.records} == {"ERROR"}


def test_a_journal_that_was_put_right_is_read_again(wiring):
    damage(wiring, "aaa")
    with wiring.writing("settle"):
        pass
    (segment,) = wiring.home.journal.rglob("*.journal")
    segment.unlink()
    with wiring.writing("settle"):
        assert wiring.intervals.loads("aaa") == []


def test_what_waits_long_or_is_much_becomes_loads_by_itself(wiring, monkeypatch):
    append(wiring, 1)
    since = batch(1).received_utc
    wiring.incoming.seal_due(since + incoming_module.SEAL_SECONDS - 1)
    assert wiring.incoming.journal.pending("toits") is not None
    wiring.incoming.seal_due(since + incoming_module.SEAL_SECONDS)
    assert wiring.incoming.journal.pending("toits") is None
    append(wiring, 2)
    monkeypatch.setattr(incoming_module, "SEAL_BYTES", 50)
    wiring.incoming.seal_due(since)
    assert wiring.incoming.journal.pending("toits") is None
