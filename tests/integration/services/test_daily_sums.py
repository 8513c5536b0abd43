"""Sums by civil day, held against adding reading by reading."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from backend.adapters.intervals import ParquetIntervals
from backend.metering import Quality, ReadingTable
from backend.ports import ReadingLoad
from backend.quantities import PeriodCalendar, SettlementPeriod
from backend.services.daily_sums import daily_sums

POINTS = ("a", "b", "c")


def load(number, table):
    return ReadingLoad(f"{number:064}", "toits", number, ("x",), "0x", "0x", len(table))


def table_of(starts, energy, quality):
    count = len(starts)
    return ReadingTable(
        POINTS,
        np.repeat(np.arange(3, dtype=np.int32), count),
        np.tile(np.asarray(starts, np.int64), 3),
        energy.ravel(),
        quality.ravel(),
        15,
    )


@pytest.mark.parametrize("zone", ["Europe/Paris", "Atlantic/Azores", "Europe/Moscow"])
def test_days_of_23_and_25_hours_and_several_months_are_summed_exactly(tmp_path, zone):
    calendar = PeriodCalendar(SettlementPeriod(date(2019, 3, 20), date(2019, 11, 5)), zone, 15)
    draw = np.random.default_rng(3)
    starts = list(calendar.starts_utc())
    intervals = ParquetIntervals(tmp_path)
    energy = draw.integers(0, 2**40, (3, len(starts)))
    quality = draw.choice(np.array([0, 1, 3], np.uint8), (3, len(starts)))
    energy[quality == Quality.MISSING] = 0
    intervals.add_readings(
        load(1, table_of(starts, energy + 1, quality * 0)), table_of(starts, energy + 1, quality * 0)
    )
    intervals.add_readings(load(2, table_of(starts, energy, quality)), table_of(starts, energy, quality))
    found = daily_sums(intervals, "toits", POINTS, calendar)
    assert 92 in calendar.intervals_per_day or zone == "Europe/Moscow"
    for day, (first, count) in enumerate(zip(calendar.day_offsets, calendar.intervals_per_day, strict=False)):
        for point in range(3):
            inside = slice(first, first + count)
            expected = sum(Fraction(int(value)) for value in energy[point, inside])
            assert found.energy[point, day] == expected
            assert found.known[point, day] == int(np.count_nonzero(quality[point, inside] != Quality.MISSING))


def test_days_without_readings_are_zero_and_known_as_such(tmp_path):
    calendar = PeriodCalendar(SettlementPeriod.from_month("2024-12"), "Europe/Paris", 15)
    found = daily_sums(ParquetIntervals(tmp_path), "toits", POINTS, calendar)
    assert found.energy.shape == (3, 31)
    assert not found.energy.any()
    assert not found.known.any()
