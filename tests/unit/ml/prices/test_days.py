from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting import Series, Site
from ml.prices.days import price_days

HOUR, DAY = 3600, 86_400


def instant(text):
    return int(np.datetime64(text).astype("datetime64[s]").astype(np.int64))


def clock_prices(start, days, step=HOUR):
    """Prices that say which hour of the UTC clock it is."""
    count = days * DAY // step
    return Series(instant(start), step, (np.arange(count) * step // HOUR % 24).astype(float))


def test_days_are_civil_ones_and_begin_with_the_first_whole_one():
    series = clock_prices("2021-01-01", 20)
    days = price_days(series, Site("Europe/Vienna"), (), series.end_utc, 0)
    assert days.day_of[:24].tolist() == [-1] * 23 + [0]
    assert days.prices[0].tolist() == [23.0, *range(23)]
    assert days.weekday[0] == 5  # 2 January 2021


def test_the_hour_that_a_short_day_lacks_is_interpolated_and_the_doubled_one_averaged():
    spring = clock_prices("2021-03-20", 20)
    days = price_days(spring, Site("Europe/Vienna"), (), spring.end_utc, 0)
    row = int(days.day_of[spring.place(instant("2021-03-28T06:00"))])
    # 01:00 local is 00 UTC, 03:00 local is 01 UTC; 02:00 is none.
    assert days.prices[row, :5].tolist() == [23.0, 0.0, 0.5, 1.0, 2.0]
    assert days.whole[row]
    autumn = clock_prices("2021-10-20", 20)
    days = price_days(autumn, Site("Europe/Vienna"), (), autumn.end_utc, 0)
    row = int(days.day_of[autumn.place(instant("2021-10-31T06:00"))])
    assert days.prices[row, :4].tolist() == [22.0, 23.0, 0.5, 2.0]


def test_long_gaps_are_filled_from_the_week_before_and_never_learned_from(nord_pool):
    values = nord_pool.values.copy()
    values[24 * 10 + 3 : 24 * 10 + 5] = np.nan
    values[24 * 20 + 3 : 24 * 20 + 9] = np.nan
    days = price_days(replace(nord_pool, values=values), Site(), (), nord_pool.end_utc, 0)
    assert days.whole[10]
    assert not days.whole[20]
    before, after = values[24 * 10 + 2], values[24 * 10 + 5]
    assert days.prices[10, 3] == pytest.approx(before + (after - before) / 3)
    assert days.prices[20, 3:9].tolist() == values[24 * 13 + 3 : 24 * 13 + 9].tolist()
    assert 20 not in days.learnable(50, 40)
    assert 21 in days.learnable(50, 40)


def test_quarter_hours_are_kept_beside_the_means_of_their_hours():
    series = clock_prices("2021-01-01", 10, 900)
    values = series.values + np.tile([0.0, 1.0, 2.0, 5.0], 240)
    days = price_days(replace(series, values=values), Site(), (), series.end_utc, 0)
    assert days.parts.shape == (10, 24, 4)
    assert days.parts[3, 7].tolist() == [7.0, 8.0, 9.0, 12.0]
    assert days.prices[3, 7] == 9.0


def test_what_is_unknown_ahead_repeats_the_week_before_and_is_said_to_be_absent(nord_pool):
    days = price_days(nord_pool, Site(), ("load", "wind"), nord_pool.end_utc, 48)
    assert not days.given[-2:].any()
    assert days.inputs[-1].tolist() == days.inputs[-8].tolist()
    assert days.known == len(days) - 2
    assert (days.prices[-2:] == 0).all()


def test_a_history_of_less_than_a_week_is_refused(nord_pool):
    short = replace(nord_pool, values=nord_pool.values[: 24 * 6])
    with pytest.raises(InputError, match="144 prices before the origin"):
        price_days(short, Site(), (), short.end_utc, 24)


def test_an_input_that_is_absent_is_named(nord_pool):
    with pytest.raises(InputError, match=r"'gas'.*load, wind"):
        price_days(nord_pool, Site(), ("gas",), nord_pool.end_utc, 24)


def test_a_gap_up_to_midnight_is_not_filled_with_what_came_after_it(nord_pool):
    values = nord_pool.values.copy()
    values[24 * 10 - 2 : 24 * 10 + 1] = np.nan
    early = price_days(replace(nord_pool, values=values), Site(), (), nord_pool.end_utc, 0).prices[9]
    values[24 * 10 + 1 :] += 50
    late = price_days(replace(nord_pool, values=values), Site(), (), nord_pool.end_utc, 0).prices[9]
    assert early.tolist() == late.tolist()
    assert early[-2:].tolist() == [values[24 * 10 - 3]] * 2
