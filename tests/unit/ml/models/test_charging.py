from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from backend.errors import InputError
from backend.forecasting.charging import Sessions
from backend.forecasting.session_rows import read_sessions
from ml.evaluation.benches.charging import NORWAY, judge_garage
from ml.evaluation.benches.session_files import read_session_file
from ml.models.charging import ChargingForecast, ChargingModel, FittedCharging
from ml.operation.registry import pack_model, unpack_model

# Garage Bl2 of Sørensen et al. 2021, CC BY 4.0: charging_bl2/SOURCE.md.
FILE = Path(__file__).parent / "charging_bl2" / "sessions.csv.gz"
DAY = 86400
UNTIL = int(datetime(2019, 9, 20, tzinfo=ZoneInfo("Europe/Oslo")).timestamp())
SMALL = ChargingModel(courses=100)


@pytest.fixture(scope="module")
def garage() -> Sessions:
    return read_session_file(FILE)["Bl2"]


@pytest.fixture(scope="module")
def fitted(garage: Sessions) -> FittedCharging:
    return SMALL.fit(garage, NORWAY, UNTIL)


def same(one: ChargingForecast, other: ChargingForecast) -> bool:
    pairs = ((one.energy, other.energy), (one.cars, other.cars))
    return all(np.array_equal(mine.quantiles, theirs.quantiles) for mine, theirs in pairs)


def disturbed(sessions: Sessions, instant: int) -> Sessions:
    """Later sessions gone, and what was not over at the instant ended otherwise."""
    begun = sessions.rows(np.flatnonzero(sessions.arrived_utc < instant))
    later = begun.left_utc > instant
    return Sessions(
        begun.arrived_utc,
        np.where(later, instant + 9 * DAY, begun.left_utc),
        np.where(later, 77.0, begun.energy),
        begun.user,
    )


def test_a_measured_garage_is_forecast_better_than_by_the_week_before_and_by_four_weeks_spread(garage):
    judged, _ = judge_garage(garage, UNTIL, UNTIL + 30 * DAY)
    for one in judged:
        assert one.ours < 0.85 * one.week
        assert one.ours < 0.97 * one.spread
        assert 0.68 < one.inside < 0.92


def test_nothing_after_the_origin_changes_a_forecast(garage, fitted):
    origin = UNTIL + 3 * DAY + 20 * 3600
    told = fitted.forecast(disturbed(garage, origin), origin, 48)
    assert same(told, fitted.forecast(garage, origin, 48))


def test_nothing_after_the_end_of_learning_changes_the_model(garage, fitted):
    again: Any = SMALL.fit(disturbed(garage, UNTIL), NORWAY, UNTIL)
    kept: Any = fitted
    assert pack_model(again) == pack_model(kept)


def test_a_kept_model_forecasts_the_same_to_the_last_bit(garage, fitted):
    kept: Any = fitted
    read: Any = unpack_model(pack_model(kept))
    assert same(read.forecast(garage, UNTIL, 24), fitted.forecast(garage, UNTIL, 24))


def test_another_seed_simulates_other_courses_of_the_same_garage(garage, fitted):
    other = replace(fitted, settings=replace(SMALL, seed=1))
    mine, theirs = (one.forecast(garage, UNTIL, 24).energy.mean.sum() for one in (fitted, other))
    assert mine != theirs
    assert theirs == pytest.approx(mine, rel=0.2)


def test_quarter_hours_and_seven_days_are_forecast_and_are_never_negative(garage):
    made = ChargingModel(courses=30).fit(garage, NORWAY, UNTIL, 900).forecast(garage, UNTIL, 7 * 96)
    assert made.energy.quantiles.shape == (11, 672)
    assert made.energy.quantiles.min() >= 0
    assert (made.energy.unit, made.cars.unit) == ("kWh", "cars")
    hourly = ChargingModel(courses=30).fit(garage, NORWAY, UNTIL).forecast(garage, UNTIL, 7 * 24)
    assert made.energy.mean.sum() == pytest.approx(hourly.energy.mean.sum(), rel=0.2)


def test_cars_that_are_there_stay_and_charge_on(garage, fitted):
    known = garage.known_at(UNTIL)
    gone = known.rows(np.flatnonzero(known.left_utc >= 0))
    more = 6
    arrived = np.full(more, UNTIL - 900, dtype=np.int64)
    full = Sessions(
        np.concatenate([gone.arrived_utc, arrived]),
        np.concatenate([gone.left_utc, np.full(more, -1)]),
        np.concatenate([gone.energy, np.full(more, np.nan)]),
        np.concatenate([gone.user, np.arange(more)]),
    )
    nobody, six = (fitted.forecast(one, UNTIL, 24) for one in (gone, full))
    assert six.cars.mean[0] > nobody.cars.mean[0] + 4
    assert six.energy.mean[:4].sum() > nobody.energy.mean[:4].sum() + 10


def test_a_garage_that_grows_is_forecast_by_how_many_came_of_late(garage, fitted):
    late = garage.arrived_utc > UNTIL - 14 * DAY
    doubled = np.sort(np.concatenate([np.arange(len(garage)), np.flatnonzero(late)]))
    more = fitted.forecast(garage.rows(doubled), UNTIL, 24).energy.mean.sum()
    assert more > 1.3 * fitted.forecast(garage, UNTIL, 24).energy.mean.sum()


def test_too_few_sessions_are_refused_with_what_is_needed(garage):
    with pytest.raises(InputError, match="50 of 28 days"):
        SMALL.fit(garage.rows(np.arange(20)), NORWAY, UNTIL)
    with pytest.raises(InputError, match="0 sessions"):
        SMALL.fit(garage.rows(np.arange(0)), NORWAY, UNTIL)


@pytest.mark.parametrize(("off", "length"), [(7, 24), (0, 8 * 24), (0, 0)])
def test_origins_off_the_grid_and_eight_days_are_refused(garage, fitted, off, length):
    with pytest.raises(InputError, match="on the grid"):
        fitted.forecast(garage, UNTIL + off, length)


HEAD = "location;user_id;session_id;plugin_time;plugout_time;connection_time;energy_session"


def test_decimal_commas_local_time_and_unknown_ends_are_read():
    found = read_sessions(
        [
            HEAD,
            '"ASK";"b";"1";2019-07-01 20:00:00;2019-07-02 08:00:00;12;9,5',
            '"ASK";"a";"2";2019-01-01 20:00:00;2019-01-01 21:30:00;1,5;3',
            '"ASK";"a";"3";2019-08-01 20:00:00;NA;NA;3',
        ]
    )
    sessions = found["ASK"]
    assert sessions.arrived_utc.tolist() == [1546369200, 1562004000]
    assert sessions.energy.tolist() == [3.0, 9.5]
    assert sessions.user.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["a;b"], "needed are .*; or location"),
        ([HEAD, "A;u;1;yesterday;2019-01-01 21:30:00;1;3"], "line 2 cannot be read"),
    ],
)
def test_files_that_are_no_sessions_are_refused(lines, word):
    with pytest.raises(InputError, match=word):
        read_sessions(lines)
