"""Series of a file become a table of one step, matched with metering points."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pytest

from backend.adapters.meter_files.assembling import Assembly
from backend.adapters.meter_files.faults import FaultCollector
from backend.errors import ReadingsError
from backend.metering import Quality
from backend.metering.known_points import DIRECTION_UNSTATED, KnownPoints, pure_id, split_pure_id
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName, SeriesRole, SourceBlock

START = int(datetime(2024, 6, 1, tzinfo=UTC).timestamp())
QUARTER = 900


@dataclass(frozen=True)
class Point:
    id: str
    direction: int = CONSUMPTION
    external_id: str | None = None
    valid_from: date | None = None


def block(energies, *, point="X", way=CONSUMPTION, channel="", role=SeriesRole.MEASURED, **more):
    count = len(energies)
    seconds = more.get("seconds", QUARTER)
    start = more.get("start", START) + np.arange(count) * seconds
    return SourceBlock(
        SeriesName(point, way, channel, role),
        start.astype(np.int64),
        np.full(count, seconds, np.int64),
        np.array(energies, np.int64),
        np.full(count, more.get("quality", Quality.MEASURED), np.uint8),
        np.zeros(count, np.int32),
        (more.get("code", ""),),
        more.get("line", 1) + np.arange(count, dtype=np.int64),
    )


def assemble(*items, known=None, minutes=None, zone=""):
    faults = FaultCollector("file")
    assembly = Assembly(faults, known, minutes, zone)
    assembly.take(items)
    return assembly.finish()


def rows_of(table):
    return [
        (table.metering_points[point], (start - START) // 60, energy)
        for point, start, energy in zip(
            table.point.tolist(), table.start_utc.tolist(), table.energy.tolist(), strict=True
        )
    ]


def rules_of(found):
    return [finding.rule for finding in found.findings]


def refused(*items, **how):
    with pytest.raises(ReadingsError) as refusal:
        assemble(*items, **how)
    return [
        (finding.rule, finding.line)
        for finding in refusal.value.findings
        if finding.severity.value == "refused"
    ]


def test_without_a_community_points_are_called_by_number_direction_and_further_channels():
    found = assemble(
        block([1], channel="E1"), block([2], channel="E2"), block([3], way=FEED_IN, channel="B1")
    )
    assert found.table.metering_points == ("X", "X-E2", "X-feed-in")
    assert found.table.energy.tolist() == [1, 2, 3]


def test_with_a_community_points_are_matched_by_number_and_direction():
    known = KnownPoints([Point("home", CONSUMPTION, "X"), Point("roof", FEED_IN, "X")])
    found = assemble(block([1]), block([2], way=FEED_IN), known=known)
    assert rows_of(found.table) == [("home", 0, 1), ("roof", 0, 2)]


def test_a_point_without_number_is_matched_by_its_own_id_and_direction():
    known = KnownPoints([Point("X"), Point("roof", FEED_IN)])
    assert rows_of(assemble(block([1]), known=known).table) == [("X", 0, 1)]
    assert refused(block([1], point="Y"), known=known) == [("unknown-point", 1)]
    found = assemble(block([5]), block([1], point="roof"), known=known)
    assert rows_of(found.table) == [("X", 0, 5)]
    assert rules_of(found) == ["other-direction"]


def test_a_file_without_directions_is_matched_where_the_number_has_one():
    series = block([1], way=DIRECTION_UNSTATED)
    assert rows_of(assemble(series, known=KnownPoints([Point("roof", FEED_IN, "X")])).table) == [
        ("roof", 0, 1)
    ]
    both = KnownPoints([Point("home", CONSUMPTION, "X"), Point("roof", FEED_IN, "X")])
    assert rows_of(assemble(block([5]), series, known=both).table) == [("home", 0, 5)]


def test_what_a_community_has_no_point_for_is_left_aside_only_in_the_other_direction():
    known = KnownPoints([Point("home", CONSUMPTION, "X")])
    found = assemble(block([1]), block([2, 2], way=FEED_IN), known=known)
    assert rows_of(found.table) == [("home", 0, 1)]
    assert rules_of(found) == ["other-direction"]
    assert refused(block([1]), block([2], point="Z", line=7), known=known) == [("unknown-point", 7)]


def test_a_meter_that_changes_hands_is_split_at_the_day():
    after = START + 86_400 // 2
    known = KnownPoints(
        [Point("new", CONSUMPTION, "X", date(2024, 6, 2)), Point("old", CONSUMPTION, "X")], "Pacific/Auckland"
    )
    found = assemble(block([1] * 96), known=known)
    owner = dict.fromkeys(found.table.metering_points, 0)
    for point, start in zip(found.table.point.tolist(), found.table.start_utc.tolist(), strict=True):
        owner[found.table.metering_points[point]] += 1
        assert (found.table.metering_points[point] == "new") == (start >= after)
    assert owner == {"old": 48, "new": 48}


def test_registers_of_one_direction_are_added_with_a_note():
    known = KnownPoints([Point("home", CONSUMPTION, "X")])
    found = assemble(
        block([1, 2], channel="1.8.1", code="A"), block([10, 20], channel="1.8.2", code="B"), known=known
    )
    assert rows_of(found.table) == [("home", 0, 11), ("home", 15, 22)]
    assert [found.table.codes[code] for code in found.table.code] == ["A B", "A B"]
    assert rules_of(found) == ["registers-added"]


def test_mixed_steps_become_their_least_common_multiple_or_what_is_demanded():
    mixed = (block([1, 2, 3, 4]), block([20], seconds=1800, start=START + 3600))
    assert rows_of(assemble(*mixed).table) == [("X", 0, 3), ("X", 30, 7), ("X", 60, 20)]
    finer = assemble(*mixed, minutes=15)
    assert finer.table.energy.tolist() == [1, 2, 3, 4, 10, 10]
    assert finer.table.quality.tolist() == [0, 0, 0, 0, Quality.ESTIMATED, Quality.ESTIMATED]
    assert rules_of(finer) == ["resampled"]


def test_hours_of_a_zone_off_the_hour_stay_whole():
    zone, hour = "Asia/Kolkata", START + 1800
    found = assemble(block([5, 6], seconds=3600, start=hour), minutes=60, zone=zone)
    assert found.table.energy.tolist() == [5, 6]
    halves = assemble(block([5, 6], seconds=1800, start=hour), minutes=60, zone=zone)
    assert halves.table.start_utc.tolist() == [hour]


@pytest.mark.parametrize(
    ("blocks", "finding"),
    [
        ([block([1], seconds=86_400)], ("step", 1)),
        ([block([1], seconds=2700)], ("step", 1)),
        ([block([1], start=START + 7)], ("off-grid", 1)),
        ([block([1]), block([2], line=9)], ("contradiction", 9)),
        ([block([1]), block([1], start=START + 300, seconds=300, line=4)], ("overlap", 4)),
        ([block([1], start=2**40)], ("instant", 1)),
        ([block([1], code="x" * 201)], ("too-large", 0)),
    ],
)
def test_what_cannot_be_readings_is_refused_with_its_line(blocks, finding):
    assert refused(*blocks) == [finding]


def test_the_same_again_is_dropped_with_a_warning():
    found = assemble(block([1, 2]), block([2], start=START + QUARTER, line=8))
    assert rows_of(found.table) == [("X", 0, 1), ("X", 15, 2)]
    assert rules_of(found) == ["duplicate"]


def test_two_numbers_of_one_point_may_not_contradict_each_other():
    known = KnownPoints([Point("home", CONSUMPTION, "X")])
    assert refused(block([1]), block([2], point="home"), known=known) == [("contradiction", 0)]


def test_shares_and_registers_come_beside_the_readings():
    read = RegisterRead(SeriesName("X", CONSUMPTION, "1.8.0"), START, 5)
    found = assemble(block([3]), block([2], role=SeriesRole.ALLOCATED), read)
    assert rows_of(found.table) == [("X", 0, 3)]
    assert rows_of(found.shares[SeriesRole.ALLOCATED]) == [("X", 0, 2)]
    assert found.registers == (read,)


def test_many_small_blocks_become_what_one_large_one_is():
    energies = list(range(1, 1001))
    small = [
        block([energy], start=START + place * QUARTER, line=place) for place, energy in enumerate(energies)
    ]
    one, many = assemble(block(energies)).table, assemble(*reversed(small)).table
    assert many.energy.tolist() == one.energy.tolist()
    assert many.start_utc.tolist() == one.start_utc.tolist()


def test_a_pure_id_says_number_and_direction():
    for number, way in (("X", CONSUMPTION), ("X", FEED_IN), ("X-feed", CONSUMPTION)):
        assert split_pure_id(pure_id(number, way)) == (number, way)


def test_a_community_knows_which_pure_ids_may_be_its_own():
    known = KnownPoints([Point("home", CONSUMPTION, "X"), Point("roof", FEED_IN)])
    assert [known.fits(name) for name in ("home", "X", "X-E2", "roof", "Y", "X2")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
