"""The rules that compare: with a point's own history, its registers, its feeder, the sun and the other direction."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from backend.community import Direction, MeteringPoint
from backend.metering import Severity, Treatment
from backend.metering.conformity import RULES, ConformityTerms, check_readings, register_spans
from backend.metering.conformity.sun import clear_sky_bound, sun_elevation
from backend.metering.inspection import FeederMeter
from backend.metering.source_series import RegisterRead, SeriesName
from tests.unit.metering.small_communities import days, make_community, make_table

YEAR = days("2017-01-01", "2017-09-01")
HOURS = YEAR.interval_count
LYON = {"latitude": 45.76, "longitude": 4.84}
STARTS = np.array(YEAR.starts_utc())
SUN = clear_sky_bound(sun_elevation(STARTS + 1800, 45.76, 4.84))
DARK = sun_elevation(STARTS + 1800, 45.76, 4.84) < -12


def load(seed=1):
    """Base load, an evening peak at local time, and chance."""
    draw = np.random.default_rng(seed)
    local = np.array(YEAR.local_minutes()) / 60
    peak = np.exp(-(((local - 19) / 2) ** 2)) * draw.uniform(0.5, 1.5, HOURS)
    return ((0.2 + peak + draw.uniform(0, 0.3, HOURS)) * 1e6).astype(np.int64)


def roof(seed=1):
    """Clouds over a clear sky, the same for all roofs but for a little."""
    clouds = np.random.default_rng(0).uniform(0.2, 1, HOURS)
    return (SUN * clouds * np.random.default_rng(seed).uniform(0.9, 1, HOURS) * 3000).astype(np.int64)


def point(number, direction, **more):
    kind = "load" if direction is Direction.CONSUMPTION else "roof"
    source = None if direction is Direction.CONSUMPTION else "solar"
    return MeteringPoint(f"{kind}-{number}", f"home-{number}", direction, source=source, **more)


LOADS = [point(number, Direction.CONSUMPTION) for number in range(4)]
ROOFS = [point(number, Direction.FEED_IN) for number in range(4)]
SOUND = {one.id: load(seed) for seed, one in enumerate(LOADS)} | {
    one.id: roof(seed) for seed, one in enumerate(ROOFS)
}


def check(changes, points=(*LOADS, *ROOFS), **more):
    energies = {one.id: SOUND[one.id] for one in points} | changes
    return check_readings(make_table(YEAR, energies), make_community(points), **more)


def told(findings):
    return {(finding.rule, finding.metering_point) for finding in findings}


def span(finding):
    return (finding.start_utc - YEAR.start_utc) // 3600, (finding.end_utc - YEAR.start_utc) // 3600


def reads_of(energy, marks, meter="A", channel=""):
    running = np.concatenate([[0], np.cumsum(np.maximum(energy, 0))])
    series = SeriesName("x", 0, channel)
    return [
        RegisterRead(series, YEAR.start_utc + mark * 3600, int(running[mark]) + 7, meter) for mark in marks
    ]


def test_sound_readings_of_eight_months_give_no_finding():
    assert check({}) == []


@pytest.mark.parametrize("step", [2, 4])
def test_a_step_that_is_not_the_communitys_is_named(step):
    sparse = SOUND["load-1"].copy()
    sparse[24 * 10 : 24 * 20][np.arange(240) % step != 0] = -1
    (finding,) = [one for one in check({"load-1": sparse}) if one.rule == "interval-count"]
    assert (finding.value, finding.limit) == (f"{step * 60} min", "60 min")
    sparse[24 * 10 : 24 * 20] = SOUND["load-1"][24 * 10 : 24 * 20]
    sparse[[250, 260, 275]] = -1
    assert told(check({"load-1": sparse})) == {("gap", "load-1")}


def test_readings_that_overlap_are_told_apart_from_gaps():
    table = make_table(YEAR, SOUND)
    table.start_utc[50] += 1800
    found = told(check_readings(table, make_community([*LOADS, *ROOFS])))
    assert {("overlap", "load-0"), ("off-grid", "load-0")} <= found


def test_kilowatt_hours_taken_for_watt_hours_stand_out_too():
    small = SOUND["load-2"].copy()
    small[24 * 30 : 24 * 60] //= 1000
    findings = check({"load-2": small})
    (finding,) = [one for one in findings if one.rule == "unit"]
    assert span(finding) == (24 * 30, 24 * 60)
    assert "factor 1/" in finding.value
    assert finding.treatment is Treatment.NON_STANDARD


def test_a_constant_factor_is_found_from_its_first_day_and_growth_is_not():
    factor = SOUND["load-2"].copy()
    factor[24 * 100 :] *= 10
    (finding,) = [one for one in check({"load-2": factor}) if one.rule == "multiplier"]
    first, until = span(finding)
    assert abs(first - 2400) <= 48
    assert until >= HOURS - 24
    assert finding.value in {"factor 9.9", "factor 10"}
    heating = SOUND["load-2"].copy()
    evening = np.array(YEAR.local_minutes()) // 60 >= 17
    heating[24 * 100 :][evening[24 * 100 :]] *= 10
    assert "multiplier" not in {one.rule for one in check({"load-2": heating})}


@pytest.mark.parametrize(("above", "below"), [(2, 1), (1, 2), (3, 1), (1, 5)])
def test_a_small_factor_is_found_where_all_parts_of_the_day_change_at_once(above, below):
    factor = SOUND["load-2"].copy()
    factor[24 * 80 : 24 * 150] = factor[24 * 80 : 24 * 150] * above // below
    (finding,) = [one for one in check({"load-2": factor}) if one.rule == "multiplier"]
    first, until = span(finding)
    assert abs(first - 24 * 80) <= 48
    assert abs(until - 24 * 150) <= 48
    assert finding.facts["times_ppm"] == pytest.approx(above / below * 1e6, rel=0.1)


def test_what_everybody_does_and_what_comes_slowly_is_no_factor():
    winter = {f"load-{place}": SOUND[f"load-{place}"].copy() for place in range(len(LOADS))}
    for series in winter.values():
        series[24 * 100 :] *= 3
    assert "multiplier" not in {one.rule for one in check(winter)}
    slowly = SOUND["load-2"].copy()
    slowly[24 * 80 :] = slowly[24 * 80 :] * np.clip(np.arange(HOURS - 24 * 80), 500, 1500) // 500
    assert "multiplier" not in {one.rule for one in check({"load-2": slowly})}


def test_a_holiday_is_no_factor():
    away = SOUND["load-2"].copy()
    away[24 * 85 : 24 * 100] //= 4
    assert "multiplier" not in {one.rule for one in check({"load-2": away})}


def test_a_few_days_of_many_points_are_looked_at_without_a_guess_at_factors():
    first = days("2017-01-01", "2017-01-11")
    sound = {name: series[: first.interval_count] for name, series in SOUND.items()}
    findings = check_readings(make_table(first, sound), make_community([*LOADS, *ROOFS]))
    assert {one.rule for one in findings} <= {"gap"}


def test_a_factor_that_holds_on_most_days_is_still_the_wrong_one_by_the_peers():
    factor = SOUND["load-2"].copy()
    factor[24 * 40 :] *= 30
    (finding,) = [one for one in check({"load-2": factor}) if one.rule == "multiplier"]
    assert span(finding)[1] >= HOURS - 24


@pytest.mark.parametrize(("ratio", "is_told"), [(1.7, False), (4.0, True)])
def test_a_spike_is_measured_against_third_highest_and_usual_highest(ratio, is_told):
    series = SOUND["load-3"].copy()
    series[1000] = int(series.max() * ratio)
    assert (("spike", "load-3") in told(check({"load-3": series}))) is is_told


def test_zero_for_longer_than_history_knows_is_told_and_a_habit_is_not():
    away = SOUND["load-1"].copy()
    away[1000:1030] = 0
    (finding,) = check({"load-1": away})
    assert (finding.rule, span(finding), finding.value) == ("zero-run", (1000, 1030), "30 h")
    often = SOUND["load-1"].copy()
    for first in range(200, 5000, 300):
        often[first : first + 30] = 0
    assert check({"load-1": often}) == []


def test_days_above_and_below_the_points_own_history_are_notes():
    high, low = SOUND["load-1"].copy(), SOUND["load-2"].copy()
    high[24 * 90 : 24 * 92] *= 8
    low[24 * 90 : 24 * 92] //= 10
    findings = check({"load-1": high, "load-2": low})
    assert {("high", "load-1"), ("low", "load-2")} <= told(findings)
    assert {one.severity for one in findings if one.rule in {"high", "low"}} == {Severity.NOTE}


def test_a_holiday_is_held_against_sundays():
    weekend = np.repeat([date.weekday() >= 5 for date in YEAR.period.dates()], YEAR.intervals_per_day)
    series = SOUND["load-1"] * np.where(weekend, 10, 1)
    holiday = YEAR.period.first + timedelta(days=100)  # a Tuesday
    series[24 * 100 : 24 * 101] = series[24 * 97 : 24 * 98]
    terms = {"left_out": ["multiplier", "spike"]}
    more = {"terms": ConformityTerms.from_dict(terms)}
    assert ("high", "load-1") in told(check({"load-1": series}, **more))
    assert ("high", "load-1") not in told(check({"load-1": series}, **more, holidays={holiday}))


def test_intervals_are_held_against_the_register_with_gaps_excused():
    marks = range(0, 5000, 720)
    sound = {"load-1": reads_of(SOUND["load-1"], marks)}
    assert check({}, registers=sound) == []
    lost = SOUND["load-1"].copy()
    lost[800:850] = lost[800:850] // 10
    (finding,) = [one for one in check({"load-1": lost}, registers=sound) if one.rule == "register"]
    assert span(finding) == (720, 1440)
    gap = SOUND["load-1"].copy()
    gap[800:850] = -1
    assert "register" not in {one.rule for one in check({"load-1": gap}, registers=sound)}


def test_a_factor_to_the_register_is_named():
    reads = {"load-1": reads_of(SOUND["load-1"], range(0, 5000, 720))}
    findings = check({"load-1": SOUND["load-1"] * 2}, registers=reads)
    (finding,) = [one for one in findings if one.rule == "register"]
    assert "2 times the register throughout" in finding.message


def test_a_meter_exchange_and_a_reset_are_no_mismatch():
    energy = SOUND["load-1"]
    old, new = reads_of(energy, (0, 720, 1440)), reads_of(energy[1440:], (0, 720), meter="B")
    new = [replace(read, instant_utc=read.instant_utc + 1440 * 3600) for read in new]
    assert check({}, registers={"load-1": [*old, *new]}) == []
    reset = [*old, replace(old[-1], instant_utc=old[-1].instant_utc + 720 * 3600, value=0)]
    assert check({}, registers={"load-1": reset}) == []
    assert [one.energy for one in register_spans([*old, *new])] == [
        int(energy[0:720].sum()),
        int(energy[720:1440].sum()),
        int(energy[1440:2160].sum()),
    ]


def test_registers_of_tariffs_are_added_where_all_were_read():
    day, night = (
        reads_of(SOUND["load-1"], (0, 720), channel="1"),
        reads_of(SOUND["load-2"], (0, 720), channel="2"),
    )
    (one,) = register_spans([*day, *night, replace(day[-1], instant_utc=day[-1].instant_utc + 3600)])
    assert one.energy == int(SOUND["load-1"][:720].sum() + SOUND["load-2"][:720].sum())


def feeder(losses=1.03):
    net = sum(SOUND[one.id] for one in LOADS) - sum(SOUND[one.id] for one in ROOFS)
    flow = (net * losses).astype(np.int64)
    flow = np.where(net < 0, (net * (2 - losses)).astype(np.int64), flow)
    ids = tuple(one.id for one in (*LOADS, *ROOFS))
    return FeederMeter("feeder", ids, STARTS, np.maximum(flow, 0), np.maximum(-flow, 0))


def test_points_are_held_against_the_feeder_with_losses_allowed_for():
    assert check({}, feeders=[feeder()]) == []
    stolen = SOUND["load-1"].copy()
    stolen[24 * 50 : 24 * 60] //= 5
    findings = [one for one in check({"load-1": stolen}, feeders=[feeder()]) if one.rule == "feeder"]
    assert findings
    assert findings[0].metering_point == "feeder"
    assert 24 * 49 <= span(findings[0])[0] <= 24 * 52
    missing = SOUND["load-1"].copy()
    missing[24 * 50 : 24 * 60] = -1
    assert "feeder" not in {one.rule for one in check({"load-1": missing}, feeders=[feeder()])}


@pytest.mark.parametrize("hours", [-1, 1, 2])
def test_a_roof_whose_clock_jumps_is_told_and_one_that_looks_east_is_not(hours):
    moved = SOUND["roof-1"].copy()
    moved[24 * 100 :] = np.roll(moved[24 * 100 :], hours)
    findings = [one for one in check({"roof-1": moved}) if one.rule == "clock-drift"]
    assert [one.metering_point for one in findings] == ["roof-1"]
    assert abs(span(findings[0])[0] - 2400) <= 120
    assert ("later" if hours > 0 else "earlier") in findings[0].value
    east = np.roll(SOUND["roof-1"], -1)
    assert "clock-drift" not in {one.rule for one in check({"roof-1": east})}


@pytest.mark.parametrize(("day", "is_told"), [(140, True), (84, False)])
def test_a_home_whose_day_comes_two_hours_late_is_told_but_not_where_all_clocks_change(day, is_told):
    alone = [*LOADS, *ROOFS, MeteringPoint("load-9", "home-9", Direction.CONSUMPTION)]
    late = load(9)
    late[24 * day :] = np.roll(late[24 * day :], 2)
    table = make_table(YEAR, SOUND | {"load-9": late})
    findings = [one for one in check_readings(table, make_community(alone)) if one.rule == "clock-drift"]
    assert [one.metering_point for one in findings] == ["load-9"] * is_told
    if is_told:
        assert findings[0].facts["minutes"] == 120
        assert abs(span(findings[0])[0] - 24 * day) <= 48


def test_a_roof_whose_day_wanders_anyway_must_move_further():
    draw = np.random.default_rng(5)
    wandering = SOUND["roof-1"][: HOURS // 24 * 24].reshape(-1, 24).copy()
    hours = np.repeat(draw.integers(-1, 2, len(wandering) // 20 + 1), 20)[: len(wandering)]
    for day, shift in enumerate(hours.tolist()):
        wandering[day] = np.roll(wandering[day], shift)
    energy = SOUND["roof-1"].copy()
    energy[: wandering.size] = wandering.ravel()
    assert "clock-drift" not in {one.rule for one in check({"roof-1": energy})}


@pytest.mark.parametrize("located", [True, False])
def test_solar_feed_in_in_the_dark_is_a_fault_with_and_without_coordinates(located):
    points = [*LOADS, *(replace(one, **LYON) if located else one for one in ROOFS)]
    night = SOUND["roof-1"].copy()
    place = int(np.flatnonzero(DARK)[700])
    night[place] = 500_000
    (finding,) = [one for one in check({"roof-1": night}, points) if one.rule == "feed-in-at-night"]
    assert (finding.severity, span(finding)) == (Severity.FAULT, (place, place + 1))
    assert check({}, points) == []
    wind = [replace(one, source="wind") if one.id == "roof-1" else one for one in points]
    assert "feed-in-at-night" not in {one.rule for one in check({"roof-1": night}, wind)}


def test_the_hour_beside_the_others_light_is_not_called_dark_without_coordinates():
    early = SOUND["roof-1"].copy()
    light = (SUN[24 * 100 : 24 * 101] > 0).argmax() + 24 * 100
    early[light - 1] = 500_000
    assert "feed-in-at-night" not in {one.rule for one in check({"roof-1": early})}


def test_more_than_a_clear_sky_gives_is_told_where_coordinates_are_known():
    points = [*LOADS, *(replace(one, **LYON) for one in ROOFS)]
    much = SOUND["roof-2"].copy()
    much[24 * 120 : 24 * 123] *= 3
    (finding,) = [one for one in check({"roof-2": much}, points) if one.rule == "clear-sky"]
    assert 24 * 119 <= span(finding)[0] < span(finding)[1] <= 24 * 124
    assert check({}, points) == []
    assert "clear-sky" not in {one.rule for one in check({"roof-2": much})}


def test_import_and_export_in_each_others_place_are_told_at_both_points():
    drawn, fed = SOUND["load-3"].copy(), SOUND["roof-3"].copy()
    part = slice(24 * 60, 24 * 90)
    drawn[part], fed[part] = SOUND["roof-3"][part], SOUND["load-3"][part]
    findings = [one for one in check({"load-3": drawn, "roof-3": fed}) if one.rule == "swapped"]
    assert [one.metering_point for one in findings] == ["load-3", "roof-3"]
    assert all(abs(span(one)[0] - 24 * 60) <= 24 for one in findings)


def test_a_factor_of_a_thousand_in_one_roof_accuses_no_other():
    assert told(check({"roof-1": SOUND["roof-1"] * 1000})) == {("unit", "roof-1")}


def test_the_sun_stands_where_the_almanac_has_it():
    # Lyon, 21 June 2017: solar noon at 11:42 UTC at 67.7 degrees; sunset 19:34, sunrise 3:53 (centre, no refraction:
    # about five minutes inside).
    noon = 1_498_045_320
    assert sun_elevation(np.array([noon]), 45.76, 4.84)[0] == pytest.approx(67.68, abs=0.05)
    rise, fall = sun_elevation(np.array([1_498_017_180, 1_498_073_640]), 45.76, 4.84)
    assert abs(rise) < 1
    assert abs(fall) < 1
    assert clear_sky_bound(np.array([-5.0, 0.0, 90.0])) == pytest.approx([0.0, 0.0, 1089.0], abs=1)


def test_what_is_left_out_does_not_run_and_treatments_can_be_voted():
    away = SOUND["load-1"].copy()
    away[1000:1030] = 0
    terms = ConformityTerms.from_dict({"treatments": {"zero-run": "useless"}})
    (finding,) = check({"load-1": away}, terms=terms)
    assert finding.treatment is Treatment.USELESS
    assert check({"load-1": away}, terms=ConformityTerms.from_dict({"left_out": ["zero-run"]})) == []
    assert check({"load-1": away}, terms=ConformityTerms.from_dict({"zero_run": {"hours": 31}})) == []


def test_every_rule_has_words_a_treatment_and_a_table_of_terms_that_exists():
    for rule in RULES.values():
        assert rule.title
        assert isinstance(rule.treatment, Treatment)
        assert not rule.terms or hasattr(ConformityTerms(), rule.terms)
