"""Naive stamps of wall clocks become instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from backend.metering.local_time import resolve_local, resolve_local_ends, utc_offset

PARIS = ZoneInfo("Europe/Paris")
HOUR = 3600
QUARTER = 900


def wall(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def walls_of(zone: ZoneInfo, starts: np.ndarray) -> np.ndarray:
    return np.array([start + utc_offset(zone, start) for start in starts.tolist()], np.int64)


def day_of(zone: ZoneInfo, date: str, step: int = QUARTER) -> np.ndarray:
    first = int(datetime.fromisoformat(date).replace(tzinfo=zone).timestamp())
    after = datetime.fromisoformat(date) + timedelta(days=1)
    return np.arange(first, int(after.replace(tzinfo=zone).timestamp()), step, dtype=np.int64)


@pytest.mark.parametrize(("date", "count"), [("2024-10-27", 100), ("2024-03-31", 92), ("2024-06-01", 96)])
def test_a_day_of_any_length_is_read_from_its_walls_in_either_order(date, count):
    starts = day_of(PARIS, date)
    walls = walls_of(PARIS, starts)
    assert len(starts) == count
    for turn in (slice(None), slice(None, None, -1)):
        found = resolve_local(walls[turn], PARIS)
        assert found.start_utc.tolist() == starts[turn].tolist()
        assert not found.absent.any()
        assert not found.uncertain.any()
        assert np.count_nonzero(found.doubled) == (8 if count == 100 else 0)


def test_pairs_of_doubled_stamps_side_by_side_are_told_apart():
    starts = day_of(PARIS, "2024-10-27")
    walls = walls_of(PARIS, starts)
    order = np.lexsort((starts, walls))
    assert resolve_local(walls[order], PARIS).start_utc.tolist() == starts[order].tolist()


def test_a_reading_that_one_run_lacks_does_not_shift_the_other():
    starts = np.delete(day_of(PARIS, "2024-10-27"), 9)
    assert resolve_local(walls_of(PARIS, starts), PARIS).start_utc.tolist() == starts.tolist()


def test_a_doubled_hour_that_is_there_once_is_placed_by_the_neighbour_it_joins():
    starts = day_of(PARIS, "2024-10-27")
    for kept in (starts[:12], starts[12:]):
        found = resolve_local(walls_of(PARIS, kept), PARIS)
        assert found.start_utc.tolist() == kept.tolist()
        assert not found.uncertain.any()


def test_a_doubled_hour_that_is_there_once_between_both_neighbours_is_uncertain():
    starts = np.delete(day_of(PARIS, "2024-10-27"), slice(12, 16))
    found = resolve_local(walls_of(PARIS, starts), PARIS)
    assert np.flatnonzero(found.uncertain).tolist() == [8, 9, 10, 11]
    assert found.start_utc.tolist() == starts.tolist()


def test_a_stamp_within_the_hour_that_never_was_is_absent():
    found = resolve_local(np.array([wall("2024-03-31T01:45"), wall("2024-03-31T02:30")]), PARIS)
    assert found.absent.tolist() == [False, True]
    assert found.start_utc[0] == instant("2024-03-31T00:45Z")


def test_lord_howe_doubles_half_an_hour():
    zone = ZoneInfo("Australia/Lord_Howe")
    starts = day_of(zone, "2024-04-07", 1800)
    assert len(starts) == 49
    found = resolve_local(walls_of(zone, starts), zone)
    assert found.start_utc.tolist() == starts.tolist()
    assert np.count_nonzero(found.doubled) == 2


@pytest.mark.parametrize("date", ["2024-10-27", "2024-03-31"])
@pytest.mark.parametrize("step", [300, 600, 900, 1800, 3600])
def test_stamps_of_ends_are_read_whether_a_clock_or_a_sum_made_them(date, step):
    starts = day_of(PARIS, date, step)
    for ends in (walls_of(PARIS, starts + step), walls_of(PARIS, starts) + step):
        for turn in (slice(None), slice(None, None, -1)):
            found = resolve_local_ends(ends[turn], step, PARIS)
            assert found.start_utc.tolist() == starts[turn].tolist()
            assert not found.absent.any()


def test_a_stamp_far_outside_is_refused():
    with pytest.raises(ValueError, match="outside 1970 to 2199"):
        resolve_local(np.array([2**40]), PARIS)


def test_nothing_resolves_to_nothing():
    assert len(resolve_local(np.empty(0, np.int64), PARIS).start_utc) == 0
    assert len(resolve_local_ends(np.empty(0, np.int64), 900, PARIS).start_utc) == 0
