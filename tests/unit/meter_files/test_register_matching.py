"""Register reads of a file get our ids, are split between who followed whom, and are refused where nobody is known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from backend.adapters.meter_files.faults import FaultCollector
from backend.adapters.meter_files.register_matching import match_registers
from backend.errors import ReadingsError
from backend.metering.known_points import KnownPoints
from backend.metering.points import CONSUMPTION, FEED_IN
from backend.metering.source_series import RegisterRead, SeriesName

JULY = int(datetime(2024, 7, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Point:
    id: str
    direction: int = CONSUMPTION
    external_id: str | None = None
    valid_from: date | None = None


def read(instant: int, value: int = 1, number: str = "X", way: int = CONSUMPTION) -> RegisterRead:
    return RegisterRead(SeriesName(number, way, "1.8.0"), instant, value, "METER", "A", 7)


def matched(
    *reads: RegisterRead, points: list[Point], told: tuple[tuple[str, int], ...] = ()
) -> list[tuple[str, int]]:
    found = match_registers(reads, KnownPoints(points, "UTC"), FaultCollector("file"), told)
    return [(one.series.external_id, one.instant_utc) for one in found]


def test_a_number_becomes_the_point_of_its_direction() -> None:
    points = [Point("home", CONSUMPTION, "X"), Point("roof", FEED_IN, "X")]
    assert matched(read(1), read(2, way=FEED_IN), points=points) == [("home", 1), ("roof", 2)]


def test_what_a_meter_showed_at_the_handover_is_of_both() -> None:
    points = [Point("old", external_id="X"), Point("new", external_id="X", valid_from=date(2024, 7, 1))]
    found = matched(read(JULY - 1), read(JULY), read(JULY + 1), points=points)
    assert found == [("old", JULY - 1), ("old", JULY), ("new", JULY), ("new", JULY + 1)]


def test_a_direction_that_nobody_has_is_left_aside_with_a_warning() -> None:
    faults = FaultCollector("file")
    known = KnownPoints([Point("home", CONSUMPTION, "X")])
    assert match_registers([read(1, way=FEED_IN)], known, faults) == ()
    (told,) = faults.told()
    assert (told.rule, told.line) == ("other-direction", 7)
    assert "register reads of feed-in" in told.message
    silent = FaultCollector("file")
    assert match_registers([read(1, way=FEED_IN)], known, silent, [("X", FEED_IN)]) == ()
    assert not silent.told()


def test_an_unknown_number_is_refused_once() -> None:
    faults = FaultCollector("file")
    match_registers([read(1), read(2), read(3, way=FEED_IN)], KnownPoints([Point("home")]), faults)
    assert [finding.rule for finding in faults.told()] == ["unknown-point"]
    again = FaultCollector("file")
    match_registers([read(1)], KnownPoints([Point("home")]), again, [("X", CONSUMPTION)])
    assert not again.refused  # its intervals were refused already


@pytest.mark.parametrize("wrong", [read(-1), read(2**40), read(1, -1), read(1, 10**18)])
def test_what_no_register_shows_is_refused(wrong: RegisterRead) -> None:
    faults = FaultCollector("file")
    assert match_registers([wrong], None, faults) == ()
    with pytest.raises(ReadingsError, match="outside the years"):
        faults.stop_if_refused()


def test_without_a_community_reads_stay_as_they_are() -> None:
    assert match_registers([read(1)], None, FaultCollector("file")) == (read(1),)
