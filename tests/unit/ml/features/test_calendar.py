from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Site
from ml.features.calendar import calendar_of, knows_country, local_offsets, yearly_terms


def quarter_hours(first: datetime, days: int, step: int = 900):
    return int(first.timestamp()) + step * np.arange(days * 86400 // step)


def test_offsets_are_those_of_the_zone_on_every_quarter_hour_of_a_year():
    starts = quarter_hours(datetime(2024, 1, 1, tzinfo=UTC), 366)
    for zone in ("Europe/Vienna", "Australia/Melbourne", "Asia/Kolkata", "America/St_Johns"):
        told = local_offsets(starts, zone)
        for index in range(0, len(starts), 7):
            moment = datetime.fromtimestamp(int(starts[index]), UTC).astimezone(ZoneInfo(zone))
            offset = moment.utcoffset()
            assert offset is not None
            assert told[index] == offset.total_seconds()


def test_the_evening_keeps_its_slot_when_the_clock_changes():
    starts = quarter_hours(datetime(2024, 3, 30, 12, tzinfo=UTC), 2)
    calendar = calendar_of(starts, 900, Site("Europe/Paris"))
    evenings = [
        int(np.searchsorted(starts, datetime(2024, 3, day, 19, tzinfo=ZoneInfo("Europe/Paris")).timestamp()))
        for day in (30, 31)
    ]
    assert calendar.slot[evenings].tolist() == [76, 76]
    # The hour from two to three did not occur.
    sunday = calendar.slot[calendar.day == calendar.day[evenings[1]]]
    assert set(range(8, 12)).isdisjoint(sunday.tolist())
    assert calendar.slots == 96


def test_a_holiday_rests_and_the_friday_after_a_thursday_holiday_is_a_bridge():
    # Ascension Day 2024 was Thursday, 9 May.
    starts = quarter_hours(datetime(2024, 5, 6, tzinfo=UTC), 7, 3600)[::24]
    calendar = calendar_of(starts, 3600, Site("UTC", "FR"))
    assert calendar.weekday.tolist() == [0, 1, 2, 3, 4, 5, 6]
    # 8 May, Victory Day, is a holiday too.
    assert calendar.holiday.tolist() == [False, False, True, True, False, False, False]
    assert calendar.bridge.tolist() == [False, False, False, False, True, False, False]
    assert calendar.resting.tolist() == [False, False, True, True, False, True, True]
    assert calendar.since_holiday.tolist()[:5] == [4, 4, 0, 0, 1]
    assert calendar.until_holiday.tolist()[:5] == [2, 1, 0, 0, 4]
    # 1 May to 8 May, and from Ascension Day to Whit Monday on 20 May.
    assert calendar.holiday_gap.tolist() == [7, 7, 0, 0, 11, 11, 11]
    assert [calendar.names[one] for one in calendar.name[2:4]] == ["Victory Day", "Ascension Day"]


def test_a_part_of_a_country_has_holidays_of_its_own():
    cup_day = quarter_hours(datetime(2013, 11, 5, tzinfo=ZoneInfo("Australia/Melbourne")), 1, 1800)
    assert calendar_of(cup_day, 1800, Site("Australia/Melbourne", "AU", "VIC")).holiday.all()
    assert not calendar_of(cup_day, 1800, Site("Australia/Melbourne", "AU", "NSW")).holiday.any()


def test_a_country_that_is_not_known_has_no_holidays():
    starts = quarter_hours(datetime(2024, 12, 25, tzinfo=UTC), 1)
    calendar = calendar_of(starts, 900, Site("UTC", "ZZ"))
    assert not calendar.holiday.any()
    assert (calendar.since_holiday == 4).all()
    assert not knows_country("ZZ")
    assert knows_country("AU", "VIC")
    assert not knows_country("AU", "ZZ")


def test_a_time_zone_that_is_not_there_is_told():
    with pytest.raises(InputError, match="no time zone 'Mars/Olympus'"):
        local_offsets(np.array([0]), "Mars/Olympus")


def test_the_year_closes_on_itself():
    terms = yearly_terms(np.array([0.0, 1.0, 0.25]), 2)
    assert terms.shape == (3, 4)
    assert terms[0] == pytest.approx(terms[1])
    assert terms[2] == pytest.approx([1, 0, 0, -1], abs=1e-12)
