from __future__ import annotations

from datetime import date

import numpy as np

from backend.billing import bands_of, sum_by_band
from backend.community import PriceWindow, Tariff
from backend.quantities import PeriodCalendar, SettlementPeriod

NIGHT_AND_DAY = Tariff(
    0,
    (160_000, 250_000),
    (PriceWindow(0, 180, 0), PriceWindow(180, 1320, 1), PriceWindow(1320, 1440, 0)),
    0,
    0,
)


def bands_on(day):
    period = SettlementPeriod(day, date.fromordinal(day.toordinal() + 1))
    return bands_of(PeriodCalendar(period, "Europe/Paris", 30), NIGHT_AND_DAY).tolist()


def test_bands_follow_the_local_clock():
    bands = bands_on(date(2017, 6, 1))
    assert (bands[:6], bands[6:44], bands[44:]) == ([0] * 6, [1] * 38, [0] * 4)


def test_the_hour_that_spring_skips_shortens_the_night():
    bands = bands_on(date(2017, 3, 26))
    assert (len(bands), bands[:4], bands[4]) == (46, [0] * 4, 1)


def test_the_hour_that_autumn_repeats_repeats_its_band():
    bands = bands_on(date(2017, 10, 29))
    assert (len(bands), bands[:8], bands[8]) == (50, [0] * 8, 1)


def test_sums_per_band_are_exact_beyond_sixty_four_bits():
    values = np.full((2, 2000), 2**53 - 1, dtype=np.int64)
    bands = np.zeros(2000, dtype=np.uint8)
    bands[1500:] = 3
    assert sum_by_band(values, bands) == [(1500 * (2**53 - 1), 0, 0, 500 * (2**53 - 1))] * 2


def test_every_minute_has_the_band_that_the_tariff_names():
    day = date(2017, 6, 1)
    calendar = PeriodCalendar(SettlementPeriod(day, date(2017, 6, 2)), "Europe/Paris", 1)
    assert bands_of(calendar, NIGHT_AND_DAY).tolist() == [
        NIGHT_AND_DAY.band_at(minute) for minute in range(1440)
    ]
