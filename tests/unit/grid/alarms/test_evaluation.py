"""Where alarms begin and end, how bad they get, and that pieces make no difference."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InputError
from backend.grid.alarms import (
    AlarmRule,
    AlarmSeverity,
    Carry,
    ElementKind,
    Measure,
    MeasureSeries,
    find_alarms,
)

QUARTER = 900
MONDAY = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())  # a Monday
RULE = AlarmRule("loaded", Measure.LOADING, ElementKind.TRANSFORMER, 100.0)


def series(
    *rows, measure=Measure.LOADING, kind=ElementKind.TRANSFORMER, start=MONDAY, zone="UTC", step=QUARTER
):
    values = np.array(rows, dtype=np.float64)
    return MeasureSeries(
        measure, kind, tuple(f"T{row}" for row in range(len(rows))), start, step, values, zone
    )


def spans(rule, told, carries=None):
    alarms, _ = find_alarms("net", rule, told, carries or {})
    return [
        (
            (alarm.begin_utc - MONDAY) // QUARTER,
            alarm.end_utc and (alarm.end_utc - MONDAY) // QUARTER,
            alarm.worst,
        )
        for alarm in alarms
    ]


def test_an_alarm_lasts_while_its_value_is_beyond_the_limit_and_tells_the_worst():
    assert spans(RULE, series([90, 101, 130, 110, 100, 90])) == [(1, 4, 130.0)]


def test_a_value_at_its_limit_does_not_alarm():
    assert spans(RULE, series([100.0, 100.0])) == []


def test_an_alarm_that_lasts_has_no_end():
    assert spans(RULE, series([90, 101])) == [(1, None, 101.0)]


def test_what_passes_soon_does_not_alarm_and_what_lasts_alarms_from_its_begin():
    rule = replace(RULE, for_seconds=2 * QUARTER)
    assert spans(rule, series([110, 90, 110, 120, 90])) == [(2, 4, 120.0)]


def test_a_value_that_hardly_falls_below_the_limit_ends_no_alarm():
    rule = replace(RULE, hysteresis=5.0)
    assert spans(rule, series([110, 98, 105, 96, 95, 99])) == [(0, 4, 110.0)]
    assert spans(RULE, series([110, 98, 105, 96])) == [(0, 1, 110.0), (2, 3, 105.0)]


def test_a_low_voltage_alarms_below_its_limit_and_its_worst_is_the_lowest():
    rule = AlarmRule("low", Measure.VOLTAGE_LOW, ElementKind.BUS, 0.9, hysteresis=0.01)
    told = series([0.95, 0.89, 0.85, 0.905, 0.91], measure=Measure.VOLTAGE_LOW, kind=ElementKind.BUS)
    assert spans(rule, told) == [(1, 4, 0.85)]


def test_silence_neither_ends_an_alarm_nor_lets_one_begin():
    rule = replace(RULE, for_seconds=2 * QUARTER)
    assert spans(rule, series([110, np.nan, 110, 110, np.nan, 90])) == [(2, 5, 110.0)]


def test_only_the_elements_of_a_rule_are_watched():
    rule = replace(RULE, elements=("T1",))
    alarms, _ = find_alarms("net", rule, series([110], [120]), {})
    assert [alarm.element for alarm in alarms] == ["T1"]


def test_another_kind_of_element_and_a_rule_out_of_force_alarm_nothing():
    told = series([110], kind=ElementKind.SEGMENT)
    assert find_alarms("net", RULE, told, {}) == ([], {})
    assert find_alarms("net", replace(RULE, is_enabled=False), series([110]), {}) == ([], {})


def test_hours_and_days_are_local_and_the_night_belongs_to_its_evening():
    rule = replace(RULE, weekdays=(0,), from_minute=23 * 60, to_minute=60)
    told = series(np.full(48, 110.0), start=MONDAY, zone="Europe/Paris", step=3600)
    alarms, _ = find_alarms("net", rule, told, {})
    # 23:00 to 01:00 in Paris is 22:00 to 00:00 UTC in winter; the hour after Sunday's midnight is Sunday's.
    begun_ended = [((alarm.begin_utc - MONDAY) / 3600, (alarm.end_utc or 0) - MONDAY) for alarm in alarms]
    assert begun_ended == [(22, 24 * 3600)]


def test_an_alarm_tells_rule_element_limit_and_unit_and_its_id_is_of_these_alone():
    rule = replace(RULE, severity=AlarmSeverity.CRITICAL)
    ((alarm,), _) = find_alarms("net", rule, series([110, 90]), {})
    assert (alarm.rule, alarm.element, alarm.limit, alarm.unit) == ("loaded", "T0", 100.0, "%")
    assert alarm.severity is AlarmSeverity.CRITICAL
    ((longer,), _) = find_alarms("net", replace(rule, limit=99.0), series([110, 120, 90]), {})
    ((other,), _) = find_alarms("other", rule, series([110, 90]), {})
    assert alarm.id == longer.id != other.id
    assert len(alarm.id) == 32


WEEK = AlarmRule("week", Measure.VUF, ElementKind.BUS, 2.0, tolerated_percent=5.0)
HOURS = 7 * 24


def week(beyond, known=HOURS, hours=HOURS, start=MONDAY, zone="UTC"):
    row = np.full(hours, np.nan)
    row[:known] = 1.0
    row[:beyond] = 2.5
    return series(row, measure=Measure.VUF, kind=ElementKind.BUS, start=start, zone=zone, step=3600)


def test_a_week_alarms_once_more_than_the_tolerated_part_of_it_is_beyond_the_limit():
    assert find_alarms("net", WEEK, week(8), {})[0] == []
    ((alarm,), carries) = find_alarms("net", WEEK, week(9), {})
    assert (alarm.begin_utc, alarm.end_utc, alarm.worst) == (MONDAY, MONDAY + HOURS * 3600, 2.5)
    assert carries == {}


def test_a_week_with_just_the_tolerated_part_beyond_the_limit_does_not_alarm():
    assert find_alarms("net", WEEK, week(8, known=160), {})[0] == []
    assert len(find_alarms("net", WEEK, week(8, known=159), {})[0]) == 1


def test_a_week_is_told_when_it_is_over_and_only_if_half_of_it_is_known():
    assert find_alarms("net", WEEK, week(100, hours=HOURS - 1), {})[0] == []
    assert find_alarms("net", WEEK, week(50, known=HOURS // 2 - 1), {})[0] == []
    assert len(find_alarms("net", WEEK, week(50, known=HOURS // 2), {})[0]) == 1


def test_the_week_in_which_the_clock_is_set_has_an_hour_less():
    begin = int(datetime(2024, 3, 24, 23, tzinfo=UTC).timestamp())  # Monday in Paris
    ((alarm,), _) = find_alarms(
        "net", WEEK, week(50, known=HOURS - 1, hours=HOURS - 1, start=begin, zone="Europe/Paris"), {}
    )
    assert alarm.end_utc == begin + (HOURS - 1) * 3600


VALUE = st.sampled_from([80.0, 97.0, 100.0, 101.0, 150.0, np.nan])


@given(
    st.lists(st.lists(VALUE, min_size=12, max_size=12), min_size=1, max_size=3),
    st.integers(0, 12),
    st.sampled_from([0, QUARTER, 3 * QUARTER]),
    st.sampled_from([0.0, 3.0]),
    st.booleans(),
)
def test_cutting_the_values_in_two_changes_no_alarm(rows, cut, lasting, back, at_night):
    rule = replace(RULE, for_seconds=lasting, hysteresis=back)
    if at_night:
        rule = replace(rule, from_minute=30, to_minute=120)
    whole = series(*rows)
    alarms, carries = find_alarms("net", rule, whole, {})
    first = replace(whole, values=whole.values[:, :cut])
    second = replace(whole, values=whole.values[:, cut:], start_utc=MONDAY + cut * QUARTER)
    early, kept = find_alarms("net", rule, first, {})
    kept = {element: Carry(**carry.as_dict()) for element, carry in kept.items()}
    late, left = find_alarms("net", rule, second, kept)
    assert {alarm.id: alarm for alarm in (*early, *late)} == {alarm.id: alarm for alarm in alarms}
    assert left == carries


@given(st.lists(st.sampled_from([1.0, 2.5, np.nan]), min_size=200, max_size=200), st.integers(0, 200))
def test_cutting_a_week_in_two_changes_no_alarm(row, cut):
    whole = series(np.array(row), measure=Measure.VUF, kind=ElementKind.BUS, step=3600)
    alarms, carries = find_alarms("net", WEEK, whole, {})
    early, kept = find_alarms("net", WEEK, replace(whole, values=whole.values[:, :cut]), {})
    rest = replace(whole, values=whole.values[:, cut:], start_utc=MONDAY + cut * 3600)
    late, left = find_alarms("net", WEEK, rest, kept)
    assert [*early, *late] == alarms
    assert left == carries


def by_hand(row, lasting, back):
    """Alarms as a person would walk them, interval by interval."""
    told, begin, count, raised, worst = [], None, 0, False, 0.0
    for place, value in enumerate(row):
        if value > 100:
            begin = place if begin is None else begin
            count, worst = count + 1, max(worst, value)
            raised = raised or count * QUARTER >= lasting
        elif value <= 100 - back or not raised:
            told += [(begin, place, worst)] if raised else []
            begin, count, raised, worst = None, 0, False, 0.0
    return told + ([(begin, None, worst)] if raised else [])


@given(st.lists(VALUE, max_size=30), st.sampled_from([0, QUARTER, 3 * QUARTER]), st.sampled_from([0.0, 3.0]))
def test_alarms_are_those_that_a_walk_by_hand_finds(row, lasting, back):
    rule = replace(RULE, for_seconds=lasting, hysteresis=back)
    assert spans(rule, series(row)) == by_hand(row, lasting, back)


def test_values_that_fit_no_elements_are_refused():
    with pytest.raises(InputError, match=r"loading have shape \(1, 2\) for 2 elements"):
        MeasureSeries(Measure.LOADING, ElementKind.BUS, ("a", "b"), 0, 900, np.zeros((1, 2)))
    with pytest.raises(InputError, match="a step of 0 s"):
        MeasureSeries(Measure.LOADING, ElementKind.BUS, ("a",), 0, 0, np.zeros((1, 2)))
