from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from backend.community import ConformityLimits, Direction, GapTreatment, MeteringPoint
from backend.errors import ReadingsError
from backend.metering import Quality, ReadingSource
from backend.metering.estimation import assemble_period, scale_by_participation
from tests.unit.metering.small_communities import LOAD, ROOF, days, make_community, make_table

SLOTS = {"load": 0, "roof": 1}
WIDE = days("2017-05-10", "2017-07-20")
JUNE = days("2017-06-01", "2017-07-01")
FIRST = WIDE.index_of(JUNE.start_utc)


def ramp(calendar=WIDE):
    """A load that names its place: 1,000 for each interval since the start, and one."""
    return np.arange(calendar.interval_count) * 1000 + 1


def assemble(energies, qualities=None, points=(LOAD, ROOF), calendar=JUNE, wide=WIDE, **options):
    community = make_community(points, resolution_minutes=calendar.resolution_minutes)
    slots = options.pop("slots", SLOTS)
    defaults = {"slot_count": max(slots.values()) + 1, "returned": set(), "limits": ConformityLimits()}
    return assemble_period(
        make_table(wide, energies, qualities), community, slots, calendar, **(defaults | options)
    )


def without(values, *intervals):
    values = values.copy()
    for interval in intervals:
        values[interval] = -1
    return values


def test_measured_readings_arrive_untouched_on_the_periods_grid():
    readings, findings = assemble({"load": ramp(), "roof": ramp() * 2})
    assert findings == []
    assert readings.energy.shape == (2, 720)
    assert readings.energy.tolist() == [
        (ramp()[FIRST : FIRST + 720]).tolist(),
        (2 * ramp()[FIRST : FIRST + 720]).tolist(),
    ]
    assert (readings.quality == Quality.MEASURED).all()
    assert (readings.source == ReadingSource.METER).all()
    assert readings.active.all()


def test_a_gap_of_two_hours_is_interpolated_and_floored():
    gap = FIRST + 100
    values = without(ramp(), gap, gap + 1)
    values[gap - 1], values[gap + 2] = 10, 21
    readings, findings = assemble({"load": values, "roof": ramp()})
    assert readings.energy[0, 99:103].tolist() == [10, (10 * 2 + 21) // 3, (10 + 21 * 2) // 3, 21]
    assert readings.quality[0, 99:103].tolist() == [
        Quality.MEASURED,
        Quality.ESTIMATED,
        Quality.ESTIMATED,
        Quality.MEASURED,
    ]
    assert readings.source[0, 100:102].tolist() == [ReadingSource.INTERPOLATED] * 2
    assert [(f.rule, f.metering_point, f.start_utc, f.end_utc) for f in findings] == [
        ("gap", "load", JUNE.start_utc + 100 * 3600, JUNE.start_utc + 102 * 3600)
    ]


def test_a_gap_at_the_edge_of_the_period_is_interpolated_from_beyond_it():
    last = FIRST + 719
    readings, _ = assemble({"load": without(ramp(), last), "roof": ramp()})
    assert readings.energy[0, 719] == (ramp()[last - 1] + ramp()[last + 1]) // 2
    assert readings.source[0, 719] == ReadingSource.INTERPOLATED


def test_a_longer_gap_takes_the_mean_of_the_same_hour_a_week_and_two_around():
    start = FIRST + 240
    values = without(ramp(), *range(start, start + 3))
    values[start + 168] += 3  # so that the mean is no whole number
    readings, _ = assemble({"load": values, "roof": ramp()})
    sources = [values[start + 24 * day] for day in (-7, 7, -14, 14)]
    assert readings.energy[0, 240] == sum(sources) // 4
    assert sum(sources) % 4
    assert (readings.source[0, 240:243] == ReadingSource.SIMILAR_DAYS).all()


def test_sources_that_are_missing_or_estimated_do_not_count():
    start = FIRST + 240
    holes = [start + 24 * day + hour for day in (7, 14) for hour in range(-3, 4)]
    quality = np.zeros(WIDE.interval_count, np.uint8)
    quality[start - 168] = Quality.ESTIMATED
    readings, _ = assemble(
        {"load": without(ramp(), *holes, *range(start, start + 3)), "roof": ramp()}, {"load": quality}
    )
    assert readings.energy[0, 240] == ramp()[start - 14 * 24]
    assert readings.energy[0, 241] == (ramp()[start + 1 - 7 * 24] + ramp()[start + 1 - 14 * 24]) // 2


def test_without_any_same_weekday_the_days_around_are_taken():
    start = FIRST + 240
    holes = [start + 24 * day + hour for day in (-14, -7, 0, 1, 7, 14) for hour in range(3)]
    readings, _ = assemble({"load": without(ramp(), *holes), "roof": ramp()})
    sources = [ramp()[start + 24 * day] for day in (-1, -2, 2)]
    assert readings.energy[0, 240] == sum(sources) // 3


def test_similar_days_hold_local_time_across_the_clock_change():
    wide = days("2017-03-01", "2017-05-01")
    march = days("2017-03-15", "2017-04-15")
    local = np.array(wide.local_minutes()) // 60
    gap = (
        wide.index_of(march.start_utc) + march.day_offsets[13] + 9
    )  # 28 March, from 9:00, two days after the change
    energies = {"load": without(local * 1_000_000, *range(gap, gap + 3)), "roof": local}
    readings, _ = assemble(energies, calendar=march, wide=wide)
    here = march.day_offsets[13] + 9
    assert readings.energy[0, here : here + 3].tolist() == [9_000_000, 10_000_000, 11_000_000]
    assert (readings.source[0, here : here + 3] == ReadingSource.SIMILAR_DAYS).all()


def test_a_dead_meter_stays_missing_with_no_energy():
    dead = np.full(WIDE.interval_count, -1)
    readings, findings = assemble({"load": dead, "roof": ramp()})
    assert not readings.energy[0].any()
    assert (readings.quality[0] == Quality.MISSING).all()
    assert (readings.source[0] == ReadingSource.NONE).all()
    assert [(f.rule, f.value) for f in findings] == [("gap", "720 intervals")]


def test_feed_in_is_never_estimated():
    hole = FIRST + 12
    readings, findings = assemble({"load": ramp(), "roof": without(ramp(), hole)})
    assert (readings.energy[1, 12], readings.quality[1, 12]) == (0, Quality.MISSING)
    assert "feed-in is never estimated" in findings[0].message


def test_gaps_are_left_to_residual_supply_where_the_rule_says_so():
    hole = FIRST + 12
    limits = ConformityLimits(gaps=GapTreatment.RESIDUAL)
    readings, _ = assemble({"load": without(ramp(), hole), "roof": ramp()}, limits=limits)
    assert (readings.energy[0, 12], readings.quality[0, 12]) == (0, Quality.MISSING)


def test_a_row_marked_missing_is_a_gap_like_an_absent_one():
    quality = np.zeros(WIDE.interval_count, np.uint8)
    quality[FIRST + 12] = Quality.MISSING
    marked, _ = assemble({"load": ramp(), "roof": ramp()}, {"load": quality})
    absent, _ = assemble({"load": without(ramp(), FIRST + 12), "roof": ramp()})
    assert (marked.energy == absent.energy).all()
    assert (marked.source == absent.source).all()


def test_the_operators_substitute_is_kept_with_its_quality_and_source():
    quality = np.zeros(WIDE.interval_count, np.uint8)
    quality[FIRST : FIRST + 2] = [Quality.EDITED, Quality.ESTIMATED]
    readings, findings = assemble({"load": ramp(), "roof": ramp()}, {"load": quality})
    assert findings == []
    assert readings.energy[0, :2].tolist() == ramp()[FIRST : FIRST + 2].tolist()
    assert readings.quality[0, :3].tolist() == [Quality.EDITED, Quality.ESTIMATED, Quality.MEASURED]
    assert readings.source[0, :3].tolist() == [
        ReadingSource.OPERATOR,
        ReadingSource.OPERATOR,
        ReadingSource.METER,
    ]


def test_returned_points_are_missing_throughout_and_never_estimated():
    readings, findings = assemble({"load": ramp(), "roof": ramp()}, returned={"load", "someone-elses"})
    assert not readings.energy[0].any()
    assert (readings.quality[0] == Quality.MISSING).all()
    assert readings.energy[1].all()
    assert [(f.rule, f.metering_point) for f in findings] == [("returned", "load")]


def test_participation_is_floored_per_reading():
    half = replace(LOAD, participation_ppm=333_333)
    readings, _ = assemble({"load": ramp(), "roof": ramp()}, points=(half, ROOF))
    expected = [int(value) * 333_333 // 1_000_000 for value in ramp()[FIRST : FIRST + 720]]
    assert readings.energy[0].tolist() == expected
    assert readings.energy[1].tolist() == ramp()[FIRST : FIRST + 720].tolist()


def test_scaling_is_exact_up_to_the_largest_energy():
    for energy in (2**53 - 1, 2**53 - 7, 999_999, 1, 0):
        for factor in (1, 333_333, 999_999, 1_000_000):
            assert (
                scale_by_participation(np.array([energy]), np.array([factor]))[0]
                == energy * factor // 1_000_000
            )


def test_a_member_is_active_from_its_first_to_its_last_day():
    member = replace(LOAD, valid_from=date(2017, 6, 10), valid_to=date(2017, 6, 20))
    readings, findings = assemble({"load": ramp(), "roof": ramp()}, points=(member, ROOF))
    assert np.flatnonzero(readings.active[0]).tolist() == list(range(9, 20))
    inside = np.zeros(720, bool)
    inside[9 * 24 : 20 * 24] = True
    assert (readings.energy[0] > 0).tolist() == inside.tolist()
    assert findings == []


def test_readings_before_membership_are_no_source():
    member = replace(LOAD, valid_from=date(2017, 6, 10))
    start = FIRST + 12 * 24
    readings, _ = assemble(
        {"load": without(ramp(), *range(start, start + 3)), "roof": ramp()}, points=(member, ROOF)
    )
    sources = [ramp()[start + 24 * day] for day in (7, 14)]
    assert readings.energy[0, 12 * 24] == sum(sources) // 2


def test_slots_without_a_point_are_inactive_and_empty():
    readings, _ = assemble({"load": ramp(), "roof": ramp()}, slots={"load": 3, "roof": 1})
    assert readings.energy.shape == (4, 720)
    assert readings.active.any(axis=1).tolist() == [False, True, False, True]
    assert readings.count(Quality.MEASURED) == 1440
    assert readings.count(Quality.MISSING) == 0


def test_the_days_of_the_clock_change_have_23_and_25_hours():
    for first, until, hours in (("2017-03-26", "2017-03-27", 23), ("2017-10-29", "2017-10-30", 25)):
        calendar = days(first, until)
        readings, findings = assemble(
            {"load": ramp(calendar), "roof": ramp(calendar)}, calendar=calendar, wide=calendar
        )
        assert readings.energy.shape == (2, hours)
        assert findings == []


def test_a_file_of_another_step_is_refused():
    with pytest.raises(ReadingsError, match="60 minutes, the community settles 15"):
        assemble(
            {"load": ramp(), "roof": ramp()}, calendar=days("2017-06-01", "2017-06-02", resolution_minutes=15)
        )


def test_readings_between_two_intervals_are_left_aside_and_reported():
    community = make_community((LOAD, ROOF))
    table = make_table(WIDE, {"load": ramp(), "roof": ramp()})
    table.start_utc[FIRST + 5] += 60
    readings, findings = assemble_period(
        table, community, SLOTS, JUNE, slot_count=2, returned=set(), limits=ConformityLimits()
    )
    assert findings[0].rule == "off-grid"
    assert readings.quality[0, 5] == Quality.ESTIMATED


def test_points_of_the_table_without_a_slot_are_left_aside():
    other = MeteringPoint("other", "home", Direction.CONSUMPTION)
    readings, _ = assemble({"other": ramp(), "load": ramp(), "roof": ramp()}, points=(LOAD, ROOF, other))
    assert readings.energy.shape == (2, 720)
