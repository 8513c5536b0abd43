from dataclasses import replace

import numpy as np
import pytest

from backend.community import Direction, MeteringPoint
from backend.metering import Quality, Severity
from backend.metering.conformity import RULES, check_readings
from tests.unit.metering.small_communities import LOAD, ROOF, days, make_community, make_table

CALENDAR = days("2017-10-01", "2017-11-01")  # the clock is set back on the 29th
HOURS = CALENDAR.interval_count


def household(seed=1):
    """An unsuspicious load: 0.3 to 2 kWh, never the same twice, at night too."""
    return np.random.default_rng(seed).integers(300_000, 2_000_000, HOURS)


def roof():
    local = np.array(CALENDAR.local_minutes()) / 60
    clouds = np.random.default_rng(0).uniform(0.2, 1, HOURS)
    return (np.maximum(np.sin((local - 7) / 11 * np.pi), 0) * clouds * 3_000_000).astype(np.int64)


def check(energies, points=(LOAD, ROOF), qualities=None, **span):
    return check_readings(make_table(CALENDAR, energies, qualities), make_community(points), **span)


def rules_of(findings):
    return [(finding.rule, finding.metering_point) for finding in findings]


def test_sound_readings_give_no_finding():
    assert check({"load": household(), "roof": roof()}) == []


def test_every_rule_is_in_the_registry_under_the_name_that_its_findings_have():
    assert list(RULES) == [
        "gap",
        "interval-count",
        "negative",
        "duplicate",
        "overlap",
        "off-grid",
        "clock-change",
        "range",
        "unit",
        "multiplier",
        "spike",
        "stuck",
        "silent",
        "zero-run",
        "high",
        "low",
        "register",
        "feeder",
        "clock-drift",
        "feed-in-at-night",
        "clear-sky",
        "swapped",
        "load-follows-sun",
    ]


def test_gaps_are_merged_into_runs():
    load = household()
    load[[5, 6, 7, 100]] = -1
    findings = check({"load": load, "roof": roof()})
    assert [(f.rule, f.start_utc, f.end_utc) for f in findings] == [
        ("gap", CALENDAR.start_utc + 5 * 3600, CALENDAR.start_utc + 8 * 3600),
        ("gap", CALENDAR.start_utc + 100 * 3600, CALENDAR.start_utc + 101 * 3600),
    ]


def test_a_point_that_never_reported_is_one_gap():
    assert rules_of(check({"roof": roof()})) == [("gap", "load")]


def test_days_outside_membership_are_no_gap():
    member = replace(LOAD, valid_from=CALENDAR.period.first.replace(day=10))
    load = household()
    load[: 9 * 24] = -1
    assert check({"load": load, "roof": roof()}, points=(member, ROOF)) == []


def test_only_what_concerns_the_span_is_reported():
    load = household()
    load[[5, 300, 600]] = -1
    start, end = (CALENDAR.start_utc + hours * 3600 for hours in (200, 500))
    findings = check({"load": load, "roof": roof()}, start_utc=start, end_utc=end)
    assert [f.start_utc for f in findings] == [CALENDAR.start_utc + 300 * 3600]


def test_what_is_missing_up_to_the_end_of_the_span_is_a_gap():
    later = CALENDAR.end_utc + 7200
    findings = check({"load": household(), "roof": roof()}, end_utc=later)
    assert [(f.metering_point, f.end_utc) for f in findings] == [("load", later), ("roof", later)]


def test_negative_energy_is_a_fault():
    table = make_table(CALENDAR, {"load": household(), "roof": roof()})
    table.energy[3] = -5
    findings = check_readings(table, make_community((LOAD, ROOF)))
    assert ("negative", Severity.FAULT) in [(f.rule, f.severity) for f in findings]


def test_two_readings_of_one_interval_are_a_fault():
    table = make_table(CALENDAR, {"load": household(), "roof": roof()})
    table.start_utc[10] = table.start_utc[9]
    assert ("duplicate", "load") in rules_of(check_readings(table, make_community((LOAD, ROOF))))


def test_readings_off_the_grid_are_a_fault():
    table = make_table(CALENDAR, {"load": household(), "roof": roof()})
    table.start_utc[10] += 900
    assert ("off-grid", "load") in rules_of(check_readings(table, make_community((LOAD, ROOF))))


def test_a_day_of_25_hours_with_24_readings_tells_of_the_clock():
    load = household()
    load[CALENDAR.day_offsets[28] + 3] = -1
    assert ("clock-change", "load") in rules_of(check({"load": load, "roof": roof()}))
    load[CALENDAR.day_offsets[27] + 3] = -1
    assert rules_of(check({"load": load, "roof": roof()})).count(("clock-change", "load")) == 1


def test_energy_beyond_the_connection_is_a_fault_at_one_milliwatt_hour():
    load = household() * 4
    load[40] = 9_000_000
    bounded = replace(LOAD, max_power_watts=9_000)
    assert check({"load": load, "roof": roof()}, points=(bounded, ROOF)) == []
    load[40] += 1
    assert rules_of(check({"load": load, "roof": roof()}, points=(bounded, ROOF))) == [("range", "load")]


def test_watt_hours_taken_for_kilowatt_hours_stand_out_among_peers():
    points = [MeteringPoint(f"load-{n}", f"home-{n}", Direction.CONSUMPTION) for n in range(5)]
    energies = {point.id: household(seed) for seed, point in enumerate(points)} | {"roof": roof()}
    assert check(energies, points=[*points, ROOF]) == []
    energies["load-3"] = energies["load-3"] * 1000
    findings = check(energies, points=[*points, ROOF])
    assert rules_of(findings) == [("unit", "load-3")]
    assert findings[0].value.startswith("factor")


def test_a_week_in_another_unit_stands_out_in_the_points_own_course():
    load = household()
    load[7 * 24 : 14 * 24] *= 1000
    assert ("unit", "load") in rules_of(check({"load": load, "roof": roof()}))


def test_a_spike_is_told_but_a_high_season_is_not():
    load = household()
    load[77] = 30_000_000
    findings = check({"load": load, "roof": roof()})
    assert [(f.rule, f.start_utc) for f in findings] == [("spike", CALENDAR.start_utc + 77 * 3600)]
    load = household()
    load[300:400] *= 6
    assert "spike" not in [finding.rule for finding in check({"load": load, "roof": roof()})]


def test_a_meter_that_repeats_itself_for_a_day_is_stuck():
    load = household()
    load[50:73] = 777_777
    assert check({"load": load, "roof": roof()}) == []
    load[73] = 777_777
    assert rules_of(check({"load": load, "roof": roof()})) == [("stuck", "load")]


def test_a_point_that_is_zero_for_a_week_is_told_once():
    load = household()
    load[50 : 50 + 167] = 0
    assert rules_of(check({"load": load, "roof": roof()})) == [("zero-run", "load")]
    load[217] = 0
    load[300 : 300 + 200] = 0
    findings = check({"load": load, "roof": roof()})
    assert rules_of(findings) == [("silent", "load")]
    assert "2 stretches" in findings[0].message


def test_feed_in_is_silent_only_while_others_feed_in():
    other = replace(ROOF, id="other-roof", participant="other")
    wind = replace(LOAD, id="load-2", participant="other")
    silent = roof()
    silent[100 : 100 + 200] = 0
    energies = {"load": household(), "load-2": household(), "roof": silent}
    assert check(energies, points=(LOAD, wind, ROOF)) == []
    findings = check(energies | {"other-roof": roof()}, points=(LOAD, wind, ROOF, other))
    assert rules_of(findings) == [("silent", "roof")]


def test_missing_readings_are_not_taken_for_zeros():
    quality = np.zeros(HOURS, np.uint8)
    quality[50:300] = Quality.MISSING
    findings = check({"load": household(), "roof": roof()}, qualities={"load": quality})
    assert rules_of(findings) == [("gap", "load")]


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_load_beside_recorded_solar_is_not_taken_for_a_faulty_meter(share):
    sun = roof()
    other = replace(ROOF, id="other-roof", participant="other")
    mixed = (sun + household() * share).astype(np.int64)
    assert check({"load": mixed, "roof": sun, "other-roof": sun}, points=(LOAD, ROOF, other)) == []
    findings = check({"load": sun, "roof": sun, "other-roof": sun}, points=(LOAD, ROOF, other))
    assert rules_of(findings) == [("load-follows-sun", "load")]


def test_faults_come_before_warnings():
    load = household() * 4
    load[5] = -1
    load[40] = 9_000_001
    findings = check({"load": load, "roof": roof()}, points=(replace(LOAD, max_power_watts=9_000), ROOF))
    assert [f.severity for f in findings] == [Severity.FAULT, Severity.WARNING]


def test_no_readings_and_no_span_give_no_finding():
    table = make_table(CALENDAR, {"load": np.full(HOURS, -1), "roof": np.full(HOURS, -1)})
    assert check_readings(table, make_community((LOAD, ROOF))) == []
    assert (
        len(
            check_readings(
                table, make_community((LOAD, ROOF)), start_utc=CALENDAR.start_utc, end_utc=CALENDAR.end_utc
            )
        )
        == 2
    )
