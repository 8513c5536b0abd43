from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backend.errors import InputError
from ml.solar.faults import FaultKind, SolarFault, find_faults
from ml.solar.rows import Course
from tests.unit.ml.solar.measured_plants import DAY, course, measured

ROOFS = (1, 2, 5, 8, 9, 13)
HOUR = 3600


def _neighbours(home: int) -> list[Course]:
    return [course(other) for other in ROOFS if other != home]


def _found(home: int, power: np.ndarray, kind: FaultKind) -> list[SolarFault]:
    faults = find_faults(replace(course(home), power=power), _neighbours(home))
    return [fault for fault in faults if fault.kind is kind]


def _changed(home: int, day: int, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    power = course(home).power.copy()
    power[day * 24 :] = change(power[day * 24 :])
    return power


def _days_off(fault: SolarFault, home: int, day: int) -> float:
    return abs(fault.start_utc - (course(home).start_utc + day * DAY)) / DAY


def test_the_days_on_which_a_measured_roof_gave_nothing_are_found():
    dead = [fault for fault in find_faults(course(7), _neighbours(7)) if fault.kind is FaultKind.DEAD]
    assert [(fault.days, fault.confidence) for fault in dead] == [(8, 1.0)]
    assert "8 of them bright for its neighbours" in dead[0].reason


def test_a_roof_whose_sun_is_recorded_elsewhere_is_found_dead_on_all_its_dark_days():
    made = measured(15).values
    faults = find_faults(replace(course(13), power=made), _neighbours(13))
    dead = [fault for fault in faults if fault.kind is FaultKind.DEAD]
    by_day = np.nansum(made[1 : 1 + 24 * 364].reshape(-1, 24), axis=1)
    assert sum(fault.days for fault in dead) >= (by_day == 0).sum() > 230


@pytest.mark.parametrize("home", [2, 9])
def test_a_healthy_roof_raises_no_alarm_of_a_string_or_an_outage(home: int):
    kinds = {fault.kind for fault in find_faults(course(home), _neighbours(home))}
    assert not kinds & {FaultKind.STRING, FaultKind.DEAD, FaultKind.CLOCK, FaultKind.CLIPPING, FaultKind.SNOW}


@pytest.mark.parametrize(("home", "day"), [(2, 60), (9, 250)])
def test_a_broken_string_is_found_on_its_day_with_its_share(home: int, day: int):
    found = _found(home, _changed(home, day, lambda power: power * 0.75), FaultKind.STRING)
    assert len(found) == 1
    assert _days_off(found[0], home, day) <= 3
    assert found[0].size == pytest.approx(0.25, abs=0.06)


def test_five_days_without_production_are_found_and_freezing_ones_are_snow():
    power = course(9).power.copy()
    power[100 * 24 : 105 * 24] = 0.0
    found = _found(9, power, FaultKind.DEAD)
    assert len(found) == 1
    assert _days_off(found[0], 9, 100) <= 1
    cold = np.full(len(power), -3.0)
    kinds = {fault.kind for fault in find_faults(replace(course(9), power=power), _neighbours(9), air=cold)}
    assert FaultKind.SNOW in kinds
    assert FaultKind.DEAD not in kinds


def test_dust_is_found_by_its_rate_and_rain_ends_it():
    power = course(9).power.copy()
    power[50 * 24 : 100 * 24] *= np.repeat(1 - 0.003 * np.arange(50), 24)
    found = _found(9, power, FaultKind.SOILING)
    assert found
    assert found[0].size == pytest.approx(0.003, abs=0.0012)
    assert _days_off(found[0], 9, 50) <= 12


def test_a_clock_that_is_set_wrong_is_found_on_its_day():
    found = _found(5, _changed(5, 80, lambda power: np.roll(power, 1)), FaultKind.CLOCK)
    assert len(found) == 1
    assert _days_off(found[0], 5, 80) <= 4
    assert found[0].size == pytest.approx(1.0, abs=0.35)


def test_civil_stamps_that_are_taken_for_standard_time_jump_where_daylight_saving_ends():
    plain = course(1)
    wall = measured(1).values
    autumn = 97 * 24
    mistaken = np.concatenate([wall[:autumn], wall[autumn + 1 :], [np.nan]])
    found = find_faults(replace(plain, power=mistaken), _neighbours(1))
    assert any(
        fault.kind is FaultKind.CLOCK and _days_off(fault, 1, 97) <= 4 and fault.size < -0.6
        for fault in found
    )


def test_clipping_is_found():
    power = np.minimum(course(8).power, 0.6 * np.nanmax(course(8).power))
    assert len(_found(8, power, FaultKind.CLIPPING)) == 1


def test_neighbours_of_other_days_are_refused():
    other = replace(course(2), start_utc=course(2).start_utc + 9 * DAY)
    with pytest.raises(InputError, match="over the same time"):
        find_faults(course(1), [other])
