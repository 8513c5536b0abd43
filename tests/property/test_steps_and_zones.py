"""Steps and clocks: whatever the zone and the step, each instant is found again and no milliwatt-hour is lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.metering import Quality
from backend.metering.local_time import resolve_local, resolve_local_ends
from backend.metering.resampling import Intervals, resample

# Every zone of Europe that the tz database names by city, and the outlying parts of its countries.
# fmt: off
EUROPE = [
    "Africa/Ceuta", "Arctic/Longyearbyen", "Asia/Famagusta", "Asia/Nicosia", "Atlantic/Azores",
    "Atlantic/Canary", "Atlantic/Faroe", "Atlantic/Madeira", "Atlantic/Reykjavik", "Europe/Amsterdam",
    "Europe/Andorra", "Europe/Athens", "Europe/Belgrade", "Europe/Berlin", "Europe/Bratislava",
    "Europe/Brussels", "Europe/Bucharest", "Europe/Budapest", "Europe/Busingen", "Europe/Chisinau",
    "Europe/Copenhagen", "Europe/Dublin", "Europe/Gibraltar", "Europe/Guernsey", "Europe/Helsinki",
    "Europe/Isle_of_Man", "Europe/Istanbul", "Europe/Jersey", "Europe/Kyiv", "Europe/Lisbon",
    "Europe/Ljubljana", "Europe/London", "Europe/Luxembourg", "Europe/Madrid", "Europe/Malta",
    "Europe/Mariehamn", "Europe/Minsk", "Europe/Monaco", "Europe/Moscow", "Europe/Oslo", "Europe/Paris",
    "Europe/Podgorica", "Europe/Prague", "Europe/Riga", "Europe/Rome", "Europe/San_Marino", "Europe/Sarajevo",
    "Europe/Skopje", "Europe/Sofia", "Europe/Stockholm", "Europe/Tallinn", "Europe/Tirane", "Europe/Vaduz",
    "Europe/Vatican", "Europe/Vienna", "Europe/Vilnius", "Europe/Warsaw", "Europe/Zagreb", "Europe/Zurich",
    "Asia/Tbilisi", "Asia/Yerevan", "Asia/Baku", "America/Nuuk", "Australia/Lord_Howe", "Australia/Brisbane",
    "Asia/Kolkata",
]
# fmt: on
QUARTER = 900
STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


def day_starts(zone: ZoneInfo, first: date, days: int, step: int) -> np.ndarray:
    midnight, until = (
        int(datetime.combine(day, datetime.min.time(), zone).timestamp())
        for day in (first, first + timedelta(days=days))
    )
    return np.arange(midnight, until, step, dtype=np.int64)


def walls_of(zone: ZoneInfo, starts: np.ndarray) -> np.ndarray:
    """What a clock shows, by the library's own conversion: independent of how walls are resolved."""
    return np.array(
        [
            int(datetime.fromtimestamp(start, zone).replace(tzinfo=UTC).timestamp())
            for start in starts.tolist()
        ],
        np.int64,
    )


def change_days(zone: ZoneInfo, year: int) -> list[date]:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    noon = [datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() for day in days]
    return [day for day, before, after in zip(days[1:], noon, noon[1:], strict=False) if before != after]


@pytest.mark.parametrize("name", EUROPE)
def test_every_day_of_change_from_2020_to_2040_is_read_from_its_walls(name):
    zone = ZoneInfo(name)
    for year in range(2020, 2041):
        for day in change_days(zone, year):
            starts = day_starts(zone, day - timedelta(days=1), 3, QUARTER)
            walls = walls_of(zone, starts)
            found = resolve_local(walls, zone)
            assert found.start_utc.tolist() == starts.tolist(), (name, day)
            assert not found.absent.any()
            assert not found.uncertain.any()
            more = len(starts) - 3 * 96
            assert more in (-4, -2, 2, 4)
            assert np.count_nonzero(found.doubled) == max(2 * more, 0), (name, day)
            ends = walls_of(zone, starts + QUARTER)
            assert resolve_local_ends(ends, QUARTER, zone).start_utc.tolist() == starts.tolist(), (name, day)


def test_zones_of_the_union_change_twice_a_year_and_others_never():
    for name, times in (
        ("Europe/Paris", 42),
        ("Europe/London", 42),
        ("Europe/Istanbul", 0),
        ("Asia/Kolkata", 0),
    ):
        assert sum(len(change_days(ZoneInfo(name), year)) for year in range(2020, 2041)) == times, name


@given(
    name=st.sampled_from(EUROPE),
    first=st.dates(date(2020, 1, 1), date(2040, 12, 28)),
    step=st.sampled_from(STEPS),
    descending=st.booleans(),
    ends=st.sampled_from(["start", "clock", "sum"]),
)
@settings(max_examples=150, deadline=None)
def test_any_days_in_any_zone_are_read_from_starts_or_ends(name, first, step, descending, ends):
    zone = ZoneInfo(name)
    seconds = step * 60
    starts = day_starts(zone, first, 2, seconds)
    if ends == "start":
        walls = walls_of(zone, starts)
    elif ends == "clock":
        walls = walls_of(zone, starts + seconds)
    else:
        walls = walls_of(zone, starts) + seconds
    turn = slice(None, None, -1) if descending else slice(None)
    found = (
        resolve_local(walls[turn], zone)
        if ends == "start"
        else resolve_local_ends(walls[turn], seconds, zone)
    )
    assert found.start_utc.tolist() == starts[turn].tolist()
    assert not found.absent.any()


@st.composite
def mixed_series(draw) -> Intervals:
    """Whole hours, each of some step, some of them absent; every step of the clock's is there."""
    hours = draw(st.lists(st.sampled_from((0, *STEPS)), min_size=1, max_size=12))
    start, seconds = [], []
    for hour, step in enumerate(hours):
        for minute in range(0, 60, step) if step else ():
            start.append(hour * 3600 + minute * 60)
            seconds.append(step * 60)
    count = len(start)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    energy = random.integers(0, draw(st.sampled_from((2, 1000, 2**50))), count)
    quality = random.choice(4, count, p=(0.7, 0.1, 0.1, 0.1)).astype(np.uint8)
    energy[quality == Quality.MISSING] = 0
    code = random.integers(0, 3, count).astype(np.int32)
    return Intervals(
        np.array(start, np.int64), np.array(seconds, np.int64), energy, quality, code, ("", "A", "S52")
    )


@given(source=mixed_series(), step=st.sampled_from(STEPS))
@settings(max_examples=300, deadline=None)
def test_resampling_loses_no_milliwatt_hour_and_no_gap(source, step):
    seconds = step * 60
    found = resample(source, seconds)
    assert not len(found.incomplete_utc), "whole hours are covered by every step"
    kept = found.intervals
    assert bool(np.all(kept.seconds == seconds))
    assert bool(np.all(np.diff(kept.start_utc) >= seconds))
    for hour in range(12):
        of_source = (source.start_utc // 3600) == hour
        of_kept = (kept.start_utc // 3600) == hour
        assert np.count_nonzero(of_kept) == (60 // step if of_source.any() else 0)
        lost = bool(np.any(source.quality[of_source] == Quality.MISSING))
        if not lost:
            assert int(kept.energy[of_kept].sum()) == int(source.energy[of_source].sum())
    for start, quality, energy in zip(
        kept.start_utc.tolist(), kept.quality.tolist(), kept.energy.tolist(), strict=True
    ):
        touched = (source.start_utc < start + seconds) & (source.start_utc + source.seconds > start)
        whole = (source.start_utc >= start) & (source.start_utc + source.seconds <= start + seconds)
        if Quality.MISSING in source.quality[touched]:
            assert quality == Quality.MISSING
            assert energy == 0
        elif not np.array_equal(touched, whole):
            assert quality == Quality.ESTIMATED
        else:
            assert energy == int(source.energy[whole].sum())
            assert (quality == Quality.MEASURED) == bool(np.all(source.quality[whole] == Quality.MEASURED))


@given(source=mixed_series(), finer=st.sampled_from(STEPS), coarser=st.sampled_from(STEPS))
@settings(max_examples=150, deadline=None)
def test_there_and_back_again_is_what_it_was(source, finer, coarser):
    if coarser % finer:
        return
    direct = resample(source, coarser * 60).intervals
    around = resample(resample(source, finer * 60).intervals, coarser * 60).intervals
    known = direct.quality != Quality.MISSING
    assert around.start_utc.tolist() == direct.start_utc.tolist()
    assert around.energy[known].tolist() == direct.energy[known].tolist()
